// Values that only old servers wrote, with what Redis takes of them and what it refuses.

import { describe, expect, it } from 'vitest';
import { newHarness, readDump } from '../../test/support/rdb-data.ts';
import { PayloadWriter } from './payload.ts';

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}

/** A dump without a checksum that has one key. */
function file(type: number, value: readonly number[]): Uint8Array {
  const body = [254, 0, type, ...text('key'), ...value, 255];
  return Uint8Array.from([...Buffer.from('REDIS0009'), ...body, ...Array<number>(8).fill(0)]);
}

/** The nodes of a stream with 1-1 and 2-1, with their number. */
function streamNodes(): number[] {
  const h = newHarness();
  h.run('XADD', 's', '1-1', 'f', 'v');
  h.run('XADD', 's', '2-1', 'f', 'w');
  const ref = h.keyspace.databases[0]!.lookup(Buffer.from('s'), 0, 1);
  const dump = new PayloadWriter(h.keyspace).dump(ref, false);
  const listpackBytes = dump[2 + 1 + 16]!;
  return [...dump.subarray(1, 2 + 1 + 16 + 1 + listpackBytes)];
}

describe('a stream of type 15 that tells a wrong length', () => {
  it.each([0, 1, 3])('of %i is read, and has the entries that are there', (told) => {
    const h = newHarness();
    const reader = readDump(h.keyspace, file(15, [...streamNodes(), told, 2, 1, 0]));
    expect([reader.error, reader.keysAdded]).toEqual([null, 1]);
    expect(h.run('XLEN', 'key')).toBe(2);
    expect(h.run('XTRIM', 'key', 'MAXLEN', '0')).toBe(2);
    expect(h.run('XLEN', 'key')).toBe(0);
    h.run('DEL', 'key');
    expect(h.leaks()).toEqual([]);
  });

  it('is refused where it has no nodes', () => {
    const reader = readDump(newHarness().keyspace, file(15, [0, 1, 2, 1, 0]));
    expect(reader.error?.message).toBe('Stream length inconsistent with rax entries');
    reader.abandon();
  });
});

describe('a zipmap', () => {
  it.each([
    [1, null],
    [2, 'Zipmap integrity check failed.'],
    [254, null],
    [255, 'Zipmap integrity check failed.'],
  ])('with one pair that tells %i', (told, problem) => {
    const zipmap = [told, ...text('f'), 1, 0, 0x76, 255];
    const h = newHarness();
    const reader = readDump(h.keyspace, file(9, [zipmap.length, ...zipmap]));
    expect(reader.error?.message ?? null).toBe(problem);
    reader.abandon();
  });
});

/** A ziplist of short texts. */
function ziplist(elements: readonly string[]): number[] {
  const body: number[] = [];
  let before = 0;
  let tail = 10;
  for (const element of elements) {
    tail = 10 + body.length;
    const { length } = element;
    const head = length < 64 ? [length] : [0x40 | (length >> 8), length & 255];
    const entry = [before, ...head, ...Buffer.from(element)];
    body.push(...entry);
    before = entry.length;
  }
  return [body.length + 11, 0, 0, 0, tail, 0, 0, 0, elements.length, 0, ...body, 255];
}

/** A listpack of short texts. */
function listpack(elements: readonly string[]): number[] {
  const body = elements.flatMap((element) => [
    0x80 | element.length,
    ...Buffer.from(element),
    element.length + 1,
  ]);
  return [body.length + 7, 0, 0, 0, elements.length, 0, ...body, 255];
}

/** What a sorted set is read as: what was wrong, its encoding, members and scores. */
function readSortedSet(type: number, packed: readonly number[]): unknown[] {
  const h = newHarness();
  const { length } = packed;
  const reader = readDump(h.keyspace, file(type, [0x40 | (length >> 8), length & 255, ...packed]));
  const { error } = reader;
  reader.abandon();
  const shown = h.run('ZRANGE', 'key', '0', '-1', 'WITHSCORES');
  const encoding = error === null ? h.run('OBJECT', 'ENCODING', 'key') : '';
  h.run('DEL', 'key');
  expect(h.leaks()).toEqual([]);
  return [error?.message ?? null, encoding, ...(shown as string[])];
}

// Dragonfly writes exponents without a sign.
const MEMBERS = ['a', '-2e21', 'b', '-0', 'c', '1e-7', 'd', '5', 'e', '1e21', 'f', '15e22'];
const SHOWN = ['a', '-2e+21', 'b', '-0', 'c', '1e-7', 'd', '5', 'e', '1e+21', 'f', '1.5e+23'];

it('a sorted set in a listpack has the scores that its texts say', () => {
  expect(readSortedSet(17, listpack(MEMBERS))).toEqual([null, 'listpack', ...SHOWN]);
});

describe('a sorted set in a ziplist', () => {
  const read = (parts: readonly string[]): unknown[] => readSortedSet(12, ziplist(parts));

  it('keeps the texts of its scores', () => {
    expect(read(MEMBERS)).toEqual([null, 'listpack', ...SHOWN]);
  });

  it('is a listpack however long its members are', () => {
    const long = 'q'.repeat(65);
    expect(read([long, '1', 'r', '2'])).toEqual([null, 'listpack', long, '1', 'r', '2']);
  });

  it.each([[['a', '1', 'a', '2']], [['a', 'nan']], [['a', '1', 'b']]])(
    'is refused as %j',
    (parts) => {
      expect(read(parts)[0]).toBe('Zset ziplist integrity check failed.');
    },
  );
});
