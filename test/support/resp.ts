// RESP2 and RESP3 as a test sees them: encode a command, parse a reply into a typed value.
// Written apart from src/protocol on purpose: the judge must not share a mistake with the judged.
// Nothing is lost in parsing: bytes stay Buffers, integers and doubles keep the server's own text.
// Called by the test client, the oracle, the benchmark and the fuzzers.

/** One reply. `text` fields are latin1 strings, so that they hold any byte. */
export type Reply =
  | { readonly type: 'simple'; readonly text: string }
  | { readonly type: 'error'; readonly text: string; readonly bulk: boolean }
  | { readonly type: 'integer'; readonly text: string }
  | { readonly type: 'bulk'; readonly bytes: Buffer }
  | { readonly type: 'null'; readonly form: 'bulk' | 'array' | 'resp3' }
  | { readonly type: 'double'; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bignum'; readonly text: string }
  | { readonly type: 'verbatim'; readonly format: string; readonly bytes: Buffer }
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly Reply[] }
  | {
      readonly type: 'map' | 'attribute';
      readonly entries: readonly (readonly [key: Reply, value: Reply])[];
    };

/** An argument of a command: text is sent as UTF-8, a number in decimal. */
export type Arg = string | number | bigint | Uint8Array;

/** A reply that is not RESP. Ends the connection: nothing after it can be framed. */
export class RespError extends Error {
  readonly code = 'ERR_RESP';
}

const CRLF = Buffer.from('\r\n');

/** The bytes of one argument. */
export function argBytes(arg: Arg): Uint8Array {
  return typeof arg === 'object' ? arg : Buffer.from(String(arg));
}

