// What is told to the journals (AOF, replication), in order: commands as RESP, encoded once into a
// buffer that all journals read from. What one command of a client causes is one unit: EXEC's
// commands, but also keys that expired on the way. A unit of more than one command stands between
// `begin` and `end`, so that whoever repeats it does so at once or not at all.
//
//   bytes    *3..$3..SET..$1..k..$1..v.. *2..$3..DEL..$1..x..
//   entries  (database 0, end 27, all)   (database 0, end 47, all)
//
// Nothing is allocated per command; the engine owns the one Propagation.

import { latin1Bytes } from '../bytes/ascii.ts';
import { copyBytes } from '../bytes/copy.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { writeInteger } from '../bytes/integer.ts';
import type { Database } from '../keyspace/database.ts';
import type { Args } from '../protocol/args.ts';
import type { Engine } from './engine.ts';

/** Parts of a command as it is to be repeated; text as latin1. */
export type Parts = readonly (string | Uint8Array)[];

/** For whom a command is, as bits. */
export const TO_AOF = 1;
export const TO_REPLICAS = 2;
export const TO_ALL: number = TO_AOF | TO_REPLICAS;

/** Hears the stream of changes: the AOF, replication. */
export interface Journal {
  /** Which of the commands it hears: bits of TO_... */
  readonly target: number;
  /**
   * A command that changed database `dbId`, as it is to be repeated: RESP from `start` to `end`.
   * The bytes are true during the call.
   */
  append(dbId: number, bytes: Uint8Array, start: number, end: number): void;
  /** What is appended until `end` is one unit: it stands between MULTI and EXEC. */
  begin(): void;
  end(): void;
}

const FIRST_BYTES = 16 * 1024;
/** A buffer that a giant command made larger is given back. */
const KEPT_BYTES = 1024 * 1024;
/** Database, end and target of an entry. */
const ENTRY_WORDS = 3;
const STAR = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
/** `*` or `$`, a number and a line end. */
const LINE_MAX_BYTES = 14;
/** What an argument takes beside its bytes. */
const ARGUMENT_MORE_BYTES = LINE_MAX_BYTES + 2;

export class Propagation {
  /** True while a journal listens. */
  isHeard = false;
  /** Where the stream is after the last unit, as replication counts its bytes. */
  streamOffset: number = DOUBLE_ZERO;
  /** Bytes that the append-only log has taken in all; the log sets it. */
  aofOffset: number = DOUBLE_ZERO;
  /** Entries of the unit under way, which the journals have not been told. */
  pendingCount = 0;
  /**
   * Bits of TO_...: who hears of what commands add now. Scripts can narrow it for their commands,
   * and not for what happens by itself meanwhile: a key that expires goes everywhere.
   */
  mask: number = TO_ALL;
  #journals: readonly Journal[] = [];
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  #used = 0;
  #entries: Float64Array = new Float64Array(16 * ENTRY_WORDS);
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  addJournal(journal: Journal): void {
    this.#journals = [...this.#journals, journal];
    this.isHeard = true;
  }

  /** Until `resume` nothing is told: what runs meanwhile is known already. */
  suspend(): void {
    this.isHeard = false;
  }

  resume(): void {
    this.isHeard = this.#journals.length > 0;
  }

  removeJournal(journal: Journal): void {
    this.#journals = this.#journals.filter((each) => each !== journal);
    this.isHeard = this.#journals.length > 0;
  }

  /**
   * What no command means, as the end of a key that expired: tells the journals at once, or at the
   * end of the command that runs or has given way.
   */
  append(db: Database, parts: Parts, target: number = TO_ALL): void {
    if (!this.isHeard) return;
    this.#write(db, parts, target);
    const { isRunning, suspended } = this.#engine;
    if (!isRunning && suspended === null) this.finish(false);
  }

  /** Adds to what the command that runs, or has just run, will be told as. */
  add(db: Database, parts: Parts, target: number = TO_ALL): void {
    this.#write(db, parts, target & this.mask);
  }

