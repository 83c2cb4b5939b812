// BITPOS: the first bit that is set or clear. https://redis.io/docs/latest/commands/bitpos/

import { findBit } from '../../bytes/bits.ts';
import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { fromBeginning, readsBits } from './bit-range.ts';

const ERR_BIT = replyError('ERR The bit argument must be 1 or 0.');

function runBitpos(call: Call): void {
  const { strings, reply, args } = call;
  const bit = call.integerIn(2, 0, 1, ERR_BIT);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    // A missing string is an endless row of clear bits; its other arguments are not looked at.
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (!call.isString(ref)) return;
  strings.view(ref);
  const { length } = strings;
  if (args.count === 3) {
    reply.integer(length === 0 ? -1 : find(call, bit, 0, length * 8 - 1, false));
    return;
  }
  if (args.count > 6) call.fail(ERR_SYNTAX);
  let start = call.integer(3);
  const isBits = args.count === 6 && readsBits(call, 5);
  const endGiven = args.count >= 5;
  let end = endGiven ? call.integer(4) : length - 1;
  if (call.failed()) return;
  const total = length * (isBits ? 8 : 1);
  start = fromBeginning(start, total);
  end = Math.min(fromBeginning(end, total), total - 1);
  if (start > end) reply.integer(-1);
  else if (isBits) reply.integer(find(call, bit, start, end, true));
  else reply.integer(find(call, bit, start * 8, end * 8 + 7, endGiven));
}

/**
 * The first such bit between two positions of the loaded string, both included.
 * @param isExact false when the string goes on with clear bits behind the last position.
 */
function find(call: Call, bit: number, start: number, end: number, isExact: boolean): number {
  const { bytes, offset } = call.strings;
  const first = Math.floor(start / 8);
  const last = Math.floor(end / 8);
  // The first byte on its own when the range begins inside it; hits behind the end are dropped
  // below.
  if (start % 8 !== 0) {
    const byte = (bytes[offset + first] ?? 0) ^ (bit === 1 ? 0 : 0xff);
    const wanted = byte & (0xff >>> (start % 8));
    if (wanted !== 0) {
      const position = first * 8 + Math.clz32(wanted) - 24;
      return position <= end ? position : -1;
    }
  }
  const from = start % 8 === 0 ? first : first + 1;
  const found = from > last ? -1 : findBit(bytes, offset + from, last - from + 1, bit);
  if (found >= 0 && from * 8 + found <= end) return from * 8 + found;
  return bit === 0 && !isExact ? end + 1 : -1;
}

export const bitpos: CommandSpec = {
  name: 'bitpos',
  group: 'bitmap',
  since: '2.8.7',
  summary: 'Finds the first bit of a string, or of a part of it, that is set or clear.',
  complexity: 'O(N)',
  arity: -3,
  flags: ['readonly'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'bit', type: 'integer' },
    {
      name: 'range',
      type: 'block',
      optional: true,
      args: [
        { name: 'start', type: 'integer' },
        {
          name: 'end-unit-block',
          type: 'block',
          optional: true,
          args: [
            { name: 'end', type: 'integer' },
            {
              name: 'unit',
              type: 'oneof',
              since: '7.0.0',
              optional: true,
              args: [
                { name: 'byte', type: 'pure-token', token: 'BYTE' },
                { name: 'bit', type: 'pure-token', token: 'BIT' },
              ],
            },
          ],
        },
      ],
    },
  ],
  replies: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
  run: runBitpos,
};
