// A snapshot file as it is being written, waiting for the disk: under a temporary name until it is
// whole and synced, so that a crash at any moment leaves the old file or the new one. Used by the
// child process, and by SAVE in the server itself.

import { Crc64 } from '../bytes/crc64.ts';
import { type Files, folderOf, pathIn } from '../runtime/files.ts';
import { writeAll } from './aof-folder.ts';
import {
  CHECKSUM_BYTES,
  SYNC_EVERY_BYTES,
  temporaryName,
  type WriterTask,
} from './snapshot-writer.ts';

export class SnapshotFile {
  readonly #files: Files;
  readonly #task: WriterTask;
  readonly #path: string;
  readonly #tail: ChecksumTail | null;
  #fd: number;
  #unsyncedBytes = 0;

  /** @throws the system's error */
  constructor(files: Files, task: WriterTask, id: number) {
    this.#files = files;
    this.#task = task;
    this.#path = pathIn(task.dir, temporaryName(task, id));
    this.#tail = task.addsChecksum ? new ChecksumTail() : null;
    this.#fd = files.open(this.#path, 'snapshot');
  }

  /** Writes the first `length` bytes. @throws the system's error */
  write(bytes: Uint8Array, length: number): void {
    const chunk = bytes.subarray(0, length);
    if (this.#tail === null) this.#put(chunk);
    else for (const part of this.#tail.pass(chunk)) this.#put(part);
  }

  #put(bytes: Uint8Array): void {
    writeAll(this.#files, this.#fd, bytes);
    this.#unsyncedBytes += bytes.length;
    if (!this.#task.syncsOnTheWay || this.#unsyncedBytes < SYNC_EVERY_BYTES) return;
    this.#unsyncedBytes = 0;
    this.#files.sync(this.#fd);
  }

  /** Syncs the file and gives it its name. @throws the system's error */
  finish(): void {
    const files = this.#files;
    if (this.#tail !== null) this.#put(this.#tail.checksum());
    files.sync(this.#fd);
    files.close(this.#fd);
    this.#fd = -1;
    const { dir, finalName } = this.#task;
    if (finalName === null) return;
    const path = pathIn(dir, finalName);
    files.rename(this.#path, path);
    files.syncFolder(folderOf(path));
  }

  /** Removes what was written; the file of before stays. */
  discard(): void {
    try {
      if (this.#fd >= 0) this.#files.close(this.#fd);
      this.#files.remove(this.#path);
    } catch {
      // What is left has a name that nobody reads.
    }
    this.#fd = -1;
  }
}

/** Passes bytes on, sums them up, and keeps the last eight back, in whose place the sum goes. */
export class ChecksumTail {
  readonly #crc = new Crc64(true);
  #kept: Uint8Array = new Uint8Array(0);

  /** @returns what may be written now; true until the bytes change */
  pass(bytes: Uint8Array): Uint8Array[] {
    const total = this.#kept.length + bytes.length;
    if (total <= CHECKSUM_BYTES) {
      this.#kept = Buffer.concat([this.#kept, bytes]);
      return [];
    }
    const fromBytes = Math.max(0, bytes.length - CHECKSUM_BYTES);
    const keptCount = CHECKSUM_BYTES - (bytes.length - fromBytes);
    const out = this.#kept.subarray(0, this.#kept.length - keptCount);
    const parts = [out, bytes.subarray(0, fromBytes)];
    this.#kept = Buffer.concat([this.#kept.subarray(out.length), bytes.subarray(fromBytes)]);
    for (const part of parts) this.#crc.update(part, 0, part.length);
    return parts;
  }

  /** The CRC64 of all but the last eight bytes, low byte first. */
  checksum(): Uint8Array {
    const bytes = new Uint8Array(CHECKSUM_BYTES);
    this.#crc.write(bytes, 0);
    return bytes;
  }
}
