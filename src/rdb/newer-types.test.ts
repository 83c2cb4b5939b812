// What newer servers write, as payloads and files made by hand: streams of Redis 8 (types 26 and
// 27), records of keys and slots, Valkey's hashes with times; and what is refused, with its name.

import { describe, expect, it } from 'vitest';
import { newHarness, readDump } from '../../test/support/rdb-data.ts';
import { Crc64 } from '../bytes/crc64.ts';
import type { Harness } from '../engine/testing/harness.ts';
import { PayloadWriter } from './payload.ts';

const LONG_MS = 4102444800000;

function withFooter(body: readonly number[], version: number): Uint8Array {
  const bytes = Uint8Array.from([...body, version & 255, version >> 8, ...new Array(8).fill(0)]);
  const crc = new Crc64();
  crc.update(bytes, 0, bytes.length - 8);
  crc.write(bytes, bytes.length - 8);
  return bytes;
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, 'latin1')];
}

function ms(value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return [...bytes];
}

/** An ID as 16 bytes. */
function rawId(time: number, sequence: number): number[] {
  return [0, 0, 0, 0, 0, 0, 0, time, 0, 0, 0, 0, 0, 0, 0, sequence];
}

function file(head: string, body: readonly number[]): Uint8Array {
  return Uint8Array.from([
    ...Buffer.from(head),
    ...[0xfe, 0, ...body, 0xff],
    ...new Array(8).fill(0),
  ]);
}

/** The stream with the entries 1-1 and 2-1 as a value, up to the number of its groups. */
function streamWithoutGroups(): number[] {
  const h = newHarness();
  h.run('XADD', 's', '1-1', 'f', 'v');
  h.run('XADD', 's', '2-1', 'f', 'w');
  const ref = h.keyspace.databases[0]!.lookup(Buffer.from('s'), 0, 1);
  const dump = new PayloadWriter(h.keyspace).dump(ref, false);
  expect([dump[0], dump[dump.length - 11]]).toEqual([19, 0]);
  return [...dump.subarray(1, dump.length - 11)];
}

/** A group with 1-1 pending for alice, and `extra` entries without a consumer. */
function group(extra: number): number[] {
  const pending = Array.from({ length: extra }, (_, i) => [...rawId(2, 1 + i), ...ms(5), 1]).flat();
  return [
    ...[...text('grp'), 2, 1, 2, 1 + extra],
    ...[...rawId(1, 1), ...ms(1000), 3, ...pending],
    ...[1, ...text('alice'), ...ms(2000), ...ms(3000), 1, ...rawId(1, 1)],
  ];
}

/** 100 s, 200 IDs; p1 with two of them, p2 with none; 7 added, 1 twice. */
const PRODUCTION = [
  ...[0x40, 100, 0x40, 200, 2],
  ...[...text('p1'), 2, ...text('a'), 1, 1, ...text('b'), 2, 1],
  ...[...text('p2'), 0],
  ...[7, 1],
];

function restore(h: Harness, body: readonly number[], version: number): string {
  return JSON.stringify(h.run('RESTORE', 'key', '0', withFooter(body, version)));
}

describe('streams of Redis 8', () => {
  it.each([
    ['with what producers have sent', [26, ...streamWithoutGroups(), 0, ...PRODUCTION], 13],
    ['and a group', [26, ...streamWithoutGroups(), 1, ...group(0), ...PRODUCTION], 13],
    [
      'with nothing given back',
      [27, ...streamWithoutGroups(), 1, ...group(0), 0, ...PRODUCTION],
      14,
    ],
  ])('%s are read', (_, body, version) => {
    const h = newHarness();
    expect(restore(h, body, version)).toContain('OK');
    expect(h.run('XLEN', 'key')).toBe(2);
    const hasGroup = body.join().includes(text('grp').join());
    if (hasGroup)
      expect(h.run('XPENDING', 'key', 'grp')).toEqual([1, '1-1', '1-1', [['alice', '1']]]);
    h.run('DEL', 'key');
    expect(h.leaks()).toEqual([]);
    // Byte by byte, in a file.
    const key = [body[0]!, ...text('key'), ...body.slice(1)];
    const dump = file(`REDIS00${version}`, [...key, 0, ...text('end'), ...text('v')]);
    const reader = readDump(h.keyspace, dump, { chunkBytes: 1 });
    expect([reader.error, reader.keysAdded]).toEqual([null, 2]);
  });

  it('with entries that were given back are refused by name', () => {
    const h = newHarness();
    const body = [...streamWithoutGroups(), 1, ...group(1), 1, ...rawId(2, 1), ...PRODUCTION];
    expect(restore(h, [27, ...body], 14)).toContain('Bad data format');
    const reader = readDump(h.keyspace, file('REDIS0014', [27, ...text('key'), ...body]));
    expect(reader.error).toMatchObject({
      message: 'Stream with pending entries that were given back (XNACK) cannot be loaded',
      key: 'key',
      type: 27,
    });
    reader.abandon();
    const unowned = [27, ...streamWithoutGroups(), 1, ...group(1), 0, ...PRODUCTION];
    expect(restore(h, unowned, 14)).toContain('Bad data format');
    expect(h.leaks()).toEqual([]);
  });
});

