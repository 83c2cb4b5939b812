// Options of the event loop, threads and processors. Data only; see ../option.ts.

export const advancedOptions = {
  hz: {
    type: 'integer',
    default: 10,
    min: 0,
    max: 'INT32_MAX',
    clamp: [1, 500],
    about: 'Times a second that background work is done, 1 to 500.',
  },
  'dynamic-hz': {
    type: 'bool',
    default: true,
    about: 'Do background work more often with many clients.',
  },
  activerehashing: {
    type: 'bool',
    default: true,
    about: 'Spend a millisecond in a hundred on rehashing the main tables.',
  },
  'io-threads': {
    type: 'integer',
    default: 1,
    min: 1,
    max: 128,
    immutable: true,
    inCrashReport: true,
    about: 'Threads for reading and writing sockets.',
  },
  'io-threads-do-reads': {
    type: 'bool',
    default: false,
    immutable: true,
    inCrashReport: true,
    about: 'Let those threads read and parse too.',
  },
  server_cpulist: {
    type: 'string',
    default: null,
    immutable: true,
    about: 'Processors for the main thread.',
  },
  bio_cpulist: {
    type: 'string',
    default: null,
    immutable: true,
    about: 'Processors for background threads.',
  },
  aof_rewrite_cpulist: {
    type: 'string',
    default: null,
    immutable: true,
    about: 'Processors for rewriting the append-only file.',
  },
  bgsave_cpulist: {
    type: 'string',
    default: null,
    immutable: true,
    about: 'Processors for writing a snapshot.',
  },
} as const;
