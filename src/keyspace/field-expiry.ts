// The hashes of one database whose fields can expire, by the time of the field that is due first:
// a heap of their roots. What changes a hash's times calls `sync`; the database tells of entries
// that move or go. A root knows its entry, so a due field finds its key.

import type { Arena } from '../memory/arena.ts';
import { NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { keyLengthOf, keyOffsetOf, TYPE_HASH, typeOf, valueWordOf } from '../structures/entry.ts';
import { ExpiryHeap } from '../structures/expiry-heap.ts';
import { POSITION_WORD } from '../structures/field-table.ts';
import type { Hashes } from '../values/hash.ts';
import type { Database } from './database.ts';

/** Fields of one hash that are removed before others have their turn. */
const FIELDS_PER_STEP = 64;

export class FieldExpiry {
  heap: ExpiryHeap;
  readonly #db: Database;
  readonly #arena: Arena;
  readonly #hashes: Hashes;

  constructor(db: Database) {
    this.#db = db;
    this.#arena = db.keyspace.arena;
    this.#hashes = db.keyspace.values.hashes;
    this.heap = new ExpiryHeap(this.#arena, POSITION_WORD);
  }

  /** Hashes in the heap. */
  get count(): number {
    return this.heap.count;
  }

  #isHash(ref: number): boolean {
    return typeOf(this.#arena, ref) === TYPE_HASH;
  }

  /** Keeps the heap true after the times of a hash's fields have changed. */
  sync(ref: number): void {
    const hashes = this.#hashes;
    const position = hashes.positionOf(ref);
    const nextMs = hashes.nextExpiryMs(ref);
    const root = valueWordOf(this.#arena, ref);
    if (nextMs < 0) {
      if (position >= 0) this.forget(ref);
    } else if (position < 0) {
      hashes.setOwner(ref);
      this.heap.add(root, nextMs);
    } else if (this.heap.timeAt(position) !== nextMs) {
      this.heap.update(root, nextMs);
    }
  }

  /** The value of an entry is about to go from this database. */
  forget(ref: number): void {
    if (!this.#isHash(ref) || this.#hashes.positionOf(ref) < 0) return;
    this.heap.remove(valueWordOf(this.#arena, ref));
    this.#hashes.clearPosition(ref);
  }

  /** An entry has moved to another block, its value with it. */
  moved(ref: number): void {
    if (this.#isHash(ref)) this.#hashes.setOwner(ref);
  }

  /** An entry with its value has come into this database. */
  arrived(ref: number): void {
    if (this.#isHash(ref) && this.#hashes.canExpire(ref)) this.sync(ref);
  }

  /** Removes the due fields of the hash that is due first. @returns false when none is due. */
  deleteIfDue(): boolean {
    const { heap } = this;
    if (heap.count === 0 || heap.timeAt(0) >= this.#db.keyspace.expiryNowMs) return false;
    this.purge(this.#hashes.ownerOf(heap.refAt(0)), FIELDS_PER_STEP);
    return true;
  }

  /**
   * Removes the due fields of a hash, up to `limit`, and the key when none is left.
   * @returns the entry, or 0 when the key is gone.
   */
  purge(ref: number, limit: number = Number.POSITIVE_INFINITY): number {
    const hashes = this.#hashes;
    const { keyspace } = this.#db;
    const { listener, expiryNowMs, guard } = keyspace;
    const key = this.#keyOf(ref);
    const removed: Uint8Array[] = [];
    for (let i = 0; i < limit; i++) {
      const nextMs = hashes.nextExpiryMs(ref);
      if (nextMs < 0 || nextMs >= expiryNowMs) break;
      if (guard !== null) guard.beforeChange(this.#db, ref);
      hashes.loadFirstToExpire(ref);
      const field = hashes.bytes.slice(hashes.offset, hashes.offset + hashes.length);
      hashes.remove(ref, field, 0, field.length);
      removed.push(field);
    }
    if (removed.length === 0) return ref;
    keyspace.expiredFields += removed.length;
    const isEmpty = hashes.count(ref) === 0;
    if (isEmpty) {
      this.forget(ref);
      this.#db.dict.find(key, 0, key.length);
      this.#db.removeFound(ref, keyspace.lazyExpire);
    } else {
      this.sync(ref);
    }
    listener?.onFieldsExpired(this.#db, key, removed, isEmpty);
    return isEmpty ? NULL_REF : this.#db.dict.find(key, 0, key.length);
  }

  #keyOf(ref: number): Uint8Array {
    const offset = keyOffsetOf(this.#arena, ref);
    const length = keyLengthOf(this.#arena, ref);
    return this.#arena.bytes[ref >>> SLOT_SHIFT]!.slice(offset, offset + length);
  }
}
