// BITFIELD: integers of any width at any bit of a string, read, set or incremented in one command;
// BITFIELD_RO shares it. All arguments are read before anything happens.
// https://redis.io/docs/latest/commands/bitfield/

import { readBits, readWideBits, writeBits } from '../../bytes/bits.ts';
import { parseBigInt64, parseInteger } from '../../bytes/integer.ts';
import { Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec, KeyPositions } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { readBitOffset } from './bit-offset.ts';

const ERR_TYPE = replyError(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
);
const ERR_OVERFLOW_TYPE = replyError('ERR Invalid OVERFLOW type specified');
const ERR_READ_ONLY = replyError('ERR BITFIELD_RO only supports the GET subcommand');
const GET = Call.word('GET');
const SET = Call.word('SET');
const INCRBY = Call.word('INCRBY');
const OVERFLOW = Call.word('OVERFLOW');
const WRAP = Call.word('WRAP');
const SAT = Call.word('SAT');
const FAIL = Call.word('FAIL');
const LETTER_I = 105;
const LETTER_U = 117;
/** Widths whose values a double holds. */
const MAX_NARROW_BITS = 53;
const MAX_INT64 = 2n ** 63n - 1n;

type Overflow = 'wrap' | 'sat' | 'fail';

interface Operation {
  readonly kind: 'get' | 'set' | 'incrby';
  readonly isSigned: boolean;
  readonly width: number;
  readonly offset: number;
  /** Value to set or to add. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

/**
 * The width that a type such as `i16` or `u8` names, negative for signed ones, or 0 and a kept
 * failure.
 */
function readType(call: Call, i: number): number {
  const { bytes, offsets, lengths } = call.args;
  const start = offsets[i] ?? 0;
  const letter = lengths[i] === 0 ? 0 : bytes[start];
  const width = parseInteger(bytes, start + 1, Math.max(0, call.args.shownLength(i) - 1));
  if (letter === LETTER_I && width >= 1 && width <= 64) return -width;
  if (letter === LETTER_U && width >= 1 && width <= 63) return width;
  call.fail(ERR_TYPE);
  return 0;
}

function readOverflow(call: Call, i: number): Overflow {
  if (call.args.is(i, WRAP)) return 'wrap';
  if (call.args.is(i, SAT)) return 'sat';
  if (!call.args.is(i, FAIL)) call.fail(ERR_OVERFLOW_TYPE);
  return 'fail';
}

function readOperand(call: Call, i: number): bigint {
  const { bytes, offsets, lengths } = call.args;
  const value = parseBigInt64(bytes, offsets[i] ?? 0, lengths[i] ?? 0);
  if (value === null) call.fail(ERR_NOT_INTEGER);
  return value ?? 0n;
}

/** The kind of the operation in argument `i` when enough arguments follow; null otherwise. */
function kindAt(args: Args, i: number): Operation['kind'] | 'overflow' | null {
  const following = args.count - i - 1;
  if (args.is(i, GET) && following >= 2) return 'get';
  if (args.is(i, SET) && following >= 3) return 'set';
  if (args.is(i, INCRBY) && following >= 3) return 'incrby';
  return args.is(i, OVERFLOW) && following >= 1 ? 'overflow' : null;
}

/** All operations, or null after a kept failure. */
function readOperations(call: Call): Operation[] | null {
  const { args } = call;
  const operations: Operation[] = [];
  let overflow: Overflow = 'wrap';
  for (let i = 2; i < args.count; ) {
    const kind = kindAt(args, i);
    if (kind === null) call.fail(ERR_SYNTAX);
    else if (kind === 'overflow') {
      overflow = readOverflow(call, i + 1);
      i += 2;
    } else {
      const type = readType(call, i + 1);
      const width = Math.abs(type);
      const offset = readBitOffset(call, i + 2, width);
      const operand = kind === 'get' ? 0n : readOperand(call, i + 3);
      operations.push({ kind, isSigned: type < 0, width, offset, operand, overflow });
      i += kind === 'get' ? 3 : 4;
    }
    if (call.failed()) return null;
  }
  return operations;
}

/** BITFIELD, or BITFIELD_RO when `readOnly`. */
export function runOperations(call: Call, readOnly: boolean): void {
  const operations = readOperations(call);
  if (operations === null) return;
  let reach = 0;
  let writes = false;
  for (const { kind, offset, width } of operations) {
    if (kind === 'get') continue;
    writes = true;
    reach = Math.max(reach, Math.floor((offset + width - 1) / 8) + 1);
  }
  if (!writes) {
    const ref = call.lookupRead(1);
    if (ref !== NULL_REF && !call.isString(ref)) return;
    call.reply.array(operations.length);
    for (const operation of operations) replyValue(call, ref, operation);
  } else if (readOnly) {
    call.reply.error(ERR_READ_ONLY);
  } else {
    runWrites(call, operations, reach);
  }
}

/** @param reach bytes that the string must have for all that is written. */
function runWrites(call: Call, operations: readonly Operation[], reach: number): void {
  const { strings } = call;
  const found = call.lookupWrite(1);
  let before = 0;
  if (found !== NULL_REF) {
    if (!call.isString(found)) return;
    strings.view(found);
    before = strings.length;
  }
  const ref = call.editString(found, 1, Math.max(before, reach));
  const grew = found === NULL_REF || reach > before;
  let changes = 0;
  call.reply.array(operations.length);
  for (const operation of operations) {
    if (operation.kind === 'get') replyValue(call, ref, operation);
    else if (write(call, ref, operation, grew)) changes++;
  }
  if (changes > 0) call.changed(1, NOTIFY_STRING, 'setbit', changes);
  // OVERFLOW FAIL has written nothing, and yet the string is another one. Redis tells nobody, and
  // its replicas lack the key; here they and the append-only file have it.
  else if (grew) call.dirty++;
}

/**
 * Sets or increments one integer and answers with its old or new value, or with null when an
 * overflow is refused.
 * @param grew whether the string was made longer for the command, which makes every write of it a
 *   change.
 * @returns whether it counts as a change.
 */
function write(call: Call, ref: number, operation: Operation, grew: boolean): boolean {
  const { isSigned, width, offset, kind, operand, overflow } = operation;
  const { strings, reply } = call;
  strings.view(ref);
  const raw = readWideBits(strings.bytes, strings.offset, strings.length, offset, width);
  const old = isSigned ? BigInt.asIntN(width, raw) : raw;
  const given = isSigned ? operand : BigInt.asUintN(64, operand);
  const exact = kind === 'set' ? given : old + operand;
  const max = 2n ** BigInt(isSigned ? width - 1 : width) - 1n;
  const min = isSigned ? -max - 1n : 0n;
  let value = exact;
  if (exact > max || exact < min) {
    if (overflow === 'fail') {
      reply.null();
      return false;
    }
    if (overflow === 'sat') value = exact > max || isFarBelow(operation, max) ? max : min;
    else value = isSigned ? BigInt.asIntN(width, exact) : BigInt.asUintN(width, exact);
  }
  writeBits(strings.bytes, strings.offset, offset, width, value);
  replyInteger(call, kind === 'set' ? old : value);
  return grew || old !== value;
}

/**
 * Whether a value to set is so far below its range that Redis, counting in 64 bits, takes it for
 * one above: the room up to `max` passes 2^63 there.
 */
function isFarBelow({ kind, isSigned, width, operand }: Operation, max: bigint): boolean {
  return kind === 'set' && isSigned && width < 64 && max - operand > MAX_INT64;
}

function replyInteger(call: Call, value: bigint): void {
  const near = Number(value);
  if (Number.isSafeInteger(near)) call.reply.integer(near);
  else call.reply.bigInteger(value);
}

/** Answers with the integer at an operation's place; a missing string has zeros everywhere. */
function replyValue(call: Call, ref: number, { isSigned, width, offset }: Operation): void {
  const { strings } = call;
  if (ref !== NULL_REF) strings.view(ref);
  const length = ref === NULL_REF ? 0 : strings.length;
  if (width > MAX_NARROW_BITS) {
    const raw = readWideBits(strings.bytes, strings.offset, length, offset, width);
    replyInteger(call, isSigned ? BigInt.asIntN(width, raw) : raw);
    return;
  }
  const value = readBits(strings.bytes, strings.offset, length, offset, width);
  const isNegative = isSigned && value >= 2 ** (width - 1);
  call.reply.integer(isNegative ? value - 2 ** width : value);
}

function runBitfield(call: Call): void {
  runOperations(call, false);
}

/** A call that only reads does not write its key. Anything that is no valid operation may write. */
function findKeys(args: Args, out: KeyPositions): boolean {
  let reads = true;
  for (let i = 2; i < args.count && reads; ) {
    const kind = kindAt(args, i);
    reads = kind === 'get' || kind === 'overflow';
    i += kind === 'get' ? 3 : 2;
  }
  out.add(1, reads ? ['RO', 'access'] : ['RW', 'access', 'update']);
  return true;
}

export const bitfield: CommandSpec = {
  name: 'bitfield',
  group: 'bitmap',
  since: '3.2.0',
  summary: 'Reads, sets and increments integers of any width inside a string.',
  complexity: 'O(1) for each subcommand specified',
  arity: -2,
  flags: ['write', 'denyoom'],
  acl: ['bitmap'],
  keys: [
    {
      notes: 'This command allows both access and modification of the key',
      flags: ['RW', 'access', 'update', 'variable_flags'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'operation',
      type: 'oneof',
      optional: true,
      multiple: true,
      args: [
        {
          name: 'get-block',
          type: 'block',
          token: 'GET',
          args: [
            { name: 'encoding', type: 'string' },
            { name: 'offset', type: 'integer' },
          ],
        },
        {
          name: 'write',
          type: 'block',
          args: [
            {
              name: 'overflow-block',
              type: 'oneof',
              token: 'OVERFLOW',
              optional: true,
              args: [
                { name: 'wrap', type: 'pure-token', token: 'WRAP' },
                { name: 'sat', type: 'pure-token', token: 'SAT' },
                { name: 'fail', type: 'pure-token', token: 'FAIL' },
              ],
            },
            {
              name: 'write-operation',
              type: 'oneof',
              args: [
                {
                  name: 'set-block',
                  type: 'block',
                  token: 'SET',
                  args: [
                    { name: 'encoding', type: 'string' },
                    { name: 'offset', type: 'integer' },
                    { name: 'value', type: 'integer' },
                  ],
                },
                {
                  name: 'incrby-block',
                  type: 'block',
                  token: 'INCRBY',
                  args: [
                    { name: 'encoding', type: 'string' },
                    { name: 'offset', type: 'integer' },
                    { name: 'increment', type: 'integer' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  replies: ['array'],
  getKeys: findKeys,
  run: runBitfield,
};
