// The sink of a snapshot in the RDB format: a dump file, the base of append-only files, the data
// for a replica. Makes chunks of bytes; where they go is the owner's business. Large values are
// written in steps, and keys that must be written meanwhile stand behind them.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { RDB_VERSION, RDB_VERSION_FIELD_EXPIRY } from '../rdb/format.ts';
import { type ExpirySource, RdbWriter, type RdbWriterOptions } from '../rdb/rdb-writer.ts';
import { REDIS_VERSION } from '../version.ts';
import type { PersistenceHost } from './persistence-host.ts';
import type { SnapshotSink } from './snapshot-walk.ts';
import type { TakeBytes } from './snapshot-writer.ts';

/** Elements of a value that are written at once. */
const ELEMENTS_PER_STEP = 1024;
const ASIDE_CHUNK_BYTES = 16 * 1024;
const NO_DATABASE = -1;

/** A class and no literal: its method is the same function in every snapshot, and stays inlined. */
class GivenExpiry implements ExpirySource {
  timeMs = -1;

  expiryOf(): number {
    return this.timeMs;
  }
}

export interface RdbSinkOptions {
  /** The base of append-only files. */
  readonly isAofBase: boolean;
  /** Leaves the keys out, or the functions: for what asks for a part of a snapshot. */
  readonly excludesData?: boolean;
  readonly excludesFunctions?: boolean;
  /** Computes the checksum itself; without it the last 8 bytes are zeros, for a writer to fill. */
  readonly sums: boolean;
}

export class RdbSink implements SnapshotSink {
  readonly isFull = false;
  readonly #excludesData: boolean;
  readonly #writer: RdbWriter;
  readonly #aside: RdbWriter;
  /** What was written aside, in pieces. */
  #asidePieces: Uint8Array[] = [];
  #database = NO_DATABASE;
  #asideDatabase = NO_DATABASE;
  #isOpen = false;
  /** Tells the writer when the key at hand expires. */
  readonly #expiry = new GivenExpiry();

  /** @param give takes bytes before it returns: they are overwritten afterwards */
  constructor(host: PersistenceHost, give: TakeBytes, sinkOptions: RdbSinkOptions) {
    const { engine, config } = host;
    const { keyspace } = engine;
    const { isAofBase, sums, excludesFunctions = false } = sinkOptions;
    this.#excludesData = sinkOptions.excludesData ?? false;
    const options: RdbWriterOptions = {
      compresses: config.values.rdbcompression,
      checksums: sums && config.values.rdbchecksum,
      access: accessOf(keyspace),
    };
    this.#writer = new RdbWriter(keyspace, give, options);
    this.#aside = new RdbWriter(
      keyspace,
      (bytes, length) => this.#asidePieces.push(bytes.slice(0, length)),
      { ...options, checksums: false, chunkBytes: ASIDE_CHUNK_BYTES },
    );
    this.#begin(host, isAofBase, excludesFunctions);
  }

  #begin(host: PersistenceHost, isAofBase: boolean, excludesFunctions: boolean): void {
    const writer = this.#writer;
    const { engine, clock } = host;
    const { keyspace } = engine;
    const hasFieldTimes = keyspace.databases.some((db) => db.fieldExpiry.count > 0);
    writer.header(hasFieldTimes ? RDB_VERSION_FIELD_EXPIRY : RDB_VERSION);
    writer.aux('redis-ver', REDIS_VERSION);
    writer.aux('redis-bits', 64);
    writer.aux('ctime', Math.floor(clock.nowMs() / 1000));
    writer.aux('used-mem', engine.memory.usedBytes);
    for (const [name, value] of host.snapshotFields()) writer.aux(name, value);
    writer.aux('aof-base', isAofBase ? 1 : 0);
    if (excludesFunctions) return;
    for (const code of host.functionCodes()) writer.functionLibrary(code);
  }

  beginDatabase(id: number, keyCount: number, expiryCount: number): void {
    if (this.#excludesData) return;
    this.#database = id;
    this.#writer.selectDb(id);
    this.#writer.resizeDb(keyCount, expiryCount);
  }

  beginKey(databaseId: number, ref: number, expiryMs: number): boolean {
    if (this.#excludesData) return true;
    const writer = this.#writer;
    if (databaseId !== this.#database) {
      this.#database = databaseId;
      writer.selectDb(databaseId);
    }
    this.#expiry.timeMs = expiryMs;
    writer.beginKey(this.#expiry, ref);
    if (writer.writeSome(ELEMENTS_PER_STEP)) return true;
    this.#isOpen = true;
    return false;
  }

  writeMore(): boolean {
    if (!this.#writer.writeSome(ELEMENTS_PER_STEP)) return false;
    this.#isOpen = false;
    this.#appendAside();
    return true;
  }

  writeAside(databaseId: number, ref: number, expiryMs: number): void {
    if (!this.#isOpen) {
      if (!this.beginKey(databaseId, ref, expiryMs)) while (!this.writeMore());
      return;
    }
    if (databaseId !== this.#asideDatabase) {
      this.#asideDatabase = databaseId;
      this.#aside.selectDb(databaseId);
    }
    this.#expiry.timeMs = expiryMs;
    this.#aside.key(this.#expiry, ref);
  }

  #appendAside(): void {
    if (this.#asideDatabase === NO_DATABASE) return;
    this.#aside.output.flush();
    for (const bytes of this.#asidePieces) this.#writer.output.raw(bytes, 0, bytes.length);
    this.#asidePieces = [];
    this.#database = this.#asideDatabase;
    this.#asideDatabase = NO_DATABASE;
  }

  /** All keys have been given. */
  finish(): void {
    this.#writer.end();
  }
}

/** Which use of keys is written: as the policy of eviction needs it. */
function accessOf({ eviction }: Keyspace): RdbWriterOptions['access'] {
  const { order } = eviction;
  return order === 'lru' || order === 'lfu' ? order : 'none';
}
