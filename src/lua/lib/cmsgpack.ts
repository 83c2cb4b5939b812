// The cmsgpack library that Redis ships: MessagePack. https://github.com/antirez/lua-cmsgpack

import { LuaError, runtimeError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import type { Result, Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { type Builtin, libraryOf } from './registry.ts';

/** Deeper tables are packed as nil. */
const MAX_NESTING = 16;
/** Strings up to this length are written character by character: quicker than a call. */
const SHORT = 12;

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

class Unpacker {
  readonly #data: Buffer;
  /** The same as text: strings are parts of it. */
  readonly #text: string;
  #at: number;

  constructor(data: string, offset: number) {
    this.#text = data;
    this.#data = Buffer.from(data, 'latin1');
    this.#at = offset;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#data.length - this.#at;
  }

  #need(count: number): void {
    if (this.left < count) throw runtimeError('Missing bytes in input.');
  }

  /** Skips the mark and reads an unsigned number of `size` bytes behind it. */
  #length(size: number): number {
    this.#need(1 + size);
    const value = this.#data.readUIntBE(this.#at + 1, size);
    this.#at += 1 + size;
    return value;
  }

  #string(length: number): string {
    this.#need(length);
    const at = this.#at;
    this.#at += length;
    return this.#text.slice(at, at + length);
  }

  #skip(count: number): number {
    this.#need(count);
    const at = this.#at + 1;
    this.#at += count;
    return at;
  }

  value(): Value {
    this.#need(1);
    const mark = this.#data[this.#at]!;
    if (mark < 0x80) return this.#data[this.#skip(1) - 1];
    if (mark >= 0xe0) return this.#data.readInt8(this.#skip(1) - 1);
    if (mark < 0x90) return this.#map(this.#short(0x0f));
    if (mark < 0xa0) return this.#array(this.#short(0x0f));
    if (mark < 0xc0) return this.#string(this.#short(0x1f));
    return this.#marked(mark);
  }

  #short(mask: number): number {
    return this.#data[this.#at++]! & mask;
  }

  #marked(mark: number): Value {
    const data = this.#data;
    switch (mark) {
      case 0xc0:
        this.#at++;
        return undefined;
      case 0xc2:
      case 0xc3:
        this.#at++;
        return mark === 0xc3;
      case 0xca:
        return data.readFloatBE(this.#skip(5));
      case 0xcb:
        return data.readDoubleBE(this.#skip(9));
      case 0xcc:
        return data[this.#skip(2)];
      case 0xcd:
        return data.readUInt16BE(this.#skip(3));
      case 0xce:
        return data.readUInt32BE(this.#skip(5));
      case 0xcf:
        return Number(data.readBigInt64BE(this.#skip(9)));
      case 0xd0:
        return data.readInt8(this.#skip(2));
      case 0xd1:
        return data.readInt16BE(this.#skip(3));
      case 0xd2:
        return data.readInt32BE(this.#skip(5));
      case 0xd3:
        return Number(data.readBigInt64BE(this.#skip(9)));
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

  #map(count: number): LuaTable {
    const table = new LuaTable();
    for (let i = 0; i < count; i++) {
      const key = this.value();
      const value = this.value();
      if (key === undefined) throw new LuaError('table index is nil');
      if (Number.isNaN(key)) throw new LuaError('table index is NaN');
      table.set(key, value);
    }
    return table;
  }
}

function pack(args: Arguments): string {
  if (args.count === 0) throw args.error(0, 'MessagePack pack needs input.');
  const packer = new Packer();
  for (const value of args.values) packer.value(value, 0);
  return packer.text();
}

function unpackSome(args: Arguments, limit: number, offset: number): Result {
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
  const unpacker = new Unpacker(text, offset);
  const values: Value[] = [];
  const most = isAll ? 0x7fffffff : limit;
  while (unpacker.left > 0 && values.length < most) {
    if (values.length > 7990) {
      throw runtimeError(
        'stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)',
      );
    }
    values.push(unpacker.value());
  }
  if (isAll) return values;
  return [unpacker.left === 0 ? -1 : unpacker.position, ...values];
}

export function openCmsgpack(runtime: Runtime): void {
  const functions: Record<string, Builtin> = {
    pack,
    unpack: (args) => unpackSome(args, 0, 0),
    unpack_one: (args) => unpackSome(args, 1, args.optionalInteger(2, 0)),
    unpack_limit: (args) => unpackSome(args, args.integer(2), args.optionalInteger(3, 0)),
  };
  const library = libraryOf(functions, Object.keys(functions), 0);
  library.set('_NAME', 'cmsgpack');
  library.set('_VERSION', 'lua-cmsgpack 0.4.0');
  library.set('_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo');
  library.set('_DESCRIPTION', 'MessagePack C implementation for Lua');
  runtime.globals.set('cmsgpack', library);
}
