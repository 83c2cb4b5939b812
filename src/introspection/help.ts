// The HELP subcommands of this folder. The grammar lines name what exists; the words under them are
// ours.

import type { AclCategory, CommandFlag, CommandSpec, Version } from '../engine/command-spec.ts';
import { replyHelp } from '../engine/help-reply.ts';

/** A line of grammar, and lines that say what it does. */
export type HelpEntry = readonly [grammar: string, ...explanation: string[]];

/** The entries as lines, explanations indented. */
export function helpLines(entries: readonly HelpEntry[]): string[] {
  return entries.flatMap(([grammar, ...about]) => [grammar, ...about.map((line) => `    ${line}`)]);
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
    run: (call) => replyHelp(call, container, helpLines(entries)),
  };
}
