// MODULE: modules are native libraries made for Redis's own process. None can be loaded here, and
// each attempt is answered as that of a library that does not load.
// https://redis.io/docs/latest/commands/module-load/

import { Call } from '../engine/call.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import { type HelpEntry, helpSubcommand } from './help.ts';
import type { ServerContext } from './server-context.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading', 'protected'];
const CONFIG = Call.word('CONFIG');
const ARGS = Call.word('ARGS');
const LOAD_FAILED = replyError('ERR Error loading the extension. Please check the server logs.');
const NO_SUCH_MODULE = 'no such module with that name';

const HELP: readonly HelpEntry[] = [
  ['LIST', 'List the modules that are loaded: none.'],
  ['LOAD <path> [<arg> ...]', 'Load a module; this server cannot.'],
  [
    'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
    'Load a module with options of its own; this server cannot.',
  ],
  ['UNLOAD <name>', 'Unload a module.'],
];

function refuseLoad(context: ServerContext, call: Call, path: string): void {
  context.log('warning', `Module ${path} failed to load: this server cannot load native modules`);
  call.reply.error(LOAD_FAILED);
}

/** What is wrong with the options of LOADEX, or null. */
function mistakeOf(args: Args): string | null {
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, ARGS)) return null;
    if (!args.is(i, CONFIG))
      return `Syntax Error from arguments to loadex around ${args.shown(i)}.`;
    if (i + 2 >= args.count) return 'CONFIG specified without name value pair';
    i += 2;
  }
  return null;
}

function runLoadEx(context: ServerContext, call: Call, args: Args): void {
  const mistake = mistakeOf(args);
  if (mistake === null) {
    refuseLoad(context, call, args.shown(2));
    return;
  }
  context.log('notice', mistake);
  call.reply.error(LOAD_FAILED);
}

function runUnload(context: ServerContext, call: Call, args: Args): void {
  context.log('warning', `Error unloading module ${args.shown(2)}: ${NO_SUCH_MODULE}`);
  call.reply.error(replyError(`ERR Error unloading module: ${NO_SUCH_MODULE}`));
}

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'arity' | 'run'> & Partial<CommandSpec>;

function subcommand(facts: Facts): CommandSpec {
  return { group: 'server', since: '4.0.0', complexity: 'O(1)', flags: FLAGS, ...facts };
}

function subcommands(context: ServerContext): CommandSpec[] {
  const path = { name: 'path', type: 'string' } as const;
  const rest = { type: 'string', optional: true, multiple: true } as const;
  return [
    helpSubcommand({
      container: 'MODULE',
      since: '5.0.0',
      flags: ['loading', 'stale'],
      entries: HELP,
    }),
    subcommand({
      name: 'list',
      summary: 'Lists the modules that are loaded.',
      complexity: 'O(N) where N is the number of loaded modules.',
      arity: 2,
      flags: ['admin', 'noscript'],
      tips: ['nondeterministic_output_order'],
      replies: ['array'],
      run: (call) => call.reply.array(0),
    }),
    subcommand({
      name: 'load',
      summary: 'Loads a module.',
      arity: -3,
      args: [path, { name: 'arg', ...rest }],
      replies: ['simple-string'],
      run: (call, args) => refuseLoad(context, call, args.shown(2)),
    }),
    subcommand({
      name: 'loadex',
      since: '7.0.0',
      summary: 'Loads a module with options of its own.',
      arity: -3,
      args: [
        path,
        {
          name: 'configs',
          token: 'CONFIG',
          type: 'block',
          optional: true,
          multiple: true,
          multipleToken: true,
          args: [
            { name: 'name', type: 'string' },
            { name: 'value', type: 'string' },
          ],
        },
        { name: 'args', token: 'ARGS', ...rest },
      ],
      replies: ['simple-string'],
      run: (call, args) => runLoadEx(context, call, args),
    }),
    subcommand({
      name: 'unload',
      summary: 'Unloads a module.',
      arity: 3,
      args: [{ name: 'name', type: 'string' }],
      replies: ['simple-string'],
      run: (call, args) => runUnload(context, call, args),
    }),
  ];
}

/** MODULE on a server that cannot load modules. */
export function moduleCommand(context: ServerContext): CommandSpec {
  return {
    name: 'module',
    group: 'server',
    since: '4.0.0',
    summary: 'Holds the commands for modules.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: subcommands(context),
  };
}
