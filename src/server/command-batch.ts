// Commands of a pipeline that are read ahead, so that the memory their keys lie in can be asked for
// all at once before the first of them runs. One batch serves all connections of a server in turn.

import { Args } from '../protocol/args.ts';

/** Commands that are read ahead. */
export const BATCH_SIZE = 16;

export class CommandBatch {
  /**
   * Arguments of the commands; the one behind the last may hold the beginning of the next command.
   */
  readonly args: Args[] = Array.from({ length: BATCH_SIZE }, () => new Args());
  /** Where each command ends in the bytes it was read from. */
  readonly ends: Int32Array = new Int32Array(BATCH_SIZE);

  /** Gives the arguments at `index` away and puts new ones in their place. */
  take(index: number): Args {
    const taken = this.args[index]!;
    this.args[index] = new Args();
    return taken;
  }
}
