// Bytes that come from a connection, as a source to load from: what has come and was not used yet
// waits here. Whoever gives bytes leaves them to the source and stops while it is full.
//
//   connection --push--> queue of pieces --more--> bytes[start..end] --> reader

import type { ByteSource } from './file-source.ts';

/** From so many bytes on the connection is not read, and again below the other. */
const FULL_BYTES = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;

export class StreamSource implements ByteSource {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  isOpen = true;
  #pieces: Uint8Array[] = [];
  #queuedBytes = 0;
  #isFull = false;
  readonly #onRoom: () => void;

  /** @param onRoom called when a source that was full can take more. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Adds a piece, which may not change any more. @returns false when it is full. */
  push(piece: Uint8Array): boolean {
    this.#pieces.push(piece);
    this.#queuedBytes += piece.length;
    if (this.#queuedBytes >= FULL_BYTES) this.#isFull = true;
    return !this.#isFull;
  }

  /** Nothing more will come. */
  finish(): void {
    this.isOpen = false;
  }

  more(): boolean {
    const piece = this.#pieces.shift();
    if (piece === undefined) return false;
    this.#queuedBytes -= piece.length;
    this.bytes = piece;
    this.start = 0;
    this.end = piece.length;
    if (this.#isFull && this.#queuedBytes < ROOM_BYTES) {
      this.#isFull = false;
      this.#onRoom();
    }
    return true;
  }

  /** Bytes that wait behind those of `more`. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  close(): void {
    this.#pieces = [];
    this.#queuedBytes = 0;
    this.end = this.start;
  }
}
