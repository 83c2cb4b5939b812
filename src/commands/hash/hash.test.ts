// What no single reply of the commands of hashes shows: that chance is fair in every encoding, and
// that a walk is complete while the hash changes under it.

import { describe, expect, it } from 'vitest';
import { CHI_SQUARE_19, chiSquare, countDraws } from '../../engine/testing/chance.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { keyCommands } from '../keys/index.ts';
import { hashCommands } from './index.ts';

const FIELDS = Array.from({ length: 20 }, (_, i) => `f${i}`);

/** How a hash of twenty fields gets each encoding. */
const encodings: Readonly<Record<string, (h: Harness) => void>> = {
  listpack: () => {},
  listpackex: (h) => h.run('HEXPIRE', 'h', 100, 'FIELDS', 2, 'f3', 'f7'),
  hashtable: (h) => h.run('HSET', 'h', 'f0', 'v'.repeat(100)),
  'hashtable with times': (h) => {
    h.run('HSET', 'h', 'f0', 'v'.repeat(100));
    h.run('HEXPIRE', 'h', 100, 'FIELDS', 2, 'f3', 'f7');
  },
};

describe.each(Object.entries(encodings))('HRANDFIELD of a %s', (_name, prepare) => {
  it.each([
    ['one', 4000, []],
    ['five, each from all', 800, [-5]],
    ['four different', 1000, [4]],
    ['sixteen different', 500, [16]],
  ] as const)('draws each field as often as any other: %s', (_how, rounds, count) => {
    const h = new Harness(hashCommands);
    h.run('HSET', 'h', ...FIELDS.flatMap((field) => [field, 'v']));
    prepare(h);
    const counts = countDraws(FIELDS, rounds, () => {
      const drawn = [h.run('HRANDFIELD', 'h', ...count)].flat() as string[];
      if ((count[0] ?? 1) > 0) expect(new Set(drawn).size).toBe(drawn.length);
      return drawn;
    });
    expect(counts.size).toBe(FIELDS.length);
    const each = (rounds * Math.abs(count[0] ?? 1)) / FIELDS.length;
    expect(chiSquare(counts.values(), each)).toBeLessThan(CHI_SQUARE_19);
    expect(h.leaks()).toEqual([]);
  });
});

describe('HSCAN', () => {
  /** Walks over `h`, changing it before each next step; returns all fields that came. */
  function walk(h: Harness, change: (round: number) => void): Set<string> {
    const found = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const reply = h.run('HSCAN', 'h', cursor, 'COUNT', 7, 'NOVALUES') as [string, string[]];
      for (const field of reply[1]) found.add(field);
      cursor = reply[0];
      change(round++);
    } while (cursor !== '0');
    return found;
  }

  it.each([
    ['without times', false],
    ['with times', true],
  ] as const)('finds every field that stays while the table grows and shrinks, %s', (_, times) => {
    const h = new Harness(hashCommands);
    const staying = Array.from({ length: 300 }, (_each, i) => `stay${i}`);
    h.run('HSET', 'h', ...staying.flatMap((field) => [field, 'v'.repeat(80)]));
    if (times) h.run('HEXPIRE', 'h', 1000, 'FIELDS', 2, 'stay1', 'stay2');
    const others = (round: number): string[] =>
      Array.from({ length: 150 }, (_each, i) => `x${round}-${i}`);
    const found = walk(h, (round) => {
      if (round < 20) h.run('HSET', 'h', ...others(round).flatMap((field) => [field, 'v']));
      else if (round < 40) h.run('HDEL', 'h', ...others(round - 20));
    });
    for (const field of staying) expect(found.has(field)).toBe(true);
    expect(h.leaks()).toEqual([]);
  });

  it('returns a listpack whole, whatever COUNT says, so that a conversion loses nothing', () => {
    const h = new Harness(hashCommands);
    h.run('HSET', 'h', ...FIELDS.flatMap((field) => [field, 'v']));
    expect(walk(h, () => h.run('HSET', 'h', 'f0', 'v'.repeat(100)))).toEqual(new Set(FIELDS));
    expect(h.leaks()).toEqual([]);
  });
});

// As redis-server 7.0.15 and 7.2.5.
it.each([
  ['HSET', 'h', 'a', '9'],
  ['HINCRBY', 'h', 'a', '1'],
  ['HINCRBYFLOAT', 'h', 'a', '1'],
])('%s of a field that is there obeys a limit that was lowered meanwhile', (...command) => {
  const h = new Harness([...hashCommands, ...keyCommands]);
  h.run('HSET', 'h', 'a', '1', 'b', '2');
  h.keyspace.values.limits.hashMaxListpackEntries = 1;
  h.run('HDEL', 'h', 'none');
  expect(h.run('OBJECT', 'ENCODING', 'h')).toBe('listpack');
  h.run(...command);
  expect(h.run('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
  expect(h.leaks()).toEqual([]);
});
