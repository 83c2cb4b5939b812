// Commands of a pipeline that are read ahead, so that the memory their keys lie in can be asked for
// all at once before the first of them runs. One batch serves all connections of a server in turn.

import { Args } from '../protocol/args.ts';

/** Commands that are read ahead. */
export const BATCH_SIZE = 16;
/** Arguments that wait to be used again, at most. */
const KEPT_ARGS = 64;

const NOTHING = new Uint8Array(0);

export class CommandBatch {
  /**
   * Arguments of the commands; the one behind the last may hold the beginning of the next command.
   */
  readonly args: Args[] = Array.from({ length: BATCH_SIZE }, () => new Args());
  /** Where each command ends in the bytes it was read from. */
  readonly ends: Int32Array = new Int32Array(BATCH_SIZE);

  readonly #free: Args[] = [];

  /** Gives the arguments at `index` away and puts others in their place. */
  take(index: number): Args {
    const taken = this.args[index]!;
    this.args[index] = this.#free.pop() ?? new Args();
    return taken;
  }

  /** Takes back arguments that were given away. */
  give(args: Args): void {
    if (this.#free.length === KEPT_ARGS) return;
    args.clear();
    args.bytes = NOTHING;
    this.#free.push(args);
  }

  /** Holds on to `bytes` no longer. */
  forget(bytes: Uint8Array): void {
    for (const args of this.args) if (args.bytes === bytes) args.bytes = NOTHING;
  }
}
