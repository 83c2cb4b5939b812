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
