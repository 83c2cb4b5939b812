// disgo-check-rdb <file>: says whether a dump file is sound; output and exit code as those of
// redis-check-rdb. A dump from a server of any version that can be loaded can be checked.

import { closeSync, openSync, readSync } from 'node:fs';
import { RdbCheck } from '../rdb/rdb-check.ts';
import { systemPath } from '../runtime/files.ts';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Checks a file. The path and the lines are strings of one character a byte.
 * @param print takes one line of output.
 * @returns the exit code: 0 for a sound file.
 */
export function checkRdb(path: string, nowMs: number, print: (line: string) => void): number {
  const check = new RdbCheck(path, nowMs, print);
  let file: number;
  try {
    file = openSync(systemPath(path), 'r');
  } catch {
    return 1;
  }
  const chunk = new Uint8Array(CHUNK_BYTES);
  try {
    const isSound = check.run((reader) => {
      const length = readChunk(file, chunk);
      if (length > 0) reader.feed(chunk, 0, length);
      return length > 0;
    });
    return isSound ? 0 : 1;
  } finally {
    closeSync(file);
  }
}

/** Reads on. @returns 0 at the end, and for what cannot be read: a folder, a broken disk */
function readChunk(file: number, chunk: Uint8Array): number {
  try {
    return readSync(file, chunk, 0, CHUNK_BYTES, null);
  } catch {
    return 0;
  }
}
