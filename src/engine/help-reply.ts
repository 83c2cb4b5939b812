// The reply of `<CONTAINER> HELP`: lines of plain text, between the heading and the last entry that
// all containers share.

import type { Call } from './call.ts';

/**
 * Writes the help of a container of subcommands. `lines` are the subcommands, each followed by its
 * indented text.
 */
export function replyHelp(call: Call, container: string, lines: readonly string[]): void {
  const { reply } = call;
  reply.array(lines.length + 3);
  reply.simple(`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple('HELP');
  reply.simple('    Print this help.');
}
