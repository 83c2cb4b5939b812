// Loads a snapshot from a file in slices: a dump file, or the beginning of an append-only file.
// What it finds is told to the log in Redis's words.

import { systemWords } from '../config/node-disk.ts';
import type { Database } from '../keyspace/database.ts';
import { RdbReader, READ_BAD, READ_END, READ_MORE, READ_SHORT } from '../rdb/rdb-reader.ts';
import type { LoadJob } from './aof-loader.ts';
import type { ByteSource } from './file-source.ts';
import type { PersistenceHost } from './persistence-host.ts';

export interface RdbLoadOptions {
  /** The data is followed by commands that delete what has expired. */
  readonly keepsExpired: boolean;
  /** Keys that exist are replaced. */
  readonly replaces: boolean;
  /** What is filled in the place of the keyspace's own databases. */
  readonly databases?: readonly Database[];
  /** Takes the code of libraries in the place of the server. @returns what is wrong, or '' */
  readonly loadFunctions?: (code: Uint8Array) => string;
  /** The bytes come from a master: what is wrong with them ends the link, not the server. */
  readonly isStream?: boolean;
}

const BYTES_PER_MB = 1024 * 1024;

export class RdbLoad implements LoadJob {
  totalBytes = 0;
  loadedBytes = 0;
  usedMemoryBytes = 0;
  itemsPerLook = 64;
  isDone = false;
  waits = false;
  /** What is wrong with the file, or null. */
  fault: string | null = null;
  /** Fields of the file about replication, by their names. */
  readonly fields: Map<string, string> = new Map();
  readonly #host: PersistenceHost;
  readonly #source: ByteSource;
  readonly #reader: RdbReader;
  readonly #isStream: boolean;

  constructor(host: PersistenceHost, source: ByteSource, options: RdbLoadOptions) {
    this.#host = host;
    this.#isStream = options.isStream === true;
    this.#source = source;
    const { engine, config, debug } = host;
    const { values } = config;
    const loadFunctions =
      options.loadFunctions ?? ((code) => host.loadFunctions(code, options.replaces));
    this.#reader = new RdbReader(engine.keyspace, {
      dropsExpired: !options.keepsExpired && engine.keyspace.deletesExpired,
      checksums: values.rdbchecksum && debug.skipsChecksumValidation !== true,
      isThorough: values['sanitize-dump-payload'] === 'yes',
      replaces: options.replaces,
      ...(options.databases === undefined ? {} : { databases: options.databases }),
      events: {
        aux: (name, value) => this.#onField(name, value),
        functionLibrary: loadFunctions,
        keyExpired: (db, key, offset, length) => {
          host.onExpiredAtLoad(db.id, key.subarray(offset, offset + length));
        },
        emptyKey: (key) => host.log('notice', `rdbLoadObject skipping empty key: ${key}`),
      },
    });
  }

  get loadedKeys(): number {
    return this.#reader.keysAdded;
  }

  get expiredKeys(): number {
    return this.#reader.keysExpired;
  }

  get itemCount(): number {
    const { keysAdded, keysExpired } = this.#reader;
    return keysAdded + keysExpired;
  }

  #onField(name: string, value: string): void {
    const { log, clock } = this.#host;
    this.fields.set(name, value);
    if (name === 'redis-ver') log('notice', `Loading RDB produced by version ${value}`);
    else if (name === 'ctime') {
      const age = Math.floor(clock.nowMs() / 1000) - (Number.parseInt(value, 10) || 0);
      log('notice', `RDB age ${Math.max(0, age)} seconds`);
    } else if (name === 'used-mem') {
      this.usedMemoryBytes = Number.parseInt(value, 10) || 0;
      const megabytes = (this.usedMemoryBytes / BYTES_PER_MB).toFixed(2);
      log('notice', `RDB memory usage when created ${megabytes} Mb`);
    } else if (name === 'aof-preamble' && value !== '0') log('notice', 'RDB has an AOF tail');
    else if (name === 'aof-base' && value !== '0') log('notice', 'RDB is base AOF');
  }

  step(mayContinue: () => boolean): boolean {
    const reader = this.#reader;
    for (;;) {
      const result = reader.read(this.itemsPerLook);
      this.loadedBytes = reader.input.position;
      if (result === READ_SHORT) {
        this.waits = !this.#feed();
        if (this.waits) return true;
      } else if (result === READ_END && this.#source.isOpen && this.restBytes === 0) {
        this.waits = true;
        return true;
      } else if (result !== READ_MORE) {
        if (result === READ_BAD) this.#fail(reader.error);
        else this.#end();
        return false;
      }
      if (!mayContinue()) return true;
    }
  }

  /** Bytes that are there behind the snapshot, once its end has been read. */
  get restBytes(): number {
    return this.#reader.input.available + (this.#source.end - this.#source.start);
  }

  /** @returns false when bytes must come first. */
  #feed(): boolean {
    const source = this.#source;
    const reader = this.#reader;
    try {
      if (source.start === source.end && !source.more()) {
        if (source.isOpen) return false;
        reader.finish();
        return true;
      }
    } catch (error) {
      this.#host.log('warning', `Error reading the RDB file: ${systemWords(error)}`);
      reader.finish();
      return true;
    }
    reader.feed(source.bytes, source.start, source.end - source.start);
    source.start = source.end;
    return true;
  }

  /** No more bytes will come, though the snapshot is not whole. */
  cutOff(): void {
    if (this.isDone) return;
    this.#fail({ message: 'Unexpected EOF reading RDB file', key: '' });
  }

  #end(): void {
    const { log } = this.#host;
    const { keysAdded, keysExpired, emptyKeys } = this.#reader;
    this.isDone = true;
    // What follows in the file has been fed too; it is the next reader's.
    this.#source.start -= this.#reader.input.available;
    const empty = emptyKeys === 0 ? '' : `, empty keys skipped: ${emptyKeys}`;
    log(
      'notice',
      `Done loading RDB, keys loaded: ${keysAdded}, keys expired: ${keysExpired}${empty}.`,
    );
  }

  #fail(error: { readonly message: string; readonly key: string } | null): void {
    const { log } = this.#host;
    this.isDone = true;
    const message = error?.message ?? '';
    const offset = this.#reader.input.position;
    this.fault = message;
    this.#reader.abandon();
    if (/^(Wrong signature|Can't handle|The RDB file contains AUX module)/.test(message)) {
      log('warning', message);
      return;
    }
    const isChecksum = message.startsWith('Wrong RDB checksum');
    if (isChecksum) log('warning', message);
    else if (message.startsWith('Unexpected EOF')) {
      log('warning', 'Short read or OOM loading DB. Unrecoverable error, aborting now.');
    }
    const where = error === null || error.key === '' ? '' : `, key '${error.key}'`;
    log(
      'warning',
      `Internal error in RDB reading offset ${offset}${where} -> ` +
        (isChecksum ? 'RDB CRC error' : message),
    );
    if (this.#isStream) {
      log(
        'warning',
        'Failure loading rdb format from socket, assuming connection error, resuming operation.',
      );
      return;
    }
    // What redis-check-rdb says of the file, of which Redis prints the whole report here.
    log('warning', `--- RDB ERROR DETECTED --- [offset ${offset}] ${message}`);
    log('warning', 'Terminating server after rdb file reading failure.');
  }

  close(): void {
    this.#source.close();
  }
}
