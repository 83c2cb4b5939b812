// A snapshot without fork: a walk over all keys that shows each as it was when the walk began,
// although commands go on between its slices. It is the keyspace's guard (keyspace/snapshot-
// guard.ts): before a key changes it is written, out of turn. Where the walk is in a table is a
// SCAN cursor, so tables may grow and shrink meanwhile; the colour of an entry says whether it has
// been written, so none is written twice. See docs/internals/snapshot.md.

import { changing } from '../bytes/changing-fields.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { SnapshotGuard } from '../keyspace/snapshot-guard.ts';
import { NULL_REF } from '../memory/arena.ts';
import type { Dict } from '../structures/dict.ts';
import { COLOUR, colourOf, copyKey, hasExpiry, turnColour } from '../structures/entry.ts';
import type { ExpiryHeap } from '../structures/expiry-heap.ts';

/** Where a snapshot goes: a file, sockets, commands of an AOF. */
export interface SnapshotSink {
  /** A database with so many keys, so many of them with an expiry, begins. */
  beginDatabase(id: number, keyCount: number, expiryCount: number): void;
  /**
   * Takes a key of a database. Keys of another database may come between those of one.
   * @param expiryMs ms of the Unix epoch, -1 for none.
   * @returns false when the value is large: then `writeMore` is called until it returns true, and
   * the value does not change meanwhile.
   */
  beginKey(databaseId: number, ref: number, expiryMs: number): boolean;
  writeMore(): boolean;
  /** Takes a whole key, also while another has been begun and not ended: it stands behind that. */
  writeAside(databaseId: number, ref: number, expiryMs: number): void;
  /** True while it does not want more: the walk stops until it is false again. */
  readonly isFull: boolean;
}

const NO_EXPIRY = -1;

/** The table of one database as it was when the walk began. */
interface Part {
  readonly dict: Dict;
  readonly expires: ExpiryHeap;
  readonly databaseId: number;
  cursor: number;
  hasBegun: boolean;
  isDone: boolean;
  /** The database was emptied: the table is the walk's own. */
  isKept: boolean;
}

export type WalkState = 'walking' | 'repainting' | 'done';

export class SnapshotWalk implements SnapshotGuard {
  openKey: Uint8Array | null = null;
  openDict: Dict | null = null;
  onClosed: () => void = () => {};
  /** The walk can go on although its sink is full. */
  onHurry: () => void = () => {};
  /** Keys that are written between two looks at the clock. */
  keysPerLook = 16;
  /** Keys there were at the start, and those that have been written. */
  readonly keyCount: number;
  writtenCount = 0;
  state: WalkState = 'walking';
  readonly #keyspace: Keyspace;
  readonly #sink: SnapshotSink;
  readonly #parts: Part[] = [];
  readonly #refs: number[] = [];
  #partIndex = 0;
  /** The key of which the sink has got only a part. */
  #openRef = NULL_REF;
  /** The rest of that key is written although the sink is full. */
  #hurries = false;

