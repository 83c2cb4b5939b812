// Reads an RDB file or stream into a keyspace, in slices and from chunks as they come.
//
//   feed(bytes, ...)        adds a chunk
//   finish()                no more will come
//   read(budget)            READ_MORE | READ_SHORT | READ_END | READ_BAD (see `error`)
//
// A file that ends in the middle of something is READ_BAD after `finish`. After READ_END the input
// may hold bytes behind the dump (`rest`), as in an AOF that begins with one. What is not a key is
// told to the RdbEvents.

import { copyBytes } from '../bytes/copy.ts';
import { lfuInitial, lruClock } from '../keyspace/access-clock.ts';
import type { Database } from '../keyspace/database.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { NULL_REF } from '../memory/arena.ts';
import { EXPECTED_MAX } from '../structures/expected-keys.ts';
import { CLOCK_OF_NOW, insertReadKey } from './add-key.ts';
import * as format from './format.ts';
import { KeyRuns } from './key-runs.ts';
import { ModuleSkipper } from './module-skipper.ts';
import type { RdbError, RdbEvents } from './rdb-events.ts';
import { RdbInput, RdbText } from './rdb-input.ts';
import { skipSlotRecord } from './slot-records.ts';
import { nameInBrackets, rdbTypeName } from './type-names.ts';
import { VALUE_BAD, VALUE_READ, VALUE_SHORT, ValueReader } from './value-reader.ts';

export type { RdbError, RdbEvents } from './rdb-events.ts';

export const READ_MORE = 0;
export const READ_SHORT = 1;
export const READ_END = 2;
export const READ_BAD = 3;

/** Room that is made at once for as many keys as a file announces. */
const MAX_RESERVED = 1 << 26;
/** Versions from which on a file ends with a checksum. */
export const CHECKSUM_SINCE = 5;
const HEADER_BYTES = 9;
const MAX_LRU_IDLE_S = 0xffffff;

export interface RdbReaderOptions {
  /** Whether keys and fields that have expired are left out: not so on a replica. */
  readonly dropsExpired: boolean;
  /** `rdbchecksum`. */
  readonly checksums: boolean;
  /** `sanitize-dump-payload`. */
  readonly isThorough: boolean;
  /** Whether a key may be there already, and is replaced: DEBUG RELOAD MERGE. */
  readonly replaces?: boolean;
  /**
   * Whether the file is only looked over: whoever is told of a key lets it go at once, so tables
   * are not made as large as the file says, and data of modules is passed over, not refused.
   */
  readonly onlyLooks?: boolean;
  /** What is filled in the place of the keyspace's own databases: as many as it has. */
  readonly databases?: readonly Database[];
  readonly events?: RdbEvents;
}

const STEP_HEADER = 0;
const STEP_OPCODE = 1;
const STEP_VALUE = 2;
const STEP_MODULE = 3;
const STEP_CHECKSUM = 4;
const STEP_END = 5;

export class RdbReader {
  error: RdbError | null = null;
  version = 0;
  keysAdded = 0;
  keysExpired = 0;
  emptyKeys = 0;
  readonly input: RdbInput;
  readonly #keyspace: Keyspace;
  readonly #databases: readonly Database[];
  readonly #options: RdbReaderOptions;
  readonly #values: ValueReader;
  readonly #modules: ModuleSkipper;
  readonly #runs: KeyRuns;
  readonly #text = new RdbText();
  readonly #other = new RdbText();
  #db: Database;
  #step = STEP_HEADER;
  #isFinished = false;
  #waits = false;
  // Of the key that is being read.
  #key: Uint8Array = new Uint8Array(256);
  #keyLength = 0;
  #type = -1;
  #expiryMs = NO_EXPIRY;
  #clock = CLOCK_OF_NOW;
  /** Idle time of the key as the file tells it, or -1. */
  idleSeconds = -1;
  /** Its frequency of use, or -1. */
  frequency = -1;
  #isModuleKey = false;

  constructor(keyspace: Keyspace, options: RdbReaderOptions) {
    this.#keyspace = keyspace;
    this.#options = options;
    this.input = new RdbInput(options.checksums, true);
    this.#values = new ValueReader(keyspace, this.input);
    this.#values.dropsExpired = options.dropsExpired;
    this.#modules = new ModuleSkipper(this.input);
    this.#runs = new KeyRuns(keyspace, this.input, options);
    this.#databases = options.databases ?? keyspace.databases;
    this.#db = this.#databases[0]!;
  }

