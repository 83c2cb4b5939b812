// COMMAND and its subcommands: what the server knows about its own commands.
// https://redis.io/docs/latest/commands/command/

import type { Call } from '../../engine/call.ts';
import type { Command } from '../../engine/command.ts';
import type { ArgumentSpec, CommandFlag, CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { type HelpEntry, helpSubcommand } from '../help.ts';
import { writeDocsOf } from './command-docs.ts';
import { writeCommandInfo } from './command-info.ts';
import { replyKeys } from './command-keys.ts';
import { runCommandList } from './command-list.ts';

const FLAGS: readonly CommandFlag[] = ['loading', 'stale'];
const UNORDERED = ['nondeterministic_output_order'];
const NAMES: readonly ArgumentSpec[] = [
  { name: 'command-name', type: 'string', optional: true, multiple: true },
];
const FULL_COMMAND: readonly ArgumentSpec[] = [
  { name: 'command', type: 'string' },
  { name: 'arg', type: 'string', optional: true, multiple: true },
];

const HELP: readonly HelpEntry[] = [
  ['(no subcommand)', 'Describe all commands of this server.'],
  ['COUNT', 'Tell how many commands this server has.'],
  ['LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <glob>)]', 'List command names.'],
  ['INFO [<command-name> ...]', 'Describe the named commands, or all without a name.'],
  ['DOCS [<command-name> ...]', 'Document the named commands, or all without a name.'],
  ['GETKEYS <full-command>', 'Extract the keys from a complete command.'],
  ['GETKEYSANDFLAGS <full-command>', 'Extract the keys and how each is accessed.'],
];

function runInfo(call: Call, args: Args): void {
  const { commands } = call.engine;
  if (args.count <= 2) {
    const all = commands.all();
    call.reply.array(all.length);
    for (const command of all) writeCommandInfo(call.reply, command);
    return;
  }
  call.reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    writeCommandInfo(call.reply, commands.find(args.latin1(i)));
  }
}

function runDocs(call: Call, args: Args): void {
  const { commands } = call.engine;
  if (args.count === 2) {
    writeDocsOf(call.reply, commands.all());
    return;
  }
  const found: Command[] = [];
  for (let i = 2; i < args.count; i++) {
    const command = commands.find(args.latin1(i));
    if (command !== undefined) found.push(command);
  }
  writeDocsOf(call.reply, found);
}

function getKeys(name: string, withFlags: boolean, since: '2.8.13' | '7.0.0'): CommandSpec {
  return {
    name,
    group: 'server',
    since,
    summary: `Tells the keys ${withFlags ? 'and their flags ' : ''}in a complete command.`,
    complexity: 'O(N) where N is the number of arguments to the command',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    args: FULL_COMMAND,
    replies: ['array'],
    run: (call, args) => replyKeys(call, args, withFlags),
  };
}

const info: CommandSpec = {
  name: 'info',
  group: 'server',
  since: '2.8.13',
  summary: 'Describes one, several or all commands.',
  complexity: 'O(N) where N is the number of commands to look up',
  arity: -2,
  flags: FLAGS,
  acl: ['connection'],
  tips: UNORDERED,
  args: NAMES,
  history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
  replies: ['array'],
  run: runInfo,
};

const count: CommandSpec = {
  name: 'count',
  group: 'server',
  since: '2.8.13',
  summary: 'Tells how many commands there are.',
  complexity: 'O(1)',
  arity: 2,
  flags: FLAGS,
  acl: ['connection'],
  replies: ['integer'],
  run: (call) => call.reply.integer(call.engine.commands.size),
};

const docs: CommandSpec = {
  name: 'docs',
  group: 'server',
  since: '7.0.0',
  summary: 'Documents one, several or all commands.',
  complexity: 'O(N) where N is the number of commands to look up',
  arity: -2,
  flags: FLAGS,
  acl: ['connection'],
  tips: UNORDERED,
  args: NAMES,
  replies: ['map'],
  run: runDocs,
};

const list: CommandSpec = {
  name: 'list',
  group: 'server',
  since: '7.0.0',
  summary: 'Lists the names of commands.',
  complexity: 'O(N) where N is the total number of Redis commands',
  arity: -2,
  flags: FLAGS,
  acl: ['connection'],
  tips: UNORDERED,
  args: [
    {
      name: 'filterby',
      type: 'oneof',
      token: 'FILTERBY',
      optional: true,
      args: [
        { name: 'module-name', type: 'string', token: 'MODULE' },
        { name: 'category', type: 'string', token: 'ACLCAT' },
        { name: 'pattern', type: 'pattern', token: 'PATTERN' },
      ],
    },
  ],
  replies: ['array'],
  run: runCommandList,
};

export const command: CommandSpec = {
  name: 'command',
  group: 'server',
  since: '2.8.13',
  summary: 'Describes all commands.',
  complexity: 'O(N) where N is the total number of Redis commands',
  arity: -1,
  flags: FLAGS,
  acl: ['connection'],
  tips: UNORDERED,
  replies: ['array'],
  subcommands: [
    count,
    docs,
    getKeys('getkeys', false, '2.8.13'),
    getKeys('getkeysandflags', true, '7.0.0'),
    helpSubcommand({
      container: 'COMMAND',
      since: '5.0.0',
      flags: FLAGS,
      acl: ['connection'],
      entries: HELP,
    }),
    info,
    list,
  ],
  run: runInfo,
};
