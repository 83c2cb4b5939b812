// Server commands that answer alike everywhere: COMMAND and its subcommands, CONFIG and its errors,
// and what is refused: unknown commands and subcommands, wrong numbers of arguments.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

/** Commands with keys in many places, valid or nearly so. */
const keyed: readonly (readonly string[])[] = [
  ['get', 'a'],
  ['set', 'a', 'b'],
  ['set', 'a', 'b', 'get'],
  ['mset', 'a', '1', 'b', '2'],
  ['mset', 'a', '1', 'b'],
  ['msetnx', 'a', '1'],
  ['mget', 'a', 'b', 'c'],
  ['bitop', 'and', 'd', 'a', 'b'],
  ['bitfield', 'a', 'get', 'u8', '0'],
  ['bitfield', 'a', 'set', 'u8', '0', '1'],
  ['bitfield_ro', 'a'],
  ['copy', 'a', 'b', 'db', '1'],
  ['rename', 'a', 'b'],
  ['del', 'a', 'b', 'c'],
  ['object', 'encoding', 'a'],
  ['object', 'help'],
  ['lcs', 'a', 'b'],
  ['ping'],
  ['config', 'get', 'x'],
  ['nosuchcommand', 'a'],
  ['get'],
  ['get', 'a', 'b'],
  ['getex', 'a', 'persist'],
  ['touch', 'a'],
  ['move', 'a', '1'],
  ['memory', 'usage', 'a'],
];

const named = ['get', 'SET', 'mget', 'bitop', 'lcs', 'getex', 'incrbyfloat', 'del', 'keys', 'scan'];
const moreNamed = [
  'ping',
  'hello',
  'auth',
  'select',
  'swapdb',
  'flushall',
  'nosuch',
  'copy',
  'ttl',
];

/** Options that may be changed without harm to the run, each with values good and bad. */
const options: Readonly<Record<string, readonly string[]>> = {
  hz: ['10', '50', '0', '-5', '501', 'x', ''],
  'maxmemory-samples': ['5', '10', '0', '-1', 'x'],
  'lfu-log-factor': ['10', '-1', '0', 'x'],
  'lfu-decay-time': ['1', '-1', 'x'],
  'hash-max-listpack-entries': ['512', '128', '-1', 'x'],
  'hash-max-ziplist-entries': ['512', 'x'],
  'set-max-intset-entries': ['512', '-1', '9223372036854775808'],
  'list-max-listpack-size': ['-2', '128', 'x'],
  'list-compress-depth': ['0', '1', '-1'],
  'slowlog-log-slower-than': ['10000', '-1', '-2', 'x'],
  'slowlog-max-len': ['128', '-1', 'x'],
  'latency-tracking': ['yes', 'no', 'maybe', ''],
  activerehashing: ['yes', 'no', 'YES', '1'],
  'lazyfree-lazy-expire': ['yes', 'no', 'x'],
  'maxmemory-policy': ['noeviction', 'noeviction', 'bogus', ''],
  maxmemory: ['0', '0', 'x', '-1', '1z', '12kb5'],
  'notify-keyspace-events': ['', 'KEA', 'K$g', 'Q!'],
  'proto-max-bulk-len': ['536870912', '512mb', '1', 'x', '1mb'],
  timeout: ['0', '300', '-1', 'x'],
  'tcp-keepalive': ['300', '0', '-1'],
  loglevel: ['notice', 'warning', 'loud', ''],
  'client-output-buffer-limit': [
    'normal 0 0 0',
    'normal 0 0',
    'bogus 0 0 0',
    'normal -1 0 0',
    'pubsub 32mb 8mb 60',
    '',
  ],
  save: ['', '3600 1', '3600', 'x y', '0 0'],
  databases: ['16', '17'],
  'no-such-option': ['1'],
  port: ['x', '-1', '65536', ''],
  appendfsync: ['everysec', 'sometimes'],
  'oom-score-adj-values': ['0 200 800', '0 200', '0 200 9000', 'x y z'],
  'latency-tracking-info-percentiles': ['50 99 99.9', '101', 'x', ''],
};

const names = Object.keys(options);

const configSet = (draw: Draw): string[] => {
  const count = draw.chance(0.7) ? 1 : draw.between(2, 3);
  return Array.from({ length: count }, () => {
    const name = draw.pick(names);
    return [draw.cased(name), draw.pick(options[name] ?? [''])];
  }).flat();
};

const config = (draw: Draw): string[] => {
  const kind = draw.below(10);
  if (kind < 6) return [draw.cased('SET'), ...configSet(draw)];
  if (kind < 9) {
    const patterns = [...names, 'HZ', 'hash-max-*listpack-entries', 'nosuch*', 'slowlog-*'];
    return [
      draw.cased('GET'),
      ...Array.from({ length: draw.between(1, 3) }, () => draw.pick(patterns)),
    ];
  }
  return draw.pick([['RESETSTAT'], ['RESETSTAT', 'x'], ['BOGUS'], ['GET'], ['SET'], ['SET', 'hz']]);
};

const command = (draw: Draw): string[] => {
  const kind = draw.below(10);
  if (kind < 4) return [draw.cased('GETKEYS'), ...draw.pick(keyed)];
  if (kind < 7) return [draw.cased('GETKEYSANDFLAGS'), ...draw.pick(keyed)];
  if (kind < 8) return [draw.cased('INFO'), draw.pick(named), draw.pick(moreNamed)];
  return draw.pick([
    ['COUNT'],
    ['COUNT', 'x'],
    ['BOGUS'],
    ['GETKEYS'],
    ['LIST', 'FILTERBY'],
    ['INFO', 'x'],
  ]);
};

export const server: Grammar = {
  group: 'server',
  inTransactions: false,
  commands: [
    { name: 'COMMAND', weight: 5, args: command },
    { name: 'CONFIG', weight: 5, args: config, mutable: false },
    { name: 'DBSIZE', args: () => [] },
    { name: 'OBJECT', args: (d) => [d.pick(['BOGUS', 'ENCODING', '']), ...d.keys(2)] },
    {
      name: 'MEMORY',
      args: (d) => [
        d.pick(['BOGUS', 'USAGE', 'USAGE']),
        'no-such-key',
        ...d.options(['SAMPLES', d.integer()], ['X']),
      ],
    },
    { name: 'NOSUCHCOMMAND', args: (d) => Array.from({ length: d.below(6) }, () => d.value()) },
    { name: 'SET', args: (d) => [d.key(), d.value()] },
  ],
};

/** Limits that the grammars of the types change; a stream that is cut short must not keep them. */
const encodingLimits = [
  'hash-max-listpack-entries',
  'hash-max-listpack-value',
  'hll-sparse-max-bytes',
  'list-max-listpack-size',
  'set-max-intset-entries',
  'stream-node-max-bytes',
  'stream-node-max-entries',
  'zset-max-listpack-entries',
  'zset-max-listpack-value',
];

/** What `CONFIG SET` of this group may have changed; the runner puts it back after each stream. */
export const changedOptions: readonly string[] = [
  ...names.filter(
    (name) => !['no-such-option', 'databases', 'port', 'hash-max-ziplist-entries'].includes(name),
  ),
  ...encodingLimits.filter((name) => !names.includes(name)),
];
