// The shape of a grammar: which commands a group has and how a call of each is drawn.
// One file a group under grammars/; index.ts there lists them. A new group needs nothing else, but
// for normalisers (compare.ts) of replies that may rightly differ.
import type { Draw } from './draw.ts';

export interface CommandGrammar {
  /** The command's name; a subcommand is drawn by `args`. */
  readonly name: string;
  /** How often, against the others of the group; 1 unless given. */
  readonly weight?: number;
  /** Draws the arguments after the name. May be wrong on purpose; mutations come on top. */
  args(draw: Draw): string[];
  /** False where a mutated call could do harm (stop the server, wait for ever). */
  readonly mutable?: boolean;
}

export interface Grammar {
  readonly group: string;
  readonly commands: readonly CommandGrammar[];
  /** The steps that every stream of the group begins and ends with. */
  readonly before?: readonly (readonly string[])[];
  readonly after?: readonly (readonly string[])[];
  /** False where steps may not stand between MULTI and EXEC: half of the other streams do so. */
  readonly inTransactions?: false;
  /** True when each reply must be awaited before the next command is sent. */
  readonly lockstep?: boolean;
  /** Draws a whole step as raw bytes (latin1); for groups that test the protocol itself. */
  raw?(draw: Draw): string;
}