  /** The RDB type of the key that is read or was told of last. */
  get valueType(): number {
    return this.#type < 0 ? this.#runs.type : this.#type;
  }

  /** Adds bytes, which are copied. */
  feed(bytes: Uint8Array, offset: number, length: number): void {
    this.input.feed(bytes, offset, length);
  }

  /** Says that no more bytes will come. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Frees what a key that is not complete holds; to be called when reading is given up. */
  abandon(): void {
    this.#values.discard();
  }

  /** Reads about `budget` elements and keys. @returns READ_MORE, READ_SHORT, READ_END, READ_BAD. */
  read(budget: number): number {
    if (this.error !== null) return READ_BAD;
    for (let left = budget; left > 0; left--) {
      if (this.#step === STEP_END) return READ_END;
      if (this.#waits && !this.input.hasEnough) return this.#short();
      this.#waits = false;
      let isShort: boolean;
      if (this.#step === STEP_VALUE) {
        isShort = this.#readValue(left);
        left -= this.#values.partsRead;
      } else {
        const added = this.#step === STEP_OPCODE ? this.#readRun() : 0;
        left -= added;
        if (added === EXPECTED_MAX) continue;
        isShort = this.#readPart();
      }
      if (this.error !== null) return READ_BAD;
      if (!isShort) continue;
      this.#waits = true;
      return this.#short();
    }
    return this.#step === STEP_END ? READ_END : READ_MORE;
  }

  /** Adds the keys that come next, as far as nothing is unusual. @returns how many */
  #readRun(): number {
    if (this.#expiryMs !== NO_EXPIRY || this.idleSeconds >= 0 || this.frequency >= 0) return 0;
    const added = this.#runs.read(this.#db, this.#options.events?.keyAdded);
    this.keysAdded += added;
    return added;
  }

  #short(): number {
    if (!this.#isFinished) return READ_SHORT;
    this.#fail('Unexpected EOF reading RDB file');
    return READ_BAD;
  }

  #fail(message: string): void {
    this.#values.discard();
    const isKey = this.#type >= 0;
    this.error = {
      message,
      offset: this.input.position,
      key: isKey ? Buffer.from(this.#key.subarray(0, this.#keyLength)).toString('latin1') : '',
      type: this.#type,
    };
  }

  /** @returns true when bytes are missing. */
  #readPart(): boolean {
    const { input } = this;
    input.mark();
    switch (this.#step) {
      case STEP_HEADER:
        this.#readHeader();
        break;
      case STEP_OPCODE:
        this.#readOpcode();
        break;
      case STEP_MODULE:
        this.#readModule();
        break;
      default:
        this.#readChecksum();
    }
    if (input.problem !== '') this.#fail(input.problem);
    if (!input.isShort) return false;
    input.rewind();
    return true;
  }

  #readHeader(): void {
    this.input.raw(HEADER_BYTES, this.#text);
    if (this.input.isShort) return;
    const header = this.#text.toString();
    const isRedis = header.startsWith('REDIS');
    if (!isRedis && !header.startsWith('VALKEY')) {
      this.#fail('Wrong signature trying to load DB from file');
      return;
    }
    this.version = Number.parseInt(header.slice(isRedis ? 5 : 6), 10) || 0;
    const { version } = this;
    const isKnown = isRedis
      ? version >= 1 && version <= format.MAX_REDIS_VERSION
      : version >= format.MIN_VALKEY_VERSION && version <= format.MAX_VALKEY_VERSION;
    if (!isKnown) this.#fail(`Can't handle RDB format version ${version}`);
    this.#step = STEP_OPCODE;
  }

  #readOpcode(): void {
    const { input } = this;
    const isFirst = this.#expiryMs === NO_EXPIRY && this.idleSeconds < 0 && this.frequency < 0;
    if (isFirst) input.keyPosition = input.position;
    const opcode = input.byte();
    switch (opcode) {
      case format.OP_EXPIRETIME: {
        const seconds = input.int32();
        if (!input.isShort) this.#expiryMs = seconds * 1000;
        break;
      }
      case format.OP_EXPIRETIME_MS: {
        const timeMs = input.int64();
        if (!input.isShort) this.#expiryMs = timeMs;
        break;
      }
      case format.OP_FREQ: {
        const counter = input.byte();
        if (!input.isShort) this.#setFrequency(counter);
        break;
      }
      case format.OP_IDLE: {
        const seconds = input.count();
        if (!input.isShort) this.#setIdle(seconds);
        break;
      }
      case format.OP_SELECTDB:
        this.#selectDb();
        break;
      case format.OP_RESIZEDB:
        this.#resizeDb();
        break;
      case format.OP_AUX:
        input.string(this.#text);
        input.string(this.#other);
        if (input.isShort || input.problem !== '') break;
        this.#options.events?.aux?.(this.#text.toString(), this.#other.toString());
        break;
      case format.OP_EOF:
        if (input.isShort) break;
        this.#step = this.version >= CHECKSUM_SINCE ? STEP_CHECKSUM : STEP_END;
        break;
      default:
        this.#readOther(opcode);
    }
  }

  #readOther(opcode: number): void {
    const { input } = this;
    switch (opcode) {
      case format.OP_FUNCTION_PRE_GA:
        input.fail('Pre-release function format not supported.');
        break;
      case format.OP_FUNCTION2:
        this.#readFunctions();
        break;
      case format.OP_SLOT_INFO:
        skipSlotRecord(input, opcode, this.#text);
        break;
      case format.OP_KEY_META:
        this.#modules.keyMeta(this.version, this.#options.onlyLooks === true, this.#text);
        break;
      case format.OP_MODULE_AUX:
        this.#beginModuleAux();
        break;
      default:
        this.#beginKey(opcode);
    }
  }

  #readFunctions(): void {
    const { input } = this;
    const text = this.#text;
    input.string(text);
    if (input.isShort || input.problem !== '') return;
    const code = text.bytes.slice(text.offset, text.offset + text.length);
    const problem = this.#options.events?.functionLibrary?.(code) ?? '';
    if (problem !== '') input.fail(`Failed loading functions, ${problem}`);
  }

  #setFrequency(counter: number): void {
    this.frequency = counter;
    const { usesLfu, nowMs } = this.#keyspace;
    if (usesLfu) this.#clock = (lfuInitial(nowMs) & ~0xff) | counter;
  }

