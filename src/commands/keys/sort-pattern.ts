// The patterns of SORT's BY and GET: a key's name with `*` for the element, and behind `->` the
// field of a hash. `#` is the element itself.

import { type Call, NOTIFY_KEY_MISS } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_HASH, TYPE_STRING, typeOf } from '../../structures/entry.ts';

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

  constructor(pattern: Uint8Array) {
    const star = pattern.indexOf(STAR);
    this.isConstant = star < 0;
    this.#isElement = pattern.length === 1 && pattern[0] === HASH_SIGN;
    const arrow = star < 0 ? -1 : arrowBehind(pattern, star);
    this.#prefix = pattern.slice(0, Math.max(0, star));
    this.#suffix = pattern.slice(star + 1, arrow < 0 ? pattern.length : arrow);
    this.#field = arrow < 0 ? null : pattern.slice(arrow + 2);
  }

  /** What the pattern leads to for an element, or null. */
  find(call: Call, element: Uint8Array): Uint8Array | null {
    if (this.#isElement) return element;
    if (this.isConstant) return null;
    const prefix = this.#prefix;
    const suffix = this.#suffix;
    const key = new Uint8Array(prefix.length + element.length + suffix.length);
    key.set(prefix);
    key.set(element, prefix.length);
    key.set(suffix, prefix.length + element.length);
    const { db, keyspace } = call;
    const ref = db.lookup(key, 0, key.length);
    if (ref === NULL_REF) {
      keyspace.misses++;
      const { events } = call.engine;
      events.notify(NOTIFY_KEY_MISS, 'keymiss', db, key, 0, key.length);
      return null;
    }
    keyspace.hits++;
    if (!call.client.noTouch) db.touch(ref);
    return this.#valueOf(call, ref);
  }

  #valueOf(call: Call, ref: number): Uint8Array | null {
    const { arena, strings, values } = call.keyspace;
    const type = typeOf(arena, ref);
    const field = this.#field;
    if (field !== null) {
      const { hashes } = values;
      if (type !== TYPE_HASH || !hashes.get(ref, field, 0, field.length)) return null;
      return hashes.bytes.slice(hashes.offset, hashes.offset + hashes.length);
    }
    if (type !== TYPE_STRING) return null;
    strings.view(ref);
    return strings.bytes.slice(strings.offset, strings.offset + strings.length);
  }
}

/** Where `->` with something behind it stands after the star, or -1. */
function arrowBehind(pattern: Uint8Array, star: number): number {
  for (let i = star + 1; i + 2 < pattern.length; i++) {
    if (pattern[i] === MINUS && pattern[i + 1] === GREATER) return i;
  }
  return -1;
}
