// Options of watching the server: slow log, latency, keyspace notifications. Data only; see
// ../option.ts.

export const slowlogLatencyOptions = {
  'slowlog-log-slower-than': {
    type: 'integer',
    default: 10000,
    min: -1,
    max: 'INT64_MAX',
    about: 'Microseconds from which a command is logged; 0 logs all, -1 none.',
  },
  'slowlog-max-len': {
    type: 'integer',
    default: 128,
    min: 0,
    max: 'INT64_MAX',
    about: 'Entries that the slow log keeps.',
  },
  'latency-monitor-threshold': {
    type: 'integer',
    default: 0,
    min: 0,
    max: 'INT64_MAX',
    about: 'Milliseconds from which an event is recorded for LATENCY; 0 none.',
  },
  'latency-tracking': {
    type: 'bool',
    default: true,
    about: 'Keep a histogram of the time of each command.',
  },
  'latency-tracking-info-percentiles': {
    type: 'percentiles',
    about: 'Percentiles that INFO latencystats shows.',
  },
  'notify-keyspace-events': {
    type: 'notify',
    about: 'Events on keys that are published; one letter for each class.',
  },
  'watchdog-period': {
    type: 'integer',
    default: 0,
    min: 0,
    max: 'INT32_MAX',
    hidden: true,
    about: 'Milliseconds of standstill after which a stack trace is logged; 0 never.',
  },
} as const;
