// Options of RDB snapshots. Data only; see ../option.ts.

export const snapshottingOptions = {
  save: { type: 'save', about: 'When to write a snapshot: pairs of seconds and changes.' },
  'stop-writes-on-bgsave-error': {
    type: 'bool',
    default: true,
    about: 'Refuse writes after a snapshot has failed.',
  },
  rdbcompression: { type: 'bool', default: true, about: 'Compress strings in a snapshot (LZF).' },
  rdbchecksum: {
    type: 'bool',
    default: true,
    immutable: true,
    about: 'Write and check a CRC64 at the end of a snapshot.',
  },
  'sanitize-dump-payload': {
    type: 'enum',
    default: 'no',
    values: ['no', 'yes', 'clients'],
    inCrashReport: true,
    about:
      'Check the inside of loaded values thoroughly: never, always, or for RESTORE by clients.',
  },
  dbfilename: {
    type: 'string',
    default: 'dump.rdb',
    guarded: true,
    check: 'rdb-file-name',
    about: 'Name of the snapshot file within dir.',
  },
  'rdb-del-sync-files': {
    type: 'bool',
    default: false,
    about: 'Delete files used for replication when persistence is off.',
  },
  dir: {
    type: 'directory',
    guarded: true,
    notWhileLoading: true,
    about: 'Working folder: where snapshot and append-only files are.',
  },
  'rdb-save-incremental-fsync': {
    type: 'bool',
    default: true,
    about: 'Sync a snapshot to disk every 4 MB while it is written.',
  },
  'rdb-key-save-delay': {
    type: 'integer',
    default: 0,
    min: 'INT32_MIN',
    max: 'INT32_MAX',
    hidden: true,
    about:
      'Microseconds to wait after each saved key; a negative n waits once in -n keys. For tests.',
  },
  'key-load-delay': {
    type: 'integer',
    default: 0,
    min: 'INT32_MIN',
    max: 'INT32_MAX',
    hidden: true,
    about:
      'Microseconds to wait after each loaded key; a negative n waits once in -n keys. For tests.',
  },
  'loading-process-events-interval-bytes': {
    type: 'integer',
    default: 2097152,
    min: 1024,
    max: 'INT32_MAX',
    hidden: true,
    about: 'Bytes loaded between two looks at clients. For tests.',
  },
} as const;
