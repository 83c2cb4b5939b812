// Goes through a dump key by key: each is read into a keyspace of its own, told to a visitor with
// what the file says of it, and let go, so that no more than one value is held at a time. Bytes are
// fed by the caller, who also decides how long a step takes.

import type { Database } from '../keyspace/database.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { type RdbError, RdbReader, READ_BAD, READ_END, READ_SHORT } from '../rdb/rdb-reader.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';

/** Databases that a server can have at most. */
const MAX_DATABASES = 16384;
/** Keys and elements of a step. */
const BUDGET = 1000;

/** A key, true during the visit. */
export interface ScannedKey {
  readonly db: Database;
  /** Its entry, or 0 for a value of a module, which is passed over. */
  readonly ref: number;
  readonly name: Uint8Array;
  /** When it expires in ms of the Unix epoch, or NO_EXPIRY. */
  readonly expiryMs: number;
  /** The RDB type, which tells the encoding in the file. */
  readonly rdbType: number;
  /** The module whose value it is, or ''. */
  readonly module: string;
  /** Seconds since it was used, as the file tells it, or -1. */
  readonly idleSeconds: number;
  /** Its counter of uses, or -1. */
  readonly frequency: number;
  /** Bytes in the file, key and time included. */
  readonly fileBytes: number;
}

/** What a dump consists of; every function but `key` is optional. */
export interface DumpVisitor {
  aux?(name: string, value: string): void;
  functionLibrary?(code: Uint8Array): void;
  moduleAux?(module: string): void;
  database?(id: number): void;
  databaseSize?(id: number, keys: number, expires: number): void;
  key(key: ScannedKey): void;
}

export class DumpScan {
  readonly keyspace: Keyspace;
  readonly #reader: RdbReader;
  readonly #visitor: DumpVisitor;

  constructor(nowMs: number, visitor: DumpVisitor) {
    this.#visitor = visitor;
    this.keyspace = new Keyspace({
      databases: MAX_DATABASES,
      seed: { low: 0, high: 0 },
      randomBelow: () => 0,
    });
    this.keyspace.setNow(nowMs);
    this.#reader = new RdbReader(this.keyspace, {
      dropsExpired: false,
      checksums: true,
      isThorough: true,
      onlyLooks: true,
      events: {
        aux: (name, value) => visitor.aux?.(name, value),
        functionLibrary: (code) => {
          visitor.functionLibrary?.(code);
          return '';
        },
        moduleAux: (module) => visitor.moduleAux?.(module),
        databaseSelected: (db) => visitor.database?.(db.id),
        databaseSized: (db, keys, expires) => visitor.databaseSize?.(db.id, keys, expires),
        keyAdded: (db, ref) => this.#onKey(db, ref),
        moduleKey: (db, key, module, expiryMs) => this.#tell(db, 0, key, module, expiryMs),
      },
    });
  }

  /** Bytes of the dump that were read. */
  get position(): number {
    return this.#reader.input.position;
  }

  /** Of the format; 0 before the header was read. */
  get version(): number {
    return this.#reader.version;
  }

  get keyCount(): number {
    return this.#reader.keysAdded;
  }

  /** What is wrong with the dump, or null. */
  get error(): RdbError | null {
    return this.#reader.error;
  }

  feed(bytes: Uint8Array, length: number): void {
    this.#reader.feed(bytes, 0, length);
  }

  /** No more bytes will come. */
  finish(): void {
    this.#reader.finish();
  }

  /** Reads what was fed. @returns true when the dump is at its end, or bad */
  read(): boolean {
    for (;;) {
      const result = this.#reader.read(BUDGET);
      if (result === READ_END || result === READ_BAD) return true;
      if (result === READ_SHORT) return false;
    }
  }

  #onKey(db: Database, ref: number): void {
    const { arena } = this.keyspace;
    const offset = keyOffsetOf(arena, ref);
    const length = keyLengthOf(arena, ref);
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    this.#tell(db, ref, bytes.subarray(offset, offset + length), '', db.expiryOf(ref));
    db.dict.find(bytes, offset, length);
    db.removeFound(ref);
  }

  #tell(db: Database, ref: number, name: Uint8Array, module: string, expiryMs: number): void {
    const { input, valueType, idleSeconds, frequency } = this.#reader;
    const fileBytes = input.position - input.keyPosition;
    this.#visitor.key({
      db,
      ref,
      name,
      expiryMs,
      rdbType: valueType,
      module,
      idleSeconds,
      frequency,
      fileBytes,
    });
  }
}
