// The real disk of the configuration: the one file of src/config/ that touches node: modules.
// Everything is synchronous; it is used at start and by CONFIG REWRITE and CONFIG SET dir, on small
// files.
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { latin1Bytes, latin1String, utf8Bytes } from '../bytes/ascii.ts';
import { matchGlob } from '../bytes/glob.ts';
import type { ConfigDisk, ReadFailure } from './disk.ts';

// Node's permission model refuses fsync: there a write itself waits for the disk.
const IS_RESTRICTED = 'permission' in process;
const { O_CREAT, O_EXCL, O_WRONLY } = constants;
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | (IS_RESTRICTED ? (constants.O_DSYNC ?? 0) : 0);

/** The words of the C library, which Redis's error texts contain. */
const SYSTEM_WORDS: { readonly [code: string]: string } = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EBUSY: 'Device or resource busy',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  ENOMEM: 'Cannot allocate memory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ETXTBSY: 'Text file busy',
  EXDEV: 'Invalid cross-device link',
};

const MAX_TEMPORARY_NAMES = 100;

/** The code of a system error, or ''. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, errno } = error as NodeJS.ErrnoException;
  return code ?? (errno === undefined ? '' : getSystemErrorName(errno));
}

/** What the system says of an error, in the words of the C library. */
export function systemWords(error: unknown): string {
  return SYSTEM_WORDS[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/**
 * A text of one character a byte as the path it spells in UTF-8, which is what node:path works on.
 */
function toPath(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * The folder that the process runs in. One that has been removed is still named, as the shell that
 * started the process knows it, so that the server runs and finds no files there, as Redis does.
 * @throws the system's error where it is gone and nobody has named it.
 */
export function workingDirectory(): string {
  try {
    return toBytes(process.cwd());
  } catch (error) {
    if (process.env.PWD === undefined) throw error;
    return toBytes(process.env.PWD);
  }
}

function toBytes(path: string): string {
  const bytes = utf8Bytes(path);
  return latin1String(bytes, 0, bytes.length);
}

function resolvePath(path: string, from: string): string {
  return toBytes(resolve(toPath(from), toPath(path)));
}

function resolveDirectory(path: string, from: string): { path: string } | { error: string } {
  if (path === '') return { error: SYSTEM_WORDS.ENOENT ?? '' };
  try {
    const found = realpathSync(resolve(toPath(from), toPath(path)));
    if (!statSync(found).isDirectory()) return { error: SYSTEM_WORDS.ENOTDIR ?? '' };
    accessSync(found, constants.X_OK);
    return { path: toBytes(found) };
  } catch (error) {
    return { error: systemWords(error) };
  }
}

function read(path: string): { text: string } | ReadFailure {
  try {
    const bytes = readFileSync(toPath(path));
    return { text: latin1String(bytes, 0, bytes.length) };
  } catch (error) {
    const code = errorCode(error);
    return { error: systemWords(error), missing: code === 'ENOENT', isFolder: code === 'EISDIR' };
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // A folder that cannot be read has no matches, as for the shell.
    return [];
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

function nameMatches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const glob = utf8Bytes(pattern.replace(/\[!/g, '[^'));
  const text = utf8Bytes(name);
  return matchGlob(glob, 0, glob.length, text, 0, text.length, false);
}

function glob(pattern: string, from: string): string[] {
  const whole = isAbsolute(toPath(pattern)) ? toPath(pattern) : join(toPath(from), toPath(pattern));
  const { root } = parse(whole);
  const parts = whole.slice(root.length).split(sep === '\\' ? /[\\/]/ : '/');
  let found = [root];
  for (const part of parts) {
    if (part === '') continue;
    found = /[*?[]/.test(part)
      ? found.flatMap((folder) =>
          namesIn(folder)
            .filter((name) => nameMatches(part, name))
            .map((name) => join(folder, name)),
        )
      : found.map((folder) => join(folder, part)).filter(exists);
  }
  return found.map(toBytes);
}

function tryAppend(path: string): string | null {
  try {
    closeSync(openSync(toPath(path), 'a'));
    return null;
  } catch (error) {
    return systemWords(error);
  }
}

/** Opens a new file beside `path`; a name that a crash left behind is passed over. */
function openTemporary(path: string): { name: string; fd: number } {
  for (let attempt = 1; ; attempt++) {
    const name = `${path}.${process.pid}.${attempt}`;
    try {
      return { name, fd: openSync(name, NEW_FILE, 0o644) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || attempt === MAX_TEMPORARY_NAMES) throw error;
    }
  }
}

function syncFolder(folder: string): void {
  // Windows cannot sync a folder, and its rename is durable by itself.
  if (process.platform === 'win32' || IS_RESTRICTED) return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(fd, bytes, offset);
}

function writeAtomically(path: string, text: string): string | null {
  const target = toPath(path);
  let temporary: string | null = null;
  try {
    const { name, fd } = openTemporary(target);
    temporary = name;
    try {
      writeAll(fd, latin1Bytes(text));
      if (!IS_RESTRICTED) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
    temporary = null;
    syncFolder(dirname(target));
    return null;
  } catch (error) {
    if (temporary !== null) tryUnlink(temporary);
    return systemWords(error);
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The reason that is reported is that of the write; a left-over name harms nobody.
  }
}

/** The disk of this machine. */
export const nodeDisk: ConfigDisk = {
  resolvePath,
  resolveDirectory,
  read,
  glob,
  tryAppend,
  writeAtomically,
};
