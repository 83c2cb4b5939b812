// The string library of Lua 5.1. https://www.lua.org/manual/5.1/manual.html#5.4

import { LuaError, runtimeError } from '../errors.ts';
import { typeName } from '../machine.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import { isRunning, type LuaGenerator, NONE, type Result, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { MAX_RESULTS, VALUES_PER_STEP } from './base.ts';
import { format } from './format.ts';
import { hasSpecials, Matcher } from './pattern.ts';
import { type Builtin, builtin, callingBack, libraryOf } from './registry.ts';

/** Longest string: what JavaScript has, and about what Redis has. */
const MAX_STRING = 2 ** 29 - 32;
const BYTECODE_HEADER = '\x1bLuaQ\0\x01\x04\x08\x04\x08\0';
/** Up to here JavaScript's own strings are quicker than bytes. */
const SHORT = 32;
const NOT_ASCII = /[^\0-\x7f]/;
/** Bytes that count as one step of the budget. */
const BYTES_PER_STEP = 64;

export function openString(runtime: Runtime): void {
  const library = libraryOf(stringFunctions(runtime));
  runtime.globals.set('string', library);
  const meta = new LuaTable(0, 1);
  meta.set('__index', library);
  runtime.stringMeta = meta;
}

function stringFunctions(runtime: Runtime): Record<string, Builtin> {
  return {
    byte: (args) => bytesOf(runtime, args),
    char: (args) => charactersOf(runtime, args),
    // There is no bytecode; whoever loads this is told that it is none.
    dump: (args) => {
      args.function(1);
      return BYTECODE_HEADER;
    },
    find: (args) => find(runtime, args, true),
    format: (args) => format(args),
    gfind: (args) => allMatches(runtime, args),
    gmatch: (args) => allMatches(runtime, args),
    gsub: callingBack((args) => substitute(runtime, args)),
    len: (args) => args.string(1).length,
    lower: (args) => lowered(long(runtime, args.string(1))),
    match: (args) => find(runtime, args, false),
    rep: (args) => {
      const text = args.string(1);
      const count = args.int(2);
      if (count <= 0 || text === '') return '';
      if (text.length * count > MAX_STRING) throw new LuaError('not enough memory');
      runtime.spend((text.length * count) / BYTES_PER_STEP);
      return text.repeat(count);
    },
    reverse: (args) => reversed(long(runtime, args.string(1))),
    sub: (args) => {
      const text = args.string(1);
      const from = Math.max(1, position(args.integer(2), text.length));
      const to = Math.min(text.length, position(args.optionalInteger(3, -1), text.length));
      return from <= to ? text.slice(from - 1, to) : '';
    },
    upper: (args) => raised(long(runtime, args.string(1))),
  };
}

/** A text that is looked at from its beginning to its end. */
function long(runtime: Runtime, text: string): string {
  runtime.spend(text.length / BYTES_PER_STEP);
  return text;
}

