// BITFIELD_RO: BITFIELD for replicas, which only reads.
// https://redis.io/docs/latest/commands/bitfield_ro/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { runOperations } from './bitfield.ts';

function runBitfieldRo(call: Call): void {
  runOperations(call, true);
}

export const bitfieldRo: CommandSpec = {
  name: 'bitfield_ro',
  group: 'bitmap',
  since: '6.0.0',
  summary: 'Reads integers of any width inside a string, and changes nothing.',
  complexity: 'O(1) for each subcommand specified',
  arity: -2,
  flags: ['readonly', 'fast'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'get-block',
      type: 'block',
      token: 'GET',
      optional: true,
      multiple: true,
      multipleToken: true,
      args: [
        { name: 'encoding', type: 'string' },
        { name: 'offset', type: 'integer' },
      ],
    },
  ],
  replies: ['array'],
  run: runBitfieldRo,
};
