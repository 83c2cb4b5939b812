// BITCOUNT: the number of bits that are set. https://redis.io/docs/latest/commands/bitcount/

import { countBits } from '../../bytes/bits.ts';
import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { fromBeginning, readsBits } from './bit-range.ts';

function runBitcount(call: Call): void {
  const { strings, reply, args } = call;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    // Redis looks for the key before it looks at the other arguments.
    reply.integer(0);
    return;
  }
  if (!call.isString(ref)) return;
  strings.view(ref);
  if (args.count === 2) reply.integer(countBits(strings.bytes, strings.offset, strings.length));
  else if (args.count > 5 || args.count < 4) reply.error(ERR_SYNTAX);
  else countRange(call);
}

function countRange(call: Call): void {
  const { strings, reply, args } = call;
  let start = call.integer(2);
  let end = call.integer(3);
  if (call.failed()) return;
  if (start < 0 && end < 0 && args.isGreater(2, 3)) {
    reply.integer(0);
    return;
  }
  const isBits = args.count === 5 && readsBits(call, 4);
  if (call.failed()) return;
  const total = strings.length * (isBits ? 8 : 1);
  start = fromBeginning(start, total);
  end = Math.min(fromBeginning(end, total), total - 1);
  if (start > end) reply.integer(0);
  else if (isBits) reply.integer(countBetween(strings.bytes, strings.offset, start, end));
  else reply.integer(countBits(strings.bytes, strings.offset + start, end - start + 1));
}

/** Counts whole bytes, then takes away what lies before the first bit and behind the last. */
function countBetween(bytes: Uint8Array, offset: number, start: number, end: number): number {
  const first = offset + Math.floor(start / 8);
  const last = offset + Math.floor(end / 8);
  const edges = new Uint8Array(2);
  edges[0] = (bytes[first] ?? 0) & ~(0xff >>> (start % 8));
  edges[1] = (bytes[last] ?? 0) & (0x7f >>> (end % 8));
  return countBits(bytes, first, last - first + 1) - countBits(edges, 0, 2);
}

export const bitcount: CommandSpec = {
  name: 'bitcount',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Counts the bits that are set in a string or in a part of it.',
  complexity: 'O(N)',
  arity: -2,
  flags: ['readonly'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'range',
      type: 'block',
      optional: true,
      args: [
        { name: 'start', type: 'integer' },
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
  replies: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
  run: runBitcount,
};
