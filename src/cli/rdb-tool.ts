// The program disgo-rdb: shows what is in a dump file, and converts it. The file is read in pieces,
// so its size does not matter; a bar on the terminal says how far it is. A conversion is written
// under another name, synced and renamed: whatever ends it early leaves no half file.

import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { argumentBytes } from '../config/command-line.ts';
import { errorCode, systemWords } from '../config/node-disk.ts';
import { Converter } from '../rdb-tool/converter.ts';
import { DumpInfo } from '../rdb-tool/dump-info.ts';
import type { DumpScan } from '../rdb-tool/dump-scan.ts';
import { KeyLines } from '../rdb-tool/key-lines.ts';
import { PrefixReport } from '../rdb-tool/prefix-report.ts';
import { type Clock, systemClock, systemTimers } from '../runtime/clock.ts';
import { folderOf, nodeFiles, systemPath } from '../runtime/files.ts';
import { DISGO_VERSION } from '../version.ts';
import { RDB_HELP, type RdbTask, readRdbTask } from './rdb-options.ts';

/** Not process.stdout: looking at that makes a pipe non-blocking. */
const STDOUT = 1;
const CHUNK_BYTES = 1024 * 1024;
const OUTPUT_BYTES = 64 * 1024;
const PROGRESS_EVERY_MS = 200;
const BYTES_PER_MB = 1024 * 1024;
const EXIT_BAD = 1;
const EXIT_USAGE = 2;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What ends the program with a message, of one character a byte as are names and keys. */
class ToolError extends Error {}

/** Standard output, written in large pieces and at once: nothing piles up before a slow reader. */
class Output {
  #pieces: string[] = [];
  #length = 0;

  readonly put = (piece: string): void => {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= OUTPUT_BYTES) this.flush();
  };

  flush(): void {
    const bytes = Buffer.from(this.#pieces.join(''));
    this.#pieces = [];
    this.#length = 0;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(STDOUT, bytes, at);
      } catch (error) {
        // A pipe that another program has made non-blocking, and that is full.
        if (errorCode(error) !== 'EAGAIN') throw error;
      }
    }
  }
}

/** A line on the terminal that tells how far the reading is; nothing where there is none. */
class Progress {
  readonly #clock: Clock;
  readonly #totalBytes: number;
  readonly #isShown = process.stderr.isTTY === true;
  #nextMs: number;
  #wasShown = false;

  constructor(clock: Clock, totalBytes: number) {
    this.#clock = clock;
    this.#totalBytes = totalBytes;
    this.#nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS;
  }

