// Lua 5.1's words from a source of one character a byte, and its errors with chunk, line and what
// they are near to. https://www.lua.org/manual/5.1/manual.html#2.1

import { LuaError } from './errors.ts';
import { parseNumber } from './numbers.ts';

const KEYWORDS: readonly string[] = [
  ...['and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'if', 'in'],
  ...['local', 'nil', 'not', 'or', 'repeat', 'return', 'then', 'true', 'until', 'while'],
];
/** A keyword of a source is found as the one string that the parser compares with. */
const KNOWN_KEYWORDS: ReadonlyMap<string, string> = new Map(KEYWORDS.map((word) => [word, word]));

const LONGEST_KEYWORD = 8;
/** Digits of a number that needs no look at its form. */
const PLAIN_DIGITS = 15;
/** What ends a line comment, and what counts in a long bracket. */
const LINE_ENDS = /[\n\r]/g;
const IN_LONG = /[\n\r[\]]/g;
const EQUALS = 61;
const POINT = 46;

export type TokenType = 'name' | 'string' | 'number' | 'eof' | 'word';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Room for a chunk's name in what the parser says, and in errors of running programs. */
const PARSER_ROOM = 80;
const RUNNING_ROOM = 60;

/** The name of a chunk as errors show it; see luaO_chunkid of the reference implementation. */
export function chunkId(name: string, room: number = RUNNING_ROOM): string {
  if (name.startsWith('=')) return name.slice(1, room);
  if (name.startsWith('@')) {
    const file = name.slice(1);
    const most = room - " '...' ".length - 1;
    return file.length > most ? `...${file.slice(file.length - most)}` : file;
  }
  // As in C, a NUL ends the text.
  const nul = name.indexOf('\0');
  const shown = nul < 0 ? name : name.slice(0, nul);
  const lineEnd = shown.search(/[\n\r]/);
  const firstLine = lineEnd < 0 ? shown : shown.slice(0, lineEnd);
  const most = room - ' [string "..."] '.length - 1;
  if (firstLine.length > most) return `[string "${firstLine.slice(0, most)}..."]`;
  return lineEnd < 0 ? `[string "${firstLine}"]` : `[string "${firstLine}..."]`;
}

/**
 * Where the next character of a set is; the end of the source if there is none. Comments are long:
 * a search spares V8 the compiling of a loop over their characters.
 */
function indexOfAny(set: RegExp, source: string, from: number): number {
  set.lastIndex = from;
  return set.test(source) ? set.lastIndex - 1 : source.length;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

/** True for a character that a string has as it stands; false at the end of the source. */
function isPlain(code: number, quote: string): boolean {
  return (
    (code > 13 || (code >= 0 && code !== 10 && code !== 13)) &&
    code !== 92 &&
    code !== quote.charCodeAt(0)
  );
}

export class Lexer {
  readonly chunk: string;
  /** The word at hand: a keyword or symbol as itself, else its kind. */
  type: TokenType = 'eof';
  /** Text of a word, name or string. */
  text = '';
  value = 0;
  /** Line of the word at hand, and of the one before. */
  line = 1;
  lastLine = 1;
  /** The word behind the one at hand, when it was looked at. */
  #ahead: { type: TokenType; text: string; value: number } | null = null;
  readonly #source: string;
  #at = 0;
  /** What the last word was made from, as errors show it. */
  #buffer = '';

  constructor(source: string, chunkName: string) {
    this.chunk = chunkId(chunkName, PARSER_ROOM);
    this.#source = source;
  }

  /** Goes on to the next word. */
  next(): void {
    this.lastLine = this.line;
    if (this.#ahead === null) {
      this.#scan();
      return;
    }
    this.type = this.#ahead.type;
    this.text = this.#ahead.text;
    this.value = this.#ahead.value;
    this.#ahead = null;
  }

  /** The word behind the one at hand. */
  peek(): string {
    if (this.#ahead === null) {
      const { type, text, value } = this;
      this.#scan();
      this.#ahead = { type: this.type, text: this.text, value: this.value };
      this.type = type;
      this.text = text;
      this.value = value;
    }
    return this.#ahead.type === 'word' ? this.#ahead.text : this.#ahead.type;
  }

  /** True when the word at hand is a keyword or symbol. */
  is(word: string): boolean {
    return this.type === 'word' && this.text === word;
  }

  /** An error at the word at hand. */
  syntaxError(message: string): LuaError {
    if (this.type === 'word') return this.#errorNear(message, this.text);
    if (this.type === 'eof') return this.#errorNear(message, '<eof>');
    return this.#errorNear(message, this.#buffer);
  }

  /** An error without saying near to what. */
  plainError(message: string): LuaError {
    return new LuaError(`${this.chunk}:${this.line}: ${message}`);
  }

  #errorNear(message: string, near: string): LuaError {
    const end = near.indexOf('\0');
    // The code of NUL is what the reference takes for no token at all.
    if (near === 'char(0)') return this.plainError(message);
    const shown = end < 0 ? near : near.slice(0, end);
    return this.plainError(`${message} near '${shown}'`);
  }

  #set(type: TokenType, text: string): void {
    this.type = type;
    this.text = text;
  }

  #scan(): void {
    const source = this.#source;
    for (;;) {
      if (this.#at >= source.length) {
        this.#set('eof', '');
        return;
      }
      const code = source.charCodeAt(this.#at);
      if (code === 10 || code === 13) this.#newLine();
      else if (code === 32 || (code >= 9 && code <= 12)) this.#at++;
      else if (code === 45 && source.charCodeAt(this.#at + 1) === 45) this.#comment();
      else {
        this.#word(code);
        return;
      }
    }
  }

  #word(code: number): void {
    const source = this.#source;
    if (isNameStart(code)) {
      const start = this.#at;
      while (this.#at < source.length && isNamePart(source.charCodeAt(this.#at))) this.#at++;
      const text = source.slice(start, this.#at);
      this.#buffer = text;
      const mayBe = code >= 97 && text.length <= LONGEST_KEYWORD;
      const keyword = mayBe ? KNOWN_KEYWORDS.get(text) : undefined;
      if (keyword === undefined) this.#set('name', text);
      else this.#set('word', keyword);
      return;
    }
    const char = source[this.#at]!;
    if (isDigit(code) || (char === '.' && isDigit(source.charCodeAt(this.#at + 1)))) {
      this.#number();
    } else if (char === '"' || char === "'") {
      this.#string(char);
    } else if (char === '[') {
      this.#bracket();
    } else {
      this.#symbol(char);
    }
  }

  #symbol(char: string): void {
    const source = this.#source;
    const code = char.charCodeAt(0);
    const next = source.charCodeAt(this.#at + 1);
    if (next === EQUALS && (char === '=' || char === '>' || char === '<' || char === '~')) {
      this.#at += 2;
      this.#set('word', `${char}=`);
    } else if (next === POINT && code === POINT) {
      const isLong = source.charCodeAt(this.#at + 2) === POINT;
      this.#at += isLong ? 3 : 2;
      this.#set('word', isLong ? '...' : '..');
    } else {
      this.#at++;
      this.#set('word', code < 32 || code === 127 ? `char(${code})` : char);
    }
  }

  #bracket(): void {
    const level = this.#longBracket();
    if (level >= 0) {
      this.#set('string', this.#long(level, 'string'));
      return;
    }
    if (level === -1) {
      this.#at++;
      this.#set('word', '[');
      return;
    }
    this.#buffer = this.#source.slice(this.#at, this.#at - level);
    throw this.#errorNear('invalid long string delimiter', this.#buffer);
  }

  /**
   * Looks at a bracket. @returns how many '=' stand in a long one; -1 for a lone bracket; otherwise
   * the number of characters looked at, negative.
   */
  #longBracket(): number {
    const source = this.#source;
    let at = this.#at + 1;
    while (source[at] === '=') at++;
    const count = at - this.#at - 1;
    if (source[at] === source[this.#at]) return count;
    return -count - 1;
  }

  #newLine(): void {
    const source = this.#source;
    const first = source[this.#at++];
    const second = source[this.#at];
    if ((second === '\n' || second === '\r') && second !== first) this.#at++;
    this.line++;
  }

  #comment(): void {
    const source = this.#source;
    this.#at += 2;
    if (source[this.#at] === '[') {
      const level = this.#longBracket();
      if (level >= 0) {
        this.#long(level, 'comment');
        return;
      }
    }
    this.#at = indexOfAny(LINE_ENDS, source, this.#at);
  }

  #long(level: number, what: 'string' | 'comment'): string {
    const source = this.#source;
    const opening = source.slice(this.#at, this.#at + level + 2);
    this.#at += level + 2;
    if (source[this.#at] === '\n' || source[this.#at] === '\r') this.#newLine();
    const closing = `]${'='.repeat(level)}]`;
    const parts: string[] = [];
    let start = this.#at;
    for (;;) {
      this.#at = indexOfAny(IN_LONG, source, this.#at);
      if (this.#at >= source.length) throw this.#errorNear(`unfinished long ${what}`, '<eof>');
      const char = source[this.#at]!;
      if (char === ']' && source.startsWith(closing, this.#at)) break;
      if (char === '[' && level === 0 && source[this.#at + 1] === '[') {
        throw this.#errorNear('nesting of [[...]] is deprecated', '[');
      }
      if (char === '\n' || char === '\r') {
        parts.push(source.slice(start, this.#at), '\n');
        this.#newLine();
        start = this.#at;
      } else this.#at++;
    }
    parts.push(source.slice(start, this.#at));
    this.#at += closing.length;
    const text = parts.join('');
    this.#buffer = opening + text + closing;
    return text;
  }

  #string(quote: string): void {
    const source = this.#source;
    this.#at++;
    let text = '';
    for (;;) {
      const char = source[this.#at];
      if (char === undefined) throw this.#errorNear('unfinished string', '<eof>');
      if (char === '\n' || char === '\r') {
        throw this.#errorNear('unfinished string', quote + text);
      }
      if (char === quote) break;
      if (char === '\\') text += this.#escape(quote + text);
      else {
        const start = this.#at++;
        while (isPlain(source.charCodeAt(this.#at), quote)) this.#at++;
        text += source.slice(start, this.#at);
      }
    }
    this.#at++;
    this.#buffer = quote + text + quote;
    this.#set('string', text);
  }

  #escape(before: string): string {
    const source = this.#source;
    const char = source[++this.#at];
    if (char === undefined) return '';
    if (char === '\n' || char === '\r') {
      this.#newLine();
      return '\n';
    }
    if (!isDigit(char.charCodeAt(0))) {
      this.#at++;
      return ESCAPES[char] ?? char;
    }
    let code = 0;
    for (let i = 0; i < 3 && isDigit(source.charCodeAt(this.#at)); i++) {
      code = code * 10 + source.charCodeAt(this.#at++) - 48;
    }
    if (code > 255) throw this.#errorNear('escape sequence too large', before);
    return String.fromCharCode(code);
  }

  #number(): void {
    const source = this.#source;
    const start = this.#at;
    let code = source.charCodeAt(start);
    while (isDigit(code)) code = source.charCodeAt(++this.#at);
    const length = this.#at - start;
    if (length > 0 && length <= PLAIN_DIGITS && code !== POINT && !isNamePart(code)) {
      this.#buffer = source.slice(start, this.#at);
      this.value = Number(this.#buffer);
      this.#set('number', this.#buffer);
      return;
    }
    while (isDigit(code) || code === POINT) code = source.charCodeAt(++this.#at);
    if (source[this.#at] === 'e' || source[this.#at] === 'E') {
      this.#at++;
      if (source[this.#at] === '+' || source[this.#at] === '-') this.#at++;
    }
    while (this.#at < source.length && isNamePart(source.charCodeAt(this.#at))) this.#at++;
    const text = source.slice(start, this.#at);
    this.#buffer = text;
    const value = parseNumber(text);
    if (value === undefined) throw this.#errorNear('malformed number', text);
    this.value = value;
    this.#set('number', text);
  }
}
