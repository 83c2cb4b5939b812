import { describe, expect, it } from 'vitest';
import { CHI_SQUARE_19, chiSquare, countDraws } from '../../engine/testing/chance.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { keyCommands } from '../keys/index.ts';
import { setCommands } from './index.ts';

/** Members of an encoding: what makes a set have it. */
const encodings = {
  intset: Array.from({ length: 20 }, (_, i) => String(i)),
  listpack: Array.from({ length: 20 }, (_, i) => `m${i}`),
  hashtable: Array.from({ length: 20 }, (_, i) => `${'m'.repeat(70)}${i}`),
};

describe('random members', () => {
  for (const [encoding, members] of Object.entries(encodings)) {
    it(`SRANDMEMBER draws each member of a ${encoding} as often as any other`, () => {
      const h = new Harness(setCommands);
      h.run('SADD', 's', ...members);
      const counts = countDraws(members, 4000, () => [h.run('SRANDMEMBER', 's') as string]);
      expect(counts.size).toBe(20);
      expect(chiSquare(counts.values(), 200)).toBeLessThan(CHI_SQUARE_19);
      expect(h.leaks()).toEqual([]);
    });

    it(`SRANDMEMBER with a count chooses every member of a ${encoding} as often`, () => {
      const h = new Harness(setCommands);
      h.run('SADD', 's', ...members);
      const counts = new Map(members.map((member) => [member, 0]));
      for (const count of [3, 10, 17]) {
        for (let i = 0; i < 200; i++) {
          const chosen = h.run('SRANDMEMBER', 's', count) as string[];
          expect(new Set(chosen).size).toBe(count);
          for (const member of chosen) counts.set(member, (counts.get(member) ?? 0) + 1);
        }
      }
      expect(chiSquare(counts.values(), 300)).toBeLessThan(CHI_SQUARE_19);
    });

    it(`SPOP takes each member of a ${encoding} as often as any other`, () => {
      const h = new Harness(setCommands);
      const counts = new Map(members.map((member) => [member, 0]));
      for (let i = 0; i < 300; i++) {
        h.run('SADD', 's', ...members);
        const popped = h.run('SPOP', 's', 18) as string[];
        for (const member of popped) counts.set(member, (counts.get(member) ?? 0) + 1);
        const rest = [h.run('SPOP', 's'), h.run('SPOP', 's')] as string[];
        expect(new Set([...popped, ...rest])).toEqual(new Set(members));
        expect(h.run('SCARD', 's')).toBe(0);
      }
      expect(chiSquare(counts.values(), 270)).toBeLessThan(CHI_SQUARE_19);
      expect(h.leaks()).toEqual([]);
    });
  }
});

// Recorded from redis-server 7.2.5 and 7.0.15.
it.each([
  [20, 'intset'],
  [200, 'intset'],
  [512, 'intset'],
  [513, 'hashtable'],
])('%d integers that two tables share are stored as an %s', (count, encoding) => {
  const h = new Harness([...setCommands, ...keyCommands]);
  const shared = Array.from({ length: count }, (_, i) => String(i * 3 - 50));
  h.run('SADD', 'one', ...encodings.hashtable, ...shared);
  h.run('SADD', 'two', ...shared, 'x'.repeat(80));
  expect(h.run('SINTERSTORE', 'to', 'one', 'two')).toBe(count);
  expect(h.run('OBJECT', 'ENCODING', 'to')).toBe(encoding);
  expect(new Set(h.run('SMEMBERS', 'to') as string[])).toEqual(new Set(shared));
  expect(h.leaks()).toEqual([]);
});

