// cjson.decode: JSON to tables, with the library's words for what it did not expect.

import { type LuaError, runtimeError } from '../errors.ts';
import { parseNumber } from '../numbers.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import { NULL_POINTER, type Value } from '../value.ts';
import type { JsonSettings } from './cjson.ts';

type Token =
  | 'T_OBJ_BEGIN'
  | 'T_OBJ_END'
  | 'T_ARR_BEGIN'
  | 'T_ARR_END'
  | 'T_STRING'
  | 'T_NUMBER'
  | 'T_BOOLEAN'
  | 'T_NULL'
  | 'T_COLON'
  | 'T_COMMA'
  | 'T_END'
  | 'T_ERROR';

/** Whole numbers of so many digits are exact however they are added up. */
const PLAIN_DIGITS = 15;
/** Tokens of one character, by its code. */
const SINGLE: readonly (Token | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const tokens: Readonly<Record<string, Token>> = {
    '{': 'T_OBJ_BEGIN',
    '}': 'T_OBJ_END',
    '[': 'T_ARR_BEGIN',
    ']': 'T_ARR_END',
    ',': 'T_COMMA',
    ':': 'T_COLON',
  };
  return tokens[String.fromCharCode(code)];
});
/** What a word may begin with. */
const BEGINS = 'fiInNt+';
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
};
const DECIMAL = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const HEX = /[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?/y;
const NOT_FINITE = /[+-]?(?:infinity|inf|nan(?:\([0-9A-Za-z_]*\))?)/iy;

class Decoder {
  readonly #text: string;
  readonly #settings: JsonSettings;
  readonly #runtime: Runtime;
  #at = 0;
  #depth = 0;
  #token: Token = 'T_END';
  #tokenAt = 0;
  #error = '';
  #value: Value;

  constructor(runtime: Runtime, settings: JsonSettings, text: string) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#text = text;
  }

  decode(): Value {
    this.#next();
    const value = this.#process();
    this.#next();
    if (this.#token !== 'T_END') throw this.#unexpected('the end');
    return value;
  }

  #unexpected(expected: string): LuaError {
    const found = this.#token === 'T_ERROR' ? this.#error : this.#token;
    return runtimeError(
      `Expected ${expected} but found ${found} at character ${this.#tokenAt + 1}`,
    );
  }

  #expectComma(expected: string): void {
    if (this.#token !== 'T_COMMA') throw this.#unexpected(expected);
  }

  #fail(message: string): void {
    this.#token = 'T_ERROR';
    this.#tokenAt = this.#at;
    this.#error = message;
  }

  #next(): Token {
    this.#scan();
    return this.#token;
  }

  #scan(): void {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code === 32 || code === 9 || code === 10 || code === 13) {
      code = text.charCodeAt(++this.#at);
    }
    this.#tokenAt = this.#at;
    const single = code < SINGLE.length ? SINGLE[code] : undefined;
    if (single !== undefined) {
      this.#at++;
      this.#token = single;
    } else if (code === 34) this.#string();
    // A NUL ends the text, as its end does.
    else if (!(code > 0)) this.#token = 'T_END';
    else if (code >= 49 && code <= 57) this.#plainNumber(code);
    else if (code === 45 || code === 48) this.#anyNumber();
    else this.#word(text[this.#at]!);
  }

  /** The digits of most numbers; a fraction, exponent or very many digits are for `#anyNumber`. */
  #plainNumber(first: number): void {
    const text = this.#text;
    let at = this.#at + 1;
    let value = first - 48;
    let code = text.charCodeAt(at);
    while (code >= 48 && code <= 57) {
      value = value * 10 + code - 48;
      code = text.charCodeAt(++at);
    }
    const length = at - this.#at;
    const goesOn = code === 46 || code === 101 || code === 69;
    if (goesOn || length > PLAIN_DIGITS) this.#anyNumber();
    else this.#known('T_NUMBER', value, length);
  }

  #anyNumber(): void {
    if (!this.#settings.decodeInvalidNumbers && this.#isInvalidNumber()) {
      this.#fail('invalid number');
    } else this.#number();
  }

  #word(char: string): void {
    const text = this.#text;
    if (!BEGINS.includes(char)) this.#fail('invalid token');
    else if (text.startsWith('true', this.#at)) this.#known('T_BOOLEAN', true, 4);
    else if (text.startsWith('false', this.#at)) this.#known('T_BOOLEAN', false, 5);
    else if (text.startsWith('null', this.#at)) this.#known('T_NULL', NULL_POINTER, 4);
    else if (this.#settings.decodeInvalidNumbers && this.#isInvalidNumber()) this.#number();
    else this.#fail('invalid token');
  }

  #known(token: Token, value: Value, length: number): void {
    this.#token = token;
    this.#value = value;
    this.#at += length;
  }

  /** Numbers that C reads and JSON has not. */
  #isInvalidNumber(): boolean {
    const text = this.#text;
    let at = this.#at;
    if (text[at] === '+') return true;
    if (text[at] === '-') at++;
    const char = text[at] ?? '\0';
    if (char === '0') return /[xX0-9]/.test(text[at + 1] ?? '');
    if (char <= '9') return false;
    return /^(?:inf|nan)/i.test(text.slice(at, at + 3));
  }

  #number(): void {
    for (const form of [HEX, DECIMAL, NOT_FINITE]) {
      form.lastIndex = this.#at;
      const match = form.exec(this.#text);
      if (match === null) continue;
      this.#known('T_NUMBER', parseNumber(match[0]), match[0].length);
      return;
    }
    this.#fail('invalid number');
  }

  #string(): void {
    const text = this.#text;
    this.#at++;
    let value = '';
    let start = this.#at;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 34) break;
      if (code === 0 || Number.isNaN(code)) {
        this.#fail('unexpected end of string');
        return;
      }
      if (code !== 92) {
        this.#at++;
        continue;
      }
      value += text.slice(start, this.#at);
      const decoded = this.#escape();
      if (decoded === null) return;
      value += decoded;
      start = this.#at;
    }
    this.#known('T_STRING', value + text.slice(start, this.#at), 1);
  }

  #escape(): string | null {
    const char = this.#text[this.#at + 1] ?? '\0';
    if (char === 'u') return this.#unicode();
    const decoded = ESCAPES[char];
    if (decoded === undefined) {
      this.#fail('invalid escape code');
      return null;
    }
    this.#at += 2;
    return decoded;
  }

  #hex4(at: number): number {
    const digits = this.#text.slice(at, at + 4);
    return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  }

  #unicode(): string | null {
    let code = this.#hex4(this.#at + 2);
    let length = 6;
    if (code >= 0 && (code & 0xf800) === 0xd800) {
      const isPair = (code & 0x400) === 0 && this.#text.startsWith('\\u', this.#at + 6);
      const low = isPair ? this.#hex4(this.#at + 8) : -1;
      if (low < 0 || (low & 0xfc00) !== 0xdc00) code = -1;
      else {
        code = (((code & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
        length = 12;
      }
    }
    if (code < 0) {
      this.#fail('invalid unicode escape code');
      return null;
    }
    this.#at += length;
    return Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1');
  }

  #process(): Value {
    switch (this.#token) {
      case 'T_STRING':
      case 'T_NUMBER':
      case 'T_BOOLEAN':
      case 'T_NULL':
        return this.#value;
      case 'T_OBJ_BEGIN':
        return this.#object();
      case 'T_ARR_BEGIN':
        return this.#array();
      default:
        throw this.#unexpected('value');
    }
  }

  #descend(): void {
    this.#depth++;
    this.#runtime.spend(4);
    if (this.#depth <= this.#settings.decodeMaxDepth) return;
    throw runtimeError(
      `Found too many nested data structures (${this.#depth}) at character ${this.#at}`,
    );
  }

  #object(): LuaTable {
    this.#descend();
    if (this.#next() === 'T_OBJ_END') {
      this.#depth--;
      return new LuaTable();
    }
    const keys: Value[] = [];
    const values: Value[] = [];
    for (;;) {
      if (this.#token !== 'T_STRING') throw this.#unexpected('object key string');
      const key = this.#value;
      if (this.#next() !== 'T_COLON') throw this.#unexpected('colon');
      this.#next();
      values.push(this.#process());
      keys.push(key);
      if (this.#next() === 'T_OBJ_END') break;
      this.#expectComma('comma or object end');
      this.#next();
    }
    this.#depth--;
    return LuaTable.ofPairs(keys, values, this.#settings.shapes);
  }

  #array(): LuaTable {
    this.#descend();
    const values: Value[] = [];
    if (this.#next() === 'T_ARR_END') {
      this.#depth--;
      return new LuaTable();
    }
    for (;;) {
      values.push(this.#process());
      if (this.#next() === 'T_ARR_END') break;
      this.#expectComma('comma or array end');
      this.#next();
    }
    this.#depth--;
    return LuaTable.of(values);
  }
}

export function decodeJson(runtime: Runtime, settings: JsonSettings, text: string): Value {
  if (text.length >= 2 && (text[0] === '\0' || text[1] === '\0')) {
    throw runtimeError('JSON parser does not support UTF-16 or UTF-32');
  }
  return new Decoder(runtime, settings, text).decode();
}
