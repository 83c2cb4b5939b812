// The string commands: a conversation with the real server line by line, then what no reply shows:
// expiry, what is told to replicas and the AOF, keyspace events, and properties against plain
// models.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { keysOf, play, readRecording } from '../../engine/testing/recorded.ts';
import { stringCommands } from './index.ts';

/** Commands in order on one keyspace, with the answers of Redis 7.2.5 on x86-64. */
const CONVERSATION = new URL('./string.recorded.txt', import.meta.url);

let h: Harness;

beforeEach(() => {
  h = new Harness(stringCommands);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

/** When a key expires: ms from now, null when it does not, undefined when it is not there. */
function lifetimeMs(key: string): number | null | undefined {
  const db = h.keyspace.databases[0];
  const bytes = Buffer.from(key, 'latin1');
  const ref = db?.lookup(bytes, 0, bytes.length) ?? 0;
  if (db === undefined || ref === 0) return undefined;
  const expiryMs = db.expiryOf(ref);
  return expiryMs < 0 ? null : expiryMs - h.clock.ms;
}

it('answers as the real server did', () => {
  for (const line of readRecording(CONVERSATION)) {
    const { answered, recorded } = play(h, line);
    expect(answered, line).toEqual(recorded);
  }
});

describe('expiry', () => {
  it.each([
    [['SET', 'k', 'v', 'EX', '10'], 10_000],
    [['SET', 'k', 'v', 'PX', '10'], 10],
    [['SET', 'k', 'v', 'EXAT', '1700000100'], 100_000],
    [['SET', 'k', 'v', 'PXAT', '1700000000001'], 1],
    [['SETEX', 'k', '7', 'v'], 7000],
    [['PSETEX', 'k', '7', 'v'], 7],
    [['GETEX', 'k', 'EX', '9'], 9000],
    [['GETEX', 'k', 'PX', '9'], 9],
    [['GETEX', 'k', 'EXAT', '1700000200'], 200_000],
    [['GETEX', 'k', 'PXAT', '1700000000002'], 2],
    [['GETEX', 'k', 'PERSIST'], null],
    [['GETEX', 'k'], 5000],
    [['SET', 'k', 'v'], null],
    [['SET', 'k', 'v', 'KEEPTTL'], 5000],
    [['GETSET', 'k', 'v'], null],
    [['MSET', 'k', 'v'], null],
    [['INCR', 'k'], 5000],
    [['INCRBYFLOAT', 'k', '1'], 5000],
    [['APPEND', 'k', '1'], 5000],
    [['APPEND', 'k', 'x'.repeat(5000)], 5000],
    [['SETRANGE', 'k', '100', 'x'], 5000],
  ] as const)('%j', (command, expected) => {
    h.run('SET', 'k', '1', 'EX', 5);
    h.run(...command);
    expect(lifetimeMs('k')).toBe(expected);
  });

  it('is set on a key that was not there, and comes', () => {
    h.run('SETEX', 'k', 1, 'v');
    h.run('SET', 'l', 'v', 'PX', 1001);
    h.clock.advance(1001);
    expect(h.run('MGET', 'k', 'l')).toEqual([null, 'v']);
    expect(lifetimeMs('l')).toBe(0);
  });

  it('deletes at once with a moment that has passed', () => {
    h.run('SET', 'k', 'v');
    expect(h.run('GETEX', 'k', 'PXAT', h.clock.ms)).toBe('v');
    expect(lifetimeMs('k')).toBeUndefined();
  });
});

describe('what replicas and the AOF are told', () => {
  it.each([
    [
      ['SET', 'k', 'v'],
      ['SET', 'k', 'v'],
    ],
    [
      ['SET', 'k', 'v', 'EX', '10'],
      ['SET', 'k', 'v', 'PXAT', '1700000010000'],
    ],
    [
      ['SET', 'k', 'v', 'EXAT', '1700000011'],
      ['SET', 'k', 'v', 'PXAT', '1700000011000'],
    ],
    [
      ['set', 'k', 'v', 'pxat', '1700000012000'],
      ['SET', 'k', 'v', 'PXAT', '1700000012000'],
    ],
    [
      ['SET', 'k', 'v', 'get', 'XX', 'GET'],
      ['SET', 'k', 'v', 'XX'],
    ],
    [
      ['SET', 'k', 'v', 'GET', 'PX', '5'],
      ['SET', 'k', 'v', 'PXAT', '1700000000005'],
    ],
    [['SET', 'k', 'v', 'PX', '9223372036854775807'], null],
    [
      ['SET', 'k', 'v', 'EXAT', '9223372036854775'],
      ['SET', 'k', 'v', 'PXAT', '9223372036854775807'],
    ],
    [['SET', 'k', 'v', 'NX'], null],
    [
      ['SETEX', 'k', '10', 'v'],
      ['SET', 'k', 'v', 'PXAT', '1700000010000'],
    ],
    [
      ['PSETEX', 'k', '10', 'v'],
      ['SET', 'k', 'v', 'PXAT', '1700000000010'],
    ],
    [['SETNX', 'k', 'v'], null],
    [
      ['GETSET', 'k', 'v'],
      ['SET', 'k', 'v'],
    ],
    [
      ['GETDEL', 'k'],
      ['DEL', 'k'],
    ],
    [['GETDEL', 'missing'], null],
    [['GETEX', 'k'], null],
    [['GETEX', 'k', 'PERSIST'], null],
    [
      ['GETEX', 'k', 'EX', '10'],
      ['PEXPIREAT', 'k', '1700000010000'],
    ],
    [
      ['GETEX', 'k', 'EXAT', '1'],
      ['DEL', 'k'],
    ],
    [
      ['INCRBYFLOAT', 'k', '0.5'],
      ['SET', 'k', '7.5', 'KEEPTTL'],
    ],
    [
      ['INCRBY', 'k', '5'],
      ['INCRBY', 'k', '5'],
    ],
    [
      ['APPEND', 'k', ''],
      ['APPEND', 'k', ''],
    ],
    [['SETRANGE', 'k', '0', ''], null],
    [['MSETNX', 'k', 'v', 'l', 'v'], null],
    [
      ['MSETNX', 'm', 'v', 'l', 'v'],
      ['MSETNX', 'm', 'v', 'l', 'v'],
    ],
    [['GETRANGE', 'k', '0', '-1'], null],
  ] as const)('%j', (command, told) => {
    h.run('SET', 'k', '7');
    h.journal.length = 0;
    h.run(...command);
    expect(h.journal).toEqual(told === null ? [] : [[0, ...told]]);
  });

  it('hears of PERSIST when there was a time', () => {
    h.run('SETEX', 'k', 10, 'v');
    h.journal.length = 0;
    h.run('GETEX', 'k', 'PERSIST');
    expect(h.journal).toEqual([[0, 'PERSIST', 'k']]);
  });
});

describe('keyspace events and the count of changes', () => {
  it.each([
    [['SET', 'k', 'v'], ['set'], 1],
    [['SET', 'k', 'v', 'EX', '10'], ['set', 'expire'], 1],
    [['SETEX', 'k', '10', 'v'], ['set', 'expire'], 1],
    [['GETSET', 'k', 'v'], ['set'], 1],
    [['GETDEL', 'k'], ['del'], 1],
    [['GETEX', 'k', 'EX', '10'], ['expire'], 1],
    [['GETEX', 'k', 'EXAT', '1'], ['del'], 1],
    [['GETEX', 'k', 'PERSIST'], [], 0],
    [['MSET', 'k', 'v', 'l', 'v'], ['set', 'set'], 2],
    [['INCR', 'k'], ['incrby'], 1],
    [['DECRBY', 'k', '2'], ['incrby'], 1],
    [['INCRBYFLOAT', 'k', '2'], ['incrbyfloat'], 1],
    [['APPEND', 'k', 'x'], ['append'], 1],
    [['SETRANGE', 'k', '3', 'x'], ['setrange'], 1],
    [['SETRANGE', 'k', '3', ''], [], 0],
    [['GET', 'k'], [], 0],
    [['GET', 'missing'], ['keymiss'], 0],
    [['SET', 'missing', 'v', 'XX', 'GET'], ['keymiss'], 0],
  ] as const)('%j', (command, expected, changes) => {
    h.run('SET', 'k', '7');
    const before = h.engine.dirty;
    const events: string[] = [];
    h.engine.settings.notifyMask = -1;
    h.engine.events.notifier = {
      publish: (_class, event) => {
        if (event !== 'new') events.push(event);
      },
    };
    h.run(...command);
    expect(events).toEqual(expected);
    expect(h.engine.dirty - before).toBe(changes);
  });
});

it('SET reads its key only with GET', () => {
  expect(keysOf(stringCommands, ['SET', 'k', 'v', 'get'])).toEqual([[1, 'RW', 'access', 'update']]);
  expect(keysOf(stringCommands, ['SET', 'k', 'get', 'NX'])).toEqual([[1, 'OW', 'update']]);
});

describe('limits', () => {
  it('keeps strings under proto-max-bulk-len', () => {
    h.engine.settings.protoMaxBulkBytes = 1000;
    const error = { error: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)' };
    expect(h.run('SETRANGE', 'k', 999, 'x')).toBe(1000);
    expect(h.run('SETRANGE', 'k', 1000, 'x')).toEqual(error);
    expect(h.run('APPEND', 'k', 'x')).toEqual(error);
    expect(h.run('APPEND', 'k', '')).toBe(1000);
  });

  it('keeps the table of LCS under proto-max-bulk-len', () => {
    h.run('MSET', 'a', 'x'.repeat(12000), 'b', 'y'.repeat(12000));
    expect(h.run('LCS', 'a', 'b')).toEqual({
      error: 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
    });
  });
});

it('LCS IDX is a map in RESP3', () => {
  h.client.resp3 = true;
  h.run('MSET', 'a', 'xyz', 'b', '-yz');
  const matches = [
    [
      [1, 2],
      [1, 2],
    ],
  ];
  expect(h.run('LCS', 'a', 'b', 'IDX')).toEqual({
    map: [
      ['matches', matches],
      ['len', 2],
    ],
  });
});

describe('properties', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\0', '\xff'), maxLength: 40 });
  const position = fc.integer({ min: -50, max: 50 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

  it('GETRANGE cuts as slices do', () => {
    fc.assert(
      fc.property(text, position, position, (value, start, end) => {
        h.run('SET', 'k', value);
        const from = start < 0 ? Math.max(0, value.length + start) : start;
        const to = end < 0 ? Math.max(0, value.length + end) : end;
        const empty = start < 0 && end < 0 && start > end;
        const expected = empty ? '' : value.slice(from, to + 1);
        expect(h.run('GETRANGE', 'k', start, end)).toBe(expected);
      }),
    );
  });

  it('GETRANGE tells apart what no double can', () => {
    h.run('SET', 'k', 'abcde');
    const [least, next] = ['-9223372036854775808', '-9223372036854775807'];
    expect(h.run('GETRANGE', 'k', next, least)).toBe('');
    expect(h.run('GETRANGE', 'k', least, next)).toBe('a');
  });

  it('APPEND and SETRANGE keep every byte, inline and outline', () => {
    const piece = fc.oneof(
      text,
      fc.nat(3000).map((length) => 'z'.repeat(length)),
    );
    const edit = fc.record({ offset: fc.option(fc.nat(4000), { nil: null }), piece });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        let model = '';
        h.run('GETDEL', 'k');
        for (const { offset, piece: added } of edits) {
          if (offset === null) {
            model += added;
            expect(h.run('APPEND', 'k', added)).toBe(model.length);
          } else if (added !== '') {
            const padded = model.padEnd(offset, '\0');
            model = padded.slice(0, offset) + added + padded.slice(offset + added.length);
            expect(h.run('SETRANGE', 'k', offset, added)).toBe(model.length);
          }
          expect(h.run('GET', 'k') ?? '').toBe(model);
        }
      }),
    );
  });

  it('INCRBY and DECRBY are exact over all of 64 bits', () => {
    const overflow = { error: 'ERR increment or decrement would overflow' };
    fc.assert(
      fc.property(int64, int64, fc.boolean(), (value, amount, adds) => {
        fc.pre(adds || amount !== -(2n ** 63n));
        h.run('SET', 'k', String(value));
        const sum = adds ? value + amount : value - amount;
        const fits = BigInt.asIntN(64, sum) === sum;
        const reply = h.run(adds ? 'INCRBY' : 'DECRBY', 'k', String(amount));
        if (fits) expect(BigInt(reply as bigint)).toBe(sum);
        else expect(reply).toEqual(overflow);
        expect(h.run('GET', 'k')).toBe(String(fits ? sum : value));
      }),
    );
  });

  it('LCS is a subsequence of both and as long as any', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        h.run('MSET', 'a', a, 'b', b);
        const common = String(h.run('LCS', 'a', 'b'));
        expect(isSubsequence(common, a) && isSubsequence(common, b)).toBe(true);
        expect(h.run('LCS', 'a', 'b', 'LEN')).toBe(common.length);
        expect(common.length).toBe(longestCommon(a, b));
      }),
    );
  });
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of whole) if (part.charAt(at) === char) at++;
  return at >= part.length;
}

/** The length by recursion over suffixes with a memory; shares no code with the command. */
function longestCommon(a: string, b: string): number {
  const known = new Map<string, number>();
  const solve = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return 0;
    const name = `${i},${j}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const result =
      a.charAt(i) === b.charAt(j)
        ? 1 + solve(i + 1, j + 1)
        : Math.max(solve(i + 1, j), solve(i, j + 1));
    known.set(name, result);
    return result;
  };
  return solve(0, 0);
}
