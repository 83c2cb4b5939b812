// A data set with every type in every encoding, as commands that our server and a real one take
// alike; and whole dumps, written and read in this process. For the tests of the RDB format.

import { coreCommands } from '../../src/commands/index.ts';
import { Harness } from '../../src/engine/testing/harness.ts';
import { digestOfAll } from '../../src/introspection/debug/digest.ts';
import type { Keyspace } from '../../src/keyspace/keyspace.ts';
import { RDB_VERSION } from '../../src/rdb/format.ts';
import {
  RdbReader,
  type RdbReaderOptions,
  READ_BAD,
  READ_END,
  READ_SHORT,
} from '../../src/rdb/rdb-reader.ts';
import { RdbWriter } from '../../src/rdb/rdb-writer.ts';

export type Part = string | Uint8Array;

const LONG_MS = '4102444800000';

function repeated(count: number, make: (i: number) => Part[]): Part[] {
  return Array.from({ length: count }, (_, i) => make(i)).flat();
}

function strings(): Part[][] {
  const values = [
    '',
    'text',
    '0',
    '-1',
    '127',
    '128',
    '-129',
    '32767',
    '40000',
    '-2147483648',
    '2147483648',
    '9223372036854775807',
    '007',
    '+5',
    '-0',
    'a'.repeat(20),
    'a'.repeat(21),
    'abc'.repeat(9000),
    'x'.repeat(70000),
  ];
  const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
  return [
    ...values.map((value, i) => ['SET', `string:${i}`, value]),
    ['SET', binary, binary],
    ['SET', 'expires', 'x', 'PXAT', LONG_MS],
    ['SETRANGE', 'zeros', '5000', 'end'],
    ['PFADD', 'hll', ...repeated(50, (i) => [`e${i}`])],
  ];
}

function collections(): Part[][] {
  const long = 'v'.repeat(100);
  return [
    ['RPUSH', 'list:small', 'a', '1', '-70000', '9223372036854775807', '', long],
    ...Array.from({ length: 60 }, (_, j) => [
      'RPUSH',
      'list:large',
      ...repeated(50, (i) => [`job:${j * 50 + i}`]),
    ]),
    ['RPUSH', 'list:plain', 'a', 'p'.repeat(30000), 'b'],
    ['SADD', 'set:int16', '1', '2', '-3'],
    ['SADD', 'set:int32', '1', '70000'],
    ['SADD', 'set:int64', '1', '-9223372036854775808', '9223372036854775807'],
    ['SADD', 'set:small', 'a', 'b', '7'],
    ['SADD', 'set:large', ...repeated(1000, (i) => [`m${i}`])],
    ['SADD', 'set:integers', ...repeated(1000, (i) => [`${i * 7}`])],
    ['HSET', 'hash:small', 'f', 'v', '1', '2', 'empty', ''],
    ['HSET', 'hash:long', 'f', long.repeat(20), 'g', 'x'],
    ['HSET', 'hash:large', ...repeated(700, (i) => [`f${i}`, `v${i}`])],
    ['ZADD', 'zset:small', '1', 'a', '2.5', 'b', '-inf', 'c', 'inf', 'd', '3', '77'],
    ['ZADD', 'zset:long', '1', long, '0.1', 'short'],
    ['ZADD', 'zset:large', ...repeated(700, (i) => [`${i / 3}`, `m${i}`])],
    ['EXPIREAT', 'list:large', '4102444800'],
    ['EXPIREAT', 'hash:large', '4102444800'],
  ];
}

function streams(): Part[][] {
  const add = (key: string, count: number): Part[][] =>
    Array.from({ length: count }, (_, i) => [
      'XADD',
      key,
      `${1000 + i}-${i % 3}`,
      ...(i % 5 === 0 ? ['other', `${i}`] : ['field', `${i}`, 'b', 'value']),
    ]);
  return [
    ...add('stream:one', 1),
    ...add('stream:many', 450),
    ['XDEL', 'stream:many', '1005-2', '1100-1'],
    ['XGROUP', 'CREATE', 'stream:many', 'group', '0'],
    ['XGROUP', 'CREATE', 'stream:many', 'idle', '$'],
    ['XREADGROUP', 'GROUP', 'group', 'alice', 'COUNT', '30', 'STREAMS', 'stream:many', '>'],
    ['XREADGROUP', 'GROUP', 'group', 'bob', 'COUNT', '20', 'STREAMS', 'stream:many', '>'],
    ['XACK', 'stream:many', 'group', '1003-0'],
    ['XGROUP', 'CREATECONSUMER', 'stream:many', 'group', 'carol'],
    ['XADD', 'stream:empty', '18446744073709551615-18446744073709551614', 'f', 'v'],
    ['XDEL', 'stream:empty', '18446744073709551615-18446744073709551614'],
  ];
}

/** The commands that make the data set. */
export function dataSet(): Part[][] {
  return [...strings(), ...collections(), ...streams()];
}

/** A server without sockets that has all commands. */
export function newHarness(): Harness {
  return new Harness(coreCommands);
}

export interface WriteOptions {
  readonly version?: number;
  readonly compresses?: boolean;
  readonly access?: 'none' | 'lru' | 'lfu';
  /** Elements of a step; all at once unless given. */
  readonly budget?: number;
  readonly chunkBytes?: number;
}

/** Writes all of a keyspace. */
export function writeDump(keyspace: Keyspace, options: WriteOptions = {}): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new RdbWriter(
    keyspace,
    (bytes, length) => {
      chunks.push(bytes.slice(0, length));
    },
    {
      compresses: options.compresses ?? true,
      checksums: true,
      access: options.access ?? 'none',
      ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
    },
  );
  writer.header(options.version ?? RDB_VERSION);
  writer.aux('redis-ver', '7.2.5');
  writer.aux('redis-bits', 64);
  for (const db of keyspace.databases) {
    if (db.dict.count === 0) continue;
    writer.selectDb(db.id);
    writer.resizeDb(db.dict.count, db.expires.count);
    const refs: number[] = [];
    db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => refs.push(ref));
    for (const ref of refs) {
      writer.beginKey(db, ref);
      while (!writer.writeSome(options.budget ?? Number.POSITIVE_INFINITY));
    }
  }
  writer.end();
  return Buffer.concat(chunks);
}

export interface ReadOptions extends Partial<RdbReaderOptions> {
  /** Bytes of a chunk; all at once unless given. */
  readonly chunkBytes?: number;
  /** Elements of a step. */
  readonly budget?: number;
}

/** Reads a dump into a keyspace. @returns the reader, at the end or with its error. */
export function readDump(
  keyspace: Keyspace,
  dump: Uint8Array,
  options: ReadOptions = {},
): RdbReader {
  // What has expired is told by the keyspace's clock, which stands at 0 before the first command.
  if (keyspace.nowMs === 0) keyspace.setNow(1_700_000_000_000);
  const reader = new RdbReader(keyspace, {
    dropsExpired: true,
    checksums: true,
    isThorough: false,
    ...options,
  });
  const step = options.chunkBytes ?? dump.length;
  let at = 0;
  for (;;) {
    const result = reader.read(options.budget ?? 1000);
    if (result === READ_END || result === READ_BAD) return reader;
    if (result !== READ_SHORT) continue;
    const count = Math.min(step, dump.length - at);
    if (count === 0) reader.finish();
    else reader.feed(dump, at, count);
    at += count;
  }
}

export function digestOf(keyspace: Keyspace): string {
  return digestOfAll(keyspace);
}
