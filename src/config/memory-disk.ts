// A disk of the configuration that lives in memory: for tests, which also let it fail. Files are a
// map from absolute path to text; a folder exists when a file lies in it or it is named in
// `folders`.
import { latin1Bytes } from '../bytes/ascii.ts';
import { matchGlob } from '../bytes/glob.ts';
import type { ConfigDisk, ReadFailure } from './disk.ts';

const NO_FILE = 'No such file or directory';
const IS_FOLDER = 'Is a directory';

export class MemoryDisk implements ConfigDisk {
  readonly files: Map<string, string> = new Map();
  readonly folders: Set<string> = new Set(['/']);
  /** Reasons with which reading or writing the paths fails. */
  readonly failures: Map<string, string> = new Map();

  resolvePath(path: string, from: string): string {
    const parts: string[] = [];
    for (const part of `${path.startsWith('/') ? '' : from}/${path}`.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }

  resolveDirectory(path: string, from: string): { path: string } | { error: string } {
    const found = this.resolvePath(path, from);
    if (this.files.has(found)) return { error: 'Not a directory' };
    const exists =
      this.folders.has(found) ||
      [...this.files.keys()].some((file) => file.startsWith(`${found}/`));
    return path !== '' && exists ? { path: found } : { error: NO_FILE };
  }

  read(path: string): { text: string } | ReadFailure {
    const failure = this.failures.get(path);
    if (failure !== undefined) {
      return { error: failure, missing: false, isFolder: failure === IS_FOLDER };
    }
    const text = this.files.get(path);
    return text === undefined ? { error: NO_FILE, missing: true, isFolder: false } : { text };
  }

  glob(pattern: string, from: string): string[] {
    const glob = latin1Bytes(this.resolvePath(pattern, from));
    return [...this.files.keys()].sort().filter((file) => {
      const text = latin1Bytes(file);
      return matchGlob(glob, 0, glob.length, text, 0, text.length, false);
    });
  }

  tryAppend(path: string): string | null {
    return this.failures.get(path) ?? null;
  }

  writeAtomically(path: string, text: string): string | null {
    const failure = this.failures.get(path);
    if (failure !== undefined) return failure;
    this.files.set(path, text);
    return null;
  }
}
