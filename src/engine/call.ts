// What a handler works with: the client, its database, the writer of its reply, and the few helpers
// that nearly every command needs. One Call serves all commands of an engine in turn; nothing in it
// outlives the handler.
//
// A handler reads its arguments (the first failure is kept), checks once, then acts:
//     const amount = call.integer(2);
//     if (call.failed()) return;

import { latin1Bytes } from '../bytes/ascii.ts';
import { parseDouble } from '../bytes/double.ts';
import { parseLongDouble } from '../bytes/long-double.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { editString } from '../keyspace/string-edit.ts';
import { NULL_REF } from '../memory/arena.ts';
import { Args } from '../protocol/args.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import {
  ERR_NOT_INT32,
  ERR_NOT_INTEGER,
  ERR_TIMEOUT_NEGATIVE,
  ERR_TIMEOUT_NOT_FLOAT,
  ERR_TIMEOUT_NOT_INTEGER,
  ERR_TIMEOUT_OUT_OF_RANGE,
  ERR_WRONG_TYPE,
} from '../protocol/reply-errors.ts';
import type { ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import { Payloads } from '../rdb/payload.ts';
import { accessClockOf, setAccessClock, TYPE_STRING, typeOf } from '../structures/entry.ts';
import type { Strings } from '../values/string.ts';
import type { WaitOptions } from './blocking.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import type { Engine } from './engine.ts';
import { TO_REPLICAS } from './propagation.ts';
import type { EngineSettings } from './settings.ts';

/** Classes of keyspace notifications, as bits of notify-keyspace-events. */
export const NOTIFY_GENERIC: number = 1 << 2;
export const NOTIFY_STRING: number = 1 << 3;
export const NOTIFY_LIST: number = 1 << 4;
export const NOTIFY_SET: number = 1 << 5;
export const NOTIFY_HASH: number = 1 << 6;
export const NOTIFY_ZSET: number = 1 << 7;
export const NOTIFY_EXPIRED: number = 1 << 8;
export const NOTIFY_EVICTED: number = 1 << 9;
export const NOTIFY_STREAM: number = 1 << 10;
export const NOTIFY_KEY_MISS: number = 1 << 11;
export const NOTIFY_NEW: number = 1 << 14;

/** Redis counts time in 64 bits. */
const MAX_TIMEOUT_MS = 2 ** 63;
const NO_BYTES = new Uint8Array(0);
/** The longest text of a number that a command makes: a double in full, without an exponent. */
const DIGITS_BYTES = 400;

export class Call {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly strings: Strings;
  readonly settings: EngineSettings;
  client!: Client;
  command!: Command;
  db!: Database;
  reply!: ReplyWriter;
  args: Args = new Args();
  /** @internal Where the reply of the command that runs begins. */
  readonly mark: ReplyMark = { chunkCount: 0, position: 0 };
  /** Where commands make the text of a number; nothing in it outlives the handler. */
  readonly digits: Uint8Array = new Uint8Array(DIGITS_BYTES);
  /** Changes that the running command made: what `dirty` counts. */
  dirty = 0;
  /** What replicas and the AOF are told in place of the command's own bytes. */
  rewritten: (readonly (string | Uint8Array)[])[] | null = null;
  #error: ReplyError | null = null;
  #payloads: Payloads | null = null;
  /** What commands work with from call to call, by what makes it. */
  readonly #workspaces: Map<() => unknown, unknown> = new Map();

  constructor(engine: Engine) {
    this.engine = engine;
    this.keyspace = engine.keyspace;
    this.strings = engine.keyspace.strings;
    this.settings = engine.settings;
    this.keyspace.addReader(this);
  }

  /** Lets go of what read values: it is made again when it is asked for. */
  forget(): void {
    this.#payloads = null;
    this.#workspaces.clear();
  }

  /** Milliseconds of the Unix epoch at which the command began. */
  get nowMs(): number {
    return this.keyspace.nowMs;
  }

  /** What DUMP and RESTORE work with, made when it is first asked for. */
  get payloads(): Payloads {
    this.#payloads ??= new Payloads(this.keyspace);
    return this.#payloads;
  }

  /**
   * Room that a command keeps from call to call, made when it is first asked for: each call under
   * way has its own, in whatever server. Nothing in it may be needed after the handler.
   * @param create makes it, and names it: the same function each time.
   */
  workspace<T>(create: () => T): T {
    let room = this.#workspaces.get(create) as T | undefined;
    if (room === undefined) {
      room = create();
      this.#workspaces.set(create, room);
    }
    return room;
  }

  // --- reading arguments
  // -------------------------------------------------------------------------------------------

  /** Keeps the first failure of reading the arguments. */
  fail(error: ReplyError): void {
    this.#error ??= error;
  }

  /** Writes the failure that was kept, if any. @returns true when the handler must stop. */
  failed(): boolean {
    const error = this.#error;
    if (error === null) return false;
    this.#error = null;
    this.reply.error(error);
    return true;
  }

  /** Argument `i` as a 64-bit integer (nearest double beyond 2^53), or a kept failure and 0. */
  integer(i: number, error: ReplyError = ERR_NOT_INTEGER): number {
    const value = this.args.integer(i);
    if (!Number.isNaN(value)) return value;
    this.fail(error);
    return 0;
  }

  /** Argument `i` as an integer between `min` and `max`, or a kept failure and 0. */
  integerIn(i: number, min: number, max: number, error: ReplyError): number {
    const value = this.args.integer(i);
    if (Number.isNaN(value) || value < min || value > max) {
      this.fail(Number.isNaN(value) ? ERR_NOT_INTEGER : error);
      return 0;
    }
    return value;
  }

  /** Argument `i` as a 32-bit integer, or a kept failure and 0: the numbers of databases. */
  int32(i: number): number {
    return this.integerIn(i, -0x80000000, 0x7fffffff, ERR_NOT_INT32);
  }

  // --- finding keys
  // ------------------------------------------------------------------------------------------------

  /**
   * The entry of the key in argument `i` for reading, or 0: counts a hit or miss and marks the key
   * as used.
   */
  lookupRead(i: number): number {
    const ref = this.lookupUntouched(i);
    if (ref !== NULL_REF && !this.client.noTouch) this.db.touch(ref);
    return ref;
  }

  /** The same without marking the key as used: for what asks about a key, not for its value. */
  lookupUntouched(i: number): number {
    const { args, keyspace } = this;
    const ref = this.db.lookup(args.bytes, args.offsets[i]!, args.lengths[i]!);
    if (ref === NULL_REF) {
      keyspace.misses++;
      if ((this.settings.notifyMask & NOTIFY_KEY_MISS) !== 0) {
        this.notify(NOTIFY_KEY_MISS, 'keymiss', i);
      }
      return NULL_REF;
    }
    keyspace.hits++;
    return ref;
  }

  /** The entry of the key in argument `i` for writing, or 0; marks the key as used. */
  lookupWrite(i: number): number {
    const { args } = this;
    const ref = this.db.lookup(args.bytes, args.offsets[i]!, args.lengths[i]!);
    if (ref !== NULL_REF && !this.client.noTouch) this.db.touch(ref);
    return ref;
  }

  /** The entry of the key in argument `i` without counting it as a use, or 0. */
  lookupQuietly(i: number): number {
    return this.db.lookup(this.args.bytes, this.args.offsets[i]!, this.args.lengths[i]!);
  }

  /** True when the entry is a string; otherwise the WRONGTYPE reply has been written. */
  isString(ref: number): boolean {
    return this.isType(ref, TYPE_STRING);
  }

  /** True when the entry is of a type; otherwise the WRONGTYPE reply has been written. */
  isType(ref: number, type: number): boolean {
    if (typeOf(this.keyspace.arena, ref) === type) return true;
    this.reply.error(ERR_WRONG_TYPE);
    return false;
  }

  /**
   * Sets the key in argument `keyIndex` to the string in argument `valueIndex`; `found` is its last
   * lookup.
   */
  setString(found: number, keyIndex: number, valueIndex: number, keepExpiry: boolean): number {
    const { args } = this;
    return this.db.setString(
      found,
      args.bytes,
      args.offsets[keyIndex]!,
      args.lengths[keyIndex]!,
      args.bytes,
      args.offsets[valueIndex]!,
      args.lengths[valueIndex]!,
      keepExpiry,
    );
  }

  /**
   * Makes the string at the key in argument `i` writable up to `length` bytes; see editString of
   * the keyspace.
   */
  editString(found: number, i: number, length: number): number {
    const { args } = this;
    return editString(this.db, found, args.bytes, args.offsets[i]!, args.lengths[i]!, length);
  }

  /**
   * Adds the key in argument `i`, which the last lookup has not found, with a value that has a
   * block of its own. @returns the entry.
   */
  insertValue(i: number, type: number, encoding: number, root: number): number {
    const { args } = this;
    const { bytes } = args;
    return this.db.insertValue(bytes, args.offsets[i]!, args.lengths[i]!, type, encoding, root);
  }

  /**
   * Deletes the key in argument `i` because the result for it is empty. As in Redis nobody looks
   * whether it has expired: it is deleted then, too, and does not expire.
   */
  deleteTarget(i: number): void {
    if (!this.removeStale(i)) return;
    this.changed(i, NOTIFY_GENERIC, 'del');
  }

  /** Takes the key in argument `i` away, expired or not. @returns whether there was one. */
  removeStale(i: number): boolean {
    const { args, db } = this;
    const found = db.lookupStale(args.bytes, args.offsets[i]!, args.lengths[i]!);
    if (found !== NULL_REF) db.removeFound(found, this.keyspace.lazyServerDel);
    return found !== NULL_REF;
  }

  /** Gives the key in argument `i` a new value in the place of whatever it had, expiry included. */
  replaceValue(i: number, type: number, encoding: number, root: number): number {
    const found = this.lookupWrite(i);
    if (found === NULL_REF) return this.insertValue(i, type, encoding, root);
    const { usesLfu, arena } = this.keyspace;
    const clock = accessClockOf(arena, found);
    this.db.removeFound(found, this.keyspace.lazyServerDel);
    this.lookupQuietly(i);
    const { events } = this.engine;
    events.isReplacing = true;
    const ref = this.insertValue(i, type, encoding, root);
    events.isReplacing = false;
    // How often the key was used stays.
    if (usesLfu) setAccessClock(arena, ref, clock);
    return ref;
  }

  // --- waiting
  // -----------------------------------------------------------------------------------------------------

  /** False where a command that would wait replies at once as after its timeout. */
  get mayBlock(): boolean {
    return this.client.mayBlock;
  }

  /**
   * Argument `i`, a number of seconds, as milliseconds rounded up, 0 for ever; or a kept failure.
   */
  timeoutMs(i: number): number {
    const { bytes, offsets, lengths } = this.args;
    const seconds = parseDouble(bytes, offsets[i]!, lengths[i]!);
    if (Number.isNaN(seconds)) {
      // Redis reads more digits than fit a double: such a number is one that is too large.
      const exact = parseLongDouble(bytes, offsets[i]!, lengths[i]!);
      if (exact === null) this.fail(ERR_TIMEOUT_NOT_FLOAT);
      else if (typeof exact === 'object' && exact.mantissa < 0n) this.fail(ERR_TIMEOUT_NEGATIVE);
      else this.fail(ERR_TIMEOUT_OUT_OF_RANGE);
      return 0;
    }
    const timeoutMs = Math.ceil(seconds * 1000);
    if (timeoutMs > MAX_TIMEOUT_MS) this.fail(ERR_TIMEOUT_OUT_OF_RANGE);
    return this.#checkTimeout(timeoutMs);
  }

  /** Argument `i`, a number of milliseconds, 0 for ever; or a kept failure. */
  timeoutMsInteger(i: number): number {
    const timeoutMs = this.args.integer(i);
    if (!Number.isNaN(timeoutMs)) return this.#checkTimeout(timeoutMs);
    this.fail(ERR_TIMEOUT_NOT_INTEGER);
    return 0;
  }

  #checkTimeout(timeoutMs: number): number {
    if (timeoutMs < 0) this.fail(ERR_TIMEOUT_NEGATIVE);
    else if (timeoutMs + this.nowMs > MAX_TIMEOUT_MS) this.fail(ERR_TIMEOUT_OUT_OF_RANGE);
    return timeoutMs;
  }

  /**
   * Makes the client wait until one of the keys in arguments `firstKey` to `lastKey` has a value of
   * a type; then the command runs again from the start, and may call this again to wait on with the
   * deadline it has. The handler returns without a reply.
   * @param timeoutMs after which the client is told that there was nothing, 0: never.
   */
  block(
    type: number,
    firstKey: number,
    lastKey: number,
    timeoutMs: number,
    options: WaitOptions = {},
  ): void {
    const { client, engine, args } = this;
    if (engine.blocking.repeating?.client === client) {
      client.hold = 'blocked';
      return;
    }
    const keys: string[] = [];
    for (let i = firstKey; i <= lastKey; i++) keys.push(args.latin1(i));
    const sent = args.copy();
    let kept = sent;
    if (options.repeatAs !== undefined) {
      kept = new Args();
      kept.set(options.repeatAs);
    }
    engine.blocking.add({
      client,
      command: this.command,
      db: this.db,
      type,
      wakesOnDeletion: options.wakesOnDeletion ?? false,
      keys,
      args: kept,
      sent,
      deadlineMs: timeoutMs === 0 ? 0 : this.nowMs + timeoutMs,
    });
  }

  /** Says that the key in argument `i`, which existed, has news for clients that wait for it. */
  signalReady(i: number): void {
    const { blocking } = this.engine;
    if (blocking.count > 0) blocking.signal(this.db, this.args.latin1(i));
  }

  // --- telling of changes
  // ------------------------------------------------------------------------------------------

  /**
   * Says that the key in argument `i` was changed: for WATCH, tracking and notifications, and
   * counts `changes`.
   */
  changed(i: number, notifyClass: number, event: string, changes = 1): void {
    this.changedIn(this.db, i, notifyClass, event, changes);
  }

  /** The same for a key of another database. */
  changedIn(db: Database, i: number, notifyClass: number, event: string, changes = 1): void {
    this.dirty += changes;
    const { args, engine } = this;
    const { events } = engine;
    if (events.watchers !== null) {
      events.watchers.onChanged(db, args.bytes, args.offsets[i]!, args.lengths[i]!);
    }
    if ((this.settings.notifyMask & notifyClass) !== 0) {
      events.notify(notifyClass, event, db, args.bytes, args.offsets[i]!, args.lengths[i]!);
    }
  }

  /** The same for a change of which no notification tells. */
  changedSilently(i: number): void {
    this.dirty++;
    const { args, engine, db } = this;
    engine.events.watchers?.onChanged(db, args.bytes, args.offsets[i]!, args.lengths[i]!);
  }

  /** Sends a keyspace notification for the key in argument `i`, where the server is set to. */
  notify(notifyClass: number, event: string, i: number): void {
    const { args } = this;
    const { events } = this.engine;
    events.notify(notifyClass, event, this.db, args.bytes, args.offsets[i]!, args.lengths[i]!);
  }

  /**
   * True when somebody listens to the stream of changes: what `propagateAs` builds would be heard.
   */
  get propagates(): boolean {
    return this.engine.propagation.isHeard;
  }

  /**
   * Tells replicas and the AOF this command in place of the one that was sent; called again: one
   * after the other.
   */
  propagateAs(parts: readonly (string | Uint8Array)[]): void {
    if (!this.engine.propagation.isHeard) return;
    this.rewritten ??= [];
    this.rewritten.push(parts);
  }

  /** Tells the replicas, and not the AOF, this command as it was sent: a message. */
  propagateToReplicas(): void {
    const { propagation } = this.engine;
    if (propagation.isHeard) propagation.addCommand(this.db, this.args, TO_REPLICAS);
  }

  /** Tells replicas and the AOF nothing of this command. */
  propagateNothing(): void {
    this.rewritten ??= [];
  }

  // --- serving a command
  // -------------------------------------------------------------------------------------------

  /** @internal The engine sets a command up. */
  begin(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    // Most of it is as it was: looking costs less than telling the collector of a new reference.
    if (this.client !== client) this.client = client;
    if (this.command !== command) this.command = command;
    if (this.args !== args) this.args = args;
    if (this.db !== client.db) this.db = client.db;
    if (this.reply !== reply) this.reply = reply;
    this.dirty = 0;
    this.rewritten = null;
    this.#error = null;
  }

  /** The bytes of a word, for comparing with arguments; made once, outside handlers. */
  static word(text: string): Uint8Array {
    return text === '' ? NO_BYTES : latin1Bytes(text);
  }
}
