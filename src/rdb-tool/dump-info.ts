// `disgo-rdb info`: what is in a dump as a whole: version, fields, libraries of functions, data of
// modules, and for each database how many keys of which type there are.

import { NO_EXPIRY } from '../keyspace/database.ts';
import { MIN_VALKEY_VERSION } from '../rdb/format.ts';
import { DumpScan, type DumpVisitor, type ScannedKey } from './dump-scan.ts';
import { typeOfKey } from './key-lines.ts';

interface TypeTotal {
  keys: number;
  /** In the file. */
  bytes: number;
}

interface DatabaseTotal {
  keys: number;
  expires: number;
  expired: number;
  readonly types: Map<string, TypeTotal>;
}

export class DumpInfo implements DumpVisitor {
  readonly scan: DumpScan;
  readonly #nowMs: number;
  readonly #aux: [string, string][] = [];
  readonly #libraries: string[] = [];
  readonly #modules = new Set<string>();
  readonly #databases = new Map<number, DatabaseTotal>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
    this.scan = new DumpScan(nowMs, this);
  }

  aux(name: string, value: string): void {
    this.#aux.push([name, value]);
  }

  functionLibrary(code: Uint8Array): void {
    const head = Buffer.from(code.subarray(0, 1024)).toString('latin1').split('\n')[0] ?? '';
    this.#libraries.push(/\bname=(\S+)/.exec(head)?.[1] ?? '');
  }

  moduleAux(module: string): void {
    this.#modules.add(module);
  }

  key(key: ScannedKey): void {
    const type = typeOfKey(this.scan, key);
    const database = this.#databaseOf(key.db.id);
    database.keys++;
    if (key.expiryMs !== NO_EXPIRY) database.expires++;
    if (key.expiryMs !== NO_EXPIRY && key.expiryMs < this.#nowMs) database.expired++;
    const total = database.types.get(type) ?? { keys: 0, bytes: 0 };
    total.keys++;
    total.bytes += key.fileBytes;
    database.types.set(type, total);
  }

  #databaseOf(id: number): DatabaseTotal {
    let database = this.#databases.get(id);
    if (database === undefined) {
      database = { keys: 0, expires: 0, expired: 0, types: new Map() };
      this.#databases.set(id, database);
    }
    return database;
  }

  /** All of it as one line of JSON. */
  toJson(): string {
    const { version, position } = this.scan;
    const databases = [...this.#databases].map(([db, { types, ...counts }]) => ({
      db,
      ...counts,
      types: Object.fromEntries(types),
    }));
    const info = {
      version,
      writer: version >= MIN_VALKEY_VERSION ? 'valkey' : 'redis',
      bytes: position,
      aux: Object.fromEntries(this.#aux),
      functions: this.#libraries,
      'module-aux': [...this.#modules],
      databases,
    };
    return `${JSON.stringify(info)}\n`;
  }

  toText(): string {
    const { version, position } = this.scan;
    const writer = version >= MIN_VALKEY_VERSION ? 'Valkey' : 'Redis';
    const lines = [`RDB version ${version} (${writer}), ${position} bytes`];
    for (const [name, value] of this.#aux) lines.push(`aux ${name} = ${value}`);
    for (const name of this.#libraries) lines.push(`function library ${name}`);
    for (const name of this.#modules) lines.push(`data of module ${name}`);
    for (const [id, { keys, expires, expired, types }] of this.#databases) {
      lines.push(`db ${id}: ${keys} keys, ${expires} expire, ${expired} have expired`);
      for (const [type, total] of types) {
        lines.push(`  ${type}: ${total.keys} keys, ${total.bytes} bytes in the file`);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}
