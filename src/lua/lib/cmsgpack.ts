// The cmsgpack library that Redis ships: MessagePack. https://github.com/antirez/lua-cmsgpack

import { LuaError, runtimeError } from '../errors.ts';
import { KnownShapes, type RecordShape } from '../record-shape.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import type { Result, Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { type Builtin, libraryOf } from './registry.ts';

/** Deeper tables are packed as nil. */
const MAX_NESTING = 16;
/** Strings up to this length are written character by character: quicker than a call. */
const SHORT = 12;
const scratch = new DataView(new ArrayBuffer(8));

class Packer {
  #bytes: Buffer = Buffer.allocUnsafe(256);
  #length = 0;

  text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  #ensure(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(wanted * 2);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #byte(value: number): void {
    this.#ensure(1);
    this.#bytes[this.#length++] = value;
  }

  /** A mark, and a number of `size` bytes. */
  #marked(mark: number, value: number, size: number): void {
    this.#ensure(size + 1);
    this.#bytes[this.#length] = mark;
    if (size === 8)
      this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)), this.#length + 1);
    else if (size === 4) this.#bytes.writeUInt32BE(value >>> 0, this.#length + 1);
    else if (size === 2) this.#bytes.writeUInt16BE(value & 0xffff, this.#length + 1);
    else this.#bytes[this.#length + 1] = value & 0xff;
    this.#length += size + 1;
  }

  value(value: Value, level: number): void {
    if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (value instanceof LuaTable && level !== MAX_NESTING) this.#table(value, level);
    else this.#byte(0xc0);
  }

  #string(text: string): void {
    const { length } = text;
    if (length < 32) this.#byte(0xa0 | length);
    else if (length <= 0xff) this.#marked(0xd9, length, 1);
    else if (length <= 0xffff) this.#marked(0xda, length, 2);
    else this.#marked(0xdb, length, 4);
    this.#ensure(length);
    if (length <= SHORT) {
      const bytes = this.#bytes;
      const at = this.#length;
      for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    } else this.#bytes.write(text, this.#length, 'latin1');
    this.#length += length;
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) this.#integer(value);
    else this.#double(value);
  }

  #integer(value: number): void {
    if (value >= 0) {
      if (value <= 127) this.#byte(value);
      else if (value <= 0xff) this.#marked(0xcc, value, 1);
      else if (value <= 0xffff) this.#marked(0xcd, value, 2);
      else if (value <= 0xffffffff) this.#marked(0xce, value, 4);
      else this.#marked(0xcf, value, 8);
    } else if (value >= -32) this.#byte(value & 0xff);
    else if (value >= -128) this.#marked(0xd0, value, 1);
    else if (value >= -32768) this.#marked(0xd1, value, 2);
    else if (value >= -2147483648) this.#marked(0xd2, value, 4);
    else this.#marked(0xd3, value, 8);
  }

  #double(value: number): void {
    this.#ensure(9);
    if (Math.fround(value) === value) {
      this.#bytes[this.#length] = 0xca;
      this.#bytes.writeFloatBE(value, this.#length + 1);
      this.#length += 5;
      return;
    }
    this.#bytes[this.#length] = 0xcb;
    this.#bytes.writeDoubleBE(value, this.#length + 1);
    // A NaN that arithmetic made has its sign set on x86.
    if (Number.isNaN(value)) this.#bytes[this.#length + 1] = 0xff;
    this.#length += 9;
  }

  #table(table: LuaTable, level: number): void {
    const plain = table.plainLength();
    if (plain > 0 || isArray(table)) {
      const count = plain > 0 ? plain : table.border();
      this.#count(count, 0x90, 0xdc);
      for (let i = 1; i <= count; i++) this.value(table.get(i), level + 1);
      return;
    }
    let count = 0;
    for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) count++;
    this.#count(count, 0x80, 0xde);
    for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
      this.value(table.keyAt(at), level + 1);
      this.value(table.valueAt(at), level + 1);
    }
  }

  #count(count: number, short: number, mark: number): void {
    if (count <= 15) this.#byte(short | count);
    else if (count <= 0xffff) this.#marked(mark, count, 2);
    else this.#marked(mark + 1, count, 4);
  }
}

/** True when the keys are exactly 1 to the number of keys; so it is for an empty table. */
function isArray(table: LuaTable): boolean {
  let count = 0;
  let most = 0;
  for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
    const key = table.keyAt(at);
    if (typeof key !== 'number' || key <= 0 || !Number.isInteger(key) || key > 0x7fffffff) {
      return false;
    }
    if (key > most) most = key;
    count++;
  }
  return most === count;
}

/** Reads values of a text, one at a time. One of it serves a state of Lua: it calls nobody. */
class Unpacker {
  readonly #shapes = new KnownShapes();
  #text = '';
  #at = 0;

  begin(text: string, offset: number): void {
    this.#text = text;
    this.#at = offset;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#text.length - this.#at;
  }

