// The program disgo-check-aof: checks append-only files, and repairs what is broken at their end.

import { readSync } from 'node:fs';
import { argumentBytes } from '../config/command-line.ts';
import { AofCheck } from '../persistence/check-aof.ts';
import { systemClock } from '../runtime/clock.ts';
import { nodeFiles } from '../runtime/files.ts';

const USAGE =
  'Usage: disgo-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n';

/** Reads what the user answers. */
function readAnswer(): string {
  const bytes = Buffer.alloc(16);
  try {
    return bytes.toString('latin1', 0, readSync(0, bytes));
  } catch {
    return '';
  }
}

function print(text: string): void {
  process.stdout.write(Buffer.from(text, 'latin1'));
}

/** A number of 64 bits as strtol reads it, to the end of the word; null when it is none. */
function readTimestamp(word: string): number | null {
  const digits = /^\s*([+-]?\d+)?$/.exec(word);
  if (digits === null) return null;
  const value = BigInt(digits[1] ?? 0);
  return BigInt.asIntN(64, value) === value ? Number(value) : null;
}

function main(words: readonly string[]): number {
  const fixes = words.length === 2 && words[0] === '--fix';
  const cuts = words.length === 3 && words[0] === '--truncate-to-timestamp';
  const path = words.at(-1);
  if (path === undefined || !(words.length === 1 || fixes || cuts)) {
    print(USAGE);
    return 1;
  }
  const toTimestamp = cuts ? readTimestamp(words[1] ?? '') : 0;
  if (toTimestamp === null) {
    print('Invalid timestamp, aborting...\n');
    return 1;
  }
  const options = { fixes, toTimestamp, nowMs: systemClock.nowMs() };
  return new AofCheck(nodeFiles, print, readAnswer, options).run(path);
}

process.exitCode = main(process.argv.slice(2).map(argumentBytes));
