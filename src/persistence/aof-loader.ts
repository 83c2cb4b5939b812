// Loads the append-only files that the manifest names, one after the other. Only the last may be
// cut off.

import { AofFileLoader, type AofResult } from './aof-file-loader.ts';
import type { AofFolder } from './aof-folder.ts';
import type { AofFile } from './manifest.ts';
import type { PersistenceHost } from './persistence-host.ts';

export interface LoadJob {
  /** Bytes to load in all. */
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** Memory that the server used which wrote the snapshot; 0 where it is not known. */
  readonly usedMemoryBytes: number;
  /** Keys or commands that have been loaded. */
  readonly itemCount: number;
  /** How many of them are loaded between two questions. */
  itemsPerLook: number;
  /** Set by `step` when it can go on only after `Loading.wake`. */
  waits?: boolean;
  /** Works for as long as `mayContinue` says so. @returns true while there is more */
  step(mayContinue: () => boolean): boolean;
}

export class AofLoader implements LoadJob {
  totalBytes = 0;
  itemsPerLook = 64;
  /** What became of it, when `step` has returned false. */
  result: AofResult = 'missing';
  /** Bytes of the base. */
  baseBytes = 0;
  /** Keys that snapshots in the files held, and those of them that had expired. */
  loadedKeys = 0;
  expiredKeys = 0;
  readonly #host: PersistenceHost;
  readonly #folder: AofFolder;
  readonly #files: readonly AofFile[];
  #index = 0;
  #earlierBytes = 0;
  #earlierItems = 0;
  #startMs = 0;
  #current: AofFileLoader | null = null;

  constructor(host: PersistenceHost, folder: AofFolder) {
    this.#host = host;
    this.#folder = folder;
    const { base, incr } = folder.manifest;
    this.#files = base === null ? incr : [base, ...incr];
  }

  /** Looks at the files. @returns a result when there is nothing to load */
  begin(): AofResult | null {
    if (this.#files.length === 0) return 'missing';
    for (const { name } of this.#files) {
      if (!this.#host.files.exists(this.#folder.pathOf(name))) {
        this.#host.log(
          'warning',
          `Unable to obtain the AOF file ${name} length. stat: No such file or directory`,
        );
        return 'failed';
      }
      this.totalBytes += this.#folder.sizeOf(name);
    }
    const { base } = this.#folder.manifest;
    if (base !== null) this.baseBytes = this.#folder.sizeOf(base.name);
    return this.totalBytes === 0 ? 'empty' : null;
  }

  get usedMemoryBytes(): number {
    return this.#current?.rdb?.usedMemoryBytes ?? 0;
  }

  get itemCount(): number {
    return this.#earlierItems + (this.#current?.itemCount ?? 0);
  }

  get loadedBytes(): number {
    return this.#earlierBytes + (this.#current?.loadedBytes ?? 0);
  }

  step(mayContinue: () => boolean): boolean {
    const { keyspace } = this.#host.engine;
    const { engine, clock } = this.#host;
    keyspace.holdsExpiry = true;
    keyspace.setNow(clock.nowMs());
    engine.propagation.suspend();
    const hasMore = this.#step(mayContinue);
    engine.propagation.resume();
    keyspace.holdsExpiry = false;
    keyspace.setNow(clock.nowMs());
    return hasMore;
  }

  #step(mayContinue: () => boolean): boolean {
    const file = this.#files[this.#index];
    if (file === undefined) return false;
    const { clock } = this.#host;
    if (this.#current === null) {
      this.#startMs = clock.monotonicMs();
      const { name } = file;
      const path = this.#folder.pathOf(name);
      this.#current = new AofFileLoader(this.#host, name, path, name === this.#folder.fileName);
    }
    this.#current.itemsPerLook = this.itemsPerLook;
    const result = this.#current.step(mayContinue);
    if (result === null) return true;
    this.#earlierBytes += this.#current.loadedBytes;
    this.#earlierItems += this.#current.itemCount;
    this.loadedKeys += this.#current.rdb?.loadedKeys ?? 0;
    this.expiredKeys += this.#current.rdb?.expiredKeys ?? 0;
    this.#current = null;
    return this.#endFile(file, result);
  }

  /** @returns true when there is another file */
  #endFile(file: AofFile, result: AofResult): boolean {
    const { log, clock } = this.#host;
    const isLast = this.#index === this.#files.length - 1;
    const isBase = file === this.#folder.manifest.base;
    // An empty file among others is one to which nothing was written.
    this.result = result === 'empty' && !isBase ? 'ok' : result;
    if (result === 'ok' || (result === 'cut' && isLast)) {
      const seconds = ((clock.monotonicMs() - this.#startMs) / 1000).toFixed(3);
      const kind = isBase ? 'base' : 'incr';
      log('notice', `DB loaded from ${kind} file ${file.name}: ${seconds} seconds`);
    }
    if (result === 'cut' && !isLast) {
      this.result = 'failed';
      log('warning', 'Fatal error: the truncated file is not the last file');
    }
    if (this.result === 'failed') return false;
    this.#index++;
    return this.#index < this.#files.length;
  }
}
