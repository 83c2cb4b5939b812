// SCRIPT: the cache of scripts. https://redis.io/docs/latest/commands/script-load/

import { Call } from '../engine/call.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import { replyHelp } from '../engine/help-reply.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import { runKill } from './kill.ts';
import type { Scripting } from './scripting.ts';

const SYNC = Call.word('SYNC');
const ASYNC = Call.word('ASYNC');
const BAD_FLUSH = replyError('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
const NO_DEBUGGER = replyError('ERR SCRIPT DEBUG is not supported: this server has no debugger');
const BAD_DEBUG = replyError('ERR Use SCRIPT DEBUG YES/SYNC/NO');

const HELP = [
  'DEBUG (YES|SYNC|NO)',
  '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]',
  '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]',
  '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.',
  '    * SYNC: Synchronously flush the scripts cache.',
  'KILL',
  '    Kill the currently executing Lua script.',
  'LOAD <script>',
  '    Load a script into the scripts cache without executing it.',
];

function runLoad(scripting: Scripting, call: Call, args: Args): void {
  const made = scripting.scripts.add(args.latin1(2));
  if (typeof made === 'string') call.reply.error(replyError(`ERR ${made}`));
  else call.reply.bulkLatin1(made.name);
}

function runExists(scripting: Scripting, call: Call, args: Args): void {
  call.reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    call.reply.integer(scripting.scripts.has(args.latin1(i).toLowerCase()) ? 1 : 0);
  }
}

function runFlush(scripting: Scripting, call: Call, args: Args): void {
  const isKnown = args.count === 2 || (args.count === 3 && (args.is(2, SYNC) || args.is(2, ASYNC)));
  if (!isKnown) {
    call.reply.error(BAD_FLUSH);
    return;
  }
  scripting.flushScripts();
  call.reply.ok();
}

function runDebug(call: Call, args: Args): void {
  const word = args.latin1(2).toLowerCase();
  if (word === 'no') call.reply.ok();
  else call.reply.error(word === 'yes' || word === 'sync' ? NO_DEBUGGER : BAD_DEBUG);
}

function subcommand(
  name: string,
  arity: number,
  summary: string,
  complexity: string,
  flags: readonly CommandFlag[],
  more: Partial<CommandSpec>,
): CommandSpec {
  return {
    name,
    group: 'scripting',
    since: '2.6.0',
    summary,
    complexity,
    arity,
    flags,
    acl: ['scripting'],
    ...more,
  };
}

const ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded'];

function subcommands(scripting: Scripting): CommandSpec[] {
  return [
    subcommand('debug', 3, 'Sets the debug mode of scripts that run.', 'O(1)', ['noscript'], {
      since: '3.2.0',
      args: [
        {
          name: 'mode',
          type: 'oneof',
          args: [
            { name: 'yes', type: 'pure-token', token: 'YES' },
            { name: 'sync', type: 'pure-token', token: 'SYNC' },
            { name: 'no', type: 'pure-token', token: 'NO' },
          ],
        },
      ],
      replies: ['simple-string'],
      run: runDebug,
    }),
    subcommand(
      'exists',
      -3,
      'Tells which scripts the cache has.',
      'O(N) with N being the number of scripts to check (so checking a single script is an O(1) ' +
        'operation).',
      ['noscript'],
      {
        tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
        args: [{ name: 'sha1', type: 'string', multiple: true }],
        replies: ['array'],
        run: (call, args) => runExists(scripting, call, args),
      },
    ),
    subcommand(
      'flush',
      -2,
      'Removes all scripts from the cache.',
      'O(N) with N being the number of scripts in cache',
      ['noscript'],
      {
        tips: ALL_NODES,
        history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
        args: [
          {
            name: 'flush-type',
            type: 'oneof',
            since: '6.2.0',
            optional: true,
            args: [
              { name: 'async', type: 'pure-token', token: 'ASYNC' },
              { name: 'sync', type: 'pure-token', token: 'SYNC' },
            ],
          },
        ],
        replies: ['simple-string'],
        run: (call, args) => runFlush(scripting, call, args),
      },
    ),
  ];
}

function otherSubcommands(scripting: Scripting): CommandSpec[] {
  return [
    subcommand('help', 2, 'Shows what SCRIPT can do.', 'O(1)', ['loading', 'stale'], {
      since: '5.0.0',
      replies: ['array'],
      run: (call) => replyHelp(call, 'SCRIPT', HELP),
    }),
    subcommand('kill', 2, 'Ends the script that is busy.', 'O(1)', ['noscript', 'allow_busy'], {
      tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
      replies: ['simple-string'],
      run: (call) => runKill(scripting, call, true),
    }),
    subcommand(
      'load',
      3,
      'Puts a script into the cache.',
      'O(N) with N being the length in bytes of the script body.',
      ['noscript', 'stale'],
      {
        tips: ALL_NODES,
        args: [{ name: 'script', type: 'string' }],
        replies: ['bulk-string'],
        run: (call, args) => runLoad(scripting, call, args),
      },
    ),
  ];
}

export function scriptCommand(scripting: Scripting): CommandSpec {
  return {
    name: 'script',
    group: 'scripting',
    since: '2.6.0',
    summary: 'A container for commands of scripts.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [...subcommands(scripting), ...otherSubcommands(scripting)],
  };
}
