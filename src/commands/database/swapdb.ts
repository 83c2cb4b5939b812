// SWAPDB index1 index2

import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_DB_INDEX, replyError } from '../../protocol/reply-errors.ts';

const BAD_FIRST = replyError('ERR invalid first DB index');
const BAD_SECOND = replyError('ERR invalid second DB index');
const INT_MAX = 0x7fffffff;

export const swapdb: CommandSpec = {
  name: 'swapdb',
  group: 'server',
  since: '4.0.0',
  summary: 'Exchanges two databases.',
  complexity:
    'O(N) where N is the count of clients watching or blocking on keys from both databases.',
  arity: 3,
  flags: ['write', 'fast'],
  acl: ['keyspace', 'dangerous'],
  args: [
    { name: 'index1', type: 'integer' },
    { name: 'index2', type: 'integer' },
  ],
  replies: ['simple-string'],
  run(call) {
    const first = call.integer(1, BAD_FIRST);
    if (Math.abs(first) > INT_MAX) call.fail(BAD_FIRST);
    const second = call.integer(2, BAD_SECOND);
    if (Math.abs(second) > INT_MAX) call.fail(BAD_SECOND);
    if (call.failed()) return;
    const { keyspace } = call;
    const [a, b] = [keyspace.databases[first], keyspace.databases[second]];
    if (a === undefined || b === undefined) {
      call.reply.error(ERR_DB_INDEX);
      return;
    }
    if (a !== b) {
      call.engine.events.onSwapping(a, b);
      keyspace.swap(first, second);
    }
    call.dirty++;
    call.reply.ok();
  },
};