  /** Begins: from now on all that changes is written before. No other walk may be under way. */
  constructor(keyspace: Keyspace, sink: SnapshotSink) {
    this.#keyspace = keyspace;
    this.#sink = sink;
    changing(this, ['state', 'openKey', 'openDict']);
    endRepaint(keyspace);
    keyspace.strings.colour ^= COLOUR;
    keyspace.guard = this;
    this.keyCount = keyspace.keyCount;
    for (const { id, dict, expires } of keyspace.databases) {
      if (dict.count === 0) continue;
      this.#parts.push({
        dict,
        expires,
        databaseId: id,
        cursor: 0,
        hasBegun: false,
        isDone: false,
        isKept: false,
      });
    }
  }

  /**
   * Writes keys for as long as `mayContinue` says so and the sink takes them.
   * @returns true when there is more to do.
   */
  step(mayContinue: () => boolean): boolean {
    let untilLook = this.keysPerLook;
    while (this.state !== 'done') {
      if (this.state === 'walking' && this.isStuck) return true;
      if (this.#openRef !== NULL_REF) {
        this.#writeMore();
        untilLook = 0;
      } else {
        const part = this.#parts[this.#partIndex];
        if (part === undefined) this.#end();
        else untilLook -= this.#stepPart(part);
      }
      if (untilLook > 0) continue;
      untilLook = this.keysPerLook;
      if (!mayContinue()) break;
    }
    return this.state !== 'done';
  }

  /** Writes the keys of a few SCAN steps. @returns how much work that was, in keys. */
  #stepPart(part: Part): number {
    if (!part.hasBegun) {
      part.hasBegun = true;
      if (this.state === 'walking') {
        this.#sink.beginDatabase(part.databaseId, part.dict.count, part.expires.count);
      }
    }
    const refs = this.#refs;
    refs.length = 0;
    // The buckets of a few steps together: their entries lie anywhere in memory, and while nothing
    // is done with them the processor waits for several at a time.
    let next = part.cursor;
    let steps = 0;
    do {
      next = part.dict.scan(next, refs);
      steps++;
    } while (next !== 0 && steps < this.keysPerLook);
    for (const ref of refs) {
      if (this.#isPainted(ref)) continue;
      this.#write(part, ref);
      // The rest of these buckets is looked at again, when this key is written.
      if (this.#openRef !== NULL_REF) return refs.length;
    }
    part.cursor = next;
    if (next === 0) this.#endPart(part);
    return refs.length + steps;
  }

  #endPart(part: Part): void {
    part.isDone = true;
    this.#partIndex++;
    if (part.isKept) this.#giveUp(part);
  }

  #giveUp(part: Part): void {
    part.expires.clear();
    this.#keyspace.lazyFree.add(part.dict);
  }

  #isPainted(ref: number): boolean {
    const { arena, strings } = this.#keyspace;
    return colourOf(arena, ref) === strings.colour;
  }

  #write(part: Part, ref: number): void {
    turnColour(this.#keyspace.arena, ref);
    if (this.state !== 'walking') return;
    this.writtenCount++;
    const expiryMs = this.#expiryOf(part, ref);
    if (!this.#sink.beginKey(part.databaseId, ref, expiryMs)) this.#open(part, ref);
  }

  #expiryOf(part: Part, ref: number): number {
    return hasExpiry(this.#keyspace.arena, ref) ? part.expires.timeOf(ref) : NO_EXPIRY;
  }

  #writeMore(): void {
    if (this.#sink.writeMore()) this.#close();
  }

  #open(part: Part, ref: number): void {
    const { arena } = this.#keyspace;
    this.#openRef = ref;
    this.#keyspace.isValueOpen = true;
    this.openKey = copyKey(arena, ref);
    this.openDict = part.dict;
  }

  #close(): void {
    this.#openRef = NULL_REF;
    this.#hurries = false;
    this.#keyspace.isValueOpen = false;
    this.openKey = null;
    this.openDict = null;
    const { onClosed } = this;
    this.onClosed = () => {};
    onClosed();
  }

  /** Writes the rest of the key that is under way. */
  #finishOpen(): void {
    while (this.#openRef !== NULL_REF) this.#writeMore();
  }

  get isStuck(): boolean {
    return this.#sink.isFull && !this.#hurries;
  }

  hurry(): void {
    if (this.#openRef === NULL_REF) return;
    this.#hurries = true;
    this.onHurry();
  }

  beforeChange(db: Database, ref: number): void {
    if (this.#isPainted(ref)) {
      if (ref === this.#openRef) this.#finishOpen();
      return;
    }
    const part = this.#partOf(db.dict);
    if (part === null) return;
    turnColour(this.#keyspace.arena, ref);
    if (this.state !== 'walking') return;
    this.writtenCount++;
    this.#sink.writeAside(part.databaseId, ref, this.#expiryOf(part, ref));
  }

  keeps(dict: Dict): boolean {
    const part = this.#partOf(dict);
    if (part === null || part.isDone || this.state !== 'walking') {
      if (part !== null) this.#drop(part);
      return false;
    }
    part.isKept = true;
    return true;
  }

  /** A table that need not be painted to its end is emptied. */
  #drop(part: Part): void {
    if (part.isDone) return;
    this.#parts.splice(this.#parts.indexOf(part), 1);
  }

  #partOf(dict: Dict): Part | null {
    for (const part of this.#parts) if (part.dict === dict) return part;
    return null;
  }

  /** Nobody wants the snapshot any more: what is left is only painted, which is soon done. */
  abort(): void {
    if (this.state !== 'walking') return;
    this.state = 'repainting';
    if (this.#openRef !== NULL_REF) this.#close();
    for (const part of this.#parts.filter(({ isKept, isDone }) => isKept && !isDone)) {
      this.#drop(part);
      this.#giveUp(part);
    }
  }

  #end(): void {
    this.state = 'done';
    this.#keyspace.guard = null;
  }
}

/** Brings the repainting of a walk that was aborted to its end, so that another may begin. */
function endRepaint({ guard }: Keyspace): void {
  if (!(guard instanceof SnapshotWalk)) return;
  guard.abort();
  guard.step(() => true);
}
