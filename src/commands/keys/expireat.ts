// EXPIREAT key unix-time [NX|XX|GT|LT]

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runExpire } from './expire-options.ts';

export const expireat: CommandSpec = {
  name: 'expireat',
  group: 'generic',
  since: '1.2.0',
  summary: 'Sets the Unix time in seconds at which a key expires.',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'unix-time-seconds', type: 'unix-time' },
    {
      name: 'condition',
      type: 'oneof',
      since: '7.0.0',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
  ],
  history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
  replies: ['integer'],
  run(call, args) {
    runExpire(call, args, 'seconds', false);
  },
};
