// Damage for the tests of files and payloads: bytes that are changed, taken out and put in by
// chance, a right checksum behind them, and all that clients might do with what is accepted all
// the same.

import { Crc64 } from '../../src/bytes/crc64.ts';
import type { Harness } from '../../src/engine/testing/harness.ts';
import type { Random } from '../../src/runtime/random.ts';
import { dataSet, newHarness } from './rdb-data.ts';

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

/** A copy with one to three changes. @param changed is told of their number */
export function damaged(
  bytes: Uint8Array,
  random: Random,
  changed: (count: number) => void = () => {},
): Uint8Array {
  let out = Buffer.from(bytes);
  const last = random.below(3);
  changed(last + 1);
  for (let i = last; i >= 0 && out.length > 1; i--) {
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

/** With the checksum of a payload or file behind it. */
export function withChecksum(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 8);
  out.set(body);
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  crc.write(out, body.length);
  return out;
}

/** DUMP payloads of all keys but the largest. */
export function payloadsOf(h: Harness): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (const key of h.run('KEYS', '*') as string[]) {
    const text = h.run('DUMP', key);
    if (typeof text === 'string') payloads.push(Buffer.from(text, 'latin1'));
  }
  return payloads.filter((payload) => payload.length < LARGE_PAYLOAD);
}

/** Works with a key as clients might. */
export function touch(h: Harness, key: string): void {
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

/** A server with every type in every encoding. */
export function build(): Harness {
  const h = newHarness();
  for (const parts of dataSet()) h.run(...parts);
  h.run('HSET', 'hash:times', 'a', '1', 'b', '2');
  h.run('HPEXPIREAT', 'hash:times', '4102444800000', 'FIELDS', '1', 'a');
  return h;
}
