// The buffers of long commands and replies that were let go of. V8 collects by the size of its own
// heap, which is small here: while such buffers keep coming it hears of them and collects, but when
// they have stopped it would not come by for long, and they would stay resident.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { COLLECT_FROM_BYTES } from '../runtime/memory.ts';

export class DroppedBuffers {
  /** Bytes of all of them, ever. */
  bytes: number = DOUBLE_ZERO;
  /** Those that the collector was called for, and those of the last look. */
  #collectedBytes: number = DOUBLE_ZERO;
  #seenBytes: number = DOUBLE_ZERO;

  /** @param byteLength size of a buffer that nobody holds any more */
  count(byteLength: number): void {
    this.bytes += byteLength;
  }

  /**
   * To be asked every now and then.
   * @returns whether the collector should be called: there is something, and no more has come.
   */
  areWorthCollecting(): boolean {
    const hasSettled = this.bytes === this.#seenBytes;
    this.#seenBytes = this.bytes;
    return hasSettled && this.bytes - this.#collectedBytes >= COLLECT_FROM_BYTES;
  }

  /** The collector has been called. */
  reset(): void {
    this.#collectedBytes = this.bytes;
  }
}