/** In C only the letters of ASCII have another case. */
function lowered(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function raised(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toUpperCase();
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function reversed(text: string): string {
  if (text.length > SHORT) return Buffer.from(text, 'latin1').reverse().toString('latin1');
  let result = '';
  for (let i = text.length - 1; i >= 0; i--) result += text.charAt(i);
  return result;
}

/** A negative position counts from the end. */
function position(at: number, length: number): number {
  return Math.max(0, at < 0 ? at + length + 1 : at);
}

function bytesOf(runtime: Runtime, args: Arguments): Result {
  const text = args.string(1);
  const first = position(args.optionalInteger(2, 1), text.length);
  const last = Math.min(text.length, position(args.optionalInteger(3, first), text.length));
  const from = Math.max(1, first);
  if (from > last) return NONE;
  if (last - from + 1 > MAX_RESULTS) throw runtimeError('stack overflow (string slice too long)');
  if (from === last) return text.charCodeAt(from - 1);
  runtime.spend((last - from) / VALUES_PER_STEP);
  const values: Value[] = [];
  for (let i = from; i <= last; i++) values.push(text.charCodeAt(i - 1));
  return values;
}

function charactersOf(runtime: Runtime, args: Arguments): Result {
  runtime.spend(args.count / VALUES_PER_STEP);
  let text = '';
  for (let i = 1; i <= args.count; i++) {
    const code = args.int(i);
    if (code < 0 || code > 255) throw args.error(i, 'invalid value');
    text += String.fromCharCode(code);
  }
  return text;
}

/** Patterns are C strings: they end at their first NUL. */
function patternOf(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function find(runtime: Runtime, args: Arguments, isFind: boolean): Result {
  const source = args.string(1);
  const wanted = args.string(2);
  const given = position(args.optionalInteger(3, 1), source.length) - 1;
  const from = Math.min(source.length, Math.max(0, given));
  if (isFind) {
    const option = args.at(4);
    const isPlain = option !== undefined && option !== false;
    if (isPlain || !hasSpecials(patternOf(wanted))) {
      const at = source.indexOf(wanted, from);
      return at < 0 ? undefined : [at + 1, at + wanted.length];
    }
  }
  const matcher = new Matcher(runtime, source, patternOf(wanted));
  const at = matcher.search(from);
  if (at < 0) return undefined;
  const { end } = matcher;
  if (!isFind) return matcher.captures(at, end, true);
  if (matcher.level === 0) return [at + 1, end];
  return [at + 1, end, ...matcher.captures(at, end, false)];
}

function allMatches(runtime: Runtime, args: Arguments): Result {
  const source = args.string(1);
  // Here a '^' is no anchor.
  const matcher = new Matcher(runtime, source, patternOf(args.string(2)), false);
  let from = 0;
  return builtin('gmatch', () => {
    const at = matcher.search(from);
    if (at < 0) {
      from = source.length + 1;
      return NONE;
    }
    const { end } = matcher;
    from = end === at ? end + 1 : end;
    return matcher.captures(at, end, true);
  });
}

function substitute(runtime: Runtime, args: Arguments): Result {
  const source = args.string(1);
  const pattern = patternOf(args.string(2));
  const replacement = args.at(3);
  const most = args.at(4) === undefined ? source.length + 1 : args.int(4);
  const walk = new Substitution(runtime, source, pattern, most);
  if (typeof replacement === 'string' || typeof replacement === 'number') {
    return walk.withText(args.string(3));
  }
  if (typeof replacement !== 'function' && !(replacement instanceof LuaTable)) {
    throw args.error(3, 'string/function/table expected');
  }
  const replace = (matcher: Matcher, start: number, end: number): Result => {
    if (typeof replacement === 'function') {
      const captures = matcher.captures(start, end, true);
      return runtime.givesWay
        ? replacement(...captures)
        : runtime.callMeta(replacement, ...captures);
    }
    return runtime.index(replacement, matcher.capture(0, start, end));
  };
  return runtime.givesWay ? walk.yielding(replace) : walk.plain(replace);
}

type Replace = (matcher: Matcher, start: number, end: number) => Result;

/** One gsub on its way through the source. */
class Substitution {
  readonly #runtime: Runtime;
  readonly #source: string;
  readonly #matcher: Matcher;
  readonly #most: number;
  /** Where the match begins and ends. */
  #at = 0;
  #end = 0;
  #count = 0;
  #isDone = false;
  /** What is before this place is in the result. */
  #copied = 0;
  #text = '';

  constructor(runtime: Runtime, source: string, pattern: string, most: number) {
    this.#runtime = runtime;
    this.#source = source;
    this.#matcher = new Matcher(runtime, source, pattern);
    this.#most = most;
  }

  /** Goes on to the next match. @returns false when there is none any more. */
  #next(): boolean {
    if (this.#isDone || this.#count >= this.#most) return false;
    const at = this.#matcher.search(this.#at);
    if (at < 0) return false;
    this.#count++;
    this.#at = at;
    this.#end = this.#matcher.end;
    return true;
  }

  /** Puts a text in the place of the match, and goes on behind it. */
  #put(text: string): void {
    this.#text += this.#source.slice(this.#copied, this.#at) + text;
    this.#copied = this.#end;
    // Over one character behind a match of nothing: it stays.
    this.#at = this.#end > this.#at ? this.#end : this.#at + 1;
    this.#isDone = this.#matcher.isAnchored || this.#at > this.#source.length;
  }

  #add(value: Value): void {
    if (value === undefined || value === false) {
      this.#put(this.#source.slice(this.#at, this.#end));
    } else if (typeof value === 'string') this.#put(value);
    else if (typeof value === 'number') this.#put(this.#runtime.textOf(value));
    else throw runtimeError(`invalid replacement value (a ${typeName(value)})`);
  }

  #result(): Result {
    const text = this.#text + this.#source.slice(this.#copied);
    this.#runtime.spend(text.length / BYTES_PER_STEP);
    return [text, this.#count];
  }

  withText(replacement: string): Result {
    const isPlain = !replacement.includes('%');
    while (this.#next()) {
      this.#put(isPlain ? replacement : this.#expand(replacement));
    }
    return this.#result();
  }

  #expand(replacement: string): string {
    let text = '';
    for (let i = 0; i < replacement.length; i++) {
      const char = replacement[i]!;
      if (char !== '%') {
        text += char;
        continue;
      }
      const digit = replacement[++i];
      // At the end stands C's NUL.
      if (digit === undefined) text += '\0';
      else if (digit < '0' || digit > '9') text += digit;
      else if (digit === '0') text += this.#source.slice(this.#at, this.#end);
      else {
        const capture = this.#matcher.capture(Number(digit) - 1, this.#at, this.#end);
        text += this.#runtime.textOf(capture);
      }
    }
    return text;
  }

  plain(replace: Replace): Result {
    while (this.#next()) {
      const result = replace(this.#matcher, this.#at, this.#end);
      this.#add(this.#runtime.first(result as Value));
    }
    return this.#result();
  }

  *yielding(replace: Replace): LuaGenerator {
    while (this.#next()) {
      let result = replace(this.#matcher, this.#at, this.#end);
      if (isRunning(result)) result = yield* this.#runtime.inner(result);
      this.#add(this.#runtime.first(result as Value));
    }
    return this.#result() as Value;
  }
}
