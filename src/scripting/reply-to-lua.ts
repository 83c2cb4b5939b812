// From the reply of a command to the value that a script gets: numbers, strings, tables; false for
// null in RESP2. https://redis.io/docs/latest/develop/interact/programmability/lua-api/

import { latin1String } from '../bytes/ascii.ts';
import { LuaTable } from '../lua/table.ts';
import type { Value } from '../lua/value.ts';
import type { KnownStrings } from './known-strings.ts';

const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const DOLLAR = 36;
const STAR = 42;
const CR = 13;
const NO_BYTES = new Uint8Array(0);

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
  readonly #strings: KnownStrings;
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;

  constructor(strings: KnownStrings) {
    this.#strings = strings;
  }

  /** The reply that begins at an offset. */
  fromBytes(bytes: Uint8Array, offset: number): Value {
    if (this.#bytes !== bytes) this.#bytes = bytes;
    this.#at = offset;
    return this.#value();
  }

  /** Lets go of the bytes. */
  release(): void {
    this.#bytes = NO_BYTES;
  }

  /** Where the last reply has ended. */
  get end(): number {
    return this.#at;
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
    return this.#strings.text(this.#bytes, start, end - start);
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
    return this.#strings.text(this.#bytes, start, length);
  }

  #array(): Value {
    const count = this.#number();
    if (count < 0) return false;
    const table = LuaTable.ofCount(count);
    const { array } = table;
    let hasNil = false;
    for (let i = 0; i < count; i++) {
      const value = this.#value();
      if (value === undefined) hasNil = true;
      array[i] = value;
    }
    return hasNil ? setOneByOne(array, count) : table;
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

/** With nil among the values the table is another than one of so many values. */
function setOneByOne(values: readonly Value[], count: number): LuaTable {
  const table = new LuaTable();
  for (let i = 0; i < count; i++) table.set(i + 1, values[i]);
  return table;
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
