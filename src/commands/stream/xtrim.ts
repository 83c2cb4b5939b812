// XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT n]. https://redis.io/docs/latest/commands/xtrim/

import { type Call, NOTIFY_STREAM } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { streamOf } from './replies.ts';
import { exactTrimArguments, readTrimOptions } from './trim-options.ts';

function runXtrim(call: Call): void {
  const end = readTrimOptions(call, false);
  if (end < 0) return;
  const { streams } = call.keyspace.values;
  const { trim } = streams.work;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  const stream = streamOf(call, ref);
  if (stream === NULL_REF) return;
  const deleted = streams.trim(stream, trim);
  if (deleted > 0) {
    call.changed(1, NOTIFY_STREAM, 'xtrim', deleted);
    if (trim.isApproximate && call.propagates) {
      call.propagateAs(exactTrimArguments(call, stream, end));
    }
  }
  call.reply.integer(deleted);
}

export const xtrim: CommandSpec = {
  name: 'xtrim',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes the oldest entries of a stream, down to a length or up to an ID.',
  complexity:
    'O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.',
  arity: -4,
  flags: ['write'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'trim',
      type: 'block',
      args: [
        {
          name: 'strategy',
          type: 'oneof',
          args: [
            { name: 'maxlen', type: 'pure-token', token: 'MAXLEN' },
            { name: 'minid', type: 'pure-token', token: 'MINID', since: '6.2.0' },
          ],
        },
        {
          name: 'operator',
          type: 'oneof',
          optional: true,
          args: [
            { name: 'equal', type: 'pure-token', token: '=' },
            { name: 'approximately', type: 'pure-token', token: '~' },
          ],
        },
        { name: 'threshold', type: 'string' },
        { name: 'count', type: 'integer', token: 'LIMIT', since: '6.2.0', optional: true },
      ],
    },
  ],
  history: [['6.2.0', 'Added the `MINID` trimming strategy and the `LIMIT` option.']],
  replies: ['integer'],
  run: runXtrim,
};
