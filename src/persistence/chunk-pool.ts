// Buffers for the bytes of a snapshot that are on their way to a disk or a process. Each is used
// again when its bytes have left: fresh ones would have V8 look for dead ones for every 20 MB of a
// snapshot, which holds clients up.

/** Bytes of a buffer. */
const CHUNK_BYTES = 256 * 1024;

export class ChunkPool {
  readonly #free: Uint8Array[] = [];

  /**
   * Copies the first `length` bytes, into as many buffers as that takes.
   * @param send gets each copy, and what to call when its bytes have left
   */
  copy(
    bytes: Uint8Array,
    length: number,
    send: (copy: Uint8Array, onSent: () => void) => void,
  ): void {
    for (let from = 0; from < length; from += CHUNK_BYTES) {
      const buffer = this.#free.pop() ?? new Uint8Array(CHUNK_BYTES);
      const part = bytes.subarray(from, Math.min(from + CHUNK_BYTES, length));
      buffer.set(part);
      send(buffer.subarray(0, part.length), () => this.#free.push(buffer));
    }
  }
}
