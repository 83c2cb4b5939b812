// Files of the machine, for what is written and read without end: snapshots and append-only files.
// Paths and names are strings of one character a byte. Everything throws the system's error; tests
// put their own Files in the place of the machine's, with disks that are full or fail.

import {
  close,
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  unlink,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemTimers } from './clock.ts';

export type OpenMode = 'read' | 'append' | 'overwrite' | 'snapshot';
export type Done = (error: Error | null) => void;

export interface Files {
  /**
   * All but `read` make the file when it does not exist; `snapshot` overwrites one that all may
   * write whom the umask lets. @returns a descriptor
   */
  open(path: string, mode: OpenMode): number;
  close(fd: number): void;
  /** @returns bytes read, 0 at the end */
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes at the end of what was written. @returns how many bytes, which may be fewer */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** The same without waiting. `done` gets how many bytes were written. */
  writeSoon(
    fd: number,
    bytes: Uint8Array,
    done: (error: Error | null, count: number) => void,
  ): void;
  /** Waits until what was written is on the disk. */
  sync(fd: number): void;
  syncSoon(fd: number, done: Done): void;
  /** Waits until names in a folder are on the disk, where the system can. */
  syncFolder(path: string): void;
  truncate(path: string, bytes: number): void;
  truncateOpen(fd: number, bytes: number): void;
  sizeOf(path: string): number;
  sizeOfOpen(fd: number): number;
  exists(path: string): boolean;
  isFolder(path: string): boolean;
  makeFolder(path: string): void;
  namesIn(path: string): string[];
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Removes a file that may be large, without waiting; whether it worked nobody asks. */
  removeSoon(path: string): void;
}

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
// Node's permission model refuses fsync, whatever else it allows. What is written there is on the
// disk when the write ends, but for names in folders.
const IS_RESTRICTED = 'permission' in process;
const SYNCED = IS_RESTRICTED ? (constants.O_DSYNC ?? 0) : 0;
const APPEND = O_WRONLY | O_CREAT | O_APPEND | SYNCED;
// Whoever cuts off the end of a file that is open goes on behind the cut: a descriptor with a place
// of its own would leave a hole there.
const OVERWRITE = APPEND | O_TRUNC;
const MODES = { read: 'r', append: APPEND, overwrite: OVERWRITE, snapshot: OVERWRITE } as const;

/** A name of one character a byte as the path that it spells. */
export function systemPath(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** A name in a folder; both of one character a byte. */
export function pathIn(folder: string, name: string): string {
  return Buffer.from(join(systemPath(folder), systemPath(name)), 'utf8').toString('latin1');
}

/** The folder of a path of one character a byte. */
export function folderOf(path: string): string {
  return Buffer.from(dirname(systemPath(path)), 'utf8').toString('latin1');
}

/** The files of this machine. */
export const nodeFiles: Files = {
  open: (path, mode) =>
    openSync(systemPath(path), MODES[mode], mode === 'snapshot' ? 0o666 : 0o644),
  close: (fd) => closeSync(fd),
  read: (fd, bytes, offset, length, position) => readSync(fd, bytes, offset, length, position),
  write: (fd, bytes, offset, length) => writeSync(fd, bytes, offset, length),
  writeSoon(fd, bytes, done) {
    write(fd, bytes, 0, bytes.length, null, (error, count) => done(error, count ?? 0));
  },
  sync(fd) {
    if (!IS_RESTRICTED) fdatasyncSync(fd);
  },
  syncSoon(fd, done) {
    if (IS_RESTRICTED) systemTimers.soon(() => done(null));
    else fdatasync(fd, (error) => done(error));
  },
  syncFolder(path) {
    // Windows cannot sync a folder, and its rename is durable by itself.
    if (process.platform === 'win32' || IS_RESTRICTED) return;
    const fd = openSync(systemPath(path), 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  truncate: (path, bytes) => truncateSync(systemPath(path), bytes),
  truncateOpen: (fd, bytes) => ftruncateSync(fd, bytes),
  sizeOf: (path) => statSync(systemPath(path)).size,
  sizeOfOpen: (fd) => fstatSync(fd).size,
  exists: (path) => existsSync(systemPath(path)),
  isFolder: (path) => statSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false,
  makeFolder(path) {
    mkdirSync(systemPath(path), 0o755);
  },
  namesIn: (path) =>
    readdirSync(systemPath(path)).map((name) => Buffer.from(name, 'utf8').toString('latin1')),
  rename: (from, to) => renameSync(systemPath(from), systemPath(to)),
  remove: (path) => unlinkSync(systemPath(path)),
  removeSoon(path) {
    const name = systemPath(path);
    try {
      // The name goes at once; its blocks go when the descriptor is closed, which nobody waits for.
      const fd = openSync(name, 'r');
      close(fd, removeName(name) ? () => {} : () => unlink(name, () => {}));
    } catch {
      unlink(name, () => {});
    }
  },
};

/** @returns false where a file that is open keeps its name */
function removeName(name: string): boolean {
  try {
    unlinkSync(name);
    return true;
  } catch {
    return false;
  }
}

/** True when a file does not exist. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
