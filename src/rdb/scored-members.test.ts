// Sorted sets and sets as a dump has them, member by member: whatever the order in which members
// come, the same set is made, which can be changed as any other; nothing is held of a set with a
// member twice, wherever that stands.

import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { ENCODING_SKIPLIST, TYPE_ZSET } from '../structures/entry.ts';
import { createLoose } from '../values/loose-value.ts';
import { SortedSet } from '../values/sorted-set.ts';
import { RDB_SET, RDB_ZSET_2 } from './format.ts';
import { RdbInput } from './rdb-input.ts';
import { ScoredMembers } from './scored-members.ts';
import { VALUE_BAD, VALUE_READ, ValueReader } from './value-reader.ts';

function newKeyspace(): Keyspace {
  return new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: () => 0,
    arena: { debug: true },
  });
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const nameOf = (i: number): string => `member:${String(i).padStart(6, '0')}`;

/** Members by rank: two to a score, which are then in the order of their names. */
function openSet(keyspace: Keyspace, order: readonly number[]): { set: SortedSet; ref: number } {
  const scored = new ScoredMembers(keyspace);
  const root = scored.begin(order.length);
  for (const i of order) {
    const name = bytesOf(nameOf(i));
    expect(scored.add(i >> 1, name, 0, name.length)).toBe(true);
  }
  scored.end();
  const { arena, seed, values } = keyspace;
  const ref = createLoose(arena, TYPE_ZSET, ENCODING_SKIPLIST, root);
  const set = new SortedSet(arena, values.listpacks, values.limits, seed);
  set.open(ref);
  return { set, ref };
}

function textAt(set: SortedSet, rank: number): string {
  expect(set.seekRank(rank)).toBe(true);
  set.loadMember();
  return Buffer.from(set.bytes.subarray(set.offset, set.offset + set.length)).toString('latin1');
}

function expectMembers(set: SortedSet, members: readonly number[]): void {
  expect(set.count).toBe(members.length);
  members.forEach((i, rank) => {
    expect(textAt(set, rank)).toBe(nameOf(i));
    expect(set.score).toBe(i >> 1);
    const name = bytesOf(nameOf(i));
    expect(set.find(name, 0, name.length)).toBe(true);
    expect(set.rank).toBe(rank);
  });
}

describe('members of a sorted set in a dump', () => {
  for (const count of [1, 84, 85, 1000, 84 * 50 + 1]) {
    it(`are ${count} in one order`, () => {
      const keyspace = newKeyspace();
      const ascending = Array.from({ length: count }, (_, i) => i);
      const { set, ref } = openSet(keyspace, [...ascending].reverse());
      expectMembers(set, ascending);
      const without = ascending.filter((i) => i % 3 !== 0);
      for (const i of ascending) {
        const name = bytesOf(nameOf(i));
        if (i % 3 === 0) expect(set.remove(name, 0, name.length)).toBe(true);
      }
      expectMembers(set, without);
      for (const i of ascending) {
        if (i % 3 !== 0) continue;
        const name = bytesOf(nameOf(i));
        expect(set.find(name, 0, name.length)).toBe(false);
        set.addNew(i >> 1, name, 0, name.length);
      }
      expectMembers(set, ascending);
      keyspace.values.sortedSets.free(ref);
      keyspace.arena.free(ref);
      expect(keyspace.arena.leaks()).toEqual([]);
    });
  }

  it('are in any other order', () => {
    const keyspace = newKeyspace();
    const ascending = Array.from({ length: 400 }, (_, i) => i);
    const mixed = ascending.map((i) => (i * 7) % 400);
    const nearly = [...ascending].reverse();
    [nearly[300], nearly[301]] = [nearly[301]!, nearly[300]!];
    for (const order of [ascending, mixed, nearly]) {
      const { set, ref } = openSet(keyspace, order);
      expectMembers(set, ascending);
      keyspace.values.sortedSets.free(ref);
      keyspace.arena.free(ref);
    }
    expect(keyspace.arena.leaks()).toEqual([]);
  });
});

describe('a member that comes twice', () => {
  const text = (value: string): number[] => [value.length, ...bytesOf(value)];
  const head = (count: number): number[] => [0x40 | (count >> 8), count & 255];

  function read(type: number, bytes: readonly number[]): [number, string] {
    const keyspace = newKeyspace();
    const input = new RdbInput(false);
    const reader = new ValueReader(keyspace, input);
    reader.begin(type, 10, false);
    input.use(Uint8Array.from(bytes), 0, bytes.length);
    const result = reader.read(Number.POSITIVE_INFINITY);
    const { problem } = input;
    reader.discard();
    expect(keyspace.arena.leaks()).toEqual([]);
    return [result, problem];
  }

  it('is refused in sorted sets', () => {
    const score = (value: number): number[] => [...new Uint8Array(Float64Array.of(value).buffer)];
    for (const again of [1, 100, 299]) {
      const members = Array.from({ length: 300 }, (_, i) => [
        ...text(nameOf(i === again ? again - 1 : i)),
        ...score(300 - i),
      ]);
      const bytes = [...head(300), ...members.flat()];
      expect(read(RDB_ZSET_2, bytes)).toEqual([VALUE_BAD, 'Duplicate zset fields detected']);
    }
  });

  it('is refused in sets of each size, whatever its length', () => {
    for (const count of [2, 100, 128, 129, 300]) {
      const names = Array.from({ length: count }, (_, i) => `${'x'.repeat(i % 60)}${i}`);
      const bytesOfSet = (of: readonly string[]): number[] => [...head(count), ...of.flatMap(text)];
      expect(read(RDB_SET, bytesOfSet(names))).toEqual([VALUE_READ, '']);
      const twice = [...names.slice(0, -1), names[count >> 2]!];
      const refused = [VALUE_BAD, 'Duplicate set members detected'];
      expect(read(RDB_SET, bytesOfSet(twice))).toEqual(refused);
    }
  });

  it('is refused where a long member has made the set a table', () => {
    const names = ['a', 'b'];
    const long = [0x40, 80, ...bytesOf('z'.repeat(80))];
    const bytes = [...head(5), ...names.flatMap(text), ...long];
    expect(read(RDB_SET, [...bytes, ...text('c'), ...text('d')])).toEqual([VALUE_READ, '']);
    const refused = [VALUE_BAD, 'Duplicate set members detected'];
    expect(read(RDB_SET, [...bytes, ...text('c'), ...text('a')])).toEqual(refused);
    expect(read(RDB_SET, [...bytes, ...long, ...text('d')])).toEqual(refused);
  });
});
