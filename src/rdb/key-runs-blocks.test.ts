// Small collections and streams in runs of keys: a dump with all kinds of them, sound and damaged
// at each byte, is read whole, where runs are taken, and in pieces, where most keys go alone; what
// is in the keyspace afterwards, and what is told, must be the same.

import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { encodingOf, typeOf } from '../structures/entry.ts';
import { RdbOutput } from './rdb-output.ts';
import { RdbReader, READ_BAD, READ_END, READ_SHORT } from './rdb-reader.ts';
import { ValueWriter } from './value-writer.ts';

function text(value: string | readonly number[]): number[] {
  const bytes = typeof value === 'string' ? [...Buffer.from(value, 'latin1')] : value;
  const { length } = bytes;
  return length < 64 ? [length, ...bytes] : [0x40 | (length >> 8), length & 255, ...bytes];
}

/** A listpack of short texts and of integers below 128. */
function listpack(elements: readonly (string | number)[]): number[] {
  const body = elements.flatMap((element) => {
    if (typeof element === 'number') return [element, 1];
    const bytes = [...Buffer.from(element, 'latin1')];
    return [0x80 | bytes.length, ...bytes, bytes.length + 1];
  });
  const total = body.length + 7;
  return [total & 255, total >> 8, 0, 0, elements.length, 0, ...body, 0xff];
}

/** LZF of literals only, which is one of the forms of any bytes. */
function packed(bytes: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const some = bytes.slice(at, at + 32);
    out.push(some.length - 1, ...some);
  }
  return [
    0xc3,
    0x40 | (out.length >> 8),
    out.length & 255,
    ...text(bytes).slice(0, bytes.length < 64 ? 1 : 2),
    ...out,
  ];
}

const INTSET = [2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 5, 0, 9, 0];
const PAIRS = listpack(['a', 'x', 'b', 7, 'long enough', 'to be of use']);
const SCORES = listpack(['a', 1, 'b', '2.5', 'c', 'inf']);
const MEMBERS = listpack(['a', 'b', 'c', 3]);

/** Two entries, 5-0 and 6-0, and one deleted between them. */
const NODE = listpack([
  ...[2, 1, 1, 'f', 0],
  ...[2, 0, 0, 'a value', 4],
  ...[3, 0, 1, 'b', 4],
  ...[2, 1, 0, 7, 4],
]);
const NODE_ID = [0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
/** Entries, IDs of the last, first and largest deleted one, entries added. */
const COUNTERS = [2, ...[6, 0], ...[5, 0], ...[5, 1], 3];
const LONG_COUNTERS = [
  ...[0x40, 2],
  ...[0x81, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0xff, 0xfe, 0, 1],
  ...[0x80, 0, 0, 0, 5, 0x41, 0],
  ...[0x81, 0, 0, 0, 0, 0xff, 0, 0, 0, 0],
  ...[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];
const GROUP = [...text('group'), ...[5, 0], 1, 0, 0];
const NODE_HEAD = [16, ...NODE_ID];

const RECORDS: readonly number[][] = [
  [16, ...text('hash'), ...text(PAIRS)],
  [16, ...text('packed hash'), ...packed(PAIRS)],
  [17, ...text('zset'), ...text(SCORES)],
  [17, ...text('packed zset'), ...packed(SCORES)],
  [20, ...text('set'), ...text(MEMBERS)],
  [11, ...text('intset'), ...text(INTSET)],
  [18, ...text('list'), 1, 2, ...text(MEMBERS)],
  [18, ...text('packed list'), 1, 2, ...packed(MEMBERS)],
  [18, ...text('two nodes'), 2, 2, ...text(MEMBERS), 2, ...text(PAIRS)],
  [18, ...text('plain'), 1, 1, ...text('one element')],
  [0, ...text('string'), ...text('value')],
  [19, ...text('stream'), 1, ...NODE_HEAD, ...text(NODE), ...COUNTERS, 0],
  [21, ...text('packed stream'), 1, ...NODE_HEAD, ...packed(NODE), ...LONG_COUNTERS, 0],
  [19, ...text('group'), 1, ...NODE_HEAD, ...text(NODE), ...COUNTERS, 1, ...GROUP],
  [19, ...text('no node'), 0, 0, ...COUNTERS.slice(1), 0],
  [0xfc, 0, 0, 0, 0, 0, 2, 0, 0, 19, ...text('stream that is due'), 1].concat(
    NODE_HEAD,
    text(NODE),
    COUNTERS,
    0,
  ),
  [0xfc, 0, 0, 0, 0, 0, 2, 0, 0, 16, ...text('due'), ...text(PAIRS)],
];

function dump(records: readonly number[][]): Uint8Array {
  const head = [...Buffer.from('REDIS0011'), 0xfe, 0];
  return Uint8Array.from([...head, ...records.flat(), 0xff, ...new Array(8).fill(0)]);
}

interface Outcome {
  readonly keys: readonly string[];
  readonly types: readonly number[];
  readonly told: string;
}

interface LoadOptions {
  readonly chunkBytes: number;
  readonly isThorough?: boolean;
  readonly maxEntries?: number;
  /** Without the arena's own checks, which take most of the time. */
  readonly isQuick?: boolean;
}

function load(
  bytes: Uint8Array,
  { chunkBytes, isThorough = false, maxEntries, isQuick = false }: LoadOptions,
): Outcome {
  const keyspace = new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: () => 0,
    arena: { debug: !isQuick },
  });
  keyspace.setNow(1_700_000_000_000);
  if (maxEntries !== undefined) keyspace.values.limits.hashMaxListpackEntries = maxEntries;
  const types: number[] = [];
  const keyAdded = (): void => {
    types.push(reader.valueType);
  };
  const reader = new RdbReader(keyspace, {
    ...{ dropsExpired: true, checksums: false, isThorough },
    events: { keyAdded },
  });
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
  const keys = written(keyspace);
  reader.abandon();
  keyspace.destroy();
  expect(keyspace.arena.leaks()).toEqual([]);
  expect(keyspace.arena.blockCount).toBe(0);
  const { error, keysExpired, emptyKeys } = reader;
  return { keys, types, told: `${error?.message} ${error?.key} ${keysExpired} ${emptyKeys}` };
}

