// Damaged dumps: payloads and files with bytes changed, taken out and put in by chance, with a
// right checksum. Each must be refused, or become a value with which every command can work; the
// arena is in debug mode, so that a read of freed memory, a write to it or a leak is found.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crc64 } from '../../src/bytes/crc64.ts';
import type { Harness } from '../../src/engine/testing/harness.ts';
import { type Random, seededRandom } from '../../src/runtime/random.ts';
import { dataSet, newHarness, readDump, writeDump } from '../support/rdb-data.ts';

const PAYLOAD_ROUNDS = 600;
const FILE_ROUNDS = 60;
const FOOTER_BYTES = 10;
const LARGE_PAYLOAD = 20000;

const TOUCH: Readonly<Record<string, string[][]>> = {
  string: [['GET'], ['APPEND', 'x'], ['SETRANGE', '3', 'y'], ['BITCOUNT']],
  list: [
    ['LRANGE', '0', '-1'],
    ['LPUSH', 'a'],
    ['LINSERT', 'BEFORE', 'a', 'b'],
    ['RPOP'],
    ['LREM', '0', 'a'],
  ],
  set: [['SMEMBERS'], ['SADD', 'new', '5'], ['SPOP'], ['SRANDMEMBER', '-3'], ['SREM', 'new']],
  zset: [
    ['ZRANGE', '0', '-1', 'WITHSCORES'],
    ['ZADD', '5', 'new', '1', 'n'.repeat(70)],
    ['ZRANK', 'new'],
    ['ZPOPMIN'],
    ['ZREMRANGEBYRANK', '0', '1'],
  ],
  hash: [
    ['HGETALL'],
    ['HSET', 'new', 'v'],
    ['HSET', 'n'.repeat(70), 'v'],
    ['HDEL', 'new'],
    ['HRANDFIELD', '2'],
  ],
  stream: [
    ['XRANGE', '-', '+'],
    ['XREVRANGE', '+', '-'],
    ['XADD', '*', 'f', 'v'],
    ['XDEL', '1001-1', '1000-0'],
    ['XTRIM', 'MAXLEN', '3'],
    ['XGROUP', 'DELCONSUMER', 'group', 'alice'],
    ['XGROUP', 'DESTROY', 'group'],
  ],
};

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let out = Buffer.from(bytes);
  for (let i = random.below(3); i >= 0 && out.length > 1; i--) {
    const at = random.below(Math.min(out.length, i === 0 ? 60 : out.length));
    const value = [0, 1, 0x7f, 0x80, 0xc3, 0xf0, 0xfe, 0xff, random.below(256)][random.below(9)]!;
    switch (random.below(4)) {
      case 0:
        out[at] = value;
        break;
      case 1:
        out[at] = out[at]! ^ (1 << random.below(8));
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random.below(3))]);
        break;
      default:
        out = Buffer.concat([out.subarray(0, at), Buffer.of(value), out.subarray(at)]);
    }
  }
  return out;
}

function withChecksum(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 8);
  out.set(body);
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  crc.write(out, body.length);
  return out;
}

function payloadsOf(h: Harness): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (const key of h.run('KEYS', '*') as string[]) {
    const text = h.run('DUMP', key);
    if (typeof text === 'string') payloads.push(Buffer.from(text, 'latin1'));
  }
  return payloads.filter((payload) => payload.length < LARGE_PAYLOAD);
}

/** Works with a key as clients might. */
function touch(h: Harness, key: string): void {
  const type = String(h.run('TYPE', key));
  h.run('COPY', key, 'copy', 'REPLACE');
  h.run('DUMP', key);
  h.run('OBJECT', 'ENCODING', key);
  for (const [word, ...rest] of TOUCH[type] ?? []) h.run(...subject(word!, key, rest));
  h.run('DEL', 'copy', key);
}

/** Commands with a subcommand have their key behind it. */
function subject(word: string, key: string, rest: string[]): string[] {
  if (word === 'XGROUP') return [word, rest[0]!, key, ...rest.slice(1)];
  return [word, key, ...rest];
}

function build(): Harness {
  const h = newHarness();
  for (const parts of dataSet()) h.run(...parts);
  h.run('HSET', 'hash:times', 'a', '1', 'b', '2');
  h.run('HPEXPIREAT', 'hash:times', '4102444800000', 'FIELDS', '1', 'a');
  return h;
}

// The arena's debug mode keeps a stack for each block, which is nearly all the time of these tests.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each([1, 2, 3])('damaged dumps, seed %i', (seed) => {
  it('payloads are refused or work', () => {
    const random = seededRandom(seed);
    const source = build();
    const compressed = payloadsOf(source);
    source.engine.settings.rdbCompression = false;
    const payloads = [...compressed, ...payloadsOf(source), ...payloadsOf(source)];
    const h = newHarness();
    let accepted = 0;
    for (let i = 0; i < PAYLOAD_ROUNDS; i++) {
      const payload = payloads[random.below(payloads.length)]!;
      const body = damaged(payload.subarray(0, payload.length - FOOTER_BYTES), random);
      const version = payload.subarray(payload.length - FOOTER_BYTES, payload.length - 8);
      h.engine.settings.sanitizeDumpPayload = random.below(2) === 0 ? 'yes' : 'no';
      const reply = h.run('RESTORE', 'k', '0', withChecksum(Buffer.concat([body, version])));
      if (reply !== 'OK') {
        expect(reply).toEqual({ error: 'ERR Bad data format' });
        continue;
      }
      accepted++;
      touch(h, 'k');
    }
    expect(accepted).toBeGreaterThan(PAYLOAD_ROUNDS / 20);
    expect(h.leaks()).toEqual([]);
  });

  it('files are refused or loaded', () => {
    const random = seededRandom(seed + 100);
    const source = build();
    const dump = writeDump(source.keyspace, { compresses: seed % 2 === 0, version: 12 });
    let refused = 0;
    for (let i = 0; i < FILE_ROUNDS; i++) {
      const from = random.below(dump.length - 40);
      const length = 1 + random.below(3);
      const body = Buffer.from(dump.subarray(0, dump.length - 8));
      for (let j = 0; j < length; j++) body[from + random.below(40)] = random.below(256);
      const cut = random.below(4) === 0 ? body.subarray(0, from) : body;
      const h = newHarness();
      const chunkBytes = 1 + random.below(5000);
      const reader = readDump(h.keyspace, withChecksum(cut), { chunkBytes, replaces: true });
      if (reader.error !== null) refused++;
      expect(h.leaks()).toEqual([]);
    }
    expect(refused).toBeGreaterThan(FILE_ROUNDS / 10);
  });
});