it('more members than fit end a compact encoding, also when none of them is new', () => {
  const h = new Harness([...setCommands, ...keyCommands]);
  const { limits } = h.keyspace.values;
  const encodingAfter = (...members: string[]): unknown => {
    h.run('DEL', 's');
    h.run('SADD', 's', members[0] ?? '');
    h.run('SADD', 's', ...members);
    return h.run('OBJECT', 'ENCODING', 's');
  };
  // Recorded from redis-server 7.2.5.
  limits.setMaxIntsetEntries = 2;
  expect([encodingAfter('7', '7'), encodingAfter('7', '7', '7')]).toEqual(['intset', 'hashtable']);
  limits.setMaxListpackEntries = 2;
  expect([encodingAfter('a', 'a'), encodingAfter('a', 'a', 'a')]).toEqual([
    'listpack',
    'hashtable',
  ]);
  expect(h.leaks()).toEqual([]);
});

// As redis-server 7.0.15 and 7.2.5.
it('SPOP counts as a read where it takes all members by their number', () => {
  const h = new Harness(setCommands);
  h.run('SADD', 's', 'a', 'b', 'c');
  h.run('SPOP', 's');
  h.run('SPOP', 's', 1);
  expect(h.keyspace.hits).toBe(0);
  h.run('SPOP', 's', 1);
  expect(h.keyspace.hits).toBe(1);
});

describe('what replicas are told', () => {
  it('SPOP is an SREM of what it took, and a DEL of all', () => {
    const h = new Harness(setCommands);
    h.run('SADD', 's', 'a');
    h.journal.length = 0;
    h.run('SPOP', 's');
    expect(h.journal).toEqual([[0, 'SREM', 's', 'a']]);
    h.run('SADD', 's', 'a', 'b', 'c');
    h.journal.length = 0;
    const popped = h.run('SPOP', 's', 2) as string[];
    expect(h.journal).toEqual([[0, 'SREM', 's', ...popped]]);
    h.journal.length = 0;
    h.run('SPOP', 's', 5);
    expect(h.journal).toEqual([[0, 'DEL', 's']]);
  });
});

describe('SSCAN', () => {
  it('finds every member that stays while the table grows and shrinks', () => {
    const h = new Harness(setCommands);
    const staying = Array.from({ length: 300 }, (_, i) => `stay${i}`);
    h.run('SADD', 's', ...staying);
    const found = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, members] = h.run('SSCAN', 's', cursor, 'COUNT', 7) as [string, string[]];
      for (const member of members) found.add(member);
      cursor = next;
      const extra = Array.from({ length: 150 }, (_, i) => `x${round}-${i}`);
      if (round < 20) h.run('SADD', 's', ...extra);
      else if (round < 40) {
        h.run('SREM', 's', ...Array.from({ length: 150 }, (_, i) => `x${round - 20}-${i}`));
      }
      round++;
    } while (cursor !== '0');
    for (const member of staying) expect(found.has(member)).toBe(true);
    expect(h.leaks()).toEqual([]);
  });
});

describe('SINTER of tables', () => {
  const numbers = (count: number, step: number): string[] =>
    Array.from({ length: count }, (_, i) => `member${i * step}`);

  it('finds what sets share while the smallest changes its size, whatever the other has', () => {
    // At 257 members a table of 256 buckets begins to grow.
    for (const size of [200, 260]) {
      for (const others of [size, size * 9]) {
        const h = new Harness(setCommands);
        h.run('SADD', 'a', ...numbers(129, 2));
        for (const each of numbers(size, 2).slice(129)) h.run('SADD', 'a', each);
        h.run('SADD', 'b', ...numbers(others, 3));
        h.run('SADD', 'c', ...numbers(size * 2, 1));
        const inB = new Set(numbers(others, 3));
        const common = numbers(size, 2).filter((text) => inB.has(text));
        expect((h.run('SINTER', 'a', 'b') as string[]).sort()).toEqual(common.sort());
        expect(h.run('SINTERCARD', 3, 'b', 'a', 'c')).toBe(common.length);
        expect(h.run('SINTERSTORE', 'd', 'a', 'b', 'b')).toBe(common.length);
        expect(h.leaks()).toEqual([]);
      }
    }
  });
});
