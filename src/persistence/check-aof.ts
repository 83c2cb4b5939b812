// The check of append-only files that disgo-check-aof makes: a manifest with all its files, or a
// single file of Redis before 7, with or without a snapshot in front. The texts are those of
// redis-check-aof, which scripts look for. It can cut off what is broken at the end, and what was
// written after a point in time.

import { equalsWord, latin1String } from '../bytes/ascii.ts';
import { systemWords } from '../config/node-disk.ts';
import { RdbCheck } from '../rdb/rdb-check.ts';
import { type Files, folderOf } from '../runtime/files.ts';
import { faultLines, readText } from './aof-folder.ts';
import { FileSource } from './file-source.ts';
import { parseManifest } from './manifest.ts';

export interface CheckOptions {
  /** Cuts off what is broken at the end, when the user agrees. */
  readonly fixes: boolean;
  /** Cuts off what was written after this second of the Unix epoch; 0: nothing. */
  readonly toTimestamp: number;
  /** The present: which keys of a snapshot have expired. */
  readonly nowMs: number;
}

/** Ends the check with exit code 1; the text, if any, is printed. */
class CheckFailed extends Error {}

type Outcome = 'ok' | 'empty' | 'cut-to-time' | 'cut';

const HASH = 35;
const STAR = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
const PIECE_BYTES = 64 * 1024;
const MULTI = new Uint8Array(Buffer.from('MULTI'));
const EXEC = new Uint8Array(Buffer.from('EXEC'));
const MAGIC = 'REDIS';
const MIN_RDB_BYTES = 8;
const MAX_LENGTH = 2 ** 53;

export class AofCheck {
  readonly #files: Files;
  readonly #print: (text: string) => void;
  readonly #ask: () => string;
  readonly #options: CheckOptions;
  /** Lines so far, over all files: what redis-check-aof tells. */
  #line = 1;

  /** @param ask reads a line of the user's */
  constructor(
    files: Files,
    print: (text: string) => void,
    ask: () => string,
    options: CheckOptions,
  ) {
    this.#files = files;
    this.#print = print;
    this.#ask = ask;
    this.#options = options;
  }

  /** Checks a manifest or a single file. @returns the exit code */
  run(path: string): number {
    try {
      if (this.#isManifest(path)) this.#checkAll(path);
      else {
        this.#print('Start checking Old-Style AOF\n');
        const outcome = this.#checkFile(path, path, true, this.#isRdb(path));
        this.#tell(outcome, path, 'AOF');
      }
      return 0;
    } catch (error) {
      if (!(error instanceof CheckFailed)) throw error;
      this.#print(error.message);
      return 1;
    }
  }

  #read(path: string): string {
    try {
      return readText(this.#files, path);
    } catch (error) {
      throw new CheckFailed(`Cannot open file ${path}: ${systemWords(error)}\n`);
    }
  }

  #head(path: string, length: number): string {
    let source: FileSource;
    try {
      source = new FileSource(this.#files, path);
    } catch (error) {
      throw new CheckFailed(`Cannot open file ${path}: ${systemWords(error)}\n`);
    }
    try {
      while (source.end < length && source.more());
    } catch {
      // A folder can be opened.
      throw new CheckFailed(`Cannot read file: ${path}\n`);
    } finally {
      source.close();
    }
    return latin1String(source.bytes, 0, Math.min(length, source.end));
  }

  /** A manifest begins with comments and the word `file`. */
  #isManifest(path: string): boolean {
    for (const line of this.#head(path, PIECE_BYTES).split('\n')) {
      if (!line.startsWith('#')) return line.startsWith('file');
    }
    return false;
  }

