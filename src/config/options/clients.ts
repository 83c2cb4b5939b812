// Options of clients: how many, and the limits of their buffers. Data only; see ../option.ts.

export const clientOptions = {
  maxclients: {
    type: 'integer',
    default: 10000,
    min: 1,
    max: 'UINT32_MAX',
    about: 'Clients connected at a time.',
  },
  'client-query-buffer-limit': {
    type: 'memory',
    default: 1073741824,
    min: 1048576,
    max: 'INT64_MAX',
    inCrashReport: true,
    about: 'Bytes of a request that a client may have unfinished.',
  },
  'client-output-buffer-limit': {
    type: 'buffer-limits',
    about: 'Bytes of replies that a client may leave unread, for each class of clients.',
  },
  'maxmemory-clients': {
    type: 'percent',
    default: 0,
    min: -100,
    max: 'INT64_MAX',
    about: 'Bytes, or percent of maxmemory, that all clients may hold together; 0 no limit.',
  },
  'proto-max-bulk-len': {
    type: 'memory',
    default: 536870912,
    min: 1048576,
    max: 'INT64_MAX',
    inCrashReport: true,
    about: 'Bytes of the longest argument.',
  },
  'tracking-table-max-keys': {
    type: 'integer',
    default: 1000000,
    min: 0,
    max: 'INT64_MAX',
    about: 'Keys remembered for client-side caching; 0 no limit.',
  },
} as const;
