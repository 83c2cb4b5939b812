// What was flushed is given back: whoever read it last holds no view of its memory any more. The
// system gets memory back in large pieces, so a single view can cost many megabytes.

import { expect, it } from 'vitest';
import { Harness } from '../engine/testing/harness.ts';
import { collectHeap } from '../runtime/memory.ts';
import { coreCommands } from './index.ts';

const MANY = 600;
const LONG = 'x'.repeat(100);

/** Arguments of one command with many elements, and those that come before them. */
function many(words: readonly string[], element: (i: number) => (string | number)[]): string[] {
  const elements = Array.from({ length: MANY }, (_, i) => element(i).map(String));
  return [...words, ...elements.flat()];
}

function each(count: number, command: (i: number) => (string | number)[]): string[][] {
  return Array.from({ length: count }, (_, i) => command(i).map(String));
}

const LOADS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  strings: [
    ...each(MANY, (i) => ['SET', `k${i}`, LONG + i]),
    ['GET', 'k5'],
    ['GETRANGE', 'k7', '0', '50'],
    ['APPEND', 'k8', LONG],
    ['SETRANGE', 'k9', '5000', 'x'],
    ['LCS', 'k1', 'k2'],
    ['BITCOUNT', 'k1'],
    ['BITOP', 'AND', 'k3', 'k4', 'k5'],
    ['MGET', 'k1', 'k2'],
    ['SET', 'large', 'x'.repeat(3_000_000)],
    ['GET', 'large'],
    ['COPY', 'large', 'large2'],
    ['RENAME', 'large', 'large3'],
    ['SCAN', '0', 'COUNT', '100'],
    ['KEYS', '*'],
    ['RANDOMKEY'],
    ['DUMP', 'k1'],
    ['EXPIRE', 'k1', '100'],
    ['SORT', 'nosuch', 'BY', 'k*'],
  ],
  hyperloglogs: [
    many(['PFADD', 'p'], (i) => [i]),
    many(['PFADD', 'q'], (i) => [i + 300]),
    ['PFCOUNT', 'p'],
    ['PFCOUNT', 'p', 'q'],
    ['PFMERGE', 'r', 'p', 'q'],
  ],
  lists: [
    many(['RPUSH', 'l'], (i) => [`item ${i}`]),
    many(['LPUSH', 'l'], (i) => [i]),
    ['RPUSH', 'l', 'x'.repeat(10_000)],
    ['LRANGE', 'l', '0', '-1'],
    ['LINDEX', 'l', '700'],
    ['LINSERT', 'l', 'BEFORE', 'item 5', 'new'],
    ['LREM', 'l', '1', 'item 9'],
    ['LPOS', 'l', 'item 90'],
    ['LSET', 'l', '400', 'other'],
    ['LMOVE', 'l', 'l2', 'LEFT', 'RIGHT'],
    ['SORT', 'l', 'ALPHA', 'LIMIT', '0', '5'],
    ['LTRIM', 'l', '10', '-10'],
    ['RPOP', 'l', '5'],
    ['COPY', 'l', 'l3'],
    ['DUMP', 'l'],
    ['RPUSH', 'small', 'a', '1'],
    ['LRANGE', 'small', '0', '-1'],
  ],
  hashes: [
    many(['HSET', 'h'], (i) => [`field ${i}`, LONG]),
    ['HGET', 'h', 'field 1'],
    ['HGETALL', 'h'],
    ['HRANDFIELD', 'h', '5', 'WITHVALUES'],
    ['HSCAN', 'h', '0', 'COUNT', '50'],
    ['HINCRBY', 'h', 'n', '5'],
    ['HDEL', 'h', 'field 3'],
    ['HEXPIRE', 'h', '100', 'FIELDS', '2', 'field 4', 'field 5'],
    ['HTTL', 'h', 'FIELDS', '1', 'field 4'],
    ['SORT', 'nosuch', 'BY', 'h->*'],
    ['COPY', 'h', 'h2'],
    ['DUMP', 'h'],
    ['HSET', 'small', 'a', '1'],
    ['HGETALL', 'small'],
    ['HEXPIRE', 'small', '100', 'FIELDS', '1', 'a'],
    ['HTTL', 'small', 'FIELDS', '1', 'a'],
  ],
  sets: [
    many(['SADD', 's'], (i) => [`member ${i}`]),
    many(['SADD', 't'], (i) => [`member ${i + 300}`]),
    many(['SADD', 'i'], (i) => [i]),
    ['SMEMBERS', 's'],
    ['SISMEMBER', 's', 'member 1'],
    ['SRANDMEMBER', 's', '5'],
    ['SPOP', 's', '3'],
    ['SSCAN', 's', '0', 'COUNT', '50'],
    ['SINTER', 's', 't'],
    ['SINTERCARD', '2', 's', 't'],
    ['SUNION', 's', 't', 'i'],
    ['SDIFFSTORE', 'd', 's', 't'],
    ['SMOVE', 's', 't', 'member 5'],
    ['SREM', 's', 'member 6'],
    ['SORT', 's', 'ALPHA', 'LIMIT', '0', '5'],
    ['COPY', 's', 's2'],
    ['DUMP', 's'],
    ['SADD', 'small', 'a', 'b'],
    ['SMEMBERS', 'small'],
  ],
  'sorted sets': [
    many(['ZADD', 'z'], (i) => [i, `member ${i}`]),
    many(['ZADD', 'y'], (i) => [i, `member ${i + 300}`]),
    ['ZRANGE', 'z', '0', '-1', 'WITHSCORES'],
    ['ZRANGEBYSCORE', 'z', '5', '50'],
    ['ZSCORE', 'z', 'member 1'],
    ['ZRANK', 'z', 'member 100'],
    ['ZINCRBY', 'z', '1000', 'member 5'],
    ['ZSCAN', 'z', '0', 'COUNT', '50'],
    ['ZRANDMEMBER', 'z', '5'],
    ['ZINTERSTORE', 'w', '2', 'z', 'y'],
    ['ZUNION', '2', 'z', 'y'],
    ['ZDIFF', '2', 'z', 'y'],
    ['ZRANGESTORE', 'v', 'z', '0', '300'],
    ['ZPOPMIN', 'z', '5'],
    ['ZREMRANGEBYRANK', 'z', '0', '3'],
    ['ZREM', 'z', 'member 40'],
    ['ZRANGEBYLEX', 'z', '-', '+'],
    ['GEOADD', 'g', '13.36', '38.11', 'a', '15.08', '37.5', 'b'],
    ['GEOSEARCH', 'g', 'FROMMEMBER', 'a', 'BYRADIUS', '500', 'km'],
    ['COPY', 'z', 'z2'],
    ['DUMP', 'z'],
    ['ZADD', 'small', '1', 'a'],
    ['ZRANGE', 'small', '0', '-1'],
  ],
  streams: [
    ...each(MANY, (i) => ['XADD', 'x', `${i + 1}-1`, 'field', `value ${i}`]),
    ['XRANGE', 'x', '-', '+'],
    ['XREVRANGE', 'x', '+', '-', 'COUNT', '5'],
    ['XGROUP', 'CREATE', 'x', 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '50', 'STREAMS', 'x', '>'],
    ['XACK', 'x', 'g', '1-1'],
    ['XPENDING', 'x', 'g', '-', '+', '5'],
    ['XCLAIM', 'x', 'g', 'd', '0', '2-1'],
    ['XAUTOCLAIM', 'x', 'g', 'e', '0', '0'],
    ['XINFO', 'STREAM', 'x', 'FULL'],
    ['XINFO', 'GROUPS', 'x'],
    ['XDEL', 'x', '5-1'],
    ['XTRIM', 'x', 'MAXLEN', '300'],
    ['COPY', 'x', 'x2'],
    ['DUMP', 'x'],
  ],
};

it.each(Object.entries(LOADS))('nobody holds on to flushed %s', async (_, commands) => {
  const h = new Harness(coreCommands);
  for (const flush of [['FLUSHALL'], ['FLUSHALL', 'ASYNC']]) {
    for (const command of commands) {
      const reply = h.run(...command);
      expect(reply, command.slice(0, 3).join(' ')).not.toHaveProperty('error');
      if (command[0] !== 'DUMP') continue;
      expect(h.run('RESTORE', 'restored', 0, reply as string, 'REPLACE')).toBe('OK');
    }
    const { words } = h.keyspace.arena;
    const buffers = words
      .filter(({ length }) => length > 0)
      .map(({ buffer }) => new WeakRef(buffer));
    expect(buffers).not.toHaveLength(0);
    h.run(...flush);
    h.keyspace.lazyFree.finish();
    h.keyspace.trim();
    await new Promise((resolve) => setImmediate(resolve));
    collectHeap();
    const held = buffers.filter((buffer) => buffer.deref() !== undefined);
    expect(held.length, flush.join(' ')).toBe(0);
  }
});
