// What the child process of writer-process.ts does. Everything waits: it has nothing else to do.

import { readSync, writeSync } from 'node:fs';
import { systemWords } from '../config/node-disk.ts';
import { nodeFiles } from '../runtime/files.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { COMMIT, INTERRUPTED, type WriterTask } from './snapshot-writer.ts';

const READ_BYTES = 1024 * 1024;
const INPUT = 0;
const OUTPUT = 1;
const CONTROL = 3;

/** Reads from a pipe, which may be one that does not wait. @returns 0 at its end */
function readPipe(fd: number, bytes: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, bytes, 0, bytes.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** @returns the exit code: 0 when the file has its name */
export function runSnapshotWriter(taskText: string, id: number): number {
  let file: SnapshotFile | null = null;
  try {
    const task: WriterTask = JSON.parse(taskText);
    file = new SnapshotFile(nodeFiles, task, id);
    const bytes = new Uint8Array(READ_BYTES);
    for (let count = readPipe(INPUT, bytes); count > 0; count = readPipe(INPUT, bytes)) {
      file.write(bytes, count);
    }
    const count = readPipe(CONTROL, bytes);
    if (Buffer.from(bytes.buffer, 0, count).toString('latin1') !== COMMIT) {
      file.discard();
      return 1;
    }
    file.finish();
    return 0;
  } catch (error) {
    file?.discard();
    const isInterrupted = (error as NodeJS.ErrnoException).code === 'EINTR';
    try {
      writeSync(OUTPUT, isInterrupted ? INTERRUPTED : systemWords(error));
    } catch {
      // The parent has gone and nobody hears it.
    }
    return 1;
  }
}
