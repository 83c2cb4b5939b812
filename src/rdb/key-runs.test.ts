// Runs of strings, and what ends them: a dump is read whole, where runs are taken, and byte by
// byte, where each key goes alone; what comes out must be the same.

import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { copyKey, encodingOf } from '../structures/entry.ts';
import { type RdbError, RdbReader, READ_BAD, READ_END, READ_SHORT } from './rdb-reader.ts';

const NOW_MS = 1_700_000_000_000;

function ms(timeMs: number): number[] {
  const bytes = Buffer.alloc(9, 0xfc);
  bytes.writeBigInt64LE(BigInt(timeMs), 1);
  return [...bytes];
}

function text(value: string): number[] {
  const bytes = [...Buffer.from(value, 'latin1')];
  const { length } = bytes;
  if (length < 64) return [length, ...bytes];
  if (length < 16384) return [0x40 | (length >> 8), length & 255, ...bytes];
  return [0x80, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255, ...bytes];
}

/** "ab" and 40 times the two before, as LZF. */
const PACKED = [0xc3, 6, 42, 1, 97, 98, 0xe0, 31, 1];

function record(name: string, value: readonly number[], timeMs = 0): number[] {
  return [...(timeMs === 0 ? [] : ms(timeMs)), 0, ...text(name), ...value];
}

function dump(records: readonly number[][]): Uint8Array {
  const head = [...Buffer.from('REDIS0010'), 0xfe, 0];
  return Uint8Array.from([...head, ...records.flat(), 0xff, ...new Array(8).fill(0)]);
}

interface Outcome {
  readonly keys: readonly string[];
  readonly error: RdbError | null;
  readonly expired: number;
}

function load(bytes: Uint8Array, chunkBytes: number, replaces = false): Outcome {
  const keyspace = new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: () => 0,
    arena: { debug: true },
  });
  keyspace.setNow(NOW_MS);
  const options = { dropsExpired: true, checksums: true, isThorough: false, replaces };
  const reader = new RdbReader(keyspace, options);
  let at = 0;
  for (;;) {
    const result = reader.read(100);
    if (result === READ_BAD || result === READ_END) break;
    if (result !== READ_SHORT) continue;
    const count = Math.min(chunkBytes, bytes.length - at);
    if (count === 0) reader.finish();
    else reader.feed(bytes, at, count);
    at += count;
  }
  const { arena, strings } = keyspace;
  const db = keyspace.databases[0]!;
  const keys: string[] = [];
  db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
    strings.view(ref);
    const value = Buffer.from(strings.bytes.subarray(strings.offset).subarray(0, strings.length));
    const name = Buffer.from(copyKey(arena, ref)).toString('latin1');
    const rest = `${value.toString('latin1')} ${db.expiryOf(ref)} ${encodingOf(arena, ref)}`;
    keys.push(`${name} ${rest}`);
  });
  expect(keys).toHaveLength(db.dict.count);
  reader.abandon();
  keyspace.destroy();
  expect(arena.leaks()).toEqual([]);
  return { keys: keys.sort(), error: reader.error, expired: reader.keysExpired };
}

function loadBothWays(records: readonly number[][], replaces = false): Outcome {
  const bytes = dump(records);
  const whole = load(bytes, bytes.length, replaces);
  for (const chunkBytes of [1, 7, 100]) expect(load(bytes, chunkBytes, replaces)).toEqual(whole);
  return whole;
}

function many(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => record(`key:${i}`, text(`value ${i}`)));
}

describe('a run of strings', () => {
  it('has every form of a value', () => {
    const forms = [
      record('integers:1', [0xc0, 0xfe]),
      record('integers:2', [0xc1, 0x2c, 0x81]),
      record('integers:4', [0xc2, 0, 0, 0, 0x80]),
      record('digits', text('12345678901')),
      record('packed', PACKED),
      record('empty', text('')),
      record('long', text('x'.repeat(1024))),
      record('longer', text('y'.repeat(1025))),
      record('longest', text('z'.repeat(20000))),
      record('due', text('v'), NOW_MS + 5000),
      record('due packed', PACKED, NOW_MS + 6000),
      record('due integer', [0xc0, 7], NOW_MS + 7000),
      record('k'.repeat(70), text('long key')),
    ];
    const { keys, error } = loadBothWays([...many(40), ...forms]);
    expect(error).toBeNull();
    expect(keys).toHaveLength(53);
    expect(keys).toContain('integers:2 -32468 -1 1');
    expect(keys).toContain('integers:4 -2147483648 -1 1');
    expect(keys).toContain(`packed ${'ab'.repeat(21)} -1 8`);
    expect(keys).toContain(`due v ${NOW_MS + 5000} 8`);
  });

  it('ends before a key that has expired, and goes on behind it', () => {
    const old = record('old', text('x'), NOW_MS - 1);
    const { keys, expired } = loadBothWays([...many(5), old, record('new', text('y'))]);
    expect(keys).toHaveLength(6);
    expect(expired).toBe(1);
  });

  it('ends before a key that is there, which is an error or replaces it', () => {
    const twice = [...many(20), record('key:3', text('again')), record('last', text('z'))];
    const refused = loadBothWays(twice);
    expect(refused.error?.message).toBe('RDB has duplicated key in DB 0');
    expect(refused.error?.key).toBe('key:3');
    const replaced = loadBothWays(twice, true);
    expect(replaced.error).toBeNull();
    expect(replaced.keys).toContain('key:3 again -1 8');
    expect(replaced.keys).toHaveLength(21);
  });

  it('ends before data that is not sound', () => {
    const beyond = [0xc3, 6, 42, 1, 97, 98, 0xe0, 31, 9];
    const { error, keys } = loadBothWays([...many(3), record('bad', beyond)]);
    expect(error?.message).toBe('Invalid LZF compressed string');
    expect(error?.key).toBe('bad');
    expect(keys).toHaveLength(3);
  });

  it('has integers as keys between other keys', () => {
    const integerKey = [0, 0xc0, 42, ...text('value')];
    const { keys, error } = loadBothWays([...many(3), integerKey, record('end', text('x'))]);
    expect(error).toBeNull();
    expect(keys).toContain('42 value -1 8');
  });
});
