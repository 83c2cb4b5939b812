// The replies that the plain form of a script got, kept for the case that it runs again: compiled,
// or in the form that gives way. Strings and numbers are kept as they are. A program may change a
// table that it got, so of a table the reply is kept that it was made of: bytes are quicker to
// copy.

import { copyBytes } from '../bytes/copy.ts';
import { NeedsGivingWay } from '../lua/errors.ts';
import { LuaTable } from '../lua/table.ts';
import type { Value } from '../lua/value.ts';
import type { ReplyToLua } from './reply-to-lua.ts';

/** So many replies are kept for a second run; then it begins at once. */
const MAX_KEPT = 1_000_000;
/** A list of replies of this length is used again. */
const SHORT_LIST = 64;
const LOG_BYTES = 4096;
const MINUS = 45;
/** A log that long replies made larger is given back. */
const KEPT_LOG_BYTES = 256 * 1024;

/** Stands for a table, whose reply is next in the log. */
const IN_LOG: LuaTable = new LuaTable();

/** A table that no command has replied: an error of the call itself. */
class Kept {
  readonly value: LuaTable;

  constructor(value: LuaTable) {
    this.value = value;
  }
}

export class KeptReplies {
  #count = 0;
  #values: (Value | Kept)[] = [];
  #log: Uint8Array = new Uint8Array(LOG_BYTES);
  #logged = 0;
  /** The next reply of a run that began again, and where the log goes on. */
  #next = 0;
  #readAt = 0;
  /** The reply that was given last is an error. */
  isError = false;

  /** True while a run that began again has not used up the replies of the one before. */
  get hasNext(): boolean {
    return this.#next < this.#count;
  }

  /** A run begins. */
  rewind(): void {
    this.#next = 0;
    this.#readAt = 0;
  }

  /** Keeps what is no table of a reply. */
  keep(value: Value): void {
    this.#push(value instanceof LuaTable ? new Kept(copyOf(value)) : value);
  }

  /** Keeps the table that a reply was made to. */
  keepReply(bytes: Uint8Array, length: number): void {
    const end = this.#logged + length;
    if (end > this.#log.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#log.subarray(0, this.#logged));
      this.#log = larger;
    }
    copyBytes(this.#log, this.#logged, bytes, 0, length);
    this.#logged = end;
    this.#readAt = end;
    this.#push(IN_LOG);
  }

  #push(value: Value | Kept): void {
    const count = this.#count;
    if (count >= MAX_KEPT) throw new NeedsGivingWay('many replies');
    if (count < this.#values.length) this.#values[count] = value;
    else this.#values.push(value);
    this.#count = count + 1;
    this.#next = count + 1;
  }

  /** The list itself is used again, as long as it is short. */
  forget(): void {
    const count = this.#count;
    this.#count = 0;
    this.#next = 0;
    this.#logged = 0;
    this.#readAt = 0;
    if (count > SHORT_LIST) this.#values = [];
    else for (let i = 0; i < count; i++) this.#values[i] = undefined;
    if (this.#log.length > KEPT_LOG_BYTES) this.#log = new Uint8Array(LOG_BYTES);
  }

  /** The next reply again. */
  take(reader: ReplyToLua): Value {
    const kept = this.#values[this.#next++];
    this.isError = false;
    if (kept instanceof Kept) {
      this.isError = true;
      return kept.value;
    }
    if (kept !== IN_LOG) return kept;
    const at = this.#readAt;
    this.isError = this.#log[at] === MINUS;
    const value = reader.fromBytes(this.#log, at);
    this.#readAt = reader.end;
    return value;
  }
}

/** A program may change the tables that it gets, so a second run gets its own. */
function copyOf(table: LuaTable): LuaTable {
  const copy = new LuaTable(table.array.length, table.nodeCount);
  for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
    const value = table.valueAt(at);
    copy.set(table.keyAt(at), value instanceof LuaTable ? copyOf(value) : value);
  }
  return copy;
}