  #setIdle(seconds: number): void {
    this.idleSeconds = seconds;
    const { usesLfu, nowMs } = this.#keyspace;
    if (usesLfu) return;
    const idle = Math.min(seconds, MAX_LRU_IDLE_S);
    this.#clock = (lruClock(nowMs) - idle) & MAX_LRU_IDLE_S;
  }

  #selectDb(): void {
    const { input } = this;
    const index = input.count();
    if (input.isShort || input.problem !== '') return;
    const db = this.#databases[index];
    if (db === undefined) {
      input.fail(
        `FATAL: Data file was created with a Redis server configured to handle more than ` +
          `${this.#databases.length} databases. Exiting`,
      );
    } else {
      this.#db = db;
      this.#options.events?.databaseSelected?.(db);
    }
  }

  #resizeDb(): void {
    const { input } = this;
    const keys = input.count();
    const expires = input.count();
    if (input.isShort || input.problem !== '') return;
    this.#options.events?.databaseSized?.(this.#db, keys, expires);
    if (this.#options.onlyLooks !== true) this.#db.dict.reserve(Math.min(keys, MAX_RESERVED));
  }

  #beginKey(type: number): void {
    const { input } = this;
    const text = this.#text;
    if (input.isShort) return;
    if (this.#options.onlyLooks === true && rdbTypeName(type) === 'unknown') {
      // No key follows what is no type, and its length would be of other bytes.
      input.fail(`Invalid object type: ${type}`);
      return;
    }
    input.string(text);
    if (input.isShort || input.problem !== '') return;
    if (this.#key.length < text.length) this.#key = new Uint8Array(text.length * 2);
    copyBytes(this.#key, 0, text.bytes, text.offset, text.length);
    this.#keyLength = text.length;
    this.#type = type;
    if (type === format.RDB_MODULE_PRE_GA) {
      input.fail('Pre-release module format not supported');
    } else if (type === format.RDB_MODULE_2) {
      input.count();
      if (input.isShort) return;
      this.#beginModule();
    } else if (ValueReader.knows(type, this.version)) {
      this.#values.begin(type, this.version, this.#options.isThorough);
      this.#step = STEP_VALUE;
    } else input.fail(`Unknown RDB encoding type ${type}${nameInBrackets(type)}`);
  }

  #beginModuleAux(): void {
    const { input } = this;
    input.count();
    const { high, low } = input;
    // When it is to be loaded: a part of its own.
    input.count();
    input.count();
    if (input.isShort || input.problem !== '') return;
    this.#modules.begin(high, low);
    this.#isModuleKey = false;
    this.#step = STEP_MODULE;
    if (this.#options.onlyLooks === true) this.#options.events?.moduleAux?.(this.#modules.name);
  }

  #beginModule(): void {
    const { input } = this;
    this.#modules.begin(input.high, input.low);
    this.#step = STEP_MODULE;
    this.#isModuleKey = true;
    if (this.#options.onlyLooks === true) return;
    input.fail(
      "The RDB file contains module data I can't load: no matching module type " +
        `'${this.#modules.name}'`,
    );
  }

  /** @returns true when bytes are missing. */
  #readValue(budget: number): boolean {
    const result = this.#values.read(budget);
    if (result === VALUE_SHORT) return true;
    if (result === VALUE_BAD) this.#fail(this.input.problem);
    else if (result === VALUE_READ) this.#endKey();
    return false;
  }

  #endKey(): void {
    const db = this.#db;
    const values = this.#values;
    const { events, dropsExpired } = this.#options;
    const expiryMs = this.#expiryMs;
    const key = this.#key;
    const length = this.#keyLength;
    const clock = this.#clock;
    this.#step = STEP_OPCODE;
    if (values.isEmpty) {
      if (values.expiredFields === 0) {
        this.emptyKeys++;
        events?.emptyKey?.(Buffer.from(key.subarray(0, length)).toString('latin1'));
      }
    } else if (dropsExpired && expiryMs !== NO_EXPIRY && expiryMs < this.#keyspace.nowMs) {
      values.discard();
      this.keysExpired++;
      events?.keyExpired?.(db, key, 0, length);
    } else if (this.#makesRoom()) {
      const ref = insertReadKey(db, key, 0, length, values, expiryMs, clock);
      this.keysAdded++;
      events?.keyAdded?.(db, ref);
    } else this.#fail(`RDB has duplicated key in DB ${db.id}`);
    if (this.error === null) this.#forgetKey();
  }

  /**
   * Looks the key up, which may not be there afterwards.
   * @returns false when it is there already and may not be replaced.
   */
  #makesRoom(): boolean {
    const db = this.#db;
    const found = db.dict.find(this.#key, 0, this.#keyLength);
    if (found === NULL_REF) return true;
    if (this.#options.replaces !== true) return false;
    db.removeFound(found);
    db.dict.find(this.#key, 0, this.#keyLength);
    return true;
  }

  #readModule(): void {
    if (!this.#modules.step() || this.input.isShort) return;
    if (this.#options.onlyLooks === true) {
      this.#endModule();
      return;
    }
    this.#fail(
      "The RDB file contains AUX module data I can't load: no matching module " +
        `'${this.#modules.name}'`,
    );
  }

  #endModule(): void {
    const { events } = this.#options;
    this.#step = STEP_OPCODE;
    if (!this.#isModuleKey) return;
    const key = this.#key.subarray(0, this.#keyLength);
    events?.moduleKey?.(this.#db, key, this.#modules.name, this.#expiryMs);
    this.#forgetKey();
  }

  /** What follows is of another key. */
  #forgetKey(): void {
    this.#type = -1;
    this.#expiryMs = NO_EXPIRY;
    this.#clock = CLOCK_OF_NOW;
    this.idleSeconds = -1;
    this.frequency = -1;
  }

  #readChecksum(): void {
    const isRight = this.input.checksum();
    if (this.input.isShort) return;
    if (isRight) this.#step = STEP_END;
    else this.#fail('Wrong RDB checksum. Aborting now.');
  }
}
