// COMMAND INFO of every command that ours and the real server both know: arity, flags, keys, ACL
// categories, tips and key specs must be equal, but for what command-differences.ts lists.
import { RespClient } from '../support/client.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import { type CommandDifference, commandDifferences } from './command-differences.ts';
import type { Judge } from './known-differences.ts';

const FIELDS = [
  'name',
  'arity',
  'flags',
  'first key',
  'last key',
  'step',
  'categories',
  'tips',
  'key specs',
] as const;

export interface InfoMismatch {
  readonly command: string;
  readonly field: string;
  readonly ours: string;
  readonly real: string;
}

/** The fields of a command as text, what has no order sorted. */
function fieldsOf(reply: Reply): string[] {
  if (reply.type !== 'array') return [];
  return FIELDS.map((_, i) => {
    const field = reply.items[i];
    if (field === undefined) return '';
    if (field.type !== 'array' && field.type !== 'set') return replyText(field) ?? showReply(field);
    return field.items
      .map((item) => replyText(item) ?? showReply(item))
      .sort()
      .join(' ');
  });
}

/** All commands with their subcommands, by full name. */
async function commandsOf(client: RespClient): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const add = (reply: Reply): void => {
    if (reply.type !== 'array') return;
    const fields = fieldsOf(reply);
    found.set(fields[0] ?? '', fields);
    const subcommands = reply.items[9];
    if (subcommands?.type === 'array') for (const sub of subcommands.items) add(sub);
  };
  const reply = await client.command('COMMAND');
  if (reply.type === 'array') for (const item of reply.items) add(item);
  return found;
}

/**
 * Compares all commands.
 * @returns what differs and is not listed, and what is listed and does not differ
 */
export async function compareCommandInfo(
  ports: { readonly ours: number; readonly real: number },
  judge: Judge = '7.0',
): Promise<InfoMismatch[]> {
  const ours = await RespClient.connect({ port: ports.ours });
  const real = await RespClient.connect({ port: ports.real });
  try {
    const known = judge === '7.0' ? commandDifferences : [];
    return differences(await commandsOf(ours), await commandsOf(real), known);
  } finally {
    await ours.close();
    await real.close();
  }
}

/** The differences of two lists of commands that are not among the `known` ones. */
export function differences(
  ours: ReadonlyMap<string, readonly string[]>,
  real: ReadonlyMap<string, readonly string[]>,
  known: readonly CommandDifference[],
): InfoMismatch[] {
  const found: InfoMismatch[] = [];
  const used = new Set<CommandDifference>();
  for (const [command, mine] of ours) {
    const theirs = real.get(command);
    if (theirs === undefined) continue;
    for (const [i, field] of FIELDS.entries()) {
      const [a, b] = [mine[i] ?? '', theirs[i] ?? ''];
      if (a === b) continue;
      const listed = known.find(
        (entry) =>
          entry.commands.includes(command) &&
          entry.field === field &&
          entry.ours === a &&
          entry.real === b,
      );
      if (listed === undefined) found.push({ command, field, ours: a, real: b });
      else used.add(listed);
    }
  }
  for (const entry of known) {
    if (used.has(entry)) continue;
    const command = entry.commands.join(', ');
    found.push({ command, field: entry.field, ours: 'no longer differs', real: entry.reason });
  }
  return found;
}
