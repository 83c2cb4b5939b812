// The folder of the append-only files: its manifest on the disk, the names in it, and the upgrade
// of the single file that Redis had before version 7. Failures are logged in Redis's words and told
// as false or null; nothing is half done then.

import { latin1Bytes, latin1String } from '../bytes/ascii.ts';
import { errorCode, systemWords } from '../config/node-disk.ts';
import { type Files, pathIn } from '../runtime/files.ts';
import {
  formatManifest,
  type Manifest,
  type ManifestFault,
  NO_FILES,
  parseManifest,
} from './manifest.ts';
import type { LogLine } from './persistence-host.ts';

export interface AofFolderSettings {
  /** `dir`, `appenddirname` and `appendfilename`. */
  readonly dir: string;
  readonly folderName: string;
  readonly fileName: string;
}

/** Reads a whole file, one character a byte. @throws the system's error */
export function readText(files: Files, path: string): string {
  const fd = files.open(path, 'read');
  try {
    const bytes = new Uint8Array(files.sizeOfOpen(fd));
    let length = 0;
    while (length < bytes.length) {
      const count = files.read(fd, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return latin1String(bytes, 0, length);
  } finally {
    files.close(fd);
  }
}

export class AofFolder {
  manifest: Manifest = NO_FILES;
  /**
   * False while it is not sure which of two manifests a crash would leave: files of both must stay.
   */
  #isSettled = true;
  readonly path: string;
  readonly fileName: string;
  readonly #settings: AofFolderSettings;
  readonly #files: Files;
  readonly #log: LogLine;

  constructor(files: Files, log: LogLine, settings: AofFolderSettings) {
    this.#files = files;
    this.#log = log;
    this.#settings = settings;
    this.path = pathIn(settings.dir, settings.folderName);
    this.fileName = settings.fileName;
  }

  get manifestName(): string {
    return `${this.fileName}.manifest`;
  }

  get temporaryIncrName(): string {
    return `temp-${this.fileName}.incr`;
  }

  pathOf(name: string): string {
    return pathIn(this.path, name);
  }

  /** Makes the folder if it is not there. @returns false, and says why, when it cannot */
  make(): boolean {
    if (this.#files.isFolder(this.path)) return true;
    try {
      this.#files.makeFolder(this.path);
      return true;
    } catch (error) {
      const { folderName } = this.#settings;
      // A file lies in its place.
      const words = errorCode(error) === 'EEXIST' ? 'Not a directory' : systemWords(error);
      this.#log('warning', `Can't open or create append-only dir ${folderName}: ${words}`);
      return false;
    }
  }

  /** Reads the manifest, if there is one. @returns false, and says why, when it is at fault */
  load(): boolean {
    const path = this.pathOf(this.manifestName);
    if (!this.#files.exists(path)) return true;
    let text: string;
    try {
      text = readText(this.#files, path);
    } catch (error) {
      this.#log(
        'warning',
        `Fatal error: can't open the AOF manifest file ${this.manifestName} for reading: ` +
          systemWords(error),
      );
      return false;
    }
    const result = parseManifest(text);
    if ('error' in result) {
      for (const line of faultLines(result)) this.#log('warning', line);
      return false;
    }
    this.manifest = result;
    return true;
  }

  /** Puts a manifest in the place of the one on the disk. @returns whether it did */
  persist(manifest: Manifest): boolean {
    const files = this.#files;
    const name = this.manifestName;
    const temporary = `temp-${name}`;
    const temporaryPath = this.pathOf(temporary);
    let step = `Can't open the AOF manifest file ${temporary}`;
    try {
      const fd = files.open(temporaryPath, 'overwrite');
      try {
        step = `Error trying to write the temporary AOF manifest file ${temporary}`;
        writeAll(files, fd, latin1Bytes(formatManifest(manifest)));
        step = `Fail to fsync the temp AOF file ${temporary}`;
        files.sync(fd);
      } finally {
        files.close(fd);
      }
      step = `Error trying to rename the temporary AOF manifest file ${temporary} into ${name}`;
      files.rename(temporaryPath, this.pathOf(name));
    } catch (error) {
      this.#log('warning', `${step}: ${systemWords(error)}`);
      return false;
    }
    this.manifest = manifest;
    this.#settle();
    return true;
  }

  /** From the rename on the new manifest counts, but a crash may bring the old one back. */
  #settle(): void {
    try {
      this.#files.syncFolder(this.path);
      this.#isSettled = true;
    } catch (error) {
      this.#isSettled = false;
      const { folderName } = this.#settings;
      this.#log('warning', `Fail to fsync AOF directory ${folderName}: ${systemWords(error)}`);
    }
  }

  /** Whether the single file of Redis before 7 is there and not yet moved into the folder. */
  get mustUpgrade(): boolean {
    const files = this.#files;
    const { dir, fileName } = this.#settings;
    if (!files.exists(pathIn(dir, fileName))) return false;
    const { base, incr } = this.manifest;
    if (!files.isFolder(this.path)) return true;
    if (incr.length > 0) return false;
    return base === null || (base.name === fileName && !files.exists(this.pathOf(fileName)));
  }

  /** Makes the single file of old the base. @returns false, and says why, when it cannot */
  upgrade(): boolean {
    const { dir, folderName, fileName } = this.#settings;
    if (!this.make()) return false;
    const base = { name: fileName, seq: 1 };
    if (!this.persist({ ...NO_FILES, base, baseSeq: 1 })) return false;
    try {
      this.#files.rename(pathIn(dir, fileName), this.pathOf(fileName));
    } catch (error) {
      this.#log(
        'warning',
        `Error trying to move the old AOF file ${fileName} into dir ${folderName}: ` +
          systemWords(error),
      );
      return false;
    }
    this.#log(
      'notice',
      `Successfully migrated an old-style AOF file (${fileName}) into the AOF directory ` +
        `(${folderName}).`,
    );
    return true;
  }

  /** Removes the files that the data set does not need any more. */
  removeHistory(): void {
    const { history, base, incr } = this.manifest;
    if (history.length === 0 || !this.#isSettled) return;
    // Names come back where a manifest tells of history alone.
    const inUse = new Set([base, ...incr].map((file) => file?.name));
    for (const { name } of history) {
      if (inUse.has(name)) continue;
      this.#log('notice', `Removing the history file ${name} in the background`);
      this.#files.removeSoon(this.pathOf(name));
    }
    this.persist({ ...this.manifest, history: [] });
  }

  /** Size of a file in bytes; 0, with a line in the log, when it cannot be told. */
  sizeOf(name: string): number {
    try {
      return this.#files.sizeOf(this.pathOf(name));
    } catch (error) {
      this.#log(
        'warning',
        `Unable to obtain the AOF file ${name} length. stat: ${systemWords(error)}`,
      );
      return 0;
    }
  }
}

/** The lines by which Redis tells of a manifest that it cannot read. */
export function faultLines({ error, line }: ManifestFault): string[] {
  const lines = ['\n*** FATAL AOF MANIFEST FILE ERROR ***\n'];
  if (line !== null) {
    lines.push(`Reading the manifest file, at line ${line.number}\n`, `>>> '${line.text}'\n`);
  }
  return [...lines, `${error}\n`];
}

/** Writes all bytes, however many calls it takes. @throws the system's error */
export function writeAll(files: Files, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += files.write(fd, bytes, at, bytes.length - at);
}
