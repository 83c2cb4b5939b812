// Config: reading, CONFIG SET of several options, refusals, roll-back, listeners that wait, CONFIG
// GET. Expected error texts are those that Redis 7.2.5 gives to the same commands.
import { describe, expect, test } from 'vitest';
import { Config, type ConfigSetter } from './config.ts';
import { MemoryDisk } from './memory-disk.ts';

const LOCAL: ConfigSetter = { local: true, loading: false };

function makeConfig(warnings: string[] = []): Config {
  const disk = new MemoryDisk();
  disk.folders.add('/data').add('/data/deep');
  disk.files.set('/data/file', '');
  return new Config({
    directory: '/data',
    resolveDirectory: disk.resolveDirectory.bind(disk),
    warn: (text) => warnings.push(text),
  });
}

function failed(name: string, reason: string): object {
  const message = `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
  return { code: 'ERR', message };
}

describe('values', () => {
  test('are typed and live', () => {
    const config = makeConfig();
    const values = config.values;
    const port: number = values.port;
    const policy: 'noeviction' | 'allkeys-lru' = values['maxmemory-policy'] as 'noeviction';
    expect([port, policy, values.save[0], values.replicaof, values.logfile]).toEqual([
      6379,
      'noeviction',
      { seconds: 3600, changes: 1 },
      null,
      '',
    ]);
    config.set([['maxmemory', '10mb']], LOCAL);
    config.set([['client-output-buffer-limit', 'pubsub 1kb 2 3']], LOCAL);
    expect(values.maxmemory).toBe(10485760);
    expect(config.get('client-output-buffer-limit').pubsub).toEqual({
      hardBytes: 1024,
      softBytes: 2,
      softSeconds: 3,
    });
  });

  test('a percentage reads as a negative number', () => {
    const config = makeConfig();
    config.set([['maxmemory-clients', '5%']], LOCAL);
    expect(config.get('maxmemory-clients')).toBe(-5);
  });

  test('flags read as words without the word for none', () => {
    const config = makeConfig();
    config.set([['shutdown-on-sigint', 'force default nosave']], LOCAL);
    expect(config.get('shutdown-on-sigint')).toEqual(['nosave', 'force']);
  });

  test('override and provide show in CONFIG GET', () => {
    const config = makeConfig();
    let password = 'one';
    config.override('replicaof', { host: 'h', port: 7 });
    config.provide('requirepass', () => password);
    password = 'two';
    expect(config.getMatching(['slaveof', 'requirepass'])).toEqual([
      ['slaveof', 'h 7'],
      ['requirepass', 'two'],
    ]);
    expect(config.values.requirepass).toBe('two');
  });
});

describe('CONFIG SET refuses', () => {
  const cases: readonly [string, [string, string][], object][] = [
    [
      'an unknown option',
      [['nope', '1']],
      { code: 'ERR', message: "Unknown option or number of arguments for CONFIG SET - 'nope'" },
    ],
    ['an immutable one', [['DAEMONIZE', 'yes']], failed('DAEMONIZE', "can't set immutable config")],
    ['a guarded one', [['dir', '/data']], failed('dir', "can't set protected config")],
    [
      'a name twice',
      [
        ['timeout', '1'],
        ['TIMEOUT', '2'],
      ],
      failed('TIMEOUT', 'duplicate parameter'),
    ],
    [
      'for the first reason',
      [
        ['daemonize', 'x'],
        ['nope', '1'],
      ],
      failed('daemonize', "can't set immutable config"),
    ],
    [
      'an alias by the name asked for, in lower case',
      [['HASH-max-ziplist-entries', 'x']],
      failed('hash-max-ziplist-entries', "argument couldn't be parsed into an integer"),
    ],
  ];
  test.each(cases)('%s', (_name, pairs, failure) => {
    expect(makeConfig().set(pairs, LOCAL)).toEqual(failure);
  });

  test('what depends on the data set while it is loaded', () => {
    expect(makeConfig().set([['appendonly', 'yes']], { local: true, loading: true })).toEqual({
      code: 'LOADING',
      message: 'Redis is loading the dataset in memory',
    });
  });

  test('guarded options of clients elsewhere under enable-protected-configs local', () => {
    const config = makeConfig();
    config.override('enable-protected-configs', 'local');
    const pair = [['dbfilename', 'x']] as const;
    expect(config.set(pair, { local: false, loading: false })).toEqual(
      failed('dbfilename', "can't set protected config"),
    );
    expect(config.set(pair, LOCAL)).toBeNull();
  });

  test('a folder that is none, in the words of the system', () => {
    const config = makeConfig();
    config.override('enable-protected-configs', 'yes');
    const refusal = (path: string): unknown => config.set([['dir', path]], LOCAL);
    expect(refusal('/nope')).toEqual(failed('dir', 'No such file or directory'));
    expect(refusal('file')).toEqual(failed('dir', 'Not a directory'));
    expect(refusal('deep')).toBeNull();
    expect(config.get('dir')).toBe('/data/deep');
  });

  test('all when one is wrong', () => {
    const config = makeConfig();
    const pairs = [
      ['maxmemory', '5'],
      ['save', '1 1'],
      ['maxmemory-clients', '200%'],
    ] as const;
    expect(config.set(pairs, LOCAL)).toEqual(
      failed('maxmemory-clients', 'percentage argument must be less or equal to 100'),
    );
    expect(config.get('maxmemory')).toBe(0);
    expect(config.format('save')).toBe('3600 1 300 100 60 10000');
  });
});

describe('listeners', () => {
  test('are called once for all options of a CONFIG SET, and only for changes', () => {
    const config = makeConfig();
    const seen: string[] = [];
    const end = config.onChange(['port', 'bind', 'timeout'], (values) => {
      seen.push(`${values.port} ${values.bind.join(',')}`);
      return null;
    });
    config.set(
      [
        ['port', '1'],
        ['bind', 'a b'],
        ['hz', '20'],
      ],
      LOCAL,
    );
    config.set([['port', '1']], LOCAL);
    end();
    config.set([['port', '2']], LOCAL);
    expect(seen).toEqual(['1 a,b']);
  });

  test('a certificate counts as changed even under its old name', () => {
    const config = makeConfig();
    let calls = 0;
    config.set([['tls-cert-file', 'x']], LOCAL);
    config.onChange(['tls-cert-file'], () => {
      calls++;
      return null;
    });
    config.set([['tls-cert-file', 'x']], LOCAL);
    expect(calls).toBe(1);
  });

  test('follow gives the value at once and after each change', () => {
    const config = makeConfig();
    const seen: number[] = [];
    config.follow(['hz'], ({ hz }) => seen.push(hz));
    config.set([['hz', '1000']], LOCAL);
    expect(seen).toEqual([10, 500]);
  });

  test('a refusal restores every option and calls again what was called', () => {
    const warnings: string[] = [];
    const config = makeConfig(warnings);
    const seen: string[] = [];
    config.follow(['timeout'], ({ timeout }) => seen.push(`timeout ${timeout}`));
    config.onChange(['port'], ({ port }) => {
      seen.push(`port ${port}`);
      return port === 1 ? 'Unable to listen on this port. Check server logs.' : null;
    });
    config.follow(['hz'], ({ hz }) => seen.push(`hz ${hz}`));
    const pairs = [
      ['timeout', '9'],
      ['port', '1'],
      ['hz', '20'],
    ] as const;
    expect(config.set(pairs, LOCAL)).toEqual(
      failed('port', 'Unable to listen on this port. Check server logs.'),
    );
    expect([config.get('timeout'), config.get('port'), config.get('hz')]).toEqual([0, 6379, 10]);
    expect(seen).toEqual(['timeout 0', 'hz 10', 'timeout 9', 'port 1', 'timeout 0', 'port 6379']);
    expect(warnings).toEqual([
      'Failed applying new configuration. Possibly related to new port setting. ' +
        'Restoring previous settings.',
    ]);
  });

  test('a refusal without a reason shows none', () => {
    const config = makeConfig();
    config.onChange(['port'], ({ port }) => (port === 1 ? '' : null));
    expect(config.set([['port', '1']], LOCAL)).toEqual({
      code: 'ERR',
      message: "CONFIG SET failed (possibly related to argument 'port')",
    });
  });

  test('may wait; a later CONFIG SET waits its turn', async () => {
    const config = makeConfig();
    let answer: (result: string | null) => void = () => undefined;
    config.onChange(['port'], ({ port }) =>
      port === 1 ? new Promise((resolve) => (answer = resolve)) : null,
    );
    const first = config.set([['port', '1']], LOCAL);
    const second = config.set(
      [
        ['port', '2'],
        ['timeout', '5'],
      ],
      LOCAL,
    );
    expect([config.get('port'), config.get('timeout')]).toEqual([1, 0]);
    answer('taken');
    expect(await first).toEqual(failed('port', 'taken'));
    expect(await second).toBeNull();
    expect([config.get('port'), config.get('timeout')]).toEqual([2, 5]);
    expect(config.set([['port', '3']], LOCAL)).toBeNull();
  });
});

describe('CONFIG GET', () => {
  test('gives a name back as it was written, and a pattern the names of the table', () => {
    const config = makeConfig();
    expect(config.getMatching(['PORT', 'port'])).toEqual([['PORT', '6379']]);
    expect(config.getMatching(['*OF', 'replicaof'])).toEqual([
      ['replicaof', ''],
      ['slaveof', ''],
    ]);
    expect(config.getMatching(['nope', 'h[yz]'])).toEqual([['hz', '10']]);
  });

  test('shows hidden options by their exact name only', () => {
    const config = makeConfig();
    expect(config.getMatching(['key-load*'])).toEqual([]);
    expect(config.getMatching(['*']).map(([name]) => name)).not.toContain('key-load-delay');
    expect(config.getMatching(['key-load-delay'])).toEqual([['key-load-delay', '0']]);
  });

  test('shows what CONFIG SET takes: every option survives being set to what it is', () => {
    const config = makeConfig();
    config.override('enable-protected-configs', 'yes');
    const before = config.getMatching(['*']);
    for (const [name, value] of before) {
      if (config.find(name)?.option.immutable === true) continue;
      expect(config.set([[name, value]], LOCAL), name).toBeNull();
    }
    expect(config.getMatching(['*'])).toEqual(before);
  });
});

test('questionable kernel scores are accepted with a line in the log', () => {
  const warnings: string[] = [];
  expect(makeConfig(warnings).set([['oom-score-adj-values', '3 2 1']], LOCAL)).toBeNull();
  expect(warnings).toEqual([
    'The oom-score-adj-values configuration may not work for non-privileged processes! ' +
      'Please consult the documentation.',
  ]);
});
