// Options of freeing in the background. Data only; see ../option.ts.

export const lazyFreeOptions = {
  'lazyfree-lazy-eviction': {
    type: 'bool',
    default: false,
    inCrashReport: true,
    about: 'Free evicted values in the background.',
  },
  'lazyfree-lazy-expire': {
    type: 'bool',
    default: false,
    inCrashReport: true,
    about: 'Free expired values in the background.',
  },
  'lazyfree-lazy-server-del': {
    type: 'bool',
    default: false,
    inCrashReport: true,
    about: 'Free values that a command overwrites in the background.',
  },
  'lazyfree-lazy-user-del': {
    type: 'bool',
    default: false,
    inCrashReport: true,
    about: 'Let DEL free in the background, as UNLINK does.',
  },
  'lazyfree-lazy-user-flush': {
    type: 'bool',
    default: false,
    inCrashReport: true,
    about: 'Let FLUSHDB, FLUSHALL, SCRIPT FLUSH and FUNCTION FLUSH default to ASYNC.',
  },
  'replica-lazy-flush': {
    type: 'bool',
    default: false,
    alias: 'slave-lazy-flush',
    about: 'Let a replica drop its old data in the background before a full copy.',
  },
} as const;
