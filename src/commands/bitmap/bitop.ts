// BITOP: strings combined bit by bit. Shorter strings and missing keys go on with zero bytes.
// https://redis.io/docs/latest/commands/bitop/

import { combineBits, invertBits } from '../../bytes/bits.ts';
import { Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { ENCODING_RAW, setTypeAndEncoding, TYPE_STRING } from '../../structures/entry.ts';

const ERR_NOT_SOURCES = replyError('ERR BITOP NOT must be called with a single source key.');
const AND = Call.word('AND');
const OR = Call.word('OR');
const XOR = Call.word('XOR');
const NOT = Call.word('NOT');

type Operation = 'and' | 'or' | 'xor' | 'not';

const TARGET = 2;
const FIRST_SOURCE = 3;

function readOperation(args: Args): Operation | null {
  if (args.is(1, AND)) return 'and';
  if (args.is(1, OR)) return 'or';
  if (args.is(1, XOR)) return 'xor';
  return args.is(1, NOT) ? 'not' : null;
}

/**
 * The entries of the source keys, 0 for a missing one; null when one is no string and the client
 * has been told.
 */
function findSources(call: Call): number[] | null {
  const refs: number[] = [];
  for (let i = FIRST_SOURCE; i < call.args.count; i++) {
    const ref = call.lookupRead(i);
    if (ref !== NULL_REF && !call.isString(ref)) return null;
    refs.push(ref);
  }
  return refs;
}

/** Makes the result outside of the arena, because the target may be one of the sources. */
function combine(call: Call, operation: Operation, refs: readonly number[]): Uint8Array {
  const { strings } = call;
  let longest = 0;
  for (const ref of refs) {
    if (ref === NULL_REF) continue;
    strings.view(ref);
    longest = Math.max(longest, strings.length);
  }
  const result = new Uint8Array(longest);
  for (const [i, ref] of refs.entries()) {
    if (ref === NULL_REF) {
      // What `strings` shows is no longer true: its bytes may have gone back to the system.
      if (operation === 'and') result.fill(0);
      continue;
    }
    strings.view(ref);
    const { bytes, offset, length } = strings;
    if (i === 0) result.set(bytes.subarray(offset, offset + length));
    else if (operation !== 'not') combineBits(operation, result, 0, bytes, offset, length);
    if (operation === 'and') result.fill(0, length);
  }
  if (operation === 'not') invertBits(result, 0, longest);
  return result;
}

function runBitop(call: Call): void {
  const { args, reply } = call;
  const operation = readOperation(args);
  if (operation === null) call.fail(ERR_SYNTAX);
  if (operation === 'not' && args.count !== FIRST_SOURCE + 1) call.fail(ERR_NOT_SOURCES);
  if (call.failed() || operation === null) return;
  const refs = findSources(call);
  if (refs === null) return;
  const result = combine(call, operation, refs);
  if (result.length > 0) {
    const found = call.lookupWrite(TARGET);
    const key = args.offsets[TARGET] ?? 0;
    const keyLength = args.lengths[TARGET] ?? 0;
    const { db } = call;
    const ref = db.setString(found, args.bytes, key, keyLength, result, 0, result.length, false);
    setTypeAndEncoding(call.keyspace.arena, ref, TYPE_STRING, ENCODING_RAW);
    call.changed(TARGET, NOTIFY_STRING, 'set');
  } else {
    call.deleteTarget(TARGET);
  }
  reply.integer(result.length);
}

export const bitop: CommandSpec = {
  name: 'bitop',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Combines strings bit by bit (AND, OR, XOR, NOT) and stores the result.',
  complexity: 'O(N)',
  arity: -4,
  flags: ['write', 'denyoom'],
  acl: ['bitmap'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['RO', 'access'], begin: { index: 3 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [
    {
      name: 'operation',
      type: 'oneof',
      args: [
        { name: 'and', type: 'pure-token', token: 'AND' },
        { name: 'or', type: 'pure-token', token: 'OR' },
        { name: 'xor', type: 'pure-token', token: 'XOR' },
        { name: 'not', type: 'pure-token', token: 'NOT' },
      ],
    },
    { name: 'destkey', type: 'key', keySpecIndex: 0 },
    { name: 'key', type: 'key', keySpecIndex: 1, multiple: true },
  ],
  replies: ['integer'],
  run: runBitop,
};
