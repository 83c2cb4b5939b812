// A file as a stream of bytes that is read in large pieces, with a window over what has been read
// and not used. What is used up makes room; a command larger than the window makes it grow.

import type { Files } from '../runtime/files.ts';

/** Bytes that are read piece by piece. */
export interface ByteSource {
  /** What has been read: from `start` to `end`. */
  readonly bytes: Uint8Array;
  start: number;
  readonly end: number;
  /** Whether bytes may come later, though none are there now. */
  readonly isOpen: boolean;
  /** Reads more. @returns false when nothing is there. @throws the system's error */
  more(): boolean;
  close(): void;
}

const WINDOW_BYTES = 256 * 1024;
/** A window that one large command made is given back. */
const KEPT_BYTES = 4 * 1024 * 1024;

export class FileSource implements ByteSource {
  /** What has been read: from `start` to `end`. */
  bytes: Uint8Array = new Uint8Array(WINDOW_BYTES);
  start = 0;
  end = 0;
  /** Nothing is left to read. */
  isAtEnd = false;
  readonly isOpen = false;
  readonly #files: Files;
  #fd: number;
  #readBytes = 0;

  /** @throws the system's error */
  constructor(files: Files, path: string) {
    this.#files = files;
    this.#fd = files.open(path, 'read');
  }

  /** Where in the file `start` is. */
  get position(): number {
    return this.#readBytes - (this.end - this.start);
  }

  /** Reads more behind `end`. @returns false at the end of the file. @throws the system's error */
  more(): boolean {
    if (this.isAtEnd) return false;
    this.#makeRoom();
    const room = this.bytes.length - this.end;
    const count = this.#files.read(this.#fd, this.bytes, this.end, room, this.#readBytes);
    this.end += count;
    this.#readBytes += count;
    if (count === 0) this.isAtEnd = true;
    return count > 0;
  }

  #makeRoom(): void {
    const used = this.end - this.start;
    if (used === 0 && this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(WINDOW_BYTES);
    if (used === this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes.subarray(this.start, this.end));
      this.bytes = larger;
    } else if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.start = 0;
    this.end = used;
  }

  close(): void {
    if (this.#fd >= 0) this.#files.close(this.#fd);
    this.#fd = -1;
  }
}
