// The replies of the HELP subcommands: one shape for all containers. The grammar lines name what exists; the words
// under them are ours.

import type { Call } from '../engine/call.ts';
import type { AclCategory, CommandFlag, CommandSpec, Version } from '../engine/command-spec.ts';

/** A line of grammar, and lines that say what it does. */
export type HelpEntry = readonly [grammar: string, ...explanation: string[]];

/** Replies with the help of a container (its name in upper case), one simple string a line. */
export function replyHelp(call: Call, container: string, entries: readonly HelpEntry[]): void {
  const lines = [
    `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...entries.flatMap(([grammar, ...about]) => [grammar, ...about.map((line) => `    ${line}`)]),
    'HELP',
    '    Print this help.',
  ];
  call.reply.array(lines.length);
  for (const line of lines) call.reply.simple(line);
}

export interface HelpSettings {
  readonly container: string;
  readonly since: Version;
  readonly flags: readonly CommandFlag[];
  readonly acl?: readonly AclCategory[];
  readonly entries: readonly HelpEntry[];
}

/** The HELP subcommand of a container. */
export function helpSubcommand(settings: HelpSettings): CommandSpec {
  const { container, since, flags, acl, entries } = settings;
  return {
    name: 'help',
    group: 'server',
    since,
    summary: `Lists what ${container} can do.`,
    complexity: 'O(1)',
    arity: 2,
    flags,
    ...(acl === undefined ? {} : { acl }),
    replies: ['array'],
    run: (call) => replyHelp(call, container, entries),
  };
}