  #isRdb(path: string): boolean {
    const head = this.#head(path, MIN_RDB_BYTES);
    return head.length === MIN_RDB_BYTES && head.startsWith(MAGIC);
  }

  #checkAll(path: string): void {
    this.#print('Start checking Multi Part AOF\n');
    const manifest = parseManifest(this.#read(path));
    if ('error' in manifest) throw new CheckFailed(`${faultLines(manifest).join('\n')}\n`);
    const { base, incr } = manifest;
    const folder = folderOf(path);
    if (base !== null) {
      const file = `${folder}/${base.name}`;
      const isRdb = this.#isRdb(file);
      this.#print(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).\n`);
      const outcome = this.#checkFile(base.name, file, incr.length === 0, isRdb);
      this.#tell(outcome, base.name, 'BASE AOF');
    }
    if (incr.length > 0) this.#print('Start to check INCR files.\n');
    for (const { name } of incr) {
      const isLast = name === incr.at(-1)?.name;
      const outcome = this.#checkFile(name, `${folder}/${name}`, isLast, false);
      this.#tell(outcome, name, 'INCR AOF');
    }
    this.#print('All AOF files and manifest are valid\n');
  }

  #tell(outcome: Outcome, name: string, kind: string): void {
    if (outcome === 'ok') this.#print(`${kind} ${name} is valid\n`);
    else if (outcome === 'empty') this.#print(`${kind} ${name} is empty\n`);
    else if (outcome === 'cut') this.#print(`Successfully truncated AOF ${name}\n`);
    else {
      this.#print(`Successfully truncated AOF ${name} to timestamp ${this.#options.toTimestamp}\n`);
    }
  }

  #checkFile(name: string, path: string, isLast: boolean, isRdb: boolean): Outcome {
    let source: FileSource;
    try {
      source = new FileSource(this.#files, path);
    } catch (error) {
      throw new CheckFailed(`Cannot open file ${path}: ${systemWords(error)}, aborting...\n`);
    }
    try {
      const bytes = this.#files.sizeOf(path);
      if (bytes === 0) return 'empty';
      if (isRdb) this.#checkRdb(name, source);
      const { toTimestamp } = this.#options;
      const walk = new CommandWalk(source, { path, isLast, toTimestamp });
      walk.line = this.#line;
      const found = walk.run();
      this.#line = walk.line;
      if (found === 'past-time') return this.#cutToTime(path, walk.at);
      if (walk.isBadFormat) this.#print(`AOF ${name} format error\n`);
      if (walk.error !== '') this.#print(`${walk.error}\n`);
      return this.#judge({
        name,
        path,
        isLast,
        bytes,
        soundBytes: walk.soundBytes,
        line: walk.line,
      });
    } finally {
      source.close();
    }
  }

  #judge(file: {
    readonly name: string;
    readonly path: string;
    readonly isLast: boolean;
    readonly bytes: number;
    readonly soundBytes: number;
    readonly line: number;
  }): Outcome {
    const { name, path, isLast, bytes, soundBytes, line } = file;
    const { fixes, toTimestamp } = this.#options;
    const rest = bytes - soundBytes;
    if (rest === 0 && toTimestamp !== 0) {
      this.#print(`Truncate nothing in AOF ${name} to timestamp ${toTimestamp}\n`);
      return 'ok';
    }
    this.#print(
      `AOF analyzed: filename=${name}, size=${bytes}, ok_up_to=${soundBytes}, ` +
        `ok_up_to_line=${line}, diff=${rest}\n`,
    );
    if (rest === 0) return 'ok';
    if (!fixes) {
      throw new CheckFailed(`AOF ${name} is not valid. Use the --fix option to try fixing it.\n`);
    }
    if (!isLast) {
      throw new CheckFailed(`Failed to truncate AOF ${name} because it is not the last file\n`);
    }
    this.#print(
      `This will shrink the AOF ${name} from ${bytes} bytes, with ${rest} bytes, to ` +
        `${soundBytes} bytes\nContinue? [y/N]: `,
    );
    if (!this.#ask().toLowerCase().startsWith('y')) throw new CheckFailed('Aborting...\n');
    this.#truncate(path, soundBytes, `Failed to truncate AOF ${name}\n`);
    return 'cut';
  }

  #cutToTime(path: string, at: number): Outcome {
    const { toTimestamp } = this.#options;
    this.#truncate(path, at, `Failed to truncate AOF ${path} to timestamp ${toTimestamp}\n`);
    return 'cut-to-time';
  }

  #truncate(path: string, bytes: number, failure: string): void {
    try {
      this.#files.truncate(path, bytes);
    } catch {
      throw new CheckFailed(failure);
    }
  }

  /** Reads the snapshot in front, as disgo-check-rdb does. */
  #checkRdb(name: string, source: FileSource): void {
    const check = new RdbCheck(name, this.#options.nowMs, (line) => this.#print(`${line}\n`));
    const isSound = check.run((reader) => {
      if (source.start === source.end && !source.more()) return false;
      reader.feed(source.bytes, source.start, source.end - source.start);
      source.start = source.end;
      return true;
    });
    if (!isSound) throw new CheckFailed('RDB preamble of AOF file is not sane, aborting.\n');
    source.start -= check.bytesBehind;
    this.#print('RDB preamble is OK, proceeding with AOF tail...\n');
  }
}

interface WalkedFile {
  readonly path: string;
  readonly isLast: boolean;
  readonly toTimestamp: number;
}

/** Goes over the commands of a file and says up to where they are sound. */
class CommandWalk {
  /** Bytes up to the end of the last whole command or transaction. */
  soundBytes = 0;
  line = 1;
  error = '';
  isBadFormat = false;
  /** Where in the file the part begins that is read. */
  at = 0;
  readonly #source: FileSource;
  readonly #file: WalkedFile;
  #openMulti = 0;

  constructor(source: FileSource, file: WalkedFile) {
    this.#source = source;
    this.#file = file;
  }

