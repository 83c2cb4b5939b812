// The `rename-command` lines of redis.conf: they need the whole table of commands, which only a
// server has, so a mistake in one of them ends its making.

import type { CommandTable } from '../engine/command.ts';

const REFUSALS = {
  missing: 'No such command in rename-command',
  taken: 'Target command name already exists',
} as const;

/** A line cannot be obeyed. `index` says which; the message is Redis's. */
export class RenameError extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.name = 'RenameError';
    this.index = index;
  }
}

/** Renames one after the other; to '' takes a command out. @throws RenameError */
export function renameCommands(
  commands: CommandTable,
  renames: readonly (readonly [from: string, to: string])[],
): void {
  for (const [index, [from, to]] of renames.entries()) {
    const outcome = commands.rename(from, to);
    if (outcome !== 'ok') throw new RenameError(index, REFUSALS[outcome]);
  }
}
