// The bitmap commands: a conversation with the real server line by line, then changes and events,
// and properties against a text of zeros and ones.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { keysOf, play, readRecording } from '../../engine/testing/recorded.ts';
import { stringCommands } from '../string/index.ts';
import { bitmapCommands } from './index.ts';

/** Commands in order on one keyspace, with the answers of Redis 7.2.5 on x86-64. */
const CONVERSATION = new URL('./bitmap.recorded.txt', import.meta.url);

let h: Harness;

beforeEach(() => {
  h = new Harness([...stringCommands, ...bitmapCommands]);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

it('answers as the real server did', () => {
  for (const line of readRecording(CONVERSATION)) {
    const { answered, recorded } = play(h, line);
    expect(answered, line).toEqual(recorded);
  }
});

it('reads nothing of memory that was given back', () => {
  const gone = new Uint8Array(64);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const commands: readonly (readonly [string[], unknown])[] = [
    [['BITOP', 'AND', 'r', 'missing', 'missing'], 0],
    [['BITOP', 'OR', 'r', 'missing'], 0],
    [['BITOP', 'NOT', 'r', 'missing'], 0],
    [
      ['BITFIELD', 'missing', 'GET', 'u8', '0', 'GET', 'i64', '3'],
      [0, 0],
    ],
    [['GETBIT', 'missing', '7'], 0],
    [['BITCOUNT', 'missing'], 0],
    [['BITPOS', 'missing', '1'], -1],
    [['GETRANGE', 'missing', '0', '-1'], ''],
    [['LCS', 'missing', 'missing'], ''],
  ];
  for (const [command, expected] of commands) {
    h.keyspace.strings.bytes = gone;
    expect(h.run(...command), command.join(' ')).toEqual(expected);
  }
});

describe('BITCOUNT', () => {
  it('tells ends apart that no double can', () => {
    h.run('SET', 'k', '\xff');
    const [least, next] = ['-9223372036854775808', '-9223372036854775807'];
    expect(h.run('BITCOUNT', 'k', next, least)).toBe(0);
    expect(h.run('BITCOUNT', 'k', least, next)).toBe(8);
  });
});

describe('keyspace events and the count of changes', () => {
  it.each([
    [['SETBIT', 'k', '1', '1'], ['setbit'], 1],
    [['SETBIT', 'k', '1', '0'], [], 0],
    [['SETBIT', 'k', '100', '0'], ['setbit'], 1],
    [['SETBIT', 'missing', '0', '0'], ['setbit'], 1],
    [['BITFIELD', 'k', 'GET', 'u8', '0'], [], 0],
    [['BITFIELD', 'k', 'SET', 'u8', '0', '0'], [], 0],
    [['BITFIELD', 'k', 'SET', 'u8', '0', '1', 'INCRBY', 'u8', '0', '1'], ['setbit'], 2],
    [['BITFIELD', 'k', 'SET', 'u8', '0', '0', 'SET', 'u8', '80', '0'], ['setbit'], 2],
    [['BITFIELD', 'k', 'OVERFLOW', 'FAIL', 'SET', 'u8', '80', '256'], [], 1],
    [['BITFIELD', 'k', 'OVERFLOW', 'FAIL', 'SET', 'u8', '0', '256'], [], 0],
    [['BITOP', 'NOT', 'r', 'k'], ['set'], 1],
    [['BITOP', 'OR', 'k', 'empty'], ['del'], 1],
    [['BITOP', 'OR', 'r', 'empty'], [], 0],
  ] as const)('%j', (command, expected, changes) => {
    h.run('MSET', 'k', '\0', 'empty', '');
    h.journal.length = 0;
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
    expect(h.journal).toEqual(changes === 0 ? [] : [[0, ...command]]);
  });
});

it.each([
  [
    ['GET', 'u8', '0'],
    ['RO', 'access'],
  ],
  [
    ['OVERFLOW', 'SAT', 'GET', 'u8', '0'],
    ['RO', 'access'],
  ],
  [[], ['RO', 'access']],
  [
    ['GET', 'u8', '0', 'SET', 'u8', '0', '1'],
    ['RW', 'access', 'update'],
  ],
  [
    ['INCRBY', 'u8', '0', '1'],
    ['RW', 'access', 'update'],
  ],
  [
    ['GET', 'u8'],
    ['RW', 'access', 'update'],
  ],
  [['FOO'], ['RW', 'access', 'update']],
])('BITFIELD k %j uses its key as %j', (operations, flags) => {
  expect(keysOf(bitmapCommands, ['BITFIELD', 'k', ...operations])).toEqual([[1, ...flags]]);
});

it('BITOP drops the time of the key it stores at', () => {
  h.run('SET', 'k', 'v', 'EX', 10);
  h.run('BITOP', 'NOT', 'k', 'k');
  h.clock.advance(20_000);
  expect(h.run('STRLEN', 'k')).toBe(1);
});

it('the position of a bit is bounded by proto-max-bulk-len', () => {
  h.engine.settings.protoMaxBulkBytes = 1000;
  const error = { error: 'ERR bit offset is not an integer or out of range' };
  expect(h.run('SETBIT', 'k', 7999, 1)).toBe(0);
  expect(h.run('SETBIT', 'k', 8000, 1)).toEqual(error);
  expect(h.run('GETBIT', 'k', 8000)).toEqual(error);
  expect(h.run('BITFIELD', 'k', 'GET', 'u8', '#1000')).toEqual(error);
  expect(h.run('BITFIELD', 'k', 'INCRBY', 'u8', 7999, 128, 'GET', 'u9', 7999)).toEqual([0, 0]);
});

describe('properties', () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.uint8Array({ minLength: 60, maxLength: 200 }),
    fc.tuple(fc.constantFrom(0, 255), fc.nat(200)).map(([fill, n]) => new Uint8Array(n).fill(fill)),
  );
  const position = fc.integer({ min: -1700, max: 1700 });

  it('BITCOUNT and BITPOS with BIT see the bits of the range', () => {
    const bit = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(value, position, position, bit, (bytes, start, end, wanted) => {
        h.run('SET', 'k', bytes);
        const text = toText(bytes);
        const from = start < 0 ? Math.max(0, text.length + start) : start;
        const to = end < 0 ? Math.max(0, text.length + end) : end;
        const range = text.slice(from, to + 1);
        // Two positions from the end in the wrong order are empty for BITCOUNT, even where both lie
        // before the string.
        const isEmpty = start < 0 && end < 0 && start > end;
        const ones = isEmpty ? 0 : range.replaceAll('0', '').length;
        expect(h.run('BITCOUNT', 'k', start, end, 'BIT')).toBe(ones);
        const at = range.indexOf(String(wanted));
        const expected = at < 0 ? -1 : at + from;
        expect(h.run('BITPOS', 'k', wanted, start, end, 'BIT')).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('SETBIT and GETBIT agree with a text', () => {
    const writes = fc.array(fc.tuple(fc.nat(2000), fc.constantFrom(0, 1)), { maxLength: 20 });
    fc.assert(
      fc.property(writes, (list) => {
        h.run('GETDEL', 'k');
        const model = new Map<number, number>();
        for (const [offset, bit] of list) {
          expect(h.run('SETBIT', 'k', offset, bit)).toBe(model.get(offset) ?? 0);
          model.set(offset, bit);
        }
        for (const [offset, bit] of model) expect(h.run('GETBIT', 'k', offset)).toBe(bit);
        const ones = [...model.values()].filter((bit) => bit === 1).length;
        expect(h.run('BITCOUNT', 'k')).toBe(ones);
      }),
    );
  });

  it('BITOP combines as byte by byte, whatever the lengths', () => {
    const operation = fc.constantFrom('AND', 'OR', 'XOR');
    const sources = fc.array(value, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(operation, sources, (name, list) => {
        list.forEach((bytes, i) => {
          h.run('SET', `s${i}`, bytes);
        });
        const length = Math.max(...list.map((bytes) => bytes.length));
        const expected = Buffer.alloc(length);
        for (let i = 0; i < length; i++) {
          const column = list.map((bytes) => bytes[i] ?? 0);
          expected[i] = column.reduce((a, b) => {
            if (name === 'AND') return a & b;
            return name === 'OR' ? a | b : a ^ b;
          });
        }
        const keys = list.map((_, i) => `s${i}`);
        expect(h.run('BITOP', name, 's0', ...keys)).toBe(length);
        expect(h.run('GET', 's0') ?? '').toBe(expected.toString('latin1'));
      }),
      { numRuns: 300 },
    );
  });

  it('BITFIELD computes as integers of any width do', () => {
    const field = fc.record({
      isSigned: fc.boolean(),
      width: fc.integer({ min: 1, max: 63 }),
      offset: fc.nat(100),
      kind: fc.constantFrom('SET' as const, 'INCRBY' as const),
      operand: fc.oneof(
        fc.bigInt({ min: -300n, max: 300n }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      ),
      overflow: fc.constantFrom('WRAP', 'SAT', 'FAIL'),
    });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
        h.run('GETDEL', 'k');
        let model = ''.padEnd(200, '0');
        for (const { isSigned, width, offset, kind, operand, overflow } of fields) {
          const raw = BigInt(`0b${model.slice(offset, offset + width)}`);
          const old = isSigned ? BigInt.asIntN(width, raw) : raw;
          // An unsigned field takes a negative value for the huge one that has the same bits.
          const given = isSigned ? operand : BigInt.asUintN(64, operand);
          const exact = kind === 'SET' ? given : old + operand;
          const wrapped = isSigned ? BigInt.asIntN(width, exact) : BigInt.asUintN(width, exact);
          const highest = isSigned ? 2n ** BigInt(width - 1) - 1n : 2n ** BigInt(width) - 1n;
          const lowest = isSigned ? -highest - 1n : 0n;
          let stored: bigint | null = wrapped;
          if (exact !== wrapped && overflow === 'FAIL') stored = null;
          // Redis takes a value for one above the range when the room up to it passes 2^63.
          const isFar = kind === 'SET' && isSigned && highest - exact >= 2n ** 63n;
          if (exact !== wrapped && overflow === 'SAT') {
            stored = exact > highest || isFar ? highest : lowest;
          }
          if (stored !== null) {
            const bits = BigInt.asUintN(width, stored).toString(2).padStart(width, '0');
            model = model.slice(0, offset) + bits + model.slice(offset + width);
          }
          const type = `${isSigned ? 'i' : 'u'}${width}`;
          const command = ['OVERFLOW', overflow, kind, type, String(offset), String(operand)];
          const [reply] = h.run('BITFIELD', 'k', ...command) as [number | bigint | null];
          const expected = stored === null || kind === 'INCRBY' ? stored : old;
          expect(reply === null ? null : BigInt(reply)).toBe(expected);
        }
        const text = toText(Buffer.from(String(h.run('GET', 'k')), 'latin1'));
        expect(text.padEnd(200, '0')).toBe(model);
      }),
      { numRuns: 300 },
    );
  });
});

function toText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(2).padStart(8, '0');
  return text;
}
