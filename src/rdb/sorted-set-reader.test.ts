// Scores of -0 in a dump: a listpack makes them 0, an index keeps them, and which of the two a set
// becomes is known at its end, as in Redis.

import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { ENCODING_SKIPLIST } from '../structures/entry.ts';
import { SortedSet } from '../values/sorted-set.ts';
import { RDB_ZSET, RDB_ZSET_2 } from './format.ts';
import { RdbInput } from './rdb-input.ts';
import { VALUE_BAD, VALUE_READ, ValueReader } from './value-reader.ts';

/** Longer by one than zset-max-listpack-value. */
const LONG = 'z'.repeat(65);

function read(type: number, members: readonly string[]): { result: number; shown: string } {
  const keyspace = new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: () => 0,
    arena: { debug: true },
  });
  /** Lengths from 64 on have a byte of their own, which every length may have. */
  const text = (value: string): number[] => [0x40, value.length, ...Buffer.from(value)];
  const score = [...new Uint8Array(Float64Array.of(-0).buffer)];
  const bytes = members.flatMap((one) => [
    ...text(one),
    ...(type === RDB_ZSET ? [2, 45, 48] : score),
  ]);
  const input = new RdbInput(false);
  const reader = new ValueReader(keyspace, input);
  reader.begin(type, 10, false);
  input.use(Uint8Array.from([members.length, ...bytes]), 0, bytes.length + 1);
  const result = reader.read(Number.POSITIVE_INFINITY);
  let shown = '';
  if (result === VALUE_READ) {
    const { arena, seed, values } = keyspace;
    const set = new SortedSet(arena, values.listpacks, values.limits, seed);
    set.open(reader.built.ref);
    shown = set.encoding === ENCODING_SKIPLIST ? 'skiplist' : 'listpack';
    for (let more = set.seekRank(0); more; more = set.next()) {
      shown += Object.is(set.score, -0) ? ' -0' : ` ${set.score}`;
    }
  }
  reader.discard();
  expect(keyspace.arena.leaks()).toEqual([]);
  return { result, shown };
}

describe('scores of -0 in a dump', () => {
  for (const type of [RDB_ZSET, RDB_ZSET_2]) {
    it(`are 0 in a listpack and -0 beside a long member (type ${type})`, () => {
      expect(read(type, ['a', 'b', LONG.slice(1)]).shown).toBe('listpack 0 0 0');
      expect(read(type, ['a', 'b', LONG]).shown).toBe('skiplist -0 -0 -0');
      expect(read(type, [LONG, 'a']).shown).toBe('skiplist -0 -0');
    });
  }

  it('leave nothing behind where a member comes twice', () => {
    expect(read(RDB_ZSET_2, ['a', 'b', 'a']).result).toBe(VALUE_BAD);
  });
});
