// Fields that expire, against what the pages of HEXPIRE and its family say and Redis 7.4 and 8 do.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { databaseCommands } from '../database/index.ts';
import { keyCommands } from '../keys/index.ts';
import { hashCommands } from './index.ts';

const fresh = (): Harness => new Harness([...hashCommands, ...keyCommands, ...databaseCommands]);

/** Both encodings of a hash whose fields can expire. */
const sizes = { listpackex: 3, hashtable: 200 };

function fill(h: Harness, count: number): void {
  const pairs = Array.from({ length: count }, (_, i) => [`f${i}`, `v${i}`]).flat();
  h.run('HSET', 'h', ...pairs);
}

describe.each(Object.entries(sizes))('fields with times in a %s', (encoding, count) => {
  it('live as long as they are told', () => {
    const h = fresh();
    fill(h, count);
    expect(h.run('HEXPIRE', 'h', 10, 'FIELDS', 3, 'f0', 'f1', 'no')).toEqual([1, 1, -2]);
    expect(h.run('OBJECT', 'ENCODING', 'h')).toBe(encoding);
    expect(h.run('HTTL', 'h', 'FIELDS', 3, 'f0', 'f2', 'no')).toEqual([10, -1, -2]);
    expect(h.run('HPEXPIRE', 'h', 5000, 'FIELDS', 1, 'f1')).toEqual([1]);
    expect(h.run('HPTTL', 'h', 'FIELDS', 1, 'f1')).toEqual([5000]);
    const at = h.clock.ms + 5000;
    expect(h.run('HPEXPIRETIME', 'h', 'FIELDS', 1, 'f1')).toEqual([at]);
    expect(h.run('HEXPIRETIME', 'h', 'FIELDS', 1, 'f1')).toEqual([Math.ceil(at / 1000)]);
    h.clock.advance(5001);
    expect(h.run('HGET', 'h', 'f1')).toBeNull();
    expect(h.run('HMGET', 'h', 'f0', 'f1')).toEqual(['v0', null]);
    expect(h.run('HLEN', 'h')).toBe(count - 1);
    expect(h.journal.at(-1)).toEqual([0, 'HDEL', 'h', 'f1']);
    expect(h.leaks()).toEqual([]);
  });

  it('obey NX, XX, GT and LT', () => {
    const h = fresh();
    fill(h, count);
    const expire = (seconds: number, word: string): unknown =>
      h.run('HEXPIRE', 'h', seconds, word, 'FIELDS', 1, 'f0');
    expect(expire(10, 'XX')).toEqual([0]);
    expect(expire(10, 'GT')).toEqual([0]);
    expect(expire(10, 'NX')).toEqual([1]);
    expect(expire(20, 'NX')).toEqual([0]);
    expect(expire(5, 'GT')).toEqual([0]);
    expect(expire(20, 'GT')).toEqual([1]);
    expect(expire(30, 'LT')).toEqual([0]);
    expect(expire(15, 'LT')).toEqual([1]);
    expect(expire(25, 'XX')).toEqual([1]);
    expect(h.run('HEXPIRE', 'h', 9, 'LT', 'FIELDS', 1, 'f1')).toEqual([1]);
    expect(h.leaks()).toEqual([]);
  });

  it('lose their time by HSET and HPERSIST, and keep it in HINCRBY', () => {
    const h = fresh();
    fill(h, count);
    h.run('HSET', 'h', 'n', 1);
    h.run('HEXPIRE', 'h', 10, 'FIELDS', 3, 'f0', 'f1', 'n');
    h.run('HSET', 'h', 'f0', 'new');
    h.run('HINCRBY', 'h', 'n', 41);
    expect(h.run('HPERSIST', 'h', 'FIELDS', 3, 'f1', 'f0', 'no')).toEqual([1, -1, -2]);
    expect(h.run('HTTL', 'h', 'FIELDS', 3, 'f0', 'f1', 'n')).toEqual([-1, -1, 10]);
    h.clock.advance(11_000);
    expect(h.run('HMGET', 'h', 'f0', 'f1', 'n')).toEqual(['new', 'v1', null]);
    expect(h.leaks()).toEqual([]);
  });

  it('are removed by the cron, and the key with the last', () => {
    const h = fresh();
    fill(h, count);
    const fields = Array.from({ length: count }, (_, i) => `f${i}`);
    h.run('HPEXPIRE', 'h', 100, 'FIELDS', count, ...fields);
    h.clock.advance(101);
    h.keyspace.setNow(h.clock.nowMs());
    h.keyspace.expireDue(() => true);
    expect(h.run('EXISTS', 'h')).toBe(0);
    expect(h.keyspace.databases[0]!.fieldExpiry.count).toBe(0);
    expect(h.keyspace.expiredFields).toBe(count);
    expect(h.leaks()).toEqual([]);
  });

  it('go with their key through RENAME, MOVE, COPY and SWAPDB', () => {
    const h = fresh();
    fill(h, count);
    h.run('HEXPIRE', 'h', 10, 'FIELDS', 1, 'f0');
    h.run('EXPIRE', 'h', 1000);
    h.run('RENAME', 'h', 'renamed');
    h.run('COPY', 'renamed', 'copy');
    h.run('MOVE', 'renamed', 1);
    h.run('SWAPDB', 1, 2);
    expect(h.run('HTTL', 'copy', 'FIELDS', 1, 'f0')).toEqual([10]);
    h.clock.advance(10_001);
    expect(h.run('HGET', 'copy', 'f0')).toBeNull();
    h.keyspace.setNow(h.clock.nowMs());
    h.keyspace.expireDue(() => true);
    expect(h.keyspace.databases[2]!.fieldExpiry.count).toBe(0);
    h.run('FLUSHALL');
    expect(h.leaks()).toEqual([]);
  });

  it('are removed at once by a time that has passed', () => {
    const h = fresh();
    fill(h, count);
    h.journal.length = 0;
    expect(h.run('HPEXPIREAT', 'h', 1, 'FIELDS', 2, 'f0', 'f1')).toEqual([2, 2]);
    expect(h.run('HLEN', 'h')).toBe(count - 2);
    expect(h.journal).toEqual([
      ['MULTI'],
      [0, 'HDEL', 'h', 'f0'],
      [0, 'HDEL', 'h', 'f1'],
      ['EXEC'],
    ]);
    expect(h.leaks()).toEqual([]);
  });

  it('are removed at once by a time to live of nothing', () => {
    const h = fresh();
    fill(h, count);
    expect(h.run('HEXPIRE', 'h', 0, 'FIELDS', 2, 'f0', 'no')).toEqual([2, -2]);
    expect(h.run('HPEXPIRE', 'h', 0, 'FIELDS', 1, 'f1')).toEqual([2]);
    expect(h.run('HLEN', 'h')).toBe(count - 2);
    expect(h.leaks()).toEqual([]);
  });

  it('agree with a plain model under random operations', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'expire', 'persist', 'delete', 'wait', 'check'),
      field: fc.integer({ min: 0, max: 5 }),
      time: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const h = fresh();
        fill(h, count);
        const model = new Map(
          Array.from({ length: count }, (_, i) => [`f${i}`, { value: `v${i}`, at: Infinity }]),
        );
        for (const { kind, field, time } of steps) {
          const name = `f${field}`;
          const known = model.get(name);
          if (kind === 'set') {
            h.run('HSET', 'h', name, time);
            model.set(name, { value: String(time), at: Infinity });
          } else if (kind === 'expire') {
            h.run('HPEXPIRE', 'h', time, 'FIELDS', 1, name);
            if (known !== undefined) known.at = h.clock.ms + time;
          } else if (kind === 'persist') {
            h.run('HPERSIST', 'h', 'FIELDS', 1, name);
            if (known !== undefined) known.at = Infinity;
          } else if (kind === 'delete') {
            h.run('HDEL', 'h', name);
            model.delete(name);
          } else if (kind === 'wait') {
            h.clock.advance(time);
            for (const [key, { at }] of model) if (h.clock.ms > at) model.delete(key);
          }
          expect(h.run('HLEN', 'h')).toBe(model.size);
          expect(h.run('HGET', 'h', name)).toBe(model.get(name)?.value ?? null);
        }
        expect(h.leaks()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('HGETDEL, HGETEX and HSETEX', () => {
  it('read and remove', () => {
    const h = fresh();
    h.run('HSET', 'h', 'a', 1, 'b', 2);
    expect(h.run('HGETDEL', 'h', 'FIELDS', 3, 'a', 'a', 'x')).toEqual(['1', null, null]);
    expect(h.journal.at(-1)).toEqual([0, 'HDEL', 'h', 'a', 'a', 'x']);
    expect(h.run('HGETDEL', 'h', 'FIELDS', 1, 'b')).toEqual(['2']);
    expect(h.run('EXISTS', 'h')).toBe(0);
    expect(h.run('HGETDEL', 'h', 'FIELDS', 1, 'b')).toEqual([null]);
    expect(h.leaks()).toEqual([]);
  });

  it('read and set or take away times', () => {
    const h = fresh();
    h.run('HSET', 'h', 'a', 1, 'b', 2);
    expect(h.run('HGETEX', 'h', 'EX', 10, 'FIELDS', 2, 'a', 'x')).toEqual(['1', null]);
    expect(h.run('HTTL', 'h', 'FIELDS', 1, 'a')).toEqual([10]);
    expect(h.run('HGETEX', 'h', 'PERSIST', 'FIELDS', 2, 'a', 'b')).toEqual(['1', '2']);
    expect(h.run('HTTL', 'h', 'FIELDS', 1, 'a')).toEqual([-1]);
    expect(h.run('HGETEX', 'h', 'FIELDS', 1, 'b')).toEqual(['2']);
    expect(h.run('HGETEX', 'h', 'PXAT', 1, 'FIELDS', 1, 'b')).toEqual(['2']);
    expect(h.run('HGET', 'h', 'b')).toBeNull();
    expect(h.leaks()).toEqual([]);
  });

  it('set with times and conditions', () => {
    const h = fresh();
    expect(h.run('HSETEX', 'h', 'FXX', 'FIELDS', 1, 'a', 1)).toBe(0);
    expect(h.run('EXISTS', 'h')).toBe(0);
    expect(h.run('HSETEX', 'h', 'EX', 10, 'FIELDS', 2, 'a', 1, 'b', 2)).toBe(1);
    expect(h.run('HTTL', 'h', 'FIELDS', 2, 'a', 'b')).toEqual([10, 10]);
    expect(h.run('HSETEX', 'h', 'FNX', 'FIELDS', 2, 'a', 1, 'c', 2)).toBe(0);
    expect(h.run('HSETEX', 'h', 'FXX', 'KEEPTTL', 'FIELDS', 1, 'a', 9)).toBe(1);
    expect(h.run('HTTL', 'h', 'FIELDS', 1, 'a')).toEqual([10]);
    expect(h.run('HSETEX', 'h', 'FIELDS', 1, 'a', 9)).toBe(1);
    expect(h.run('HTTL', 'h', 'FIELDS', 1, 'a')).toEqual([-1]);
    expect(h.leaks()).toEqual([]);
  });

  it('refuse what is wrong', () => {
    const h = fresh();
    const cases: [string, string[]][] = [
      ['ERR unknown argument: BOGUS', ['BOGUS', 'FIELDS', '1', 'f', 'v']],
      [
        'ERR Only one of FXX or FNX arguments can be specified',
        ['FNX', 'FXX', 'FIELDS', '1', 'f', 'v'],
      ],
      [
        'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
        ['EX', '60', 'KEEPTTL', 'FIELDS', '1', 'f', 'v'],
      ],
      ['ERR invalid number of fields', ['FIELDS', 'abc', 'f', 'v']],
      ['ERR invalid number of fields', ['FIELDS', '0', 'f', 'v']],
      ["ERR wrong number of arguments for 'hsetex' command", ['FIELDS', '2', 'f', 'v']],
      ['ERR invalid expire time, must be >= 0', ['EX', '-1', 'FIELDS', '1', 'f', 'v']],
      [
        "ERR invalid expire time in 'hsetex' command",
        ['EX', '99999999999999', 'FIELDS', '1', 'f', 'v'],
      ],
    ];
    for (const [error, args] of cases) expect(h.run('HSETEX', 'h', ...args)).toEqual({ error });
    expect(h.run('HEXPIRE', 'h', 1, 'FIELD', 1, 'f')).toEqual({
      error: 'ERR Mandatory argument FIELDS is missing or not at the right position',
    });
    expect(h.run('HEXPIRE', 'h', 1, 'FIELDS', 2, 'f')).toEqual({
      error: 'ERR The `numfields` parameter must match the number of arguments',
    });
    expect(h.run('HEXPIRE', 'h', 1, 'FIELDS', 0, 'f')).toEqual({
      error: 'ERR Parameter `numFields` should be greater than 0',
    });
    expect(h.run('HEXPIRE', 'no', 1, 'FIELDS', 1, 'f')).toEqual([-2]);
  });
});
