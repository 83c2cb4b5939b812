// From the reply of a command to the value that a script gets: numbers, strings, tables; false for
// null in RESP2. https://redis.io/docs/latest/develop/interact/programmability/lua-api/

import { latin1String } from '../bytes/ascii.ts';
import { LuaTable } from '../lua/table.ts';
import type { Value } from '../lua/value.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';

const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const DOLLAR = 36;
const STAR = 42;
const CR = 13;
/** Strings up to this length are made character by character: quicker than a call. */
const SHORT = 12;

/** A table with one field. */
export function tableWith(key: string, value: Value): LuaTable {
  const table = new LuaTable(0, 1);
  table.set(key, value);
  return table;
}

/** An error as scripts see it, from the text of an error reply without its `-`. */
export function errorTable(text: string, isCounted: boolean): LuaTable {
  const blank = text.indexOf(' ');
  const code = blank < 0 ? 'ERR' : text.slice(0, blank);
  const message = blank < 0 ? text : text.slice(blank + 1);
  const table = tableWith('err', `${code} ${message.replace(/^[\r\n]+|[\r\n]+$/g, '')}`);
  if (isCounted) table.set('ignore_error_stats_update', true);
  return table;
}

export class ReplyToLua {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #viewed: Uint8Array | null = null;
  #view: Buffer = Buffer.alloc(0);

  /** The first reply that a writer holds. */
  fromWriter(writer: ReplyWriter): Value {
    if (writer.chunks.length === 0) return this.fromBytes(writer.bytes);
    const last = writer.bytes.subarray(0, writer.position);
    return this.fromBytes(Buffer.concat([...writer.chunks, last]));
  }

  fromBytes(bytes: Uint8Array): Value {
    this.#bytes = bytes;
    this.#at = 0;
    return this.#value();
  }

  /** An error that no command has replied. */
  fromError(text: string, isCounted: boolean): Value {
    return errorTable(text, isCounted);
  }

  #value(): Value {
    switch (this.#bytes[this.#at++]) {
      case DOLLAR:
        return this.#bulk();
      case COLON:
        return this.#number();
      case PLUS:
        return tableWith('ok', this.#line());
      case MINUS:
        return errorTable(this.#line(), true);
      case STAR:
        return this.#array();
      default:
        this.#at--;
        return this.#resp3();
    }
  }

  #resp3(): Value {
    const mark = String.fromCharCode(this.#bytes[this.#at++]!);
    switch (mark) {
      case '_':
        this.#line();
        return undefined;
      case '#':
        return this.#line() === 't';
      case ',':
        return tableWith('double', doubleOf(this.#line()));
      case '(':
        return tableWith('big_number', this.#line());
      case '=':
        return this.#verbatim();
      case '%':
        return this.#map();
      case '~':
        return this.#set();
      case '>':
        return this.#array();
      case '|':
        for (let count = this.#number() * 2; count > 0; count--) this.#value();
        return this.#value();
      default:
        return undefined;
    }
  }

  #line(): string {
    const start = this.#at;
    const end = this.#bytes.indexOf(CR, start);
    this.#at = end + 2;
    return latin1String(this.#bytes, start, end - start);
  }

  #number(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    let value = 0;
    for (let digit = bytes[at]!; digit !== CR; digit = bytes[++at]!)
      value = value * 10 + digit - 48;
    if (value > Number.MAX_SAFE_INTEGER) return Number(this.#line());
    this.#at = at + 2;
    return isNegative ? -value : value;
  }

  #bulk(): Value {
    const length = this.#number();
    if (length < 0) return false;
    const start = this.#at;
    this.#at = start + length + 2;
    const bytes = this.#bytes;
    if (length > SHORT) return this.#text(start, length);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[start + i]!);
    return text;
  }

  /** Bytes as text; the view of the writer's buffer is made once. */
  #text(start: number, length: number): string {
    const bytes = this.#bytes;
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#view.toString('latin1', start, start + length);
  }

  #array(): Value {
    const count = this.#number();
    if (count < 0) return false;
    const values: Value[] = [];
    let hasNil = false;
    for (let i = 0; i < count; i++) {
      const value = this.#value();
      if (value === undefined) hasNil = true;
      values.push(value);
    }
    if (!hasNil) return LuaTable.of(values);
    const table = new LuaTable();
    for (let i = 0; i < count; i++) table.set(i + 1, values[i]);
    return table;
  }

  #verbatim(): Value {
    const length = this.#number();
    const text = latin1String(this.#bytes, this.#at, length);
    this.#at += length + 2;
    const inner = new LuaTable();
    inner.set('string', text.slice(4));
    inner.set('format', text.slice(0, 3));
    return tableWith('verbatim_string', inner);
  }

  #map(): Value {
    const inner = new LuaTable();
    for (let count = this.#number(); count > 0; count--) {
      const key = this.#value();
      const value = this.#value();
      if (key !== undefined) inner.set(key, value);
    }
    return tableWith('map', inner);
  }

  #set(): Value {
    const inner = new LuaTable();
    for (let count = this.#number(); count > 0; count--) {
      const key = this.#value();
      if (key !== undefined) inner.set(key, true);
    }
    return tableWith('set', inner);
  }
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
