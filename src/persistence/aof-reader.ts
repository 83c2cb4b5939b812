// Reads the commands of an append-only file one after the other: RESP arrays of bulks, and lines
// that begin with `#`, which are notes. It is as patient as Redis's own loader and no more: what
// stands behind an argument is not looked at, a line that is neither is an error, and a command
// whose end is missing is told apart from one that is wrong.

import type { Args } from '../protocol/args.ts';
import type { FileSource } from './file-source.ts';

/** What `next` found. */
export type AofItem = 'command' | 'note' | 'end' | 'cut' | 'bad';

const HASH = 35;
const STAR = 42;
const DOLLAR = 36;
const LF = 10;
const MINUS = 45;

export class AofReader {
  readonly #source: FileSource;
  /** Where the item that `next` found begins and ends in the file. */
  itemStart = 0;
  itemEnd = 0;
  /** While an item is read: the place in the window, relative to its start. */
  #at = 0;

  constructor(source: FileSource) {
    this.#source = source;
  }

  /**
   * Reads the next item; a command's arguments are in `args` until the next call.
   * @throws the system's error
   */
  next(args: Args): AofItem {
    const source = this.#source;
    source.start += this.#at;
    this.#at = 0;
    this.itemStart = source.position;
    args.clear();
    const line = this.#lineEnd();
    if (line < 0 && source.end === source.start) return 'end';
    const first = source.bytes[source.start]!;
    if (first === HASH) return this.#done('note', line < 0 ? source.end - source.start : line);
    if (first !== STAR) return 'bad';
    if (line < 0) return 'cut';
    const count = this.#number(1, line);
    if (count < 1) return 'bad';
    let at = line;
    for (let i = 0; i < count; i++) {
      this.#at = at;
      const end = this.#lineEnd();
      if (end < 0) {
        const isCut =
          source.end - source.start === at || source.bytes[source.start + at] === DOLLAR;
        return isCut ? 'cut' : 'bad';
      }
      if (source.bytes[source.start + at] !== DOLLAR) return 'bad';
      const length = Math.max(0, this.#number(at + 1, end));
      if (!this.#has(end + length + 2)) return 'cut';
      args.push(end, length);
      at = end + length + 2;
    }
    args.rebase(source.bytes, source.start);
    return this.#done('command', at);
  }

  #done(item: AofItem, length: number): AofItem {
    this.#at = length;
    this.itemEnd = this.itemStart + length;
    return item;
  }

  /** Reads on until there are so many bytes from the item's start on. */
  #has(count: number): boolean {
    const source = this.#source;
    while (source.end - source.start < count) if (!source.more()) return false;
    return true;
  }

  /** Behind the line that begins at `#at`, or -1 when its end is missing. */
  #lineEnd(): number {
    const source = this.#source;
    let from = this.#at;
    for (;;) {
      const found = source.bytes.indexOf(LF, source.start + from);
      if (found >= 0 && found < source.end) return found + 1 - source.start;
      from = source.end - source.start;
      if (!source.more()) return -1;
    }
  }

  /** The number that begins at `at`, 0 for none, as C's atoi. */
  #number(at: number, end: number): number {
    const source = this.#source;
    const { bytes, start } = source;
    const isNegative = bytes[start + at] === MINUS;
    let value = 0;
    for (let i = start + at + (isNegative ? 1 : 0); i < start + end; i++) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return isNegative ? -value : value;
  }
}
