// A child process that writes a snapshot: it gets the bytes through a pipe and does the rest. When
// it is killed the server lives on, and when the server is killed it leaves the old file alone:
// only what is followed by the word `commit`, on a pipe of its own, gets its name.

import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { systemWords } from '../config/node-disk.ts';
import { childProcesses, environmentWithoutCertificates } from '../runtime/child-processes.ts';
import { type Files, pathIn } from '../runtime/files.ts';
import { ChunkPool } from './chunk-pool.ts';
import {
  COMMIT,
  FULL_BYTES,
  INTERRUPTED,
  type SnapshotWriter,
  type WriterResult,
  type WriterStart,
  type WriterTask,
} from './snapshot-writer.ts';

/** A snapshot of more than this takes long enough for others to feel it. */
const BRIEF_BYTES = 16 * 1024 * 1024;

/**
 * The server's clients come before the disk, where both want the same processor. A brief snapshot
 * does not give way: on a busy machine its process would not even come to start.
 */
function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not allow it: it is no slower for that.
  }
}

/** A child that has begun or has not; or why it cannot be, of which Node tells in two ways. */
function spawned(script: string, task: WriterTask): ChildProcess | string {
  try {
    return childProcesses().spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
      env: environmentWithoutCertificates(),
    });
  } catch (error) {
    return systemWords(error);
  }
}

/** Makes a starter of children that run the program at `script`. */
export function writerProcesses(script: string, files: Files): WriterStart {
  return (task, onEnd) => {
    const child = spawned(script, task);
    if (typeof child === 'string') return { error: child };
    if (child.pid === undefined) {
      let reason = 'no process';
      child.on('error', (error) => {
        reason = error.message;
      });
      return { error: reason };
    }
    return new WriterProcess(child, child.pid, task, files, onEnd);
  };
}

class WriterProcess implements SnapshotWriter {
  readonly id: number;
  readonly isProcess = true;
  onRoom: () => void = () => {};
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #task: WriterTask;
  readonly #files: Files;
  readonly #chunks = new ChunkPool();
  #isFull = false;
  #briefBytes = BRIEF_BYTES;
  #isKilled = false;

  constructor(
    child: ChildProcess,
    id: number,
    task: WriterTask,
    files: Files,
    onEnd: (result: WriterResult) => void,
  ) {
    this.id = id;
    this.#child = child;
    this.#task = task;
    this.#files = files;
    const [input, output, , control] = child.stdio as unknown as [
      Writable,
      Readable,
      null,
      Writable,
    ];
    this.#input = input;
    // A child that has died is told of by its end.
    input.on('error', () => {});
    control.on('error', () => {});
    child.on('error', () => {});
    input.on('drain', () => this.#hasRoom());
    this.#makeFile();
    let text = '';
    output.on('data', (data: Buffer) => {
      text += data.toString('latin1');
    });
    child.on('close', (code, signal) => {
      this.#isFull = false;
      if (this.#isKilled) {
        // It may have been opening its file when it was killed.
        this.#removeFile();
        return;
      }
      const isDone = code === 0;
      if (!isDone) this.#removeFile();
      const cause = text === INTERRUPTED ? 'SIGUSR1' : signal;
      onEnd({ isDone, signal: cause === null ? 0 : constants.signals[cause], text });
    });
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  #hasRoom(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.onRoom();
  }

  write(bytes: Uint8Array, length: number): void {
    const input = this.#input;
    if (input.destroyed) return;
    this.#chunks.copy(bytes, length, (copy, onSent) => void input.write(copy, onSent));
    const isBrief = this.#briefBytes > 0;
    this.#briefBytes -= length;
    if (isBrief && this.#briefBytes <= 0) giveWay(this.id);
    if (input.writableLength > FULL_BYTES) this.#isFull = true;
  }

  end(): void {
    const control = this.#child.stdio[3] as Writable;
    control.end(COMMIT);
    this.#input.end();
  }

  kill(): void {
    this.#isKilled = true;
    this.#isFull = false;
    this.#child.kill('SIGKILL');
    this.#removeFile();
  }

  #path(): string {
    const { dir, prefix, suffix } = this.#task;
    return pathIn(dir, `${prefix}${this.id}${suffix}`);
  }

  /** The file is there as soon as the child is, which takes a while to open it. */
  #makeFile(): void {
    try {
      this.#files.close(this.#files.open(this.#path(), 'snapshot'));
    } catch {
      // The child fails in the same way, and says why.
    }
  }

  #removeFile(): void {
    this.#files.removeSoon(this.#path());
  }
}
