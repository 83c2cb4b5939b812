// The first line of a script or library: `#!lua flags=no-writes,allow-oom`, `#!lua name=mylib`.

import { splitWords } from '../config/words.ts';
import { SCRIPT_COMPAT, scriptFlag } from './script-flags.ts';

export interface Shebang {
  readonly flags: number;
  /** Where the script goes on, the line's end included so that lines keep their numbers. */
  readonly bodyStart: number;
}

/** Where the first line ends, -1 if nowhere. As in C, a NUL ends the text. */
function lineEnd(source: string): number {
  const end = source.search(/[\n\0]/);
  return source[end] === '\n' ? end : -1;
}

/** @returns what the first line of a script says, or what is wrong with it. */
export function scriptShebang(source: string): Shebang | string {
  if (!source.startsWith('#!')) return { flags: SCRIPT_COMPAT, bodyStart: 0 };
  const end = lineEnd(source);
  if (end < 0) return 'Invalid script shebang';
  const words = splitWords(source.slice(0, end));
  const [engine, ...options] = words ?? [];
  if (engine === undefined) return 'Invalid engine in script shebang';
  if (engine !== '#!lua') return `Unexpected engine in script shebang: ${engine}`;
  let flags = 0;
  for (const option of options) {
    if (!option.startsWith('flags=')) return `Unknown lua shebang option: ${option}`;
    const names = option.slice('flags='.length);
    if (names === '') continue;
    for (const name of names.split(',')) {
      const flag = scriptFlag(name);
      if (flag === 0) return `Unexpected flag in script shebang: ${name}`;
      flags |= flag;
    }
  }
  return { flags, bodyStart: end };
}

export interface LibraryHead {
  readonly engine: string;
  readonly name: string;
  readonly body: string;
}

/** @returns what the first line of a library says, or what is wrong with it. */
export function libraryShebang(source: string): LibraryHead | string {
  if (!source.startsWith('#!')) return 'Missing library metadata';
  const end = lineEnd(source);
  if (end < 0) return 'Invalid library metadata';
  const words = splitWords(source.slice(0, end));
  const [engine, ...values] = words ?? [];
  if (engine === undefined) return 'Invalid library metadata';
  let name: string | null = null;
  for (const value of values) {
    if (value.slice(0, 5).toLowerCase() !== 'name=') {
      return `Invalid metadata value given: ${value}`;
    }
    if (name !== null) return 'Invalid metadata value, name argument was given multiple times';
    name = value.slice(5);
  }
  if (name === null) return 'Library name was not given';
  return { engine: engine.slice(2), name, body: source.slice(end) };
}
