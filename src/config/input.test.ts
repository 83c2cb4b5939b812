// Options as an object.
import { expect, test } from 'vitest';
import { Config } from './config.ts';
import { type ConfigInput, loadInput } from './input.ts';
import { MemoryDisk } from './memory-disk.ts';

function load(input: ConfigInput): [Config, ReturnType<typeof loadInput>] {
  const disk = new MemoryDisk();
  const config = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });
  return [config, loadInput(config, input)];
}

test('fields of every type', () => {
  const [config, refusal] = load({
    port: 0,
    maxmemory: '1kb',
    'repl-backlog-size': 32768,
    unixsocketperm: 0o700,
    appendonly: true,
    'maxmemory-policy': 'allkeys-lru',
    'shutdown-on-sigint': ['now', 'force'],
    'shutdown-on-sigterm': [],
    bind: ['127.0.0.1', '-::1'],
    save: [{ seconds: 5, changes: 6 }],
    replicaof: { host: 'h', port: 7 },
    'latency-tracking-info-percentiles': [],
    requirepass: 'a "é',
    masterauth: '',
  });
  expect(refusal).toBeNull();
  const names = ['port', 'maxmemory', 'repl-backlog-size', 'unixsocketperm', 'appendonly'] as const;
  expect(names.map((name) => config.format(name))).toEqual(['0', '1024', '32768', '700', 'yes']);
  expect(config.format('maxmemory-policy')).toBe('allkeys-lru');
  expect(config.format('shutdown-on-sigint')).toBe('now force');
  expect(config.format('shutdown-on-sigterm')).toBe('default');
  expect(config.format('bind')).toBe('127.0.0.1 -::1');
  expect(config.format('save')).toBe('5 6');
  expect(config.format('replicaof')).toBe('h 7');
  expect(config.format('latency-tracking-info-percentiles')).toBe('');
  expect(config.get('requirepass')).toBe('a "\xc3\xa9');
});

test('nothing is set by what is left out or empty', () => {
  const [config, refusal] = load({ save: [], replicaof: null });
  expect([refusal, config.format('save'), config.format('replicaof')]).toEqual([null, '', '']);
});

test('the first refusal, with its option', () => {
  const reason = 'argument must be between 0 and 65535 inclusive';
  expect(load({ hz: 20, port: 99999 })[1]).toEqual({ name: 'port', reason });
  const unknown = { nope: 1 } as unknown as ConfigInput;
  expect(load(unknown)[1]).toEqual({ name: 'nope', reason: 'there is no such option' });
  const strange = { port: null } as unknown as ConfigInput;
  expect(load(strange)[1]).toEqual({
    name: 'port',
    reason: 'a value of this type is not understood',
  });
});
