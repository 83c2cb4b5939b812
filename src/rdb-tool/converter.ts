// `disgo-rdb convert`: writes a dump anew in another version of the format, key by key. What the
// version does not know ends the conversion with a problem that names the key, or is left out where
// that was asked for: then it is counted.

import { OP_FREQ, OP_IDLE, RDB_VERSION, RDB_VERSION_FIELD_EXPIRY } from '../rdb/format.ts';
import type { RdbSink } from '../rdb/rdb-output.ts';
import { RdbWriter } from '../rdb/rdb-writer.ts';
import { TYPE_HASH, TYPE_STREAM, typeOf } from '../structures/entry.ts';
import { DumpScan, type DumpVisitor, type ScannedKey } from './dump-scan.ts';
import { jsonOfBytes } from './json-text.ts';
import { ALL_KEYS, isWanted, type KeyFilter } from './key-filter.ts';
import { typeOfKey } from './key-lines.ts';

export const MIN_TARGET_VERSION = 6;
export const MAX_TARGET_VERSION = 13;

// The versions since which these are known.
const AUX_SINCE = 7;
const USE_SINCE = 9;
const STREAMS_SINCE = 9;
const FUNCTIONS_SINCE: number = RDB_VERSION;

export interface ConvertOptions {
  readonly version: number;
  readonly filter: KeyFilter;
  readonly nowMs: number;
  /** Whether what the version cannot hold is left out. */
  readonly drops: boolean;
}

/** What was left out, by its kind. */
export type Dropped = ReadonlyMap<string, number>;

export class Converter implements DumpVisitor {
  readonly scan: DumpScan;
  /** Keys that were written. */
  keysWritten = 0;
  /** What the version cannot hold, or ''; then nothing more is written. */
  problem = '';
  readonly #options: ConvertOptions;
  readonly #writer: RdbWriter;
  readonly #dropped = new Map<string, number>();
  #database = -1;
  #writtenDatabase = -1;
  #announced: [number, number] = [0, 0];

  constructor(options: ConvertOptions, sink: RdbSink) {
    this.#options = options;
    this.scan = new DumpScan(options.nowMs, this);
    this.#writer = new RdbWriter(this.scan.keyspace, sink, {
      compresses: true,
      checksums: true,
      access: 'none',
    });
    const { values } = this.#writer;
    values.forVersion = options.version;
    values.dropsTimes = options.version < RDB_VERSION_FIELD_EXPIRY;
    this.#writer.header(options.version);
  }

  get dropped(): Dropped {
    return this.#dropped;
  }

  /** Writes what ends a dump. */
  end(): void {
    this.#writer.end();
  }

  #drop(kind: string, where: string): void {
    if (this.#options.drops) this.#dropped.set(kind, (this.#dropped.get(kind) ?? 0) + 1);
    else if (this.problem === '') {
      this.problem = `${where}: RDB version ${this.#options.version} cannot hold ${kind}`;
    }
  }

  aux(name: string, value: string): void {
    if (this.#options.version >= AUX_SINCE) this.#writer.aux(name, value);
  }

  /** Older servers know no functions, and miss none: they are left out and counted. */
  functionLibrary(code: Uint8Array): void {
    if (this.#options.version >= FUNCTIONS_SINCE) this.#writer.functionLibrary(code);
    else {
      const kind = 'libraries of functions';
      this.#dropped.set(kind, (this.#dropped.get(kind) ?? 0) + 1);
    }
  }

  moduleAux(module: string): void {
    this.#drop('data of modules', `module ${module}`);
  }

  database(id: number): void {
    this.#database = id;
    this.#announced = [0, 0];
  }

  databaseSize(_id: number, keys: number, expires: number): void {
    this.#announced = [keys, expires];
  }

  key(key: ScannedKey): void {
    if (this.problem !== '') return;
    const { filter, nowMs, version } = this.#options;
    if (!isWanted(filter, key, typeOfKey(this.scan, key), nowMs)) return;
    const where = `key ${jsonOfBytes(key.name, 0, key.name.length)} in database ${key.db.id}`;
    if (!this.#canHold(key, where)) return;
    this.#selectDatabase(key.db.id);
    if (version >= USE_SINCE) this.#writeUse(key);
    this.#writer.key(key.db, key.ref);
    this.keysWritten++;
  }

  /** @returns false for a key that is left out */
  #canHold(key: ScannedKey, where: string): boolean {
    const { version } = this.#options;
    const { arena, values } = this.scan.keyspace;
    if (key.ref === 0) {
      this.#drop('values of modules', where);
      return false;
    }
    const type = typeOf(arena, key.ref);
    if (type === TYPE_STREAM && version < STREAMS_SINCE) {
      this.#drop('streams', where);
      return false;
    }
    if (type === TYPE_HASH && version < RDB_VERSION_FIELD_EXPIRY) {
      if (values.hashes.nextExpiryMs(key.ref) >= 0) this.#drop('times of fields', where);
    }
    return this.problem === '';
  }

  /** Databases from which nothing is taken are not named. */
  #selectDatabase(id: number): void {
    if (this.#writtenDatabase === id) return;
    this.#writtenDatabase = id;
    this.#writer.selectDb(id);
    const [keys, expires] = this.#announced;
    const takesAll = this.#options.filter === ALL_KEYS;
    if (takesAll && keys > 0 && this.#options.version >= AUX_SINCE && this.#database === id) {
      this.#writer.resizeDb(keys, expires);
    }
  }

  #writeUse({ idleSeconds, frequency }: ScannedKey): void {
    const { output } = this.#writer;
    if (idleSeconds >= 0) {
      output.byte(OP_IDLE);
      output.length(idleSeconds);
    }
    if (frequency < 0) return;
    output.byte(OP_FREQ);
    output.byte(frequency);
  }
}
