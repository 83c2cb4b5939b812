// Lua's patterns: a matcher that goes back, as the reference implementation does, with its limits
// and its words for bad patterns. https://www.lua.org/manual/5.1/manual.html#5.4.1

import { runtimeError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Value } from '../value.ts';

const MAX_CAPTURES = 32;
const NO_CAPTURES: number[] = [];
const CAPTURE_OPEN = -1;
const CAPTURE_POSITION = -2;
/** Matches inside one another: in C it is the stack that ends. */
const MAX_DEPTH = 6000;
/** Characters looked at that count as one step of the budget. */
const CHARACTERS_PER_STEP = 8;
const ESCAPE = 37;
const SPECIALS = /[\^$*+?.([%-]/;

export function hasSpecials(pattern: string): boolean {
  return SPECIALS.test(pattern);
}

function isAlpha(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}
function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}
function isPunctuation(c: number): boolean {
  return c > 32 && c < 127 && !isAlpha(c) && !isDigit(c);
}
function isHex(c: number): boolean {
  return isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102);
}

/** Whether a character belongs to the class of a letter, as `%a`. */
function isOfClass(c: number, letter: number): boolean {
  let isMember: boolean;
  switch (letter | 32) {
    case 97:
      isMember = isAlpha(c);
      break;
    case 99:
      isMember = c < 32 || c === 127;
      break;
    case 100:
      isMember = isDigit(c);
      break;
    case 108:
      isMember = c >= 97 && c <= 122;
      break;
    case 112:
      isMember = isPunctuation(c);
      break;
    case 115:
      isMember = isSpace(c);
      break;
    case 117:
      isMember = c >= 65 && c <= 90;
      break;
    case 119:
      isMember = isAlpha(c) || isDigit(c);
      break;
    case 120:
      isMember = isHex(c);
      break;
    case 122:
      isMember = c === 0;
      break;
    default:
      return letter === c;
  }
  if (!isAlpha(letter)) return letter === c;
  return letter < 97 ? !isMember : isMember;
}

export class Matcher {
  readonly source: string;
  /** The pattern begins with a '^': it is tried at one place only. */
  readonly isAnchored: boolean;
  readonly #pattern: string;
  readonly #runtime: Runtime;
  /** Captures of the last match, and where it ended. */
  level = 0;
  end = -1;
  #starts: number[] = NO_CAPTURES;
  #lengths: number[] = NO_CAPTURES;
  #depth = 0;
  /** Steps of the search under way. */
  #steps = 0;
  /** The first single character of the pattern, where all matches begin with it; or -1. */
  #head = -1;
  #headEnd = -1;
  /** It, where it stands for itself. */
  #literal = '';
  #isHeadKnown = false;

  /** @param mayAnchor a '^' at the beginning is an anchor. */
  constructor(runtime: Runtime, source: string, pattern: string, mayAnchor = true) {
    this.#runtime = runtime;
    this.source = source;
    this.#pattern = pattern;
    this.isAnchored = mayAnchor && pattern.startsWith('^');
  }

  /** The first match from a place on. @returns where it begins, or -1. */
  search(from: number): number {
    this.#steps = 0;
    const found = this.#find(from);
    this.#runtime.spend(this.#steps);
    return found;
  }

  #find(from: number): number {
    const { source } = this;
    if (this.isAnchored) return this.#isMatch(from, 1) ? from : -1;
    if (!this.#isHeadKnown) this.#findHead();
    for (let at = from; at <= source.length; at++) {
      if (this.#head >= 0) {
        at = this.#nextHead(at);
        if (at < 0) return -1;
      }
      if (this.#isMatch(at, 0)) return at;
    }
    return -1;
  }

  #isMatch(at: number, patternAt: number): boolean {
    this.level = 0;
    this.#depth = 0;
    this.end = this.#match(at, patternAt);
    return this.end >= 0;
  }

