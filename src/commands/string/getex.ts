import type { CommandSpec } from '../../engine/command-spec.ts';

export const getexCommand: CommandSpec = {
  name: 'getex',
  group: 'string',
  since: '6.2.0',
  summary: 'Reads the string at a key and sets, changes or removes its expiration.',
  complexity: 'O(1)',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['string'],
  keys: [
    {
      notes: 'RW and UPDATE because it changes the TTL',
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'expiration',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'seconds', type: 'integer', token: 'EX' },
        { name: 'milliseconds', type: 'integer', token: 'PX' },
        { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT' },
        { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT' },
        { name: 'persist', type: 'pure-token', token: 'PERSIST' },
      ],
    },
  ],
  replies: ['bulk-string', 'null'],
};
