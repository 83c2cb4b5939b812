// The cjson library that Redis ships (2.1.0): settings and encoding. Decoding is cjson-decode.ts.
// https://www.kyne.com.au/~mark/software/lua-cjson-manual.html

import { runtimeError } from '../errors.ts';
import { typeName } from '../machine.ts';
import { formatGeneral } from '../numbers.ts';
import { KnownShapes } from '../record-shape.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import { NULL_POINTER, type Result, type Value } from '../value.ts';
import { type Arguments, toInt32 } from './arguments.ts';
import { decodeJson } from './cjson-decode.ts';
import { type Builtin, libraryOf } from './registry.ts';

const INT_MAX = 2147483647;
const LOOKED_THROUGH = 32;

export interface JsonSettings {
  sparseConvert: boolean;
  sparseRatio: number;
  sparseSafe: number;
  encodeMaxDepth: number;
  decodeMaxDepth: number;
  /** 0 refused, 1 written as they are, 2 as null. */
  encodeInvalidNumbers: number;
  decodeInvalidNumbers: boolean;
  keepBuffer: boolean;
  /** What decoded objects looked like. */
  readonly shapes: KnownShapes;
  precision: number;
}

function defaults(): JsonSettings {
  return {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeMaxDepth: 1000,
    decodeMaxDepth: 1000,
    encodeInvalidNumbers: 0,
    decodeInvalidNumbers: true,
    keepBuffer: true,
    shapes: new KnownShapes(),
    precision: 14,
  };
}

const SPECIAL = /["\\/\x00-\x1f\x7f]/;
const ALL_SPECIAL = /["\\/\x00-\x1f\x7f]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '/': '\\/',
  '\\': '\\\\',
};

function escaped(char: string): string {
  return SHORT_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A loop is quicker than the expression while a text is short. */
function needsEscapes(text: string): boolean {
  if (text.length > LOOKED_THROUGH) return SPECIAL.test(text);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 34 || code === 47 || code === 92 || code === 127) return true;
  }
  return false;
}

class Encoder {
  readonly #settings: JsonSettings;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime, settings: JsonSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  value(value: Value, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.#string(value);
      case 'number':
        return this.#number(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return 'null';
      default:
        if (value instanceof LuaTable) return this.#table(value, depth + 1);
        if (value === NULL_POINTER) return 'null';
        throw this.#refused(value, 'type not supported');
    }
  }

  #refused(value: Value, reason: string): Error | object {
    return runtimeError(`Cannot serialise ${typeName(value)}: ${reason}`);
  }

  #string(text: string): string {
    return needsEscapes(text) ? `"${text.replace(ALL_SPECIAL, escaped)}"` : `"${text}"`;
  }

  #number(value: number): string {
    if (Number.isInteger(value) && Math.abs(value) < 1e9 && this.#settings.precision >= 9) {
      return Object.is(value, -0) ? '-0' : `${value}`;
    }
    if (!Number.isFinite(value)) {
      const { encodeInvalidNumbers } = this.#settings;
      if (encodeInvalidNumbers === 0) throw this.#refused(value, 'must not be NaN or Inf');
      if (encodeInvalidNumbers === 2) return 'null';
      if (Number.isNaN(value)) return 'nan';
    }
    return formatGeneral(value, this.#settings.precision, false);
  }

  #table(table: LuaTable, depth: number): string {
    if (depth > this.#settings.encodeMaxDepth) {
      throw runtimeError(`Cannot serialise, excessive nesting (${depth})`);
    }
    this.#runtime.spend(4);
    const length = this.#arrayLength(table);
    return length > 0 ? this.#array(table, length, depth) : this.#object(table, depth);
  }

  /** The highest index of an array, -1 for what is none. */
  #arrayLength(table: LuaTable): number {
    const { sparseRatio, sparseSafe, sparseConvert } = this.#settings;
    let most = table.plainLength();
    if (most > 0) return most;
    let items = 0;
    for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
      const key = table.keyAt(at);
      if (typeof key !== 'number' || key < 1 || Math.floor(key) !== key) return -1;
      if (key > most) most = toInt32(key);
      items++;
    }
    if (sparseRatio > 0 && most > items * sparseRatio && most > sparseSafe) {
      if (!sparseConvert) throw this.#refused(table, 'excessively sparse array');
      return -1;
    }
    return most;
  }

  #array(table: LuaTable, length: number, depth: number): string {
    let json = `[${this.value(table.get(1), depth)}`;
    for (let i = 2; i <= length; i++) json += `,${this.value(table.get(i), depth)}`;
    return `${json}]`;
  }

  #object(table: LuaTable, depth: number): string {
    let json = '{';
    let comma = '';
    for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
      const key = table.keyAt(at);
      let name: string;
      if (typeof key === 'string') name = this.#string(key);
      else if (typeof key === 'number') name = `"${this.#number(key)}"`;
      else throw this.#refused(key, 'table key must be a number or string');
      json += `${comma}${name}:${this.value(table.valueAt(at), depth)}`;
      comma = ',';
    }
    return `${json}}`;
  }
}

