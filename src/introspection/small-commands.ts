// TIME and SHUTDOWN. https://redis.io/docs/latest/commands/time/,
// https://redis.io/docs/latest/commands/shutdown/

import { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_SYNTAX, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { ServerContext } from './server-context.ts';

const USEC_PER_SECOND = 1e6;
const NOSAVE = Call.word('NOSAVE');
const SAVE = Call.word('SAVE');
const NOW = Call.word('NOW');
const FORCE = Call.word('FORCE');
const ABORT = Call.word('ABORT');
const NOT_SHUTTING_DOWN = replyError('ERR No shutdown in progress.');
const MAY_NOT_WAIT = replyError(
  "ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client",
);
const SHUTDOWN_FAILED = replyError('ERR Errors trying to SHUTDOWN. Check logs.');

/** TIME: the clock of the server. */
export function timeCommand(context: ServerContext): CommandSpec {
  return {
    name: 'time',
    group: 'server',
    since: '2.6.0',
    summary: 'Tells the time of the server.',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    tips: ['nondeterministic_output'],
    replies: ['array'],
    run(call) {
      const { engine, keyspace } = call;
      const isInside = engine.depth > 1;
      const usec = isInside ? engine.timer.usecInside(keyspace.nowMs) : context.clock.nowUsec();
      call.reply.array(2);
      call.reply.bulkInteger(Math.floor(usec / USEC_PER_SECOND));
      call.reply.bulkInteger(usec % USEC_PER_SECOND);
    },
  };
}

function runShutdown(context: ServerContext, call: Call, args: Args): void {
  let isAbort = false;
  let saves = false;
  let savesNot = false;
  let now = false;
  let force = false;
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, NOSAVE)) savesNot = true;
    else if (args.is(i, SAVE)) saves = true;
    else if (args.is(i, NOW)) now = true;
    else if (args.is(i, FORCE)) force = true;
    else if (args.is(i, ABORT)) isAbort = true;
    else {
      call.reply.error(ERR_SYNTAX);
      return;
    }
  }
  if ((saves && savesNot) || (isAbort && (saves || savesNot || now || force))) {
    call.reply.error(ERR_SYNTAX);
    return;
  }
  if (isAbort) {
    if (context.abortShutdown?.() === true) call.reply.ok();
    else call.reply.error(NOT_SHUTTING_DOWN);
    return;
  }
  // One that stands in an append-only file would end every start.
  if (!now && !call.mayBlock) {
    call.reply.error(MAY_NOT_WAIT);
    return;
  }
  // Only NOSAVE may end a server whose script is busy: there is no state between two commands.
  const { suspended } = call.engine;
  const refusal = suspended === null ? null : suspended.work.refusal;
  if (refusal !== null && !savesNot) {
    call.reply.error(refusal);
    return;
  }
  const save = saves ? 'save' : savesNot ? 'nosave' : 'default';
  // There is no reply but the end of the connection; nothing that was sent behind runs.
  let answer: ((write: (reply: ReplyWriter) => void) => void) | null = null;
  const reason = context.shutdown({ save, now, force }, () => {
    answer?.((reply) => reply.error(SHUTDOWN_FAILED));
  });
  if (reason !== null) call.reply.error(SHUTDOWN_FAILED);
  else answer = call.engine.defer(call.client);
}

/** SHUTDOWN: ends the server. */
export function shutdownCommand(context: ServerContext): CommandSpec {
  return {
    name: 'shutdown',
    group: 'server',
    since: '1.0.0',
    summary: 'Saves the data and ends the server.',
    complexity:
      'O(N) when saving, where N is the total number of keys in all databases when saving data, ' +
      'otherwise O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    args: [
      {
        name: 'save-selector',
        type: 'oneof',
        optional: true,
        args: [
          { name: 'nosave', type: 'pure-token', token: 'NOSAVE' },
          { name: 'save', type: 'pure-token', token: 'SAVE' },
        ],
      },
      { name: 'now', type: 'pure-token', token: 'NOW', since: '7.0.0', optional: true },
      { name: 'force', type: 'pure-token', token: 'FORCE', since: '7.0.0', optional: true },
      { name: 'abort', type: 'pure-token', token: 'ABORT', since: '7.0.0', optional: true },
    ],
    history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
    replies: ['simple-string', 'none'],
    run: (call, args) => runShutdown(context, call, args),
  };
}
