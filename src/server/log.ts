// The log: lines in Redis's format to stdout or to a file, at once.
//   <pid>:<role> <dd Mon yyyy hh:mm:ss.mmm> <level sign> <text>

import { appendFileSync, writeSync } from 'node:fs';
import type { LogLevel } from '../introspection/server-context.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const SIGNS = '.-*#';
/** A text of the system that is not one character a byte. */
const BEYOND_BYTES = /[^\0-\xff]/;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * Where lines go: `stdout`, a file's path, or a function of the embedding program; null drops them.
 */
export type LogTarget = 'stdout' | { readonly file: string } | ((line: string) => void) | null;

export class Log {
  /** Lines below this level are dropped. */
  level: LogLevel = 'notice';
  target: LogTarget;
  /** M for a master, S for a replica. */
  role = 'M';
  /** Gets every line too, without its prefix: the system's log. */
  also: ((level: LogLevel, text: string) => void) | null = null;
  readonly #nowMs: () => number;

  constructor(target: LogTarget, nowMs: () => number) {
    this.target = target;
    this.#nowMs = nowMs;
  }

  /** Whether a line of this level goes anywhere. */
  isWritten(level: LogLevel): boolean {
    return this.target !== null && LEVELS.indexOf(level) >= LEVELS.indexOf(this.level);
  }

  write(level: LogLevel, text: string): void {
    if (!this.isWritten(level)) return;
    const rank = LEVELS.indexOf(level);
    const prefix = `${process.pid}:${this.role} ${formatTime(this.#nowMs())} ${SIGNS[rank]} `;
    this.#put(prefix + text);
    this.also?.(level, text);
  }

  /** Writes text without a prefix, as the start banner. */
  raw(text: string): void {
    this.#put(text);
  }

  #put(line: string): void {
    const { target } = this;
    if (target === null) return;
    if (typeof target === 'function') {
      target(textOf(line));
      return;
    }
    try {
      if (target === 'stdout') writeSync(1, bytesOf(`${line}\n`));
      else appendFileSync(target.file, bytesOf(`${line}\n`));
    } catch {
      // A full pipe or disk must not stop the server; the line is lost, as in Redis.
    }
  }
}

/** Lines name paths and keys, one character a byte; whoever reads them wants the bytes. */
function bytesOf(line: string): Buffer {
  return Buffer.from(line, BEYOND_BYTES.test(line) ? 'utf8' : 'latin1');
}

function textOf(line: string): string {
  return bytesOf(line).toString('utf8');
}

function formatTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
