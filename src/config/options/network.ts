// Options of the network: addresses, ports, sockets and keep-alive. Data only; see ../option.ts.

export const networkOptions = {
  bind: { type: 'bind', about: 'Addresses to listen on; a leading "-" allows one to be missing.' },
  'bind-source-addr': {
    type: 'string',
    default: null,
    about: 'Local address that outgoing connections start from.',
  },
  'protected-mode': {
    type: 'bool',
    default: true,
    about: 'Refuse clients from other machines while the default user has no password.',
  },
  port: {
    type: 'integer',
    default: 6379,
    min: 0,
    max: 65535,
    about: 'TCP port for clients; 0 opens none.',
  },
  'tcp-backlog': {
    type: 'integer',
    default: 511,
    min: 0,
    max: 'INT32_MAX',
    immutable: true,
    about: 'Connections that may wait to be accepted.',
  },
  unixsocket: {
    type: 'string',
    default: null,
    immutable: true,
    about: 'Path of a unix socket for clients.',
  },
  unixsocketperm: {
    type: 'octal',
    default: 0,
    min: 0,
    max: 0o777,
    immutable: true,
    about: 'File mode of the unix socket, in octal; 0 leaves it as created.',
  },
  timeout: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 'INT32_MAX',
    about: 'Seconds after which an idle client is closed; 0 never.',
  },
  'tcp-keepalive': {
    type: 'integer',
    default: 300,
    min: 0,
    max: 'INT32_MAX',
    about: 'Seconds of silence before TCP probes whether a client is there; 0 never.',
  },
  'socket-mark-id': {
    type: 'integer',
    default: 0,
    min: 0,
    max: 'UINT32_MAX',
    immutable: true,
    about: 'Mark set on listening sockets for routing and filtering; 0 none.',
  },
} as const;