  run(): 'end' | 'past-time' {
    const source = this.#source;
    for (;;) {
      if (this.#openMulti === 0) this.soundBytes = source.position;
      if (!this.#has(1)) break;
      this.at = source.position;
      const first = source.bytes[source.start]!;
      if (first === HASH) {
        if (this.#isPastTime()) return 'past-time';
      } else if (first === STAR) {
        if (!this.#command()) return 'end';
      } else {
        this.isBadFormat = true;
        return 'end';
      }
    }
    if (this.#openMulti > 0) {
      this.#fail('Reached EOF before reading EXEC for MULTI');
    }
    return 'end';
  }

  #fail(text: string): false {
    this.error = `0x${this.at.toString(16).padStart(16)}: ${text}`;
    return false;
  }

  #has(count: number): boolean {
    const source = this.#source;
    while (source.end - source.start < count) if (!source.more()) return false;
    return true;
  }

  /** Takes a line out of the source, its end included; what there is at the end of the file. */
  #takeLine(): string {
    const source = this.#source;
    let from = source.start;
    let found = source.bytes.indexOf(LF, from);
    while (found < 0 || found >= source.end) {
      const length = source.end - source.start;
      if (!source.more()) break;
      from = source.start + length;
      found = source.bytes.indexOf(LF, from);
    }
    const end = found < 0 || found >= source.end ? source.end : found + 1;
    const text = latin1String(source.bytes, source.start, end - source.start);
    source.start = end;
    return text;
  }

  /** Takes a note; the only one there is says the time of what follows. */
  #isPastTime(): boolean {
    const { path, isLast, toTimestamp } = this.#file;
    const text = this.#takeLine();
    if (toTimestamp === 0 || !text.startsWith('#TS:')) return false;
    const match = /^#TS:\s*([+-]?\d+)\r/.exec(text);
    if (match === null) throw new CheckFailed('Invalid timestamp annotation\n');
    if (Number(match[1]) <= toTimestamp) return false;
    if (this.at === 0) {
      throw new CheckFailed(
        `AOF ${path} has nothing before timestamp ${toTimestamp}, aborting...\n`,
      );
    }
    if (isLast) return true;
    throw new CheckFailed(
      `Failed to truncate AOF ${path} to timestamp ${toTimestamp} to offset ${this.at} because ` +
        'it is not the last file.\nIf you insist, please delete all files after this file ' +
        'according to the manifest file and delete the corresponding records in manifest file ' +
        'manually. Then re-run redis-check-aof.\n',
    );
  }

  #command(): boolean {
    const count = this.#number(STAR);
    if (count === null) return false;
    for (let i = 0; i < count; i++) if (!this.#argument(i === 0)) return false;
    return true;
  }

  /** A line with a number behind a sign; null when it is none. */
  #number(sign: number): number | null {
    this.at = this.#source.position;
    const text = this.#takeLine();
    if (text === '') return null;
    if (text.charCodeAt(0) !== sign) {
      const expected = String.fromCharCode(sign);
      this.#fail(`Expected prefix '${expected}', got: '${text.charAt(0)}'`);
      return null;
    }
    const digits = /^[ \t]*[+-]?\d+/.exec(text.slice(1))?.[0] ?? '';
    const rest = Buffer.from(text.slice(1 + digits.length, 3 + digits.length), 'latin1');
    if (!this.#isNewline(rest[0] ?? 0, rest[1] ?? 0)) return null;
    return Number(digits);
  }

  #isNewline(first: number, second: number): boolean {
    if (first === CR && second === LF) {
      this.line++;
      return true;
    }
    const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
    return this.#fail(`Expected \\r\\n, got: ${hex(first)}${hex(second)}`);
  }

  #argument(isName: boolean): boolean {
    const length = this.#number(DOLLAR);
    if (length === null) return false;
    if (length < 0 || length > MAX_LENGTH) {
      return this.#fail(
        `Expected to read string of ${length} bytes, which is not in the suitable range`,
      );
    }
    const source = this.#source;
    this.at = source.position;
    if (!this.#has(length + 2)) {
      const got = source.end - source.start;
      return this.#fail(`Expected to read ${length + 2} bytes, got ${got} bytes`);
    }
    const { bytes, start } = source;
    if (!this.#isNewline(bytes[start + length]!, bytes[start + length + 1]!)) return false;
    source.start += length + 2;
    return !isName || this.#count(bytes, start, length);
  }

  /** Keeps count of MULTI and EXEC. */
  #count(bytes: Uint8Array, start: number, length: number): boolean {
    const { path } = this.#file;
    if (equalsWord(bytes, start, length, MULTI)) {
      if (this.#openMulti++ > 0) return this.#fail(`Unexpected MULTI in AOF ${path}`);
    } else if (equalsWord(bytes, start, length, EXEC)) {
      if (--this.#openMulti !== 0) return this.#fail(`Unexpected EXEC in AOF ${path}`);
    }
    return true;
  }
}
