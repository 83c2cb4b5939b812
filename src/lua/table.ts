// Lua's table, with the order of pairs and the borders of # that the reference implementation has:
//
//   array part   values of the keys 1..n, where more than half of them are used
//   node part    2^k places; a key lies in its main position, which its hash gives, or in a free
//                place that the main position's chain leads to. Free places are handed out from the
//                end; when there is none, both parts are sized anew from what is in them.
//
// A look at up to eight nodes is a walk through them; above that a Map leads from key to place.
// See docs/internals/lua.md.

import { LuaError, runtimeError } from './errors.ts';
import { isOfShape, type KnownShapes, RecordShape } from './record-shape.ts';
import type { Value } from './value.ts';

const WALKED_NODES = 8;
/** The array part ends here. */
const MAX_ARRAY_BITS = 26;
const MAX_ARRAY = 2 ** MAX_ARRAY_BITS;
const NO_KEYS: Value[] = [];
const NO_NEXT: number[] = [];
const END = -1;
/** Parts of small tables are copies of these: quicker than to fill them. */
const SMALL_NODES = 32;
const FEW_KEYS: readonly (readonly Value[])[] = Array.from({ length: SMALL_NODES + 1 }, (_, size) =>
  Array.from({ length: size }, () => undefined),
);
const FEW_NEXT: readonly (readonly number[])[] = FEW_KEYS.map((keys) => keys.map(() => END));

const doubles = new Float64Array(1);
const words = new Uint32Array(doubles.buffer);

/** Lua's hash of a string; of a long one it looks at every n-th byte. */
function hashString(text: string): number {
  const { length } = text;
  let hash = length;
  const step = (length >> 5) + 1;
  for (let i = length; i >= step; i -= step) {
    hash ^= ((hash << 5) + (hash >>> 2) + text.charCodeAt(i - 1)) | 0;
  }
  return hash >>> 0;
}

/** The number n with 2^(n-1) < key <= 2^n. */
function ceilLog2(key: number): number {
  return key <= 1 ? 0 : 32 - Math.clz32(key - 1);
}

function isArrayKey(key: Value): key is number {
  return typeof key === 'number' && key >= 1 && key <= MAX_ARRAY && Number.isInteger(key);
}

export class LuaTable {
  array: Value[];
  #keys: Value[] = NO_KEYS;
  #values: Value[] = NO_KEYS;
  #next: number[] = NO_NEXT;
  #lastFree = 0;
  /** Where each key lies, when there are many nodes. */
  #places: Map<Value, number> | null = null;
  /** Hashes of keys that are objects, in the order in which they came. */
  #objectHashes: Map<Value, number> | null = null;
  /** Keys, chains and places belong to a shape: they are copied before they change. */
  #isShared = false;
  meta: LuaTable | undefined = undefined;
  isReadOnly = false;
  /** Counts changes of the layout: a walk that began before must find its place anew. */
  layout = 0;

  /** @param arraySize room for the keys 1 to that number. */
  constructor(arraySize = 0, nodeCount = 0) {
    this.array = [];
    if (arraySize > 0) this.growArray(arraySize);
    if (nodeCount > 0) this.setNodes(nodeCount);
  }

  /** A table of values, as if they had been set one by one. It takes the array over. */
  static of(values: Value[]): LuaTable {
    const table = new LuaTable();
    const size = values.length === 0 ? 0 : 1 << ceilLog2(values.length);
    while (values.length < size) values.push(undefined);
    table.array = values;
    return table;
  }

  /** The same for so many values that are none of them nil; the caller writes them to `array`. */
  static ofCount(count: number): LuaTable {
    const table = new LuaTable();
    if (count === 0) return table;
    const size = 1 << ceilLog2(count);
    if (size <= SMALL_NODES) table.array = FEW_KEYS[size]!.slice();
    else table.growArray(size);
    return table;
  }

