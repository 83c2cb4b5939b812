// Which keys of a dump are wanted: by database, type, pattern, and whether they have expired.

import { matchGlob } from '../bytes/glob.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { ScannedKey } from './dump-scan.ts';

export interface KeyFilter {
  /** Numbers of databases; all where empty. */
  readonly databases: ReadonlySet<number>;
  /** Names of types, as TYPE answers them, and `module`; all where empty. */
  readonly types: ReadonlySet<string>;
  /** A pattern as KEYS takes it, or null. */
  readonly pattern: Uint8Array | null;
  /** True for keys that have expired alone, false for the others alone. */
  readonly expired: boolean | null;
}

export const ALL_KEYS: KeyFilter = {
  databases: new Set(),
  types: new Set(),
  pattern: null,
  expired: null,
};

/** @param type the name of the key's type. */
export function isWanted(filter: KeyFilter, key: ScannedKey, type: string, nowMs: number): boolean {
  const { databases, types, pattern, expired } = filter;
  if (databases.size > 0 && !databases.has(key.db.id)) return false;
  if (types.size > 0 && !types.has(type)) return false;
  if (expired !== null) {
    const hasExpired = key.expiryMs !== NO_EXPIRY && key.expiryMs < nowMs;
    if (hasExpired !== expired) return false;
  }
  if (pattern === null) return true;
  const { name } = key;
  return matchGlob(pattern, 0, pattern.length, name, 0, name.length, false);
}
