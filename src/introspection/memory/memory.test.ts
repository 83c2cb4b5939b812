// MEMORY: sizes of keys, figures, advice.

import { expect, it } from 'vitest';
import { hashCommands } from '../../commands/hash/index.ts';
import { keyCommands } from '../../commands/keys/index.ts';
import { setCommands } from '../../commands/set/index.ts';
import { stringCommands } from '../../commands/string/index.ts';
import { FakeContext } from '../testing/fake-context.ts';
import { memoryAdvice } from './memory-doctor.ts';
import { measureMemory } from './memory-report.ts';

function fresh(): FakeContext {
  return new FakeContext([...stringCommands, ...keyCommands]);
}

it('tells the size of a key, growing with its value and its expiry', () => {
  const { harness: h } = fresh();
  h.run('SET', 'small', 'x');
  h.run('SET', 'large', 'x'.repeat(100_000));
  h.run('SET', 'volatile', 'x', 'EX', 10);
  const usage = (key: string): number => h.run('MEMORY', 'USAGE', key) as number;
  expect(usage('small')).toBeGreaterThan(16 + 5 + 1);
  expect(usage('large')).toBeGreaterThan(100_000);
  expect(usage('volatile')).toBeGreaterThan(usage('small') + 8);
  expect(h.run('MEMORY', 'USAGE', 'nosuch')).toBeNull();
  expect(h.run('MEMORY', 'USAGE', 'small', 'SAMPLES', 0)).toBe(usage('small'));
});

it.each([
  ['HSET', ['v']],
  ['SADD', []],
])('reckons %s by its members while its table grows', (command, more) => {
  const { harness: h } = new FakeContext([...hashCommands, ...setCommands]);
  for (let i = 0; i < 3000; i++) {
    h.run(command, 'k', `member:${i}:`.padEnd(60, 'x'), ...more);
    if (i < 600 || i % 100 > 0) continue;
    const whole = h.run('MEMORY', 'USAGE', 'k', 'SAMPLES', 0) as number;
    for (const samples of [1, 5]) {
      const reckoned = h.run('MEMORY', 'USAGE', 'k', 'SAMPLES', samples) as number;
      expect(Math.abs(reckoned / whole - 1)).toBeLessThan(0.2);
    }
  }
});

it('refuses other arguments', () => {
  const { harness: h } = fresh();
  const syntax = { error: 'ERR syntax error' };
  expect(h.run('MEMORY', 'USAGE', 'k', 'SAMPLES')).toEqual(syntax);
  expect(h.run('MEMORY', 'USAGE', 'k', 'SAMPLES', -1)).toEqual(syntax);
  expect(h.run('MEMORY', 'USAGE', 'k', 'COUNT', 1)).toEqual(syntax);
  expect(h.run('MEMORY', 'USAGE', 'k', 'SAMPLES', 'x')).toEqual({
    error: 'ERR value is not an integer or out of range',
  });
});

it('shows figures, a map for each database with keys', () => {
  const { harness: h } = fresh();
  h.run('SET', 'a', 'b');
  h.client.resp3 = true;
  const { map } = h.run('MEMORY', 'STATS') as { map: [string, unknown][] };
  const figures = new Map(map);
  expect(map).toHaveLength(28);
  expect(figures.get('keys.count')).toBe(1);
  expect(figures.get('peak.percentage')).toEqual({ double: '100' });
  expect(figures.get('db.0')).toEqual({
    map: [
      ['overhead.hashtable.main', 32],
      ['overhead.hashtable.expires', 0],
      ['overhead.hashtable.slot-to-keys', 0],
    ],
  });
});

it('gives free memory back and shows the allocator', () => {
  const { harness: h } = fresh();
  h.run('SET', 'a', 'x'.repeat(3_000_000));
  h.run('DEL', 'a');
  const before = h.keyspace.arena.mappedBytes;
  expect(h.run('MEMORY', 'PURGE')).toBe('OK');
  expect(h.keyspace.arena.mappedBytes).toBeLessThanOrEqual(before);
  expect(h.run('MEMORY', 'MALLOC-STATS')).toContain('Bytes in use:');
  expect(h.leaks()).toEqual([]);
});

it('gives advice on what is wrong', () => {
  const context = fresh();
  expect(context.harness.run('MEMORY', 'DOCTOR')).toContain('very little data');
  const bytes = 100 * 2 ** 20;
  const sound = {
    ...measureMemory(context),
    usedBytes: bytes,
    peakBytes: bytes,
    allocatedBytes: bytes,
    activeBytes: bytes,
    mappedBytes: bytes,
    residentBytes: bytes,
  };
  expect(memoryAdvice(sound, context)).toContain('No problem');
  expect(memoryAdvice({ ...sound, peakBytes: 2 * bytes }, context)).toContain('Peak:');
  expect(memoryAdvice({ ...sound, residentBytes: 2 * bytes }, context)).toContain(
    'Beside the data',
  );
  expect(memoryAdvice({ ...sound, activeBytes: 2 * bytes }, context)).toContain('Holes:');
  expect(memoryAdvice({ ...sound, mappedBytes: 2 * bytes }, context)).toContain('Free pages:');
  expect(memoryAdvice({ ...sound, clientBytes: 10 ** 6 }, context)).toContain('Clients:');
});
