// What a reader of RDB files tells whoever loads or looks them over, and how it says that a file is
// not sound.

import type { Database } from '../keyspace/database.ts';

/** Where and at what a file is not sound. */
export interface RdbError {
  readonly message: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  /** The key that was being read, or ''. Latin-1. */
  readonly key: string;
  /** Its RDB type, or -1. */
  readonly type: number;
}

/** What else is in a file; every function is optional. */
export interface RdbEvents {
  aux?(name: string, value: string): void;
  /** The code of a library. @returns what is wrong with it, or ''. */
  functionLibrary?(code: Uint8Array): string;
  /** What follows is of this database. */
  databaseSelected?(db: Database): void;
  /** A key was added. */
  keyAdded?(db: Database, ref: number): void;
  /** A key has expired and was left out; the bytes are true during the call. */
  keyExpired?(db: Database, key: Uint8Array, offset: number, length: number): void;
  /** A key without elements was left out. Latin-1. */
  emptyKey?(key: string): void;
  /** How many keys the file announces for a database, and how many of them expire. */
  databaseSized?(db: Database, keys: number, expires: number): void;
  /** Data of a module outside of keys begins, which is passed over. */
  moduleAux?(module: string): void;
  /** A key with a value of a module was passed over; the bytes are true during the call. */
  moduleKey?(db: Database, key: Uint8Array, module: string, expiryMs: number): void;
}