// --- settings

function atMost(args: Arguments, count: number): void {
  if (args.count > count) throw args.error(count + 1, 'found too many arguments');
}

function integerOption(args: Arguments, i: number, now: number, min: number, max: number): number {
  if (args.at(i) === undefined) return now;
  const value = args.int(i);
  if (value < min || value > max) {
    throw args.error(1, `expected integer between ${min} and ${max}`);
  }
  return value;
}

function choice(args: Arguments, i: number, options: readonly string[]): number {
  const name = args.string(i);
  const index = options.indexOf(name);
  if (index < 0) throw args.error(i, `invalid option '${name}'`);
  return index;
}

function switchOption(args: Arguments, i: number, now: boolean): boolean {
  const value = args.at(i);
  if (value === undefined) return now;
  if (typeof value === 'boolean') return value;
  return choice(args, i, ['off', 'on']) === 1;
}

function settingFunctions(settings: JsonSettings): Record<string, Builtin> {
  return {
    encode_sparse_array: (args) => {
      atMost(args, 3);
      settings.sparseConvert = switchOption(args, 1, settings.sparseConvert);
      settings.sparseRatio = integerOption(args, 2, settings.sparseRatio, 0, INT_MAX);
      settings.sparseSafe = integerOption(args, 3, settings.sparseSafe, 0, INT_MAX);
      return [settings.sparseConvert, settings.sparseRatio, settings.sparseSafe];
    },
    encode_max_depth: (args) => {
      atMost(args, 1);
      settings.encodeMaxDepth = integerOption(args, 1, settings.encodeMaxDepth, 1, INT_MAX);
      return settings.encodeMaxDepth;
    },
    decode_max_depth: (args) => {
      atMost(args, 1);
      settings.decodeMaxDepth = integerOption(args, 1, settings.decodeMaxDepth, 1, INT_MAX);
      return settings.decodeMaxDepth;
    },
    encode_number_precision: (args) => {
      atMost(args, 1);
      settings.precision = integerOption(args, 1, settings.precision, 1, 14);
      return settings.precision;
    },
    encode_keep_buffer: (args) => {
      atMost(args, 1);
      settings.keepBuffer = switchOption(args, 1, settings.keepBuffer);
      return settings.keepBuffer;
    },
    encode_invalid_numbers: (args) => {
      atMost(args, 1);
      const value = args.at(1);
      if (typeof value === 'boolean') settings.encodeInvalidNumbers = value ? 1 : 0;
      else if (value !== undefined) {
        settings.encodeInvalidNumbers = choice(args, 1, ['off', 'on', 'null']);
      }
      return settings.encodeInvalidNumbers === 2 ? 'null' : settings.encodeInvalidNumbers === 1;
    },
    decode_invalid_numbers: (args) => {
      atMost(args, 1);
      settings.decodeInvalidNumbers = switchOption(args, 1, settings.decodeInvalidNumbers);
      return settings.decodeInvalidNumbers;
    },
  };
}

const ORDER = [
  ...['encode', 'decode', 'encode_sparse_array', 'encode_max_depth', 'decode_max_depth'],
  ...['encode_number_precision', 'encode_keep_buffer', 'encode_invalid_numbers'],
  ...['decode_invalid_numbers', 'new'],
];

function newLibrary(runtime: Runtime): LuaTable {
  const settings = defaults();
  const encoder = new Encoder(runtime, settings);
  const library = libraryOf(
    {
      encode: (args): Result => {
        if (args.count !== 1) throw args.error(1, 'expected 1 argument');
        return encoder.value(args.at(1), 0);
      },
      decode: (args): Result => {
        if (args.count !== 1) throw args.error(1, 'expected 1 argument');
        return decodeJson(runtime, settings, args.string(1));
      },
      ...settingFunctions(settings),
      new: () => newLibrary(runtime),
    },
    ORDER,
    0,
  );
  library.set('null', NULL_POINTER);
  library.set('_NAME', 'cjson');
  library.set('_VERSION', '2.1.0');
  return library;
}

export function openCjson(runtime: Runtime): void {
  runtime.globals.set('cjson', newLibrary(runtime));
}