/** The multi-bulk frame of one command. */
export function encodeCommand(args: readonly Arg[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = argBytes(arg);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(parts);
}

/** Parses replies out of a stream that arrives in pieces. */
export class ReplyParser {
  private buffered: Buffer = Buffer.alloc(0);
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  /** No reply can be complete before this many bytes are here; saves scanning a huge bulk again. */
  private neededBytes = 1;
  private at = 0;

  /** Adds bytes from the server. They are kept, not copied, until a reply can be complete. */
  push(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.pieceBytes += chunk.length;
  }

  /** How many bytes wait that belong to no reply yet. */
  get pendingBytes(): number {
    return this.buffered.length + this.pieceBytes;
  }

  /**
   * The next complete reply, or undefined when bytes are missing.
   * @throws RespError when the bytes are not RESP.
   */
  next(): Reply | undefined {
    if (this.pendingBytes < this.neededBytes) return undefined;
    if (this.pieces.length > 0) {
      this.buffered = Buffer.concat([this.buffered, ...this.pieces]);
      this.pieces = [];
      this.pieceBytes = 0;
    }
    this.at = 0;
    this.neededBytes = 1;
    const reply = this.parse(0);
    if (reply === undefined) {
      this.neededBytes = Math.max(this.neededBytes, this.buffered.length + 1);
      return undefined;
    }
    this.buffered = this.buffered.subarray(this.at);
    this.neededBytes = 1;
    return reply;
  }

  private line(): string | undefined {
    const end = this.buffered.indexOf('\r\n', this.at, 'latin1');
    if (end < 0) return undefined;
    const text = this.buffered.toString('latin1', this.at, end);
    this.at = end + 2;
    return text;
  }

  private parse(depth: number): Reply | undefined {
    if (depth > 64) throw new RespError('a reply is nested more than 64 levels deep');
    const line = this.line();
    if (line === undefined) return undefined;
    const kind = line[0];
    const rest = line.slice(1);
    switch (kind) {
      case '+':
        return { type: 'simple', text: rest };
      case '-':
        return { type: 'error', text: rest, bulk: false };
      case ':':
        if (!/^[+-]?\d+$/.test(rest)) throw new RespError(`bad integer reply: ${line}`);
        return { type: 'integer', text: rest };
      case '_':
        return { type: 'null', form: 'resp3' };
      case ',':
        return { type: 'double', text: rest };
      case '#':
        if (rest !== 't' && rest !== 'f') throw new RespError(`bad boolean reply: ${line}`);
        return { type: 'boolean', value: rest === 't' };
      case '(':
        return { type: 'bignum', text: rest };
      case '$':
      case '!':
      case '=':
        return this.parseBlob(kind, length(line));
      case '*':
      case '~':
      case '>':
        return this.parseItems(kind, length(line), depth);
      case '%':
      case '|':
        return this.parseEntries(kind, length(line), depth);
      default:
        throw new RespError(`unknown reply type: ${JSON.stringify(line.slice(0, 80))}`);
    }
  }

  private parseBlob(kind: '$' | '!' | '=', size: number): Reply | undefined {
    if (size < 0) return { type: 'null', form: 'bulk' };
    const end = this.at + size;
    if (this.buffered.length < end + 2) {
      this.neededBytes = end + 2;
      return undefined;
    }
    if (this.buffered[end] !== 13 || this.buffered[end + 1] !== 10) {
      throw new RespError('a bulk reply does not end in CRLF');
    }
    const bytes = this.buffered.subarray(this.at, end);
    this.at = end + 2;
    if (kind === '$') return { type: 'bulk', bytes };
    if (kind === '!') return { type: 'error', text: bytes.toString('latin1'), bulk: true };
    return { type: 'verbatim', format: bytes.toString('latin1', 0, 3), bytes: bytes.subarray(4) };
  }

  private parseItems(kind: '*' | '~' | '>', count: number, depth: number): Reply | undefined {
    if (count < 0) return { type: 'null', form: 'array' };
    const items: Reply[] = [];
    for (let i = 0; i < count; i++) {
      const item = this.parse(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { type: kind === '*' ? 'array' : kind === '~' ? 'set' : 'push', items };
  }

  private parseEntries(kind: '%' | '|', count: number, depth: number): Reply | undefined {
    const entries: [Reply, Reply][] = [];
    for (let i = 0; i < count; i++) {
      const key = this.parse(depth + 1);
      if (key === undefined) return undefined;
      const value = this.parse(depth + 1);
      if (value === undefined) return undefined;
      entries.push([key, value]);
    }
    return { type: kind === '%' ? 'map' : 'attribute', entries };
  }
}

function length(line: string): number {
  const text = line.slice(1);
  if (!/^-?\d+$/.test(text) || Number(text) < -1) throw new RespError(`bad length: ${line}`);
  return Number(text);
}

/**
 * The text of a simple, bulk, verbatim, error or number reply; undefined for a null or aggregate.
 */
export function replyText(reply: Reply): string | undefined {
  if ('text' in reply) return reply.text;
  if ('bytes' in reply) return reply.bytes.toString('latin1');
  return undefined;
}

/** A reply on one line, in the manner of redis-cli, for messages; bytes are escaped. */
export function showReply(reply: Reply): string {
  switch (reply.type) {
    case 'simple':
      return reply.text;
    case 'error':
      return `(error${reply.bulk ? ', bulk' : ''}) ${showBytes(Buffer.from(reply.text, 'latin1'))}`;
    case 'integer':
      return `(integer) ${reply.text}`;
    case 'bulk':
      return showBytes(reply.bytes);
    case 'null':
      return `(nil, ${reply.form})`;
    case 'double':
    case 'bignum':
      return `(${reply.type}) ${reply.text}`;
    case 'boolean':
      return `(boolean) ${reply.value}`;
    case 'verbatim':
      return `(verbatim ${reply.format}) ${showBytes(reply.bytes)}`;
    case 'map':
    case 'attribute':
      return `${reply.type}{${reply.entries.map(showEntry).join(', ')}}`;
    default:
      return `${reply.type}[${reply.items.map(showReply).join(', ')}]`;
  }
}

function showEntry([key, value]: readonly [Reply, Reply]): string {
  return `${showReply(key)} => ${showReply(value)}`;
}

/** Bytes in double quotes with \xNN escapes; the form that inline commands and redis-cli read. */
export function showBytes(bytes: Uint8Array): string {
  let out = '"';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte === 0x0a) out += '\\n';
    else if (byte === 0x0d) out += '\\r';
    else if (byte === 0x09) out += '\\t';
    else if (byte < 0x20 || byte > 0x7e) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}
