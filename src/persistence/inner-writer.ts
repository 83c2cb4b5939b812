// A writer of snapshots in this process, for a server inside another program, which has no child
// processes: it hands the bytes to the disk one after the other and never waits for it.

import { systemWords } from '../config/node-disk.ts';
import { type Files, folderOf, pathIn } from '../runtime/files.ts';
import { ChunkPool } from './chunk-pool.ts';
import { ChecksumTail } from './snapshot-file.ts';
import {
  FULL_BYTES,
  type SnapshotWriter,
  temporaryName,
  type WriterResult,
  type WriterStart,
  type WriterTask,
} from './snapshot-writer.ts';

/** Makes a starter of writers; `newId` gives each a number that no other file has. */
export function innerWriters(files: Files, newId: () => number): WriterStart {
  return (task, onEnd) => {
    const id = newId();
    try {
      const path = pathIn(task.dir, temporaryName(task, id));
      return new InnerWriter(files, task, { id, path, fd: files.open(path, 'snapshot') }, onEnd);
    } catch (error) {
      return { error: systemWords(error) };
    }
  };
}

/** Bytes on their way to the disk. */
interface Part {
  readonly bytes: Uint8Array;
  readonly onSent: () => void;
}

const NOTHING = (): void => {};

class InnerWriter implements SnapshotWriter {
  readonly id: number;
  onRoom: () => void = () => {};
  readonly #files: Files;
  readonly #task: WriterTask;
  readonly #path: string;
  readonly #fd: number;
  readonly #onEnd: (result: WriterResult) => void;
  readonly #tail: ChecksumTail | null;
  readonly #chunks = new ChunkPool();
  #queue: Part[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(
    files: Files,
    task: WriterTask,
    { id, path, fd }: { id: number; path: string; fd: number },
    onEnd: (result: WriterResult) => void,
  ) {
    this.id = id;
    this.#files = files;
    this.#task = task;
    this.#path = path;
    this.#fd = fd;
    this.#onEnd = onEnd;
    this.#tail = task.addsChecksum ? new ChecksumTail() : null;
  }

  get isFull(): boolean {
    return this.#queuedBytes > FULL_BYTES;
  }

  write(bytes: Uint8Array, length: number): void {
    if (this.#isClosed) return;
    this.#chunks.copy(bytes, length, (copy, onSent) => {
      const parts = this.#tail === null ? [copy] : this.#tail.pass(copy);
      // The last lies in the copy; those before have left when it has.
      const last = parts.pop();
      for (const part of parts) this.#add(part, NOTHING);
      if (last === undefined) onSent();
      else this.#add(last, onSent);
    });
    this.#next();
  }

  #add(bytes: Uint8Array, onSent: () => void): void {
    if (bytes.length === 0) {
      onSent();
      return;
    }
    this.#queue.push({ bytes, onSent });
    this.#queuedBytes += bytes.length;
  }

  end(): void {
    if (this.#isClosed) return;
    if (this.#tail !== null) this.#add(this.#tail.checksum(), NOTHING);
    this.#hasEnded = true;
    this.#next();
  }

  /** Hands the first of what waits to the disk. */
  #next(): void {
    if (this.#isWriting || this.#isClosed) return;
    const part = this.#queue[0];
    if (part === undefined) {
      if (this.#hasEnded) this.#sync();
      return;
    }
    this.#isWriting = true;
    this.#files.writeSoon(this.#fd, part.bytes, (error, count) => {
      this.#isWriting = false;
      if (this.#isClosed) this.#close();
      else if (error !== null) this.#fail(error);
      else this.#wrote(part, count);
    });
  }

  #wrote({ bytes, onSent }: Part, count: number): void {
    const wasFull = this.isFull;
    this.#queuedBytes -= count;
    if (count === bytes.length) {
      this.#queue.shift();
      onSent();
    } else this.#queue[0] = { bytes: bytes.subarray(count), onSent };
    this.#next();
    if (wasFull && !this.isFull) this.onRoom();
  }

  #sync(): void {
    this.#isWriting = true;
    this.#files.syncSoon(this.#fd, (error) => {
      this.#isWriting = false;
      if (this.#isClosed) this.#close();
      else if (error !== null) this.#fail(error);
      else this.#finish();
    });
  }

  #finish(): void {
    const { dir, finalName } = this.#task;
    this.#isClosed = true;
    try {
      this.#files.close(this.#fd);
      if (finalName !== null) {
        const path = pathIn(dir, finalName);
        this.#files.rename(this.#path, path);
        this.#files.syncFolder(folderOf(path));
      }
    } catch (error) {
      this.#files.removeSoon(this.#path);
      this.#onEnd({ isDone: false, signal: 0, text: systemWords(error) });
      return;
    }
    this.#onEnd({ isDone: true, signal: 0, text: '' });
  }

  #fail(error: Error): void {
    this.#isClosed = true;
    this.#close();
    this.#onEnd({ isDone: false, signal: 0, text: systemWords(error) });
  }

  #close(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      this.#files.close(this.#fd);
    } catch {
      // The file goes in any case.
    }
    this.#files.removeSoon(this.#path);
  }

  kill(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What is on its way to the disk still needs the file.
    if (!this.#isWriting) this.#close();
  }
}
