// The patterns of SORT's BY and GET: a key's name with `*` for the element, and behind `->` the
// field of a hash. `#` is the element itself.

import { copyBytes } from '../../bytes/copy.ts';
import { type Call, NOTIFY_KEY_MISS } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_HASH, TYPE_STRING, typeOf } from '../../structures/entry.ts';
import type { SortList } from './sort-list.ts';

const STAR = 42;
const HASH_SIGN = 35;
const MINUS = 45;
const GREATER = 62;

export class SortPattern {
  /** True when the pattern names the same whatever the element is. */
  readonly isConstant: boolean;
  readonly #isElement: boolean;
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;
  readonly #field: Uint8Array | null;
  /** The name that is looked up, from the beginning of the array. */
  #key: Uint8Array = new Uint8Array(0);

  constructor(pattern: Uint8Array) {
    const star = pattern.indexOf(STAR);
    this.isConstant = star < 0;
    this.#isElement = pattern.length === 1 && pattern[0] === HASH_SIGN;
    const arrow = star < 0 ? -1 : arrowBehind(pattern, star);
    this.#prefix = pattern.slice(0, Math.max(0, star));
    this.#suffix = pattern.slice(star + 1, arrow < 0 ? pattern.length : arrow);
    this.#field = arrow < 0 ? null : pattern.slice(arrow + 2);
  }

  /** Adds to `found` what the pattern leads to for element `i`; it may be missing. */
  find(call: Call, elements: SortList, i: number, found: SortList): void {
    const offset = elements.offsets[i]!;
    const length = elements.lengths[i]!;
    if (this.#isElement) found.push(elements.bytes, offset, length);
    else if (this.isConstant) found.pushMissing();
    else {
      const ref = this.#lookup(call, elements.bytes, offset, length);
      if (ref === NULL_REF || !this.#pushValue(call, ref, found)) found.pushMissing();
    }
  }

  #lookup(call: Call, element: Uint8Array, offset: number, length: number): number {
    const prefix = this.#prefix;
    const suffix = this.#suffix;
    const keyLength = prefix.length + length + suffix.length;
    if (this.#key.length < keyLength) this.#key = new Uint8Array(keyLength * 2);
    const key = this.#key;
    copyBytes(key, 0, prefix, 0, prefix.length);
    copyBytes(key, prefix.length, element, offset, length);
    copyBytes(key, prefix.length + length, suffix, 0, suffix.length);
    const { db, keyspace } = call;
    const ref = db.lookup(key, 0, keyLength);
    if (ref === NULL_REF) {
      keyspace.misses++;
      const { events } = call.engine;
      events.notify(NOTIFY_KEY_MISS, 'keymiss', db, key, 0, keyLength);
      return NULL_REF;
    }
    keyspace.hits++;
    if (!call.client.noTouch) db.touch(ref);
    return ref;
  }

  /** @returns false when the value has nothing that the pattern could mean. */
  #pushValue(call: Call, ref: number, found: SortList): boolean {
    const { arena, strings, values } = call.keyspace;
    const type = typeOf(arena, ref);
    const field = this.#field;
    if (field !== null) {
      const { hashes } = values;
      if (type !== TYPE_HASH || !hashes.get(ref, field, 0, field.length)) return false;
      found.push(hashes.bytes, hashes.offset, hashes.length);
      return true;
    }
    if (type !== TYPE_STRING) return false;
    strings.view(ref);
    found.push(strings.bytes, strings.offset, strings.length);
    return true;
  }
}

/** Where `->` with something behind it stands after the star, or -1. */
function arrowBehind(pattern: Uint8Array, star: number): number {
  for (let i = star + 1; i + 2 < pattern.length; i++) {
    if (pattern[i] === MINUS && pattern[i + 1] === GREATER) return i;
  }
  return -1;
}