describe('records beside keys', () => {
  const VALUE = [0, ...text('k'), ...text('v')];
  // Two classes with an integer and a text.
  const KEY_META = [243, 2, 1, 2, 3, 4, 2, 5, 0, 9, 9, 9, 9, 5, ...text('xy'), 0];

  it('of slots are passed over', () => {
    const slots = [244, 0x40, 200, 10, 0, 244, 5, 1, 1];
    const job = [243, ...text('job'), 2, 0, 5, 0x41, 0, 0x42, 0];
    for (const chunkBytes of [1, 100]) {
      const redis = readDump(newHarness().keyspace, file('REDIS0012', [...slots, ...VALUE]), {
        chunkBytes,
      });
      expect([redis.error, redis.keysAdded]).toEqual([null, 1]);
      const dump = file('VALKEY080', [...job, ...slots, ...VALUE]);
      const valkey = readDump(newHarness().keyspace, dump, { chunkBytes });
      expect([valkey.error, valkey.keysAdded]).toEqual([null, 1]);
    }
  });

  it('of modules are refused, or passed over where a file is only looked at', () => {
    const dump = file('REDIS0013', [...KEY_META, ...VALUE]);
    const refused = readDump(newHarness().keyspace, dump);
    expect(refused.error?.message).toContain('module metadata of keys');
    for (const chunkBytes of [1, 100]) {
      const reader = readDump(newHarness().keyspace, dump, { onlyLooks: true, chunkBytes });
      expect([reader.error, reader.keysAdded]).toEqual([null, 1]);
    }
    const early = readDump(newHarness().keyspace, file('REDIS0012', [...KEY_META, ...VALUE]));
    expect(early.error?.message).toBe('Unknown RDB opcode 243');
  });
});

describe('types', () => {
  it('22 of Valkey is a hash with times behind its fields', () => {
    const fields = [
      ...text('f'),
      ...text('v'),
      ...ms(-1),
      ...text('g'),
      ...text('w'),
      ...ms(LONG_MS),
    ];
    for (const version of [80, 81]) {
      const h = newHarness();
      const reader = readDump(
        h.keyspace,
        file(`VALKEY0${version}`, [22, ...text('h'), 2, ...fields]),
      );
      expect(reader.error).toBeNull();
      expect(h.run('HPEXPIRETIME', 'h', 'FIELDS', '2', 'f', 'g')).toEqual([-1, LONG_MS]);
    }
  });

  it.each([
    ['REDIS0015', 28, 'Unknown RDB encoding type 28 (array)'],
    ['REDIS0016', 30, 'Unknown RDB encoding type 30 (hash-template-listpack-ref)'],
    ['REDIS0016', 33, 'Unknown RDB encoding type 33 (gcra)'],
    ['REDIS0016', 60, 'Unknown RDB encoding type 60'],
    ['VALKEY081', 26, 'Unknown RDB encoding type 26 (stream-v4)'],
  ])('of %s that nothing here can hold are refused: %i', (head, type, message) => {
    const reader = readDump(newHarness().keyspace, file(head, [type, ...text('name'), 1]));
    expect(reader.error).toMatchObject({ message, key: 'name', type });
  });

  it('of later versions are refused with the version', () => {
    for (const head of ['REDIS0017', 'REDIS0079', 'VALKEY082', 'VALKEY011']) {
      const { error } = readDump(newHarness().keyspace, file(head, []));
      expect(error?.message).toContain("Can't handle RDB format version");
    }
  });
});
