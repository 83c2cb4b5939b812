// Options of the append-only file. Data only; see ../option.ts.

export const appendOnlyOptions = {
  appendonly: {
    type: 'bool',
    default: false,
    notWhileLoading: true,
    about: 'Log every write to the append-only file.',
  },
  appendfilename: {
    type: 'string',
    default: 'appendonly.aof',
    immutable: true,
    check: 'aof-file-name',
    about: 'Base name of the append-only files.',
  },
  appenddirname: {
    type: 'string',
    default: 'appendonlydir',
    immutable: true,
    check: 'aof-dir-name',
    about: 'Folder of the append-only files within dir.',
  },
  appendfsync: {
    type: 'enum',
    default: 'everysec',
    values: ['everysec', 'always', 'no'],
    about: 'When the append-only file is synced to disk.',
  },
  'no-appendfsync-on-rewrite': {
    type: 'bool',
    default: false,
    about: 'Do not sync while a snapshot or a rewrite is being written.',
  },
  'auto-aof-rewrite-percentage': {
    type: 'integer',
    default: 100,
    min: 0,
    max: 'INT32_MAX',
    about: 'Percent of growth since the last rewrite that starts the next; 0 never.',
  },
  'auto-aof-rewrite-min-size': {
    type: 'memory',
    default: 67108864,
    min: 0,
    max: 'INT64_MAX',
    about: 'Bytes below which the append-only file is not rewritten by itself.',
  },
  'aof-load-truncated': {
    type: 'bool',
    default: true,
    about: 'Start with an append-only file whose end is cut off.',
  },
  'aof-use-rdb-preamble': {
    type: 'bool',
    default: true,
    about: 'Write the base of the append-only file as a snapshot.',
  },
  'aof-timestamp-enabled': {
    type: 'bool',
    default: false,
    about: 'Note the time in the append-only file, for restoring to a point in time.',
  },
  'aof-rewrite-incremental-fsync': {
    type: 'bool',
    default: true,
    about: 'Sync a rewrite to disk every 4 MB while it is written.',
  },
  'aof-disable-auto-gc': {
    type: 'bool',
    default: false,
    hidden: true,
    about: 'Keep append-only files that are no longer needed. For tests.',
  },
} as const;
