// The snapshot that a master sends: `$<length>` and so many bytes, or `$EOF:<40 bytes>`, bytes, and
// those 40 bytes again. Newlines before it only say that the master is alive. Finds where the
// snapshot ends, wherever the bytes are cut, and keeps the mark out of it.
//
//   \n \n $1234 \r\n <1234 bytes> *1 \r\n ...        the rest belongs to the stream
//   $EOF:<mark> \r\n <bytes> <mark>

const MARK_LENGTH = 40;
const EOF_PREFIX = '$EOF:';
const MAX_LINE_BYTES = 1024;
const NEWLINE = 10;

/** Where a transfer is. */
export type BulkProgress = 'line' | 'bytes' | 'done';

/** Takes the bytes of the snapshot. */
export type TakeBytes = (bytes: Uint8Array, start: number, end: number) => void;

export class BulkReceiver {
  progress: BulkProgress = 'line';
  /** Bytes that were announced, 0 when a mark ends them. */
  totalBytes = 0;
  readBytes = 0;
  /** The line was not what it should be: what it was, for the log. */
  failure = '';
  usesMark = false;
  #line: number[] = [];
  #mark: Uint8Array = new Uint8Array(0);
  /** The last bytes, which may be the beginning of the mark. */
  #tail: Uint8Array = new Uint8Array(0);
  readonly #begin: () => void;
  readonly #take: TakeBytes;

  /** @param begin called when the line has been read, before the first byte is taken. */
  constructor(begin: () => void, take: TakeBytes) {
    this.#begin = begin;
    this.#take = take;
  }

  /**
   * Reads bytes of the connection.
   * @returns how many of them belong to the transfer: the rest follows it.
   */
  feed(bytes: Uint8Array): number {
    let at = 0;
    while (this.progress === 'line' && at < bytes.length && this.failure === '') {
      const byte = bytes[at++]!;
      if (byte !== NEWLINE) this.#line.push(byte);
      else this.#endLine();
      if (this.#line.length > MAX_LINE_BYTES) this.failure = 'a line without an end';
    }
    if (this.progress !== 'bytes' || this.failure !== '') return at;
    return this.usesMark ? this.#readToMark(bytes, at) : this.#readCounted(bytes, at);
  }

  #endLine(): void {
    const line = Buffer.from(this.#line).toString('latin1').replace(/\r$/, '');
    this.#line = [];
    if (line === '') return;
    if (line.startsWith(EOF_PREFIX) && line.length >= EOF_PREFIX.length + MARK_LENGTH) {
      this.usesMark = true;
      this.#mark = Buffer.from(line.slice(EOF_PREFIX.length, EOF_PREFIX.length + MARK_LENGTH));
    } else if (line.startsWith('$') && /^\$\d+$/.test(line)) {
      this.totalBytes = Number(line.slice(1));
    } else {
      this.failure = line;
      return;
    }
    this.progress = 'bytes';
    this.#begin();
  }

  #readCounted(bytes: Uint8Array, start: number): number {
    const count = Math.min(bytes.length - start, this.totalBytes - this.readBytes);
    if (count > 0) this.#take(bytes, start, start + count);
    this.readBytes += count;
    if (this.readBytes === this.totalBytes) this.progress = 'done';
    return start + count;
  }

  /** The mark is the last that the master sends before it hears of us, so it ends the bytes. */
  #readToMark(bytes: Uint8Array, start: number): number {
    const fresh = bytes.length - start;
    const tail = this.#tail;
    if (fresh >= MARK_LENGTH) {
      if (tail.length > 0) this.#give(tail, 0, tail.length);
      this.#give(bytes, start, bytes.length - MARK_LENGTH);
      this.#tail = bytes.slice(bytes.length - MARK_LENGTH);
    } else {
      const joined = Buffer.concat([tail, bytes.subarray(start)]);
      const over = Math.max(0, joined.length - MARK_LENGTH);
      this.#give(joined, 0, over);
      this.#tail = joined.subarray(over);
    }
    if (this.#tail.length === MARK_LENGTH && Buffer.compare(this.#tail, this.#mark) === 0) {
      this.progress = 'done';
    }
    return bytes.length;
  }

  #give(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.readBytes += end - start;
    this.#take(bytes, start, end);
  }
}