  /**
   * Finds out what every match begins with: a single character or a class of them, behind brackets
   * of captures.
   */
  #findHead(): void {
    this.#isHeadKnown = true;
    const pattern = this.#pattern;
    let p = 0;
    while (pattern.charCodeAt(p) === 40) p++;
    const c = pattern.charCodeAt(p);
    const next = pattern.charCodeAt(p + 1);
    if (p >= pattern.length || c === 41 || (c === 36 && p + 1 === pattern.length)) return;
    if (c === ESCAPE && (isDigit(next) || next === 98 || next === 102)) return;
    const end = this.#classEnd(p);
    const suffix = pattern.charCodeAt(end);
    if (suffix === 63 || suffix === 42 || suffix === 45) return;
    this.#head = p;
    this.#headEnd = end;
    if (c !== ESCAPE && c !== 91 && c !== 46) this.#literal = pattern.charAt(p);
  }

  /** The next place from one on where the head is, or -1. */
  #nextHead(from: number): number {
    const { length } = this.source;
    let at = from;
    if (this.#literal !== '') {
      at = this.source.indexOf(this.#literal, from);
      if (at < 0) at = length;
    } else while (at < length && !this.#isSingle(at, this.#head, this.#headEnd)) at++;
    this.#steps += ((at - from) / CHARACTERS_PER_STEP) | 0;
    return at < length ? at : -1;
  }

  #match(start: number, patternStart: number): number {
    if (++this.#depth > MAX_DEPTH) throw runtimeError('pattern too complex');
    this.#steps++;
    const end = this.#matchHere(start, patternStart);
    this.#depth--;
    return end;
  }

  #matchHere(start: number, patternStart: number): number {
    const pattern = this.#pattern;
    let s = start;
    let p = patternStart;
    for (;;) {
      if (p >= pattern.length) return s;
      const c = pattern.charCodeAt(p);
      if (c === 40) {
        if (pattern.charCodeAt(p + 1) === 41) return this.#open(s, p + 2, CAPTURE_POSITION);
        return this.#open(s, p + 1, CAPTURE_OPEN);
      }
      if (c === 41) return this.#close(s, p + 1);
      if (c === ESCAPE) {
        const next = pattern.charCodeAt(p + 1);
        if (next === 98) {
          s = this.#balance(s, p + 2);
          if (s < 0) return -1;
          p += 4;
          continue;
        }
        if (next === 102) {
          p = this.#frontier(s, p + 2);
          if (p < 0) return -1;
          continue;
        }
        if (isDigit(next)) {
          s = this.#back(s, next);
          if (s < 0) return -1;
          p += 2;
          continue;
        }
      }
      if (c === 36 && p + 1 === pattern.length) return s === this.source.length ? s : -1;
      const end = this.#classEnd(p);
      const suffix = pattern.charCodeAt(end);
      if (suffix === 63) {
        if (this.#isSingle(s, p, end)) {
          const found = this.#match(s + 1, end + 1);
          if (found >= 0) return found;
        }
        p = end + 1;
      } else if (suffix === 42) return this.#most(s, p, end, 0);
      else if (suffix === 43) return this.#most(s, p, end, 1);
      else if (suffix === 45) return this.#least(s, p, end);
      else {
        if (!this.#isSingle(s, p, end)) return -1;
        s++;
        p = end;
      }
    }
  }

  #isSingle(s: number, p: number, end: number): boolean {
    if (s >= this.source.length) return false;
    const c = this.source.charCodeAt(s);
    const pattern = this.#pattern;
    switch (pattern.charCodeAt(p)) {
      case 46:
        return true;
      case ESCAPE:
        return isOfClass(c, pattern.charCodeAt(p + 1));
      case 91:
        return this.#isInSet(c, p, end - 1);
      default:
        return pattern.charCodeAt(p) === c;
    }
  }

  /** A set from its bracket at `p` to its closing one at `end`. */
  #isInSet(c: number, start: number, end: number): boolean {
    const pattern = this.#pattern;
    let p = start;
    let isMember = true;
    if (pattern.charCodeAt(p + 1) === 94) {
      isMember = false;
      p++;
    }
    while (++p < end) {
      const each = pattern.charCodeAt(p);
      if (each === ESCAPE) {
        p++;
        if (isOfClass(c, pattern.charCodeAt(p))) return isMember;
      } else if (pattern.charCodeAt(p + 1) === 45 && p + 2 < end) {
        p += 2;
        if (each <= c && c <= pattern.charCodeAt(p)) return isMember;
      } else if (each === c) return isMember;
    }
    return !isMember;
  }

  #classEnd(start: number): number {
    const pattern = this.#pattern;
    let p = start;
    const c = pattern.charCodeAt(p++);
    if (c === ESCAPE) {
      if (p >= pattern.length) throw runtimeError("malformed pattern (ends with '%')");
      return p + 1;
    }
    if (c !== 91) return p;
    if (pattern.charCodeAt(p) === 94) p++;
    do {
      if (p >= pattern.length) throw runtimeError("malformed pattern (missing ']')");
      if (pattern.charCodeAt(p++) === ESCAPE && p < pattern.length) p++;
    } while (pattern.charCodeAt(p) !== 93);
    return p + 1;
  }

  #most(s: number, p: number, end: number, atLeast: number): number {
    let count = 0;
    while (this.#isSingle(s + count, p, end)) count++;
    for (; count >= atLeast; count--) {
      const found = this.#match(s + count, end + 1);
      if (found >= 0) return found;
    }
    return -1;
  }

  #least(start: number, p: number, end: number): number {
    let s = start;
    for (;;) {
      const found = this.#match(s, end + 1);
      if (found >= 0) return found;
      if (!this.#isSingle(s, p, end)) return -1;
      s++;
    }
  }

  #balance(s: number, p: number): number {
    const pattern = this.#pattern;
    if (p + 1 >= pattern.length) throw runtimeError('unbalanced pattern');
    const { source } = this;
    const opening = pattern.charCodeAt(p);
    const closing = pattern.charCodeAt(p + 1);
    if (s >= source.length || source.charCodeAt(s) !== opening) return -1;
    let depth = 1;
    for (let at = s + 1; at < source.length; at++) {
      const c = source.charCodeAt(at);
      if (c === closing) {
        if (--depth === 0) return at + 1;
      } else if (c === opening) depth++;
    }
    return -1;
  }

  /** @returns where the pattern goes on, or -1. */
  #frontier(s: number, p: number): number {
    if (this.#pattern.charCodeAt(p) !== 91) {
      throw runtimeError("missing '[' after '%f' in pattern");
    }
    const end = this.#classEnd(p);
    const before = s === 0 ? 0 : this.source.charCodeAt(s - 1);
    const here = s < this.source.length ? this.source.charCodeAt(s) : 0;
    if (this.#isInSet(before, p, end - 1) || !this.#isInSet(here, p, end - 1)) return -1;
    return end;
  }

  #open(s: number, p: number, what: number): number {
    if (this.level >= MAX_CAPTURES) throw runtimeError('too many captures');
    if (this.#starts === NO_CAPTURES) {
      this.#starts = [];
      this.#lengths = [];
    }
    this.#starts[this.level] = s;
    this.#lengths[this.level] = what;
    this.level++;
    const found = this.#match(s, p);
    if (found < 0) this.level--;
    return found;
  }

  #close(s: number, p: number): number {
    let last = this.level - 1;
    while (last >= 0 && this.#lengths[last] !== CAPTURE_OPEN) last--;
    if (last < 0) throw runtimeError('invalid pattern capture');
    this.#lengths[last] = s - this.#starts[last]!;
    const found = this.#match(s, p);
    if (found < 0) this.#lengths[last] = CAPTURE_OPEN;
    return found;
  }

  #back(s: number, digit: number): number {
    const index = digit - 49;
    if (index < 0 || index >= this.level || this.#lengths[index] === CAPTURE_OPEN) {
      throw runtimeError('invalid capture index');
    }
    const length = this.#lengths[index]!;
    // C takes the mark of a position for a length that no text has.
    if (length === CAPTURE_POSITION) return -1;
    const start = this.#starts[index]!;
    const text = this.source.slice(start, start + length);
    return this.source.startsWith(text, s) ? s + text.length : -1;
  }

  /** Capture `index`, or the whole match from `start` to `end` where there are none. */
  capture(index: number, start: number, end: number): Value {
    if (index >= this.level) {
      if (index !== 0) throw runtimeError('invalid capture index');
      return this.source.slice(start, end);
    }
    const length = this.#lengths[index]!;
    const from = this.#starts[index]!;
    if (length === CAPTURE_OPEN) throw runtimeError('unfinished capture');
    if (length === CAPTURE_POSITION) return from + 1;
    return this.source.slice(from, from + length);
  }

  /** All captures; the whole match where there are none and `wholeIfNone`. */
  captures(start: number, end: number, wholeIfNone: boolean): Value[] {
    const count = this.level === 0 && wholeIfNone ? 1 : this.level;
    const values: Value[] = [];
    for (let i = 0; i < count; i++) values.push(this.capture(i, start, end));
    return values;
  }
}
