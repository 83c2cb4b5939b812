// `disgo-rdb keys`: a line of JSON for each key.
//
//   {"db":0,"key":"k","type":"hash","encoding":"hash-listpack","elements":2,"size":31,
//    "expiry":1700000000000,"idle":5,"freq":3,"value":[["f","v"]]}
//
// `size` is in the file; expiry, idle and freq are there where the file has them, value on demand.

import { NO_EXPIRY } from '../keyspace/database.ts';
import { rdbTypeName } from '../rdb/type-names.ts';
import { TYPE_STRING, typeOf } from '../structures/entry.ts';
import { typeName } from '../values/type-names.ts';
import { DumpScan, type DumpVisitor, type ScannedKey } from './dump-scan.ts';
import { jsonOfBytes, type Put } from './json-text.ts';
import { isWanted, type KeyFilter } from './key-filter.ts';
import { ValueJson } from './value-json.ts';

/** The name of a key's type, as TYPE answers it; `module` for a value of a module. */
export function typeOfKey(scan: DumpScan, key: ScannedKey): string {
  return key.ref === 0 ? 'module' : typeName(typeOf(scan.keyspace.arena, key.ref));
}

/** Elements of a value, bytes of a string. */
function sizeOfValue(scan: DumpScan, ref: number): string {
  const { arena, strings, values } = scan.keyspace;
  const type = typeOf(arena, ref);
  if (type !== TYPE_STRING) return `"elements":${values.of(type).count(ref)}`;
  strings.view(ref);
  return `"length":${strings.length}`;
}

export interface KeyLinesOptions {
  readonly filter: KeyFilter;
  readonly hasValues: boolean;
  readonly nowMs: number;
}

export class KeyLines implements DumpVisitor {
  readonly scan: DumpScan;
  readonly #options: KeyLinesOptions;
  readonly #put: Put;
  readonly #values: ValueJson;

  constructor(options: KeyLinesOptions, put: Put) {
    this.#options = options;
    this.#put = put;
    this.scan = new DumpScan(options.nowMs, this);
    this.#values = new ValueJson(this.scan.keyspace, put);
  }

  key(key: ScannedKey): void {
    const { filter, hasValues, nowMs } = this.#options;
    const type = typeOfKey(this.scan, key);
    if (!isWanted(filter, key, type, nowMs)) return;
    const { ref, name } = key;
    const parts = [
      `{"db":${key.db.id},"key":${jsonOfBytes(name, 0, name.length)},"type":"${type}"`,
      `"encoding":"${rdbTypeName(key.rdbType)}"`,
    ];
    if (key.module !== '') parts.push(`"module":${JSON.stringify(key.module)}`);
    if (ref !== 0) parts.push(sizeOfValue(this.scan, ref));
    parts.push(`"size":${key.fileBytes}`);
    if (key.expiryMs !== NO_EXPIRY) parts.push(`"expiry":${key.expiryMs}`);
    if (key.idleSeconds >= 0) parts.push(`"idle":${key.idleSeconds}`);
    if (key.frequency >= 0) parts.push(`"freq":${key.frequency}`);
    this.#put(parts.join(','));
    if (hasValues && ref !== 0) {
      this.#put(',"value":');
      this.#values.write(ref);
    }
    this.#put('}\n');
  }
}
