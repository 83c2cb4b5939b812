// Files in memory for tests: a disk that can be full, fail at a step of the test's choosing, take
// only a part of a write, and lose in a crash what was not synced.

import type { Done, Files, OpenMode } from '../../runtime/files.ts';

interface MemoryFile {
  bytes: Buffer;
  /** What a crash leaves. */
  synced: Buffer;
}

export type FailingStep = 'open' | 'write' | 'sync' | 'rename' | 'truncate' | 'syncFolder';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

export class MemoryFiles implements Files {
  /** By path. Names are on the disk at once, contents when they are synced. */
  readonly files: Map<string, MemoryFile> = new Map();
  readonly folders: Set<string> = new Set(['/data']);
  /** The step that fails, with its error's code. */
  failing: FailingStep | null = null;
  failingCode: string = 'EIO';
  /** Bytes that the disk still takes. */
  roomBytes: number = Number.POSITIVE_INFINITY;
  syncCount = 0;
  writeCount = 0;
  /** Syncs and writes that were asked for and have not ended: the test ends them. */
  readonly waiting: (() => void)[] = [];
  readonly #open: Map<number, { file: MemoryFile; mode: OpenMode }> = new Map();
  #nextFd = 10;

  #step(step: FailingStep): void {
    if (this.failing === step) throw systemError(this.failingCode);
  }

  #file(path: string): MemoryFile {
    const file = this.files.get(path);
    if (file === undefined) throw systemError('ENOENT');
    return file;
  }

  #of(fd: number): MemoryFile {
    const open = this.#open.get(fd);
    if (open === undefined) throw systemError('EBADF');
    return open.file;
  }

  text(path: string): string {
    return this.#file(path).bytes.toString('latin1');
  }

  put(path: string, text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.files.set(path, { bytes, synced: bytes });
  }

  /** Loses what was not synced, and all descriptors. */
  crash(): void {
    for (const file of this.files.values()) file.bytes = Buffer.from(file.synced);
    this.#open.clear();
    this.waiting.length = 0;
  }

  /** Ends what was asked for and waits. */
  settle(): void {
    while (this.waiting.length > 0) this.waiting.shift()?.();
  }

  open(path: string, mode: OpenMode): number {
    this.#step('open');
    let file = this.files.get(path);
    if (file === undefined) {
      if (mode === 'read') throw systemError('ENOENT');
      file = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
      this.files.set(path, file);
    }
    if (mode === 'overwrite' || mode === 'snapshot') file.bytes = Buffer.alloc(0);
    const fd = this.#nextFd++;
    this.#open.set(fd, { file, mode });
    return fd;
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) throw systemError('EBADF');
  }

  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    return this.#of(fd).bytes.copy(bytes, offset, position, position + length);
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    this.#step('write');
    this.writeCount++;
    const file = this.#of(fd);
    const count = Math.min(length, this.roomBytes);
    if (count === 0 && length > 0) throw systemError('ENOSPC');
    this.roomBytes -= count;
    file.bytes = Buffer.concat([file.bytes, bytes.subarray(offset, offset + count)]);
    return count;
  }

  writeSoon(
    fd: number,
    bytes: Uint8Array,
    done: (error: Error | null, count: number) => void,
  ): void {
    this.waiting.push(() => {
      try {
        done(null, this.write(fd, bytes, 0, bytes.length));
      } catch (error) {
        done(error as Error, 0);
      }
    });
  }

  sync(fd: number): void {
    this.#step('sync');
    this.syncCount++;
    const file = this.#of(fd);
    file.synced = Buffer.from(file.bytes);
  }

  syncSoon(fd: number, done: Done): void {
    this.waiting.push(() => {
      try {
        this.sync(fd);
        done(null);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  syncFolder(): void {
    this.#step('syncFolder');
  }

  truncate(path: string, bytes: number): void {
    this.#step('truncate');
    this.#cut(this.#file(path), bytes);
  }

  truncateOpen(fd: number, bytes: number): void {
    this.#step('truncate');
    this.#cut(this.#of(fd), bytes);
  }

  #cut(file: MemoryFile, bytes: number): void {
    this.roomBytes += Math.max(0, file.bytes.length - bytes);
    file.bytes = file.bytes.subarray(0, bytes);
  }

  sizeOf(path: string): number {
    return this.#file(path).bytes.length;
  }

  sizeOfOpen(fd: number): number {
    return this.#of(fd).bytes.length;
  }

  exists(path: string): boolean {
    return this.files.has(path) || this.folders.has(path);
  }

  isFolder(path: string): boolean {
    return this.folders.has(path);
  }

  makeFolder(path: string): void {
    this.folders.add(path);
  }

  namesIn(path: string): string[] {
    const prefix = `${path}/`;
    return [...this.files.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  rename(from: string, to: string): void {
    this.#step('rename');
    const file = this.#file(from);
    this.files.delete(from);
    this.files.set(to, file);
  }

  remove(path: string): void {
    this.#file(path);
    this.files.delete(path);
  }

  removeSoon(path: string): void {
    this.files.delete(path);
  }
}