/** Each key with its type, encoding, time and value, as it would be written. */
function written(keyspace: Keyspace): string[] {
  const db = keyspace.databases[0]!;
  let chunk = '';
  const sink = (bytes: Uint8Array, length: number): void => {
    chunk += Buffer.from(bytes.subarray(0, length)).toString('latin1');
  };
  const output = new RdbOutput(sink, { compresses: false, checksums: false });
  const writer = new ValueWriter(keyspace, output);
  const keys: string[] = [];
  db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
    writer.begin(ref);
    writer.writeAll();
    output.flush();
    const { arena } = keyspace;
    keys.push(`${typeOf(arena, ref)} ${encodingOf(arena, ref)} ${db.expiryOf(ref)} ${chunk}`);
    chunk = '';
  });
  return keys.sort();
}

describe('a run of small collections', () => {
  const bytes = dump(RECORDS);

  it('has each kind, and tells its type', () => {
    const whole = load(bytes, { chunkBytes: bytes.length });
    expect(whole.keys).toHaveLength(RECORDS.length);
    expect(whole.types).toEqual([
      ...[16, 16, 17, 17, 20, 11, 18, 18, 18, 18, 0],
      ...[19, 21, 19, 19, 19, 16],
    ]);
    for (const chunkBytes of [1, 7, 30]) expect(load(bytes, { chunkBytes })).toEqual(whole);
    expect(load(bytes, { chunkBytes: bytes.length, isThorough: true })).toEqual(whole);
  });

  it('is unpacked by the machine where much comes at once', () => {
    const longPairs = listpack(Array.from({ length: 120 }, (_, i) => `element ${i % 7}`));
    const many = Array.from({ length: 1000 }, (_, i) => [
      [16, ...text(`hash ${i}`), ...packed(PAIRS)],
      [18, ...text(`list ${i}`), 1, 2, ...packed(longPairs)],
      [19, ...text(`stream ${i}`), 1, ...NODE_HEAD, ...packed(NODE), ...COUNTERS, 0],
      [0, ...text(`string ${i}`), ...packed([...Buffer.from('a string of more than 20')])],
    ]);
    const large = dump(many.flat());
    expect(large.length).toBeGreaterThan(1_000_000);
    const whole = load(large, { chunkBytes: 262_144 });
    expect(whole.keys).toHaveLength(4000);
    expect(load(large, { chunkBytes: large.length })).toEqual(whole);
    expect(load(large, { chunkBytes: 50 })).toEqual(whole);
  });

  it('ends before what has outgrown our limits', () => {
    const whole = load(bytes, { chunkBytes: bytes.length, maxEntries: 2 });
    expect(whole.keys.filter((key) => key.startsWith('4 2 '))).toHaveLength(3);
    expect(load(bytes, { chunkBytes: 1, maxEntries: 2 })).toEqual(whole);
  });

  it('finds the damage that single keys show', { timeout: 120_000 }, () => {
    let refused = 0;
    for (let at = 9; at < bytes.length - 9; at += 5) {
      const damaged = bytes.slice();
      damaged[at]! ^= [1, 0x80, 0xff, 2][(at / 5) & 3]!;
      const whole = load(damaged, { chunkBytes: damaged.length, isQuick: true });
      const alone = load(damaged, { chunkBytes: 1, isQuick: true });
      expect(alone, `byte ${at} is damaged`).toEqual(whole);
      if (!whole.told.startsWith('undefined')) refused++;
    }
    expect(refused).toBeGreaterThan(bytes.length / 14);
  });
});
