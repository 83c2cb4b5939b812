// Options of access: passwords, ACL, and what guarded commands and options are open to. Data only;
// see ../option.ts. `user` and `rename-command` are directives, not options: see ../load.ts.

export const securityOptions = {
  requirepass: {
    type: 'string',
    default: null,
    binary: true,
    secret: true,
    about: 'Password of the default user.',
  },
  aclfile: {
    type: 'string',
    default: '',
    immutable: true,
    about: 'File of users; excludes user lines in redis.conf.',
  },
  'acllog-max-len': {
    type: 'integer',
    default: 128,
    min: 0,
    max: 'INT64_MAX',
    about: 'Entries that ACL LOG keeps.',
  },
  'acl-pubsub-default': {
    type: 'enum',
    default: 'resetchannels',
    values: ['allchannels', 'resetchannels'],
    about: 'Channels that a new user may use.',
  },
  'enable-protected-configs': {
    type: 'enum',
    default: 'no',
    values: ['no', 'yes', 'local'],
    immutable: true,
    about: 'Who may CONFIG SET guarded options: nobody, all, or local clients.',
  },
  'enable-debug-command': {
    type: 'enum',
    default: 'no',
    values: ['no', 'yes', 'local'],
    immutable: true,
    about: 'Who may use DEBUG: nobody, all, or local clients.',
  },
  'enable-module-command': {
    type: 'enum',
    default: 'no',
    values: ['no', 'yes', 'local'],
    immutable: true,
    about: 'Who may use MODULE: nobody, all, or local clients.',
  },
} as const;