  #write(db: Database, parts: Parts, target: number): void {
    this.#makeRoom(LINE_MAX_BYTES);
    this.#used = writeLine(this.#bytes, this.#used, STAR, parts.length);
    for (const part of parts) {
      const bytes = typeof part === 'string' ? latin1Bytes(part) : part;
      this.#argument(bytes, 0, bytes.length);
    }
    this.#endEntry(db, target);
  }

  /** The same for a command as it was sent. */
  addCommand(db: Database, args: Args, target: number = TO_ALL): void {
    const { bytes, offsets, lengths, count } = args;
    let room = LINE_MAX_BYTES;
    for (let i = 0; i < count; i++) room += lengths[i]! + ARGUMENT_MORE_BYTES;
    this.#makeRoom(room);
    const own = this.#bytes;
    let at = writeLine(own, this.#used, STAR, count);
    for (let i = 0; i < count; i++) at = writeArgument(own, at, bytes, offsets[i]!, lengths[i]!);
    this.#used = at;
    this.#endEntry(db, target & this.mask);
  }

  #argument(bytes: Uint8Array, offset: number, length: number): void {
    this.#makeRoom(length + ARGUMENT_MORE_BYTES);
    this.#used = writeArgument(this.#bytes, this.#used, bytes, offset, length);
  }

  #makeRoom(count: number): void {
    const needed = this.#used + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }

  #endEntry(db: Database, target: number): void {
    const at = this.pendingCount * ENTRY_WORDS;
    if (target === 0) {
      this.#used = at === 0 ? 0 : this.#entries[at - ENTRY_WORDS + 1]!;
      return;
    }
    if (at === this.#entries.length) {
      const larger = new Float64Array(at * 2);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[at] = db.id;
    this.#entries[at + 1] = this.#used;
    this.#entries[at + 2] = target;
    this.pendingCount++;
  }

  /**
   * A client's command has ended: the journals are told of what it caused.
   * @param isUnit false where each entry stands for itself, however many there are: for commands
   * that delete expired keys anywhere, as SCAN.
   */
  finish(isUnit: boolean): void {
    const count = this.pendingCount;
    const used = this.#used;
    this.pendingCount = 0;
    this.#used = 0;
    if (count === 1) this.#tellOne(used);
    else for (const journal of this.#journals) this.#tell(journal, count, isUnit && count > 1);
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
  }

  #tellOne(end: number): void {
    const dbId = this.#entries[0]!;
    const target = this.#entries[2]!;
    const journals = this.#journals;
    for (let i = 0; i < journals.length; i++) {
      const journal = journals[i]!;
      if ((target & journal.target) !== 0) journal.append(dbId, this.#bytes, 0, end);
    }
  }

  #tell(journal: Journal, count: number, isUnit: boolean): void {
    const entries = this.#entries;
    let start = 0;
    if (isUnit) journal.begin();
    for (let at = 0; at < count * ENTRY_WORDS; at += ENTRY_WORDS) {
      const end = entries[at + 1]!;
      if ((entries[at + 2]! & journal.target) !== 0) {
        journal.append(entries[at]!, this.#bytes, start, end);
      }
      start = end;
    }
    if (isUnit) journal.end();
  }
}

/** Writes a type byte, a number and a line end. @returns where they end. */
function writeLine(target: Uint8Array, offset: number, mark: number, value: number): number {
  target[offset] = mark;
  let end = offset + 2;
  if (value < 10) target[offset + 1] = 48 + value;
  else end = offset + 1 + writeInteger(target, offset + 1, value);
  target[end] = CR;
  target[end + 1] = LF;
  return end + 2;
}

/** Writes an argument as RESP has it. @returns where it ends. */
function writeArgument(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const start = writeLine(target, at, DOLLAR, length);
  copyBytes(target, start, bytes, offset, length);
  target[start + length] = CR;
  target[start + length + 1] = LF;
  return start + length + 2;
}