  /**
   * True when the table can be made to one of `ofCount` by writing that many values: nobody knows
   * it any more, and its program has left it as plain as it was.
   */
  becomes(count: number): boolean {
    if (this.#keys.length > 0 || this.meta !== undefined) return false;
    const { array } = this;
    if (count === 0) return array.length === 0;
    if (array.length !== 1 << ceilLog2(count)) return false;
    for (let i = count; i < array.length; i++) array[i] = undefined;
    return true;
  }

  /** A table of keys and values, as if they had been set one by one; no key is nil or NaN. */
  static ofPairs(keys: readonly Value[], values: readonly Value[], shapes: KnownShapes): LuaTable {
    const table = new LuaTable();
    const shape = shapes.find(keys.length, keys[0]);
    if (shape !== null && isOfShape(shape, keys, values)) {
      table.adopt(shape, values);
      return table;
    }
    for (let i = 0; i < keys.length; i++) table.set(keys[i], values[i]);
    if (shapes.isWorth(keys)) table.teach(shapes, keys, values);
    return table;
  }

  private adopt(shape: RecordShape, values: readonly Value[]): void {
    const { keys, at } = shape;
    const size = keys.length;
    const placed =
      size <= SMALL_NODES ? FEW_KEYS[size]!.slice() : new Array<Value>(size).fill(undefined);
    for (let i = 0; i < at.length; i++) {
      const value = values[i];
      if (value !== undefined) placed[at[i]!] = value;
    }
    this.#keys = keys;
    this.#values = placed;
    this.#next = shape.next;
    this.#places = shape.places;
    this.#lastFree = shape.lastFree;
    this.#isShared = true;
    this.layout = 1;
  }

  /** A table that has just been made of these keys shows its layout, if they are a record. */
  private teach(shapes: KnownShapes, order: readonly Value[], values: readonly Value[]): void {
    const keys = order.filter((key) => typeof key === 'string');
    const isNil = values.map((value) => value === undefined);
    let count = 0;
    for (const value of this.#values) if (value !== undefined) count++;
    const expected = isNil.filter((is) => !is).length;
    if (count !== expected || keys.length !== order.length || this.array.length > 0) return;
    this.#isShared = true;
    shapes.keep(new RecordShape(keys, isNil, this.#keys, this.#next, this.#places, this.#lastFree));
  }

  private unshare(): void {
    this.#isShared = false;
    this.#keys = this.#keys.slice();
    this.#next = this.#next.slice();
    if (this.#places !== null) this.#places = new Map(this.#places);
  }

  get nodeCount(): number {
    return this.#keys.length;
  }

  get(key: Value): Value {
    if (typeof key === 'string') return this.getString(key);
    if (typeof key === 'number') {
      const { array } = this;
      if (key >= 1 && key <= array.length) {
        const value = array[key - 1];
        // A fraction inside the array's range is no index of it.
        if (value !== undefined || Number.isInteger(key)) return value;
      }
    }
    const at = this.find(key);
    return at === END ? undefined : this.#values[at];
  }

  getString(key: string): Value {
    const places = this.#places;
    if (places !== null) {
      const at = places.get(key);
      return at === undefined ? undefined : this.#values[at];
    }
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return this.#values[i];
    return undefined;
  }

  /**
   * The same for a place in a program that has met this key before, mostly in the same table or in
   * one of the same layout. @param hints where each such place found its key last.
   */
  getHinted(key: string, hints: Int32Array, site: number): Value {
    const at = hints[site]!;
    const keys = this.#keys;
    if (at < keys.length && keys[at] === key) return this.#values[at];
    const found = this.find(key);
    if (found === END) return undefined;
    hints[site] = found;
    return this.#values[found];
  }

  private find(key: Value): number {
    if (key === undefined) return END;
    const places = this.#places;
    if (places !== null) return places.get(key) ?? END;
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return i;
    return END;
  }

  /** Sets without a metatable's say. @throws LuaError for nil and NaN, or a read-only table. */
  set(key: Value, value: Value): void {
    if (this.isReadOnly) throw runtimeError('Attempt to modify a readonly table');
    if (typeof key === 'number' && key >= 1 && key <= this.array.length && Number.isInteger(key)) {
      this.array[key - 1] = value;
      return;
    }
    const at = this.find(key);
    if (at !== END) {
      this.#values[at] = value;
      return;
    }
    if (key === undefined) throw runtimeError('table index is nil');
    if (Number.isNaN(key)) throw runtimeError('table index is NaN');
    this.insert(key, value);
  }

  /** True when `set` would change a value that is there, so that __newindex is not asked. */
  has(key: Value): boolean {
    return this.get(key) !== undefined;
  }

  private insert(key: Value, value: Value): void {
    if (this.#isShared) this.unshare();
    const main = this.mainPosition(key);
    if (main !== END && this.#values[main] === undefined) {
      this.put(main, key, value);
      return;
    }
    const free = main === END ? END : this.freePlace();
    if (free === END) {
      this.rehash(key);
      this.set(key, value);
      return;
    }
    const other = this.mainPosition(this.#keys[main]);
    if (other === main) {
      this.#next[free] = this.#next[main]!;
      this.#next[main] = free;
      this.put(free, key, value);
      return;
    }
    // What lies here has its main position elsewhere: it makes room.
    let before = other;
    while (this.#next[before] !== main) before = this.#next[before]!;
    this.#next[before] = free;
    this.#next[free] = this.#next[main]!;
    this.put(free, this.#keys[main], this.#values[main]);
    this.#next[main] = END;
    this.#keys[main] = undefined;
    this.put(main, key, value);
  }

  /** Writes a key to a place, over a key whose value is gone. */
  private put(at: number, key: Value, value: Value): void {
    const places = this.#places;
    if (places !== null) {
      const old = this.#keys[at];
      if (old !== undefined && places.get(old) === at) places.delete(old);
      places.set(key, at);
    }
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  private freePlace(): number {
    while (this.#lastFree > 0) {
      this.#lastFree--;
      if (this.#keys[this.#lastFree] === undefined) return this.#lastFree;
    }
    return END;
  }

  private mainPosition(key: Value): number {
    const size = this.#keys.length;
    if (size === 0) return END;
    if (typeof key === 'string') return hashString(key) & (size - 1);
    if (typeof key === 'boolean') return (key ? 1 : 0) & (size - 1);
    if (typeof key === 'number') {
      if (key === 0) return 0;
      doubles[0] = key;
      return ((words[0]! + words[1]!) >>> 0) % ((size - 1) | 1);
    }
    this.#objectHashes ??= new Map();
    let hash = this.#objectHashes.get(key);
    if (hash === undefined) {
      hash = this.#objectHashes.size + 1;
      this.#objectHashes.set(key, hash);
    }
    return hash % ((size - 1) | 1);
  }

  private rehash(extra: Value): void {
    const keys = this.#keys;
    const values = this.#values;
    let total = 1;
    let hasNumbers = typeof extra === 'number' || this.array.length > 0;
    for (let i = 0; i < keys.length; i++) {
      if (values[i] === undefined) continue;
      total++;
      if (typeof keys[i] === 'number') hasNumbers = true;
    }
    // Most tables are records.
    if (!hasNumbers) {
      this.resize(0, total);
      return;
    }
    const counts = new Array<number>(MAX_ARRAY_BITS + 1).fill(0);
    let arrayKeys = this.countArray(counts);
    total += arrayKeys;
    for (let i = 0; i < keys.length; i++) {
      if (values[i] !== undefined && countKey(keys[i], counts)) arrayKeys++;
    }
    if (countKey(extra, counts)) arrayKeys++;
    const { size, used } = bestArraySize(counts, arrayKeys);
    this.resize(size, total - used);
  }

  private countArray(counts: number[]): number {
    const { array } = this;
    let count = 0;
    for (let i = 0; i < array.length; i++) {
      if (array[i] === undefined) continue;
      count++;
      counts[ceilLog2(i + 1)]!++;
    }
    return count;
  }

  private growArray(size: number): void {
    for (let i = this.array.length; i < size; i++) this.array.push(undefined);
  }

  private resize(arraySize: number, nodeCount: number): void {
    const keys = this.#keys;
    const values = this.#values;
    this.layout++;
    this.growArray(arraySize);
    const cut = this.array.length > arraySize ? this.array.splice(arraySize) : NO_KEYS;
    this.setNodes(nodeCount);
    for (let i = 0; i < cut.length; i++) {
      if (cut[i] !== undefined) this.set(arraySize + i + 1, cut[i]);
    }
    for (let i = keys.length - 1; i >= 0; i--) {
      const value = values[i];
      if (value === undefined) continue;
      const key = keys[i];
      // It is no key of the nodes yet, so there is nothing to look for.
      if (typeof key === 'number') this.set(key, value);
      else this.insert(key, value);
    }
  }

  /** Room for the keys up to `size` in the array part, as a constructor of many values has it. */
  reserveArray(size: number): void {
    if (size > this.array.length) this.resize(size, this.#keys.length);
  }

  private setNodes(count: number): void {
    this.#isShared = false;
    if (count === 0) {
      this.#keys = NO_KEYS;
      this.#values = NO_KEYS;
      this.#next = NO_NEXT;
      this.#lastFree = 0;
      this.#places = null;
      return;
    }
    const size = 1 << ceilLog2(count);
    if (size <= SMALL_NODES) {
      this.#keys = FEW_KEYS[size]!.slice();
      this.#values = FEW_KEYS[size]!.slice();
      this.#next = FEW_NEXT[size]!.slice();
    } else {
      this.#keys = new Array<Value>(size).fill(undefined);
      this.#values = new Array<Value>(size).fill(undefined);
      this.#next = new Array<number>(size).fill(END);
    }
    this.#lastFree = size;
    this.#places = size > WALKED_NODES ? new Map() : null;
  }

  /** A border: `#t`. */
  border(): number {
    const { array } = this;
    const { length } = array;
    if (length > 0 && array[length - 1] === undefined) {
      let low = 0;
      let high = length;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (array[middle - 1] === undefined) high = middle;
        else low = middle;
      }
      return low;
    }
    if (this.#keys.length === 0) return length;
    return this.unboundSearch(length);
  }

  private unboundSearch(from: number): number {
    let low = from;
    let high = from + 1;
    while (this.get(high) !== undefined) {
      low = high;
      high *= 2;
      if (high <= 0x7ffffffd) continue;
      // A table made to mislead: look at one key after the other.
      let at = 1;
      while (this.get(at) !== undefined) at++;
      return at - 1;
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.get(middle) === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  /** How many values it has, when these are its keys 1 to that number and nothing else; or 0. */
  plainLength(): number {
    if (this.#keys.length > 0) return 0;
    const { array } = this;
    let count = array.length;
    while (count > 0 && array[count - 1] === undefined) count--;
    for (let i = 0; i < count; i++) if (array[i] === undefined) return 0;
    return count;
  }

  // --- walking: positions run through the array part and then the nodes

  /** The first position from `position` on that has a value, or -1. */
  seek(position: number): number {
    const { array } = this;
    const arraySize = array.length;
    let at = position;
    for (; at < arraySize; at++) if (array[at] !== undefined) return at;
    const values = this.#values;
    for (; at - arraySize < values.length; at++) {
      if (values[at - arraySize] !== undefined) return at;
    }
    return -1;
  }

  keyAt(position: number): Value {
    const arraySize = this.array.length;
    return position < arraySize ? position + 1 : this.#keys[position - arraySize];
  }

  valueAt(position: number): Value {
    const arraySize = this.array.length;
    return position < arraySize ? this.array[position] : this.#values[position - arraySize];
  }

  /** The position behind a key, 0 for nil. @throws LuaError for a key that is none. */
  positionAfter(key: Value): number {
    if (key === undefined) return 0;
    const arraySize = this.array.length;
    if (isArrayKey(key) && key <= arraySize) return key;
    const at = this.find(key);
    if (at === END) throw new LuaError("invalid key to 'next'");
    return arraySize + at + 1;
  }
}

function countKey(key: Value, counts: number[]): boolean {
  if (!isArrayKey(key)) return false;
  counts[ceilLog2(key)]!++;
  return true;
}

/** The largest array of which more than half is used. */
function bestArraySize(counts: readonly number[], keys: number): { size: number; used: number } {
  let sum = 0;
  let size = 0;
  let used = 0;
  for (let bits = 0, width = 1; width / 2 < keys; bits++, width *= 2) {
    sum += counts[bits] ?? 0;
    if ((counts[bits] ?? 0) > 0 && sum > width / 2) {
      size = width;
      used = sum;
    }
    if (sum === keys) break;
  }
  return { size, used };
}
