// disgo-check-rdb <file>: reads a dump file from beginning to end, value by value, and says whether
// it is sound; output and exit code as those of redis-check-rdb. No value is kept longer than it
// takes to read it. A dump from a server of any version that can be loaded can be checked.

import { closeSync, openSync, readSync } from 'node:fs';
import { NO_EXPIRY } from '../keyspace/database.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { CHECKSUM_SINCE, RdbReader, READ_BAD, READ_END, READ_SHORT } from '../rdb/rdb-reader.ts';
import { rdbTypeName } from '../rdb/type-names.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';

const CHUNK_BYTES = 1024 * 1024;
const BUDGET = 10000;
const MAX_DATABASES = 16384;

/** What a check has counted. */
interface Totals {
  /** Keys with values of modules, which are passed over. */
  moduleKeys: number;
  expires: number;
  alreadyExpired: number;
}

/**
 * Checks a file.
 * @param print takes one line of output.
 * @returns the exit code: 0 for a sound file.
 */
export function checkRdb(path: string, nowMs: number, print: (line: string) => void): number {
  print(`[offset 0] Checking RDB file ${path}`);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return 1;
  }
  try {
    return checkOpen(file, nowMs, print);
  } finally {
    closeSync(file);
  }
}

function checkOpen(file: number, nowMs: number, print: (line: string) => void): number {
  const totals: Totals = { moduleKeys: 0, expires: 0, alreadyExpired: 0 };
  const reader = newReader(nowMs, totals, print);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let result = READ_SHORT;
  while (result !== READ_END && result !== READ_BAD) {
    if (result === READ_SHORT) {
      const length = readChunk(file, chunk);
      if (length === 0) reader.finish();
      else reader.feed(chunk, 0, length);
    }
    result = reader.read(BUDGET);
  }
  const { error, input } = reader;
  if (error === null) {
    const sum = input.hasChecksum
      ? 'Checksum OK'
      : 'RDB file was saved with checksum disabled: no check performed.';
    if (reader.version >= CHECKSUM_SINCE) print(`[offset ${input.position}] ${sum}`);
    print(`[offset ${input.position}] \\o/ RDB looks OK! \\o/`);
  } else {
    print('--- RDB ERROR DETECTED ---');
    print(`[offset ${error.offset}] ${error.message}`);
    if (error.type >= 0) {
      print(`[additional info] Reading key '${error.key}'`);
      print(`[additional info] Reading type ${error.type} (${rdbTypeName(error.type)})`);
    }
  }
  // The key whose value is broken counts too, as with redis-check-rdb.
  const broken = error !== null && error.type >= 0 ? 1 : 0;
  print(`[info] ${reader.keysAdded + totals.moduleKeys + broken} keys read`);
  print(`[info] ${totals.expires} expires`);
  print(`[info] ${totals.alreadyExpired} already expired`);
  return error === null ? 0 : 1;
}

/** Reads on. @returns 0 at the end, and for what cannot be read: a folder, a broken disk */
function readChunk(file: number, chunk: Uint8Array): number {
  try {
    return readSync(file, chunk, 0, CHUNK_BYTES, null);
  } catch {
    return 0;
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
