// XSETID key id [ENTRIESADDED n] [MAXDELETEDID id]. https://redis.io/docs/latest/commands/xsetid/

import { Call, NOTIFY_STREAM } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NO_KEY, ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { readCounter } from './counters.ts';
import {
  ERR_ENTRIES_ADDED_NEGATIVE,
  ERR_SETID_BELOW_DELETED,
  ERR_SETID_BELOW_GIVEN_DELETED,
  ERR_SETID_BELOW_LENGTH,
  ERR_SETID_BELOW_TOP,
} from './errors.ts';
import { readId } from './ids.ts';
import { streamOf } from './replies.ts';

const ENTRIESADDED = Call.word('ENTRIESADDED');
const MAXDELETEDID = Call.word('MAXDELETEDID');
const FIRST_OPTION = 3;

function runXsetid(call: Call): void {
  const { reply } = call;
  const { streams } = call.keyspace.values;
  const { id, to: maxDeleted, counter } = streams.work;
  if (!readOptions(call)) return;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.error(ERR_NO_KEY);
    return;
  }
  const stream = streamOf(call, ref);
  if (stream === NULL_REF || !isPossible(call, stream)) return;
  streams.setLastId(stream, id);
  if (!counter.isUnknown) streams.setEntriesAdded(stream, counter);
  if (!maxDeleted.isZero) streams.setMaxDeletedId(stream, maxDeleted);
  reply.ok();
  call.dirty++;
  call.notify(NOTIFY_STREAM, 'xsetid', 1);
}

/** Reads all arguments into the work space. @returns false when the error has been written. */
function readOptions(call: Call): boolean {
  const { args, reply } = call;
  const { id, to: maxDeleted, counter } = call.keyspace.values.streams.work;
  maxDeleted.setMinimum();
  counter.set(-1);
  if (!readId(call, 2, id)) return false;
  for (let i = FIRST_OPTION; i < args.count; i += 2) {
    if (i + 1 < args.count && args.is(i, ENTRIESADDED)) {
      if (!readCounter(call, i + 1, counter)) return false;
      if (counter.high < 0) {
        reply.error(ERR_ENTRIES_ADDED_NEGATIVE);
        return false;
      }
    } else if (i + 1 < args.count && args.is(i, MAXDELETEDID)) {
      if (!readId(call, i + 1, maxDeleted)) return false;
      if (id.compare(maxDeleted) < 0) {
        reply.error(ERR_SETID_BELOW_GIVEN_DELETED);
        return false;
      }
    } else {
      reply.error(ERR_SYNTAX);
      return false;
    }
  }
  return true;
}

/** True when the stream can take what was read; otherwise the error has been written. */
function isPossible(call: Call, stream: number): boolean {
  const { reply } = call;
  const { streams } = call.keyspace.values;
  const { id, last, counter } = streams.work;
  streams.loadMaxDeletedId(stream, last);
  if (id.compare(last) < 0) {
    reply.error(ERR_SETID_BELOW_DELETED);
    return false;
  }
  const length = streams.length(stream);
  if (length === 0) return true;
  streams.loadEdgeId(stream, true, false, last);
  if (id.compare(last) < 0) {
    reply.error(ERR_SETID_BELOW_TOP);
    return false;
  }
  if (!counter.isUnknown && counter.value < length) {
    reply.error(ERR_SETID_BELOW_LENGTH);
    return false;
  }
  return true;
}

export const xsetid: CommandSpec = {
  name: 'xsetid',
  group: 'stream',
  since: '5.0.0',
  summary: 'Sets the last ID and the counters of a stream; replication and saving need it.',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'last-id', type: 'string' },
    {
      name: 'entries-added',
      type: 'integer',
      token: 'ENTRIESADDED',
      since: '7.0.0',
      optional: true,
    },
    {
      name: 'max-deleted-id',
      type: 'string',
      token: 'MAXDELETEDID',
      since: '7.0.0',
      optional: true,
    },
  ],
  history: [['7.0.0', 'Added the `entries_added` and `max_deleted_entry_id` arguments.']],
  replies: ['simple-string'],
  run: runXsetid,
};
