// Asks for the memory of keys before their commands run: those of a pipeline are known together, so
// that the memory of one is on its way while another is served. Owned by the engine.

import type { Args } from '../protocol/args.ts';
import type { Dict } from '../structures/dict.ts';
import type { Client } from './client.ts';
import type { Command, CommandTable } from './command.ts';

export class Lookahead {
  /** The commands of the pipeline, null where a name was not looked at. */
  readonly found: (Command | null)[] = [];
  readonly #commands: CommandTable;
  #dict: Dict | null = null;

  constructor(commands: CommandTable) {
    this.#commands = commands;
  }

  /** Asks for the memory of the keys that the first `count` commands of a pipeline will look up. */
  begin(client: Client, batch: readonly Args[], count: number): void {
    const { dict } = client.db;
    const { found } = this;
    if (this.#dict !== dict) this.#dict = dict;
    const { bytes } = batch[0]!;
    const isListed = dict.expectBegin(bytes);
    for (let i = 0; i < count; i++) {
      const args = batch[i]!;
      const command = this.#commands.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
      if (found[i] !== command) found[i] = command;
      if (!isListed || command === null || args.bytes !== bytes) continue;
      const key = command.firstKey;
      if (key === 0 || key >= args.count) continue;
      dict.expect(args.offsets[key]!, args.lengths[key]!);
    }
    dict.expectEnd();
  }

  /** The commands have run, or will be read again. */
  end(): void {
    this.#dict?.expectNothing();
  }
}
