// LCS: the longest common subsequence of two strings, by the table of the classic dynamic
// programming, whose size is held under proto-max-bulk-len.
// https://redis.io/docs/latest/commands/lcs/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_STRING, typeOf } from '../../structures/entry.ts';

const ERR_NOT_STRINGS = replyError('ERR The specified keys must contain string values');
const ERR_LENGTH_AND_INDEX = replyError(
  'ERR If you want both the length and indexes, please just use IDX.',
);
const ERR_TABLE_TOO_LARGE = replyError(
  'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
);
const IDX = Call.word('IDX');
const LEN = Call.word('LEN');
const WITHMATCHLEN = Call.word('WITHMATCHLEN');
const MINMATCHLEN = Call.word('MINMATCHLEN');

const BYTES_PER_CELL = 4;

interface Options {
  indexes: boolean;
  length: boolean;
  withMatchLength: boolean;
  minMatchLength: number;
}

/** A string in the arena; true until the command ends, because LCS changes nothing. */
interface Text {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/**
 * Ranges of equal bytes, last first: start and end in the first string, start and end in the
 * second.
 */
type Range = readonly [number, number, number, number];

function readOptions(call: Call): Options | null {
  const { args } = call;
  const options = { indexes: false, length: false, withMatchLength: false, minMatchLength: 0 };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, IDX)) options.indexes = true;
    else if (args.is(i, LEN)) options.length = true;
    else if (args.is(i, WITHMATCHLEN)) options.withMatchLength = true;
    else if (args.is(i, MINMATCHLEN) && i + 1 < args.count) {
      options.minMatchLength = Math.max(0, call.integer(++i));
    } else call.fail(ERR_SYNTAX);
    if (call.failed()) return null;
  }
  if (options.length && options.indexes) {
    call.reply.error(ERR_LENGTH_AND_INDEX);
    return null;
  }
  return options;
}

function textOf(call: Call, ref: number): Text {
  const { strings } = call;
  if (ref === NULL_REF) return { bytes: strings.bytes, offset: 0, length: 0 };
  strings.view(ref);
  return { bytes: strings.bytes, offset: strings.offset, length: strings.length };
}

/**
 * Lengths of the longest common subsequences of all prefixes: row by prefix of `a`, column by
 * prefix of `b`.
 */
function buildTable(a: Text, b: Text): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a.bytes[a.offset + i - 1];
    const row = i * width;
    let left = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = table[row - width + j] ?? 0;
      if (byte === b.bytes[b.offset + j - 1]) left = (table[row - width + j - 1] ?? 0) + 1;
      else if (above > left) left = above;
      table[row + j] = left;
    }
  }
  return table;
}

/**
 * Walks the table back from its end: fills `common` with the subsequence and hands out the ranges
 * it is made of.
 */
function walk(
  table: Uint32Array,
  a: Text,
  b: Text,
  common: Uint8Array,
  found: (range: Range) => void,
): void {
  const width = b.length + 1;
  let left = common.length;
  let i = a.length;
  let j = b.length;
  let aStart = -1;
  let aEnd = 0;
  let bStart = 0;
  let bEnd = 0;
  while (i > 0 && j > 0) {
    let ends = false;
    const byte = a.bytes[a.offset + i - 1] ?? 0;
    if (byte === b.bytes[b.offset + j - 1]) {
      common[--left] = byte;
      if (aStart < 0) {
        aStart = aEnd = i - 1;
        bStart = bEnd = j - 1;
      } else {
        // Equal bytes always continue the range: between two ranges lies a step that ended the
        // first.
        aStart--;
        bStart--;
      }
      ends = aStart === 0 || bStart === 0;
      i--;
      j--;
    } else {
      if ((table[(i - 1) * width + j] ?? 0) > (table[i * width + j - 1] ?? 0)) i--;
      else j--;
      ends = aStart >= 0;
    }
    if (ends) {
      found([aStart, aEnd, bStart, bEnd]);
      aStart = -1;
    }
  }
}

function replyIndexes(
  call: Call,
  ranges: readonly Range[],
  length: number,
  withLength: boolean,
): void {
  const { reply } = call;
  reply.map(2);
  reply.bulkLatin1('matches');
  reply.array(ranges.length);
  for (const [aStart, aEnd, bStart, bEnd] of ranges) {
    reply.array(withLength ? 3 : 2);
    reply.array(2);
    reply.integer(aStart);
    reply.integer(aEnd);
    reply.array(2);
    reply.integer(bStart);
    reply.integer(bEnd);
    if (withLength) reply.integer(aEnd - aStart + 1);
  }
  reply.bulkLatin1('len');
  reply.integer(length);
}

function runLcs(call: Call): void {
  const { reply } = call;
  const { arena } = call.keyspace;
  const first = call.lookupRead(1);
  const second = call.lookupRead(2);
  if (
    (first !== NULL_REF && typeOf(arena, first) !== TYPE_STRING) ||
    (second !== NULL_REF && typeOf(arena, second) !== TYPE_STRING)
  ) {
    reply.error(ERR_NOT_STRINGS);
    return;
  }
  const options = readOptions(call);
  if (options === null) return;
  const a = textOf(call, first);
  const b = textOf(call, second);
  const tableBytes = (a.length + 1) * (b.length + 1) * BYTES_PER_CELL;
  if (tableBytes > call.settings.protoMaxBulkBytes) {
    reply.error(ERR_TABLE_TOO_LARGE);
    return;
  }
  const table = buildTable(a, b);
  const length = table[table.length - 1] ?? 0;
  if (options.length) {
    reply.integer(length);
    return;
  }
  const common = new Uint8Array(length);
  const ranges: Range[] = [];
  walk(table, a, b, common, (range) => {
    if (range[1] - range[0] + 1 >= options.minMatchLength) ranges.push(range);
  });
  if (options.indexes) replyIndexes(call, ranges, length, options.withMatchLength);
  else reply.bulkBytes(common);
}

export const lcs: CommandSpec = {
  name: 'lcs',
  group: 'string',
  since: '7.0.0',
  summary: 'Finds the longest subsequence of bytes that two strings share.',
  complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
  arity: -3,
  flags: ['readonly'],
  acl: ['string'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 1, step: 1, limit: 0 } }],
  args: [
    { name: 'key1', type: 'key', keySpecIndex: 0 },
    { name: 'key2', type: 'key', keySpecIndex: 0 },
    { name: 'len', type: 'pure-token', token: 'LEN', optional: true },
    { name: 'idx', type: 'pure-token', token: 'IDX', optional: true },
    { name: 'min-match-len', type: 'integer', token: 'MINMATCHLEN', optional: true },
    { name: 'withmatchlen', type: 'pure-token', token: 'WITHMATCHLEN', optional: true },
  ],
  replies: ['bulk-string', 'integer', 'map'],
  run: runLcs,
};
