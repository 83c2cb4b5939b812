// SELECT index

import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_DB_INDEX } from '../../protocol/reply-errors.ts';

export const select: CommandSpec = {
  name: 'select',
  group: 'connection',
  since: '1.0.0',
  summary: 'Changes the database of the connection.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  acl: ['connection'],
  args: [{ name: 'index', type: 'integer' }],
  replies: ['simple-string'],
  run(call) {
    const index = call.int32(1);
    if (call.failed()) return;
    const db = call.keyspace.databases[index];
    if (db === undefined) {
      call.reply.error(ERR_DB_INDEX);
      return;
    }
    call.client.db = db;
    call.reply.ok();
  },
};
