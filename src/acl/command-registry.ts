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
  readonly #commands: (Command | null)[] = [null];
  /** The same, as rules name them: made at the first rule, since few servers have one. */
  #registered: (RegisteredCommand | null)[] | null = null;
  readonly #byName: Map<string, RegisteredCommand> = new Map();

  /** Numbers the commands of a table, each followed by its subcommands. */
  constructor(table: CommandTable) {
    for (const command of table.all()) this.#number(command);
  }

  #number(command: Command): void {
    command.accessId = this.#commands.length;
    this.#commands.push(command);
    for (const sub of command.subcommands?.all() ?? []) this.#number(sub);
  }

  #all(): readonly (RegisteredCommand | null)[] {
    if (this.#registered !== null) return this.#registered;
    const all: (RegisteredCommand | null)[] = this.#commands.map(() => null);
    this.#registered = all;
    // Subcommands have the greater numbers: they are there before their container.
    for (let id = all.length - 1; id > 0; id--) {
      all[id] = this.#register(this.#commands[id]!, all);
    }
    return all;
  }

  #register(command: Command, all: readonly (RegisteredCommand | null)[]): RegisteredCommand {
    const subs = [...(command.subcommands?.all() ?? [])];
    const registered: RegisteredCommand = {
      id: command.accessId,
      fullName: command.fullName,
      // They are made when somebody asks, too.
      get categories() {
        return command.categories;
      },
      isSubcommand: command.fullName.includes('|'),
      subcommands: subs.map(({ accessId }) => all[accessId]!),
    };
    this.#byName.set(command.fullName, registered);
    return registered;
  }

  /** Words of bits that a selector needs. */
  get wordCount(): number {
    return (this.#commands.length + 31) >>> 5;
  }

  /** The command of a name in any case, a subcommand as `config|get`. */
  find(name: string): RegisteredCommand | undefined {
    this.#all();
    return this.#byName.get(name.toLowerCase());
  }

  /** The name that a command was declared with. */
  nameOf(command: Command): string {
    return this.#commands[command.accessId]?.fullName ?? command.fullName;
  }

  /** All commands of a category. */
  inCategory(category: AclCategory): RegisteredCommand[] {
    return this.#all().flatMap((command) =>
      command?.categories.includes(category) === true ? [command] : [],
    );
  }
}