  #need(count: number): void {
    if (this.left < count) throw runtimeError('Missing bytes in input.');
  }

  #byte(at: number): number {
    return this.#text.charCodeAt(at);
  }

  /** Skips a mark and reads an unsigned number of `size` bytes behind it. */
  #length(size: number): number {
    this.#need(1 + size);
    let value = 0;
    for (let i = 1; i <= size; i++) value = value * 256 + this.#byte(this.#at + i);
    this.#at += 1 + size;
    return value;
  }

  /** The same into the scratch buffer, for numbers of other kinds. */
  #number(size: number): DataView {
    this.#need(1 + size);
    for (let i = 0; i < size; i++) scratch.setUint8(i, this.#byte(this.#at + 1 + i));
    this.#at += 1 + size;
    return scratch;
  }

  #string(length: number): string {
    this.#need(length);
    const at = this.#at;
    this.#at += length;
    return this.#text.slice(at, at + length);
  }

  value(): Value {
    this.#need(1);
    const mark = this.#byte(this.#at);
    if (mark < 0x80 || mark >= 0xe0) {
      this.#at++;
      return mark < 0x80 ? mark : mark - 256;
    }
    if (mark >= 0xc0) return this.#marked(mark);
    this.#at++;
    if (mark >= 0xa0) return this.#string(mark & 0x1f);
    return mark < 0x90 ? this.#map(mark & 0x0f) : this.#array(mark & 0x0f);
  }

  #marked(mark: number): Value {
    switch (mark) {
      case 0xc0:
        this.#at++;
        return undefined;
      case 0xc2:
      case 0xc3:
        this.#at++;
        return mark === 0xc3;
      case 0xca:
        return this.#number(4).getFloat32(0);
      case 0xcb:
        return this.#number(8).getFloat64(0);
      case 0xcc:
        return this.#length(1);
      case 0xcd:
        return this.#length(2);
      case 0xce:
        return this.#length(4);
      case 0xcf:
      case 0xd3:
        return Number(this.#number(8).getBigInt64(0));
      case 0xd0:
        return this.#number(1).getInt8(0);
      case 0xd1:
        return this.#number(2).getInt16(0);
      case 0xd2:
        return this.#number(4).getInt32(0);
      case 0xd9:
        return this.#string(this.#length(1));
      case 0xda:
        return this.#string(this.#length(2));
      case 0xdb:
        return this.#string(this.#length(4));
      case 0xdc:
        return this.#array(this.#length(2));
      case 0xdd:
        return this.#array(this.#length(4));
      case 0xde:
        return this.#map(this.#length(2));
      case 0xdf:
        return this.#map(this.#length(4));
      default:
        throw runtimeError('Bad data format in input.');
    }
  }

  /** Skips a short string, if it is this one. */
  #skips(text: string): boolean {
    const { length } = text;
    const at = this.#at;
    if (length >= 32 || this.#byte(at) !== (0xa0 | length)) return false;
    if (this.left <= length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#byte(at + 1 + i) !== text.charCodeAt(i)) return false;
    }
    this.#at = at + 1 + length;
    return true;
  }

  #map(count: number): LuaTable {
    const keys: Value[] = [];
    const values: Value[] = [];
    let shape: RecordShape | null = null;
    for (let i = 0; i < count; i++) {
      const expected: string | undefined = shape?.order[i];
      const key = expected !== undefined && this.#skips(expected) ? expected : this.value();
      const value = this.value();
      if (key === undefined) throw new LuaError('table index is nil');
      if (Number.isNaN(key)) throw new LuaError('table index is NaN');
      if (i === 0) shape = this.#shapes.find(count, key);
      keys.push(key);
      values.push(value);
    }
    return LuaTable.ofPairs(keys, values, this.#shapes);
  }

  #array(count: number): LuaTable {
    const values: Value[] = [];
    let hasNil = false;
    for (let i = 0; i < count; i++) {
      const value = this.value();
      if (value === undefined) hasNil = true;
      values.push(value);
    }
    if (!hasNil) return LuaTable.of(values);
    const table = new LuaTable();
    for (let i = 0; i < count; i++) table.set(i + 1, values[i]);
    return table;
  }
}

function pack(args: Arguments): string {
  if (args.count === 0) throw args.error(0, 'MessagePack pack needs input.');
  const packer = new Packer();
  for (const value of args.values) packer.value(value, 0);
  return packer.text();
}

function unpackSome(unpacker: Unpacker, args: Arguments, limit: number, offset: number): Result {
  const text = args.string(1);
  const isAll = limit === 0 && offset === 0;
  if (offset < 0 || limit < 0) {
    throw runtimeError(
      `Invalid request to unpack with offset of ${offset | 0} and limit of ${text.length}.`,
    );
  }
  if (offset > text.length) {
    throw runtimeError(`Start offset ${offset} greater than input length ${text.length}.`);
  }
  unpacker.begin(text, offset);
  const values = valuesOf(unpacker, isAll ? 0x7fffffff : limit);
  const { left, position } = unpacker;
  unpacker.begin('', 0);
  return isAll ? values : [left === 0 ? -1 : position, ...values];
}

function valuesOf(unpacker: Unpacker, most: number): Value[] {
  const values: Value[] = [];
  while (unpacker.left > 0 && values.length < most) {
    if (values.length > 7990) {
      throw runtimeError(
        'stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)',
      );
    }
    values.push(unpacker.value());
  }
  return values;
}

export function openCmsgpack(runtime: Runtime): void {
  const unpacker = new Unpacker();
  const functions: Record<string, Builtin> = {
    pack,
    unpack: (args) => unpackSome(unpacker, args, 0, 0),
    unpack_one: (args) => unpackSome(unpacker, args, 1, args.optionalInteger(2, 0)),
    unpack_limit: (args) => unpackSome(unpacker, args, args.integer(2), args.optionalInteger(3, 0)),
  };
  const library = libraryOf(functions, Object.keys(functions), 0);
  library.set('_NAME', 'cmsgpack');
  library.set('_VERSION', 'lua-cmsgpack 0.4.0');
  library.set('_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo');
  library.set('_DESCRIPTION', 'MessagePack C implementation for Lua');
  runtime.globals.set('cmsgpack', library);
}
