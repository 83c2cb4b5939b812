// SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF. https://redis.io/docs/latest/commands/bgsave/

import { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_SYNTAX, replyError } from '../protocol/reply-errors.ts';
import type { Persistence } from './persistence.ts';
import { type AofWaits, waitaofCommand } from './waitaof-command.ts';

const SCHEDULE = Call.word('SCHEDULE');
const ALREADY_SAVING = replyError('ERR Background save already in progress');
const OTHER_CHILD = replyError(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in " +
    'order to schedule a BGSAVE whenever possible.',
);
/** Redis's error without a text. */
const FAILED = replyError('ERR');
const ALREADY_REWRITING = replyError(
  'ERR Background append only file rewriting already in progress',
);
const CANNOT_REWRITE = replyError(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more " +
    'information.',
);

type Owner = () => Persistence;

function save(owner: Owner): CommandSpec {
  return {
    name: 'save',
    group: 'server',
    since: '1.0.0',
    summary: 'Writes a snapshot of the data to disk and waits for it.',
    complexity: 'O(N) where N is the total number of keys in all databases',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
    replies: ['simple-string'],
    run(call) {
      const { rdb } = owner();
      if (rdb.isWriting) {
        call.reply.error(ALREADY_SAVING);
        return;
      }
      rdb.saveCount++;
      if (rdb.save()) call.reply.ok();
      else call.reply.error(FAILED);
    },
  };
}

function runBgsave({ rdb, background }: Persistence, call: Call, args: Args): void {
  const { reply, engine } = call;
  const isScheduled = args.count === 2 && args.is(1, SCHEDULE);
  if (args.count > 1 && !isScheduled) {
    reply.error(ERR_SYNTAX);
    return;
  }
  const { isExecuting } = engine.transactions;
  if (rdb.isWriting) reply.error(ALREADY_SAVING);
  else if (background.isBusy || isExecuting) {
    if (!isScheduled && !isExecuting) {
      reply.error(OTHER_CHILD);
      return;
    }
    rdb.isScheduled = true;
    reply.simple('Background saving scheduled');
  } else if (rdb.saveInBackground()) reply.simple('Background saving started');
  else reply.error(FAILED);
}

function bgsave(owner: Owner): CommandSpec {
  return {
    name: 'bgsave',
    group: 'server',
    since: '1.0.0',
    summary: 'Begins to write a snapshot of the data to disk.',
    complexity: 'O(1)',
    arity: -1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    args: [
      { name: 'schedule', type: 'pure-token', token: 'SCHEDULE', since: '3.2.2', optional: true },
    ],
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    replies: ['simple-string'],
    run: (call, args) => runBgsave(owner(), call, args),
  };
}

function lastsave(owner: Owner): CommandSpec {
  return {
    name: 'lastsave',
    group: 'server',
    since: '1.0.0',
    summary: 'Tells when the data was last saved.',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    tips: ['nondeterministic_output'],
    replies: ['integer'],
    run: (call) => call.reply.integer(owner().rdb.lastSaveSeconds),
  };
}

function bgrewriteaof(owner: Owner): CommandSpec {
  return {
    name: 'bgrewriteaof',
    group: 'server',
    since: '1.0.0',
    summary: 'Begins to write the append-only file anew.',
    complexity: 'O(1)',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    replies: ['simple-string'],
    run({ reply, engine }) {
      const { aof, background } = owner();
      if (background.kind === 'aof') reply.error(ALREADY_REWRITING);
      else if (background.isBusy || engine.transactions.isExecuting) {
        aof.isScheduled = true;
        // Who asks by hand need not wait because of earlier failures.
        aof.limit.onSuccess();
        reply.simple('Background append only file rewriting scheduled');
      } else if (aof.rewrite()) reply.simple('Background append only file rewriting started');
      else reply.error(CANNOT_REWRITE);
    },
  };
}

/** The commands of a server's persistence, which may be made after them. */
export function persistenceCommands(owner: Owner, waits: () => AofWaits): CommandSpec[] {
  return [save(owner), bgsave(owner), lastsave(owner), bgrewriteaof(owner), waitaofCommand(waits)];
}
