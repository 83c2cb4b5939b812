import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { ENCODING_HASHTABLE, encodingOf, TYPE_SET, typeOf } from '../structures/entry.ts';
import { RdbOutput } from './rdb-output.ts';
import { RdbReader, READ_BAD, READ_END, READ_SHORT } from './rdb-reader.ts';

const MEMBERS = 1000;
const SET = 2;
const HASH = 4;

/** A dump with one set or hash, whose member number `twice` is the first one again. */
function dump(type: number, twice = -1): Uint8Array {
  const chunks: Buffer[] = [];
  const sink = (bytes: Uint8Array, length: number): void => {
    chunks.push(Buffer.from(bytes.subarray(0, length)));
  };
  const output = new RdbOutput(sink, { compresses: true, checksums: false });
  const put = (value: string): void => {
    const bytes = Buffer.from(value);
    output.string(bytes, 0, bytes.length);
  };
  for (const byte of [...Buffer.from('REDIS0010'), 0xfe, 0, type]) output.byte(byte);
  put('key');
  output.length(MEMBERS);
  for (let i = 0; i < MEMBERS; i++) {
    // Texts, integers, and texts that are packed.
    const kind = i === twice ? 0 : i % 3;
    const name = `member ${i === twice ? 0 : i}`;
    put([name, String(i * 1000), `${name} ${'of many '.repeat(9)}`][kind]!);
    if (type === HASH) put([`value ${i}`, '7', 'v'.repeat(2000 * (i % 2))][i % 3]!);
  }
  output.byte(0xff);
  output.checksum();
  output.flush();
  return Buffer.concat(chunks);
}

function load(bytes: Uint8Array, chunkBytes: number, budget: number): string {
  const keyspace = new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: () => 0,
    arena: { debug: true },
  });
  const options = { dropsExpired: true, checksums: false, isThorough: false };
  const reader = new RdbReader(keyspace, options);
  let at = 0;
  for (;;) {
    const result = reader.read(budget);
    if (result === READ_BAD || result === READ_END) break;
    if (result !== READ_SHORT) continue;
    const count = Math.min(chunkBytes, bytes.length - at);
    if (count === 0) reader.finish();
    else reader.feed(bytes, at, count);
    at += count;
  }
  const told = reader.error === null ? contentOf(keyspace) : reader.error.message;
  keyspace.destroy();
  expect(keyspace.arena.leaks()).toEqual([]);
  return told;
}

function contentOf(keyspace: Keyspace): string {
  const ref = keyspace.databases[0]!.dict.find(Buffer.from('key'), 0, 3);
  const { arena, values } = keyspace;
  expect(encodingOf(arena, ref)).toBe(ENCODING_HASHTABLE);
  const type = typeOf(arena, ref);
  const { sets, hashes } = values;
  const has = (text: string): boolean => {
    const bytes = Buffer.from(text);
    return (type === TYPE_SET ? sets : hashes).has(ref, bytes, 0, bytes.length);
  };
  const names = Array.from({ length: MEMBERS }, (_, i) =>
    i % 3 === 1 ? String(i * 1000) : `member ${i}${i % 3 === 2 ? ` ${'of many '.repeat(9)}` : ''}`,
  );
  return `${values.of(type).count(ref)} ${names.filter(has).length}`;
}

describe.each([
  [SET, 'Duplicate set members detected'],
  [HASH, 'Duplicate hash fields detected'],
])('the elements of a table of type %i', (type, duplicate) => {
  it.each([1, 50, 1 << 20])('are all there when %i bytes come at a time', (chunkBytes) => {
    for (const budget of [1, 64, 1000]) {
      expect(load(dump(type), chunkBytes, budget)).toBe(`${MEMBERS} ${MEMBERS}`);
    }
  });

  it('may not come twice, nor be cut off', () => {
    for (const twice of [1, 63, 64, 65, MEMBERS - 1]) {
      for (const chunkBytes of [1, 1 << 20]) {
        expect(load(dump(type, twice), chunkBytes, 64)).toBe(duplicate);
      }
    }
    const whole = dump(type);
    for (let cut = 20; cut < whole.length; cut += 997) {
      const told = load(whole.subarray(0, cut), 1 << 20, 64);
      expect(told).toBe('Unexpected EOF reading RDB file');
    }
  });
});
