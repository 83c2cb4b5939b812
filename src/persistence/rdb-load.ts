// Loads a snapshot from a file in slices: a dump file, or the beginning of an append-only file.

import type { LoadJob } from './aof-loader.ts';
import type { FileSource } from './file-source.ts';
import type { PersistenceHost } from './persistence-host.ts';

export class RdbLoad implements LoadJob {
  totalBytes = 0;
  loadedBytes = 0;
  usedMemoryBytes = 0;
  itemsPerLook = 64;
  loadedKeys = 0;
  expiredKeys = 0;
  isDone = false;
  merges = false;
  fault: string | null = null;
  readonly #source: FileSource;
  constructor(_host: PersistenceHost, source: FileSource) {
    this.#source = source;
  }
  get itemCount(): number {
    return this.loadedKeys;
  }
  step(_mayContinue: () => boolean): boolean {
    this.isDone = true;
    this.fault = 'no reader';
    return false;
  }
  close(): void {
    this.#source.close();
  }
}
