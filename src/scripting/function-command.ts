// FUNCTION: libraries of functions. https://redis.io/docs/latest/commands/function-load/

import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import { replyHelp } from '../engine/help-reply.ts';
import { FUNCTION_HELP } from './function-help.ts';
import {
  runDelete,
  runDump,
  runFlush,
  runList,
  runLoad,
  runRestore,
  runStats,
} from './function-subcommands.ts';
import { runKill } from './kill.ts';
import type { Scripting } from './scripting.ts';

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
    since: '7.0.0',
    summary,
    complexity,
    arity,
    flags,
    acl: ['scripting'],
    ...more,
  };
}

const ALL_SHARDS = ['request_policy:all_shards', 'response_policy:all_succeeded'];

function changing(scripting: Scripting): CommandSpec[] {
  return [
    subcommand('delete', 3, 'Deletes a library.', 'O(1)', ['noscript', 'write'], {
      tips: ALL_SHARDS,
      args: [{ name: 'library-name', type: 'string' }],
      replies: ['simple-string'],
      run: (call, args) => runDelete(scripting, call, args),
    }),
    subcommand(
      'flush',
      -2,
      'Deletes all libraries.',
      'O(N) where N is the number of functions deleted',
      ['noscript', 'write'],
      {
        tips: ALL_SHARDS,
        args: [
          {
            name: 'flush-type',
            type: 'oneof',
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
    subcommand(
      'load',
      -3,
      'Makes a library.',
      'O(1) (considering compilation time is redundant)',
      ['noscript', 'write', 'denyoom'],
      {
        tips: ALL_SHARDS,
        args: [
          { name: 'replace', type: 'pure-token', token: 'REPLACE', optional: true },
          { name: 'function-code', type: 'string' },
        ],
        replies: ['bulk-string'],
        run: (call, args) => runLoad(scripting, call, args),
      },
    ),
  ];
}

function restoring(scripting: Scripting): CommandSpec[] {
  return [
    subcommand(
      'restore',
      -3,
      'Restores all libraries from a payload.',
      'O(N) where N is the number of functions on the payload',
      ['noscript', 'write', 'denyoom'],
      {
        tips: ALL_SHARDS,
        args: [
          { name: 'serialized-value', type: 'string' },
          {
            name: 'policy',
            type: 'oneof',
            optional: true,
            args: [
              { name: 'flush', type: 'pure-token', token: 'FLUSH' },
              { name: 'append', type: 'pure-token', token: 'APPEND' },
              { name: 'replace', type: 'pure-token', token: 'REPLACE' },
            ],
          },
        ],
        replies: ['simple-string'],
        run: (call, args) => runRestore(scripting, call, args),
      },
    ),
  ];
}

function telling(scripting: Scripting): CommandSpec[] {
  return [
    subcommand(
      'dump',
      2,
      'Gives all libraries as a payload.',
      'O(N) where N is the number of functions',
      ['noscript'],
      { replies: ['bulk-string'], run: (call) => runDump(scripting, call) },
    ),
    subcommand('help', 2, 'Shows what FUNCTION can do.', 'O(1)', ['loading', 'stale'], {
      replies: ['array'],
      run: (call) => replyHelp(call, 'FUNCTION', FUNCTION_HELP),
    }),
    subcommand('kill', 2, 'Ends the function that is busy.', 'O(1)', ['noscript', 'allow_busy'], {
      tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
      replies: ['simple-string'],
      run: (call) => runKill(scripting, call, false),
    }),
    subcommand(
      'list',
      -2,
      'Tells of all libraries.',
      'O(N) where N is the number of functions',
      ['noscript'],
      {
        tips: ['nondeterministic_output_order'],
        args: [
          {
            name: 'library-name-pattern',
            type: 'string',
            token: 'LIBRARYNAME',
            optional: true,
          },
          { name: 'withcode', type: 'pure-token', token: 'WITHCODE', optional: true },
        ],
        replies: ['array'],
        run: (call, args) => runList(scripting, call, args),
      },
    ),
    subcommand('stats', 2, 'Tells of the function that runs.', 'O(1)', ['noscript', 'allow_busy'], {
      tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
      replies: ['map'],
      run: (call) => runStats(scripting, call),
    }),
  ];
}

export function functionCommand(scripting: Scripting): CommandSpec {
  return {
    name: 'function',
    group: 'scripting',
    since: '7.0.0',
    summary: 'A container for commands of functions.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [...changing(scripting), ...restoring(scripting), ...telling(scripting)],
  };
}
