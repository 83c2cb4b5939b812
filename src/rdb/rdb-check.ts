// Reads a dump from beginning to end, value by value, and says whether it is sound, in the lines of
// redis-check-rdb. No value is kept longer than it takes to read it. Where the bytes come from is
// the caller's.

import { NO_EXPIRY } from '../keyspace/database.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import { CHECKSUM_SINCE, RdbReader, READ_BAD, READ_END, READ_SHORT } from './rdb-reader.ts';
import { rdbTypeName } from './type-names.ts';

const BUDGET = 10000;
const BAD_CHECKSUM = 'Wrong RDB checksum';
const MAX_DATABASES = 16384;

/** What a check has counted. */
interface Totals {
  /** Keys with values of modules, which are passed over. */
  moduleKeys: number;
  expires: number;
  alreadyExpired: number;
}

export class RdbCheck {
  readonly #reader: RdbReader;
  readonly #print: (line: string) => void;
  readonly #totals: Totals = { moduleKeys: 0, expires: 0, alreadyExpired: 0 };

  /**
   * @param name of the file, as it is shown
   * @param print takes one line of output
   */
  constructor(name: string, nowMs: number, print: (line: string) => void) {
    this.#print = print;
    this.#reader = newReader(nowMs, this.#totals, print);
    print(`[offset 0] Checking RDB file ${name}`);
  }

  /** Bytes that were fed and lie behind the end of the dump. */
  get bytesBehind(): number {
    return this.#reader.input.available;
  }

  /**
   * Reads all and prints what it finds.
   * @param feed hands over the next bytes; false at the end of the file
   * @returns whether the dump is sound
   */
  run(feed: (reader: RdbReader) => boolean): boolean {
    const reader = this.#reader;
    let result = READ_SHORT;
    while (result !== READ_END && result !== READ_BAD) {
      if (result === READ_SHORT && !feed(reader)) reader.finish();
      result = reader.read(BUDGET);
    }
    this.#report();
    return reader.error === null;
  }

  #report(): void {
    const totals = this.#totals;
    const print = this.#print;
    const { error, input, version, keysAdded } = this.#reader;
    if (error === null) {
      const sum = input.hasChecksum
        ? 'Checksum OK'
        : 'RDB file was saved with checksum disabled: no check performed.';
      if (version >= CHECKSUM_SINCE) print(`[offset ${input.position}] ${sum}`);
      print(`[offset ${input.position}] \\o/ RDB looks OK! \\o/`);
    } else {
      print('--- RDB ERROR DETECTED ---');
      const isSum = error.message.startsWith(BAD_CHECKSUM);
      print(`[offset ${error.offset}] ${isSum ? 'RDB CRC error' : error.message}`);
      if (error.type >= 0) {
        print(`[additional info] Reading key '${error.key}'`);
        print(`[additional info] Reading type ${error.type} (${rdbTypeName(error.type)})`);
      }
    }
    // The key whose value is broken counts too, as with redis-check-rdb.
    const broken = error !== null && error.type >= 0 ? 1 : 0;
    print(`[info] ${keysAdded + totals.moduleKeys + broken} keys read`);
    print(`[info] ${totals.expires} expires`);
    print(`[info] ${totals.alreadyExpired} already expired`);
  }
}

/** A reader that counts each key and lets it go. */
function newReader(nowMs: number, totals: Totals, print: (line: string) => void): RdbReader {
  const keyspace = new Keyspace({
    databases: MAX_DATABASES,
    seed: { low: 0, high: 0 },
    randomBelow: () => 0,
  });
  keyspace.setNow(nowMs);
  const reader = new RdbReader(keyspace, {
    dropsExpired: false,
    checksums: true,
    isThorough: true,
    onlyLooks: true,
    events: {
      aux: (name, value) => {
        print(`[offset ${reader.input.position}] AUX FIELD ${name} = '${value}'`);
      },
      databaseSelected: (db) => {
        print(`[offset ${reader.input.position}] Selecting DB ID ${db.id}`);
      },
      moduleAux: (module) => {
        print(`[offset ${reader.input.position}] MODULE AUX for: ${module}`);
      },
      moduleKey: (_db, _key, _module, expiryMs) => {
        totals.moduleKeys++;
        countExpiry(totals, expiryMs, nowMs);
      },
      keyAdded: (db, ref) => {
        const { arena } = keyspace;
        countExpiry(totals, db.expiryOf(ref), nowMs);
        const offset = keyOffsetOf(arena, ref);
        const length = keyLengthOf(arena, ref);
        db.dict.find(arena.bytes[ref >>> SLOT_SHIFT]!, offset, length);
        db.removeFound(ref);
      },
    },
  });
  return reader;
}

function countExpiry(totals: Totals, expiryMs: number, nowMs: number): void {
  if (expiryMs === NO_EXPIRY) return;
  totals.expires++;
  if (expiryMs < nowMs) totals.alreadyExpired++;
}