  show(scan: DumpScan): void {
    if (!this.#isShown || this.#clock.monotonicMs() < this.#nextMs) return;
    this.#nextMs = this.#clock.monotonicMs() + PROGRESS_EVERY_MS;
    this.#wasShown = true;
    // What is no file but a pipe has no size.
    const part = Math.min(100, Math.floor((scan.position / (this.#totalBytes || 1)) * 100));
    const bar = '#'.repeat(part / 5).padEnd(20, '.');
    const megabytes = Math.round(scan.position / BYTES_PER_MB);
    process.stderr.write(`\r[${bar}] ${part}%, ${megabytes} MB, ${scan.keyCount} keys `);
  }

  end(): void {
    if (this.#wasShown) process.stderr.write('\r\x1b[K');
  }
}

/**
 * Reads an open file through a scan, and closes it.
 * @param mayGoOn is asked between two pieces
 */
async function scanFile(
  path: string,
  fd: number,
  scan: DumpScan,
  mayGoOn: () => boolean = () => true,
): Promise<void> {
  const progress = new Progress(systemClock, fstatSync(fd).size);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let isAtEnd = false; !isAtEnd && mayGoOn(); ) {
      const length = readSync(fd, chunk, 0, CHUNK_BYTES, null);
      if (scan.position === 0 && length > 0) refuseOthers(path, chunk);
      if (length === 0) scan.finish();
      else scan.feed(chunk, length);
      isAtEnd = scan.read();
      progress.show(scan);
      // Signals are heard of between two pieces.
      await new Promise<void>((resolve) => systemTimers.soon(resolve));
    }
    const rest = fstatSync(fd).size - scan.position;
    if (scan.error === null && mayGoOn() && rest > 0) {
      throw new ToolError(
        `${path}: ${rest} bytes follow the dump at offset ${scan.position}: an append-only file ` +
          'with a snapshot in front is not read here',
      );
    }
  } finally {
    closeSync(fd);
    progress.end();
  }
  const { error } = scan;
  if (error === null) return;
  const key = error.type < 0 ? '' : ` (key '${error.key}', type ${error.type})`;
  throw new ToolError(`${path}: offset ${error.offset}: ${error.message}${key}`);
}

function openDump(path: string): number {
  if (nodeFiles.exists(path) && nodeFiles.isFolder(path)) {
    throw new ToolError(`${path} is a folder; of append-only files name the base`);
  }
  return openSync(systemPath(path), 'r');
}

/** Says of the files that lie beside dumps what they are. */
function refuseOthers(path: string, head: Uint8Array): void {
  if (head[0] === 0x2a) throw new ToolError(`${path} is an append-only file of commands`);
  if (Buffer.from(head.subarray(0, 5)).toString('latin1') === 'file ') {
    throw new ToolError(`${path} is the manifest of append-only files; name one of the files`);
  }
}

/** The file that is to be replaced: never a device, a pipe or a link. */
function placeOf(target: string): string {
  const path = systemPath(target);
  const place = statSync(path, { throwIfNoEntry: false });
  if (place === undefined) return target;
  if (place.isDirectory()) throw new ToolError(`${target} is a folder`);
  if (!place.isFile()) throw new ToolError(`${target} is not a file`);
  return argumentBytes(realpathSync(path));
}

async function convert(task: RdbTask & { kind: 'convert' }, nowMs: number): Promise<number> {
  const target = placeOf(task.target);
  const temporary = `${target}.temp-${process.pid}`;
  let exitCode = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    exitCode = SIGNALS[name as keyof typeof SIGNALS];
  };
  for (const name of Object.keys(SIGNALS)) process.on(name, onSignal);
  // The input is looked for first: without it there is nothing to write.
  const input = openDump(task.path);
  const fd = nodeFiles.open(temporary, 'overwrite');
  let isOpen = true;
  try {
    const converter = new Converter({ ...task, nowMs }, (bytes, length) => {
      for (let at = 0; at < length; ) at += nodeFiles.write(fd, bytes, at, length - at);
    });
    const mayGoOn = (): boolean => exitCode === 0 && converter.problem === '';
    await scanFile(task.path, input, converter.scan, mayGoOn);
    if (converter.problem !== '')
      throw new ToolError(`${argumentBytes(converter.problem)}; see --drop`);
    if (exitCode !== 0) return exitCode;
    converter.end();
    nodeFiles.sync(fd);
    nodeFiles.close(fd);
    isOpen = false;
    nodeFiles.rename(temporary, target);
    nodeFiles.syncFolder(folderOf(target));
    tellConverted(converter);
    return 0;
  } finally {
    if (isOpen) nodeFiles.close(fd);
    if (nodeFiles.exists(temporary)) nodeFiles.remove(temporary);
  }
}

function tellConverted({ keysWritten, dropped }: Converter): void {
  const left = [...dropped].map(([kind, count]) => `, left out: ${count} ${kind}`);
  process.stderr.write(`${keysWritten} keys written${left.join('')}\n`);
}

async function run(task: RdbTask): Promise<number> {
  const nowMs = systemClock.nowMs();
  const output = new Output();
  switch (task.kind) {
    case 'help':
      output.put(RDB_HELP);
      break;
    case 'version':
      output.put(`disgo-rdb ${DISGO_VERSION}\n`);
      break;
    case 'wrong':
      process.stderr.write(`disgo-rdb: ${task.problem}\nSee disgo-rdb --help\n`);
      return EXIT_USAGE;
    case 'convert':
      return convert(task, nowMs);
    case 'keys': {
      const lines = new KeyLines({ ...task, nowMs }, output.put);
      try {
        await scanFile(task.path, openDump(task.path), lines.scan);
      } finally {
        output.flush();
      }
      break;
    }
    case 'memory': {
      const separator = Buffer.from(task.separator);
      const report = new PrefixReport({ ...task, nowMs, separator });
      await scanFile(task.path, openDump(task.path), report.scan);
      output.put(task.isJson ? report.toJson() : report.toText());
      break;
    }
    default: {
      const info = new DumpInfo(nowMs);
      await scanFile(task.path, openDump(task.path), info.scan);
      output.put(task.isJson ? info.toJson() : info.toText());
    }
  }
  output.flush();
  return 0;
}

/** Does what the command line says. @returns the exit code. */
export async function runRdbTool(words: readonly string[]): Promise<number> {
  try {
    return await run(readRdbTask(words));
  } catch (error) {
    // Whoever read our output has seen enough.
    if (errorCode(error) === 'EPIPE') return EXIT_BAD;
    const path = error instanceof Error && 'path' in error ? `${error.path}: ` : '';
    const text =
      error instanceof ToolError ? systemPath(error.message) : `${path}${systemWords(error)}`;
    if (!(error instanceof ToolError) && errorCode(error) === '') throw error;
    process.stderr.write(`disgo-rdb: ${text}\n`);
    return EXIT_BAD;
  }
}
