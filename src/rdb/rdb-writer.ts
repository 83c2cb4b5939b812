// Writes an RDB file or stream: header, fields about the server, databases, keys with their times,
// functions, end and checksum, into the chunks of an RdbOutput. Who walks the keyspace, and where
// the chunks go, is the caller's business.
//
//   header(version) -> aux(...) -> functionLibrary(...) -> per database: selectDb, resizeDb, keys -> end
//
// A key is written at once (`key`), or with `beginKey` and `writeSome` in steps; between these
// nothing else may be written. See docs/internals/rdb.md.

import { latin1Bytes } from '../bytes/ascii.ts';
import { lfuCounter, lruIdleMs } from '../keyspace/access-clock.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { accessClockOf, keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import {
  OP_AUX,
  OP_EOF,
  OP_EXPIRETIME_MS,
  OP_FREQ,
  OP_FUNCTION2,
  OP_IDLE,
  OP_RESIZEDB,
  OP_SELECTDB,
} from './format.ts';
import { RdbOutput, type RdbOutputOptions, type RdbSink } from './rdb-output.ts';
import { ValueWriter } from './value-writer.ts';

/** Tells when an entry expires: a database, or what is left of one that was emptied. */
export interface ExpirySource {
  /** In ms of the Unix epoch, negative for never. */
  expiryOf(ref: number): number;
}

export interface RdbWriterOptions extends RdbOutputOptions {
  /** Which use of keys is written: as `maxmemory-policy` needs it. */
  readonly access: 'none' | 'lru' | 'lfu';
}

export class RdbWriter {
  readonly output: RdbOutput;
  readonly values: ValueWriter;
  readonly #keyspace: Keyspace;
  readonly #access: 'none' | 'lru' | 'lfu';

  constructor(keyspace: Keyspace, sink: RdbSink, options: RdbWriterOptions) {
    this.output = new RdbOutput(sink, { ...options, lzf: keyspace.lzf });
    this.values = new ValueWriter(keyspace, this.output);
    this.#keyspace = keyspace;
    this.#access = options.access;
  }

  /**
   * Begins a file. The version cannot be changed later: RDB_VERSION_FIELD_EXPIRY where a hash has
   * fields with times, else RDB_VERSION.
   */
  header(version: number): void {
    this.output.reset();
    const text = latin1Bytes(`REDIS${String(version).padStart(4, '0')}`);
    this.output.raw(text, 0, text.length);
  }

  /** A field about the server: redis-ver, redis-bits, ctime, used-mem, repl-id, aof-base ... */
  aux(name: string, value: string | number): void {
    this.output.byte(OP_AUX);
    this.#text(name);
    this.#text(String(value));
  }

  #text(text: string): void {
    const bytes = latin1Bytes(text);
    this.output.string(bytes, 0, bytes.length);
  }

  /** The code of a library of functions. */
  functionLibrary(code: Uint8Array): void {
    this.output.byte(OP_FUNCTION2);
    this.output.string(code, 0, code.length);
  }

  /** What follows is of this database. */
  selectDb(db: number): void {
    this.output.byte(OP_SELECTDB);
    this.output.length(db);
  }

  /** How many keys it has, and how many of them expire: a hint for the reader. */
  resizeDb(keys: number, expires: number): void {
    this.output.byte(OP_RESIZEDB);
    this.output.length(keys);
    this.output.length(expires);
  }

  /** Writes a key with its value. */
  key(db: ExpirySource, ref: number): void {
    this.beginKey(db, ref);
    this.values.writeAll();
  }

  /** Writes all of a key but its value, which `writeSome` follows with. */
  beginKey(db: ExpirySource, ref: number): void {
    const { output, values } = this;
    const { arena } = this.#keyspace;
    const expiry = db.expiryOf(ref);
    if (expiry >= 0) {
      output.byte(OP_EXPIRETIME_MS);
      output.int64(expiry);
    }
    if (this.#access !== 'none') this.#accessOf(ref);
    values.begin(ref);
    output.byte(values.type);
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    output.string(bytes, keyOffsetOf(arena, ref), keyLengthOf(arena, ref));
  }

  #accessOf(ref: number): void {
    const { output } = this;
    const { arena, lfu, nowMs } = this.#keyspace;
    const clock = accessClockOf(arena, ref);
    if (this.#access === 'lru') {
      output.byte(OP_IDLE);
      output.length(Math.floor(lruIdleMs(clock, nowMs) / 1000));
    } else {
      output.byte(OP_FREQ);
      output.byte(lfuCounter(clock, nowMs, lfu));
    }
  }

  /** Goes on with the value of the key. @returns true when it is complete. */
  writeSome(budget: number): boolean {
    return this.values.writeSome(budget);
  }

  /** Writes the end and the checksum, and hands all that is left to the sink. */
  end(): void {
    this.output.byte(OP_EOF);
    this.output.checksum();
    this.output.flush();
  }
}
