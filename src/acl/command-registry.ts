// The commands as rules of users name them: each command and subcommand has a number, which is its
// bit in a selector. Made from the commands as they were declared; rename-command changes nothing
// here, as in Redis.

import { ACL_CATEGORIES, type Command, type CommandTable } from '../engine/command.ts';
import type { AclCategory } from '../engine/command-spec.ts';

export interface RegisteredCommand {
  readonly id: number;
  /** `config|get` for a subcommand. */
  readonly fullName: string;
  readonly categories: readonly AclCategory[];
  readonly isSubcommand: boolean;
  readonly subcommands: readonly RegisteredCommand[];
}

/** The category of a name in any case, or null. */
export function categoryNamed(name: string): AclCategory | null {
  const folded = name.toLowerCase();
  return ACL_CATEGORIES.find((category) => category === folded) ?? null;
}

export class CommandRegistry {
  /** By number; number 0 is none. */
  readonly all: (RegisteredCommand | null)[] = [null];
  readonly #byName: Map<string, RegisteredCommand> = new Map();

  /** Numbers the commands of a table. */
  constructor(table: CommandTable) {
    for (const command of table.all()) this.#register(command, false);
  }

  #register(command: Command, isSubcommand: boolean): RegisteredCommand {
    const id = this.all.length;
    command.accessId = id;
    this.all.push(null);
    const subcommands: RegisteredCommand[] = [];
    for (const sub of command.subcommands?.all() ?? []) {
      subcommands.push(this.#register(sub, true));
    }
    const registered: RegisteredCommand = {
      id,
      fullName: command.fullName,
      // They are made when somebody asks: few servers have rules of categories.
      get categories() {
        return command.categories;
      },
      isSubcommand,
      subcommands,
    };
    this.all[id] = registered;
    this.#byName.set(command.fullName, registered);
    return registered;
  }

  /** Words of bits that a selector needs. */
  get wordCount(): number {
    return (this.all.length + 31) >>> 5;
  }

  /** The command of a name in any case, a subcommand as `config|get`. */
  find(name: string): RegisteredCommand | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** The name that a command was declared with. */
  nameOf(command: Command): string {
    return this.all[command.accessId]?.fullName ?? command.fullName;
  }

  /** All commands of a category. */
  inCategory(category: AclCategory): RegisteredCommand[] {
    return this.all.flatMap((command) =>
      command?.categories.includes(category) === true ? [command] : [],
    );
  }
}
