// `disgo-rdb memory`: keys and bytes of the prefixes of keys, and the largest keys. Bytes are what
// the keys take in disgo's memory (as MEMORY USAGE tells them) or in the file. Prefixes beyond a
// bound are counted together, so that a dump of keys that all differ takes no more than its room.

import { bytesOfKey } from '../keyspace/entry-bytes.ts';
import { DumpScan, type DumpVisitor, type ScannedKey } from './dump-scan.ts';
import { jsonOfBytes } from './json-text.ts';
import { isWanted, type KeyFilter } from './key-filter.ts';
import { typeOfKey } from './key-lines.ts';

const MAX_PREFIXES = 100_000;

export interface PrefixOptions {
  readonly filter: KeyFilter;
  readonly nowMs: number;
  readonly separator: Uint8Array;
  /** Separators that a prefix has at most. */
  readonly depth: number;
  /** Whether bytes are those in disgo's memory, not in the file. */
  readonly inMemory: boolean;
  /** Prefixes and largest keys that are told. */
  readonly limit: number;
}

interface PrefixTotal {
  /** One character a byte; null for those beyond the bound. */
  readonly prefix: string | null;
  keys: number;
  bytes: number;
}

interface LargeKey {
  readonly db: number;
  readonly name: Uint8Array;
  readonly type: string;
  readonly bytes: number;
}

export class PrefixReport implements DumpVisitor {
  readonly scan: DumpScan;
  readonly #options: PrefixOptions;
  readonly #totals = new Map<string, PrefixTotal>();
  readonly #others: PrefixTotal = { prefix: null, keys: 0, bytes: 0 };
  readonly #all: PrefixTotal = { prefix: null, keys: 0, bytes: 0 };
  /** The largest first. */
  readonly #largest: LargeKey[] = [];

  constructor(options: PrefixOptions) {
    this.#options = options;
    this.scan = new DumpScan(options.nowMs, this);
  }

  key(key: ScannedKey): void {
    const { filter, nowMs, inMemory } = this.#options;
    const type = typeOfKey(this.scan, key);
    if (!isWanted(filter, key, type, nowMs)) return;
    const inDisgo = inMemory && key.ref !== 0;
    const bytes = inDisgo ? bytesOfKey(this.scan.keyspace, key.ref, 0) : key.fileBytes;
    const total = this.#totalOf(key.name);
    for (const each of [total, this.#all]) {
      each.keys++;
      each.bytes += bytes;
    }
    this.#keepIfLarge(key, type, bytes);
  }

  #totalOf(name: Uint8Array): PrefixTotal {
    const prefix = this.#prefixOf(name);
    const known = this.#totals.get(prefix);
    if (known !== undefined) return known;
    if (this.#totals.size >= MAX_PREFIXES) return this.#others;
    const total = { prefix, keys: 0, bytes: 0 };
    this.#totals.set(prefix, total);
    return total;
  }

  #prefixOf(name: Uint8Array): string {
    const { separator, depth } = this.#options;
    const bytes = Buffer.from(name.buffer, name.byteOffset, name.length);
    let end = 0;
    for (let i = 0; i < depth; i++) {
      const at = bytes.indexOf(separator, end);
      if (at < 0) break;
      end = at + separator.length;
    }
    return bytes.toString('latin1', 0, end);
  }

  #keepIfLarge({ db, name }: ScannedKey, type: string, bytes: number): void {
    const largest = this.#largest;
    const { limit } = this.#options;
    if (largest.length === limit && bytes <= (largest.at(-1)?.bytes ?? 0)) return;
    let at = largest.length;
    while (at > 0 && (largest[at - 1]?.bytes ?? 0) < bytes) at--;
    largest.splice(at, 0, { db: db.id, name: name.slice(), type, bytes });
    if (largest.length > limit) largest.pop();
  }

  #sorted(): { shown: PrefixTotal[]; rest: PrefixTotal } {
    const totals = [...this.#totals.values()].sort((a, b) => b.bytes - a.bytes);
    const shown = totals.slice(0, this.#options.limit);
    const rest = { ...this.#others };
    for (const total of totals.slice(this.#options.limit)) {
      rest.keys += total.keys;
      rest.bytes += total.bytes;
    }
    return { shown, rest };
  }

  /** The report as one line of JSON. */
  toJson(): string {
    const { shown, rest } = this.#sorted();
    const { keys, bytes } = this.#all;
    const prefixes = shown.map((total) => {
      const prefix = Buffer.from(total.prefix ?? '', 'latin1');
      const text = jsonOfBytes(prefix, 0, prefix.length);
      return `{"prefix":${text},"keys":${total.keys},"bytes":${total.bytes}}`;
    });
    const largest = this.#largest.map(({ db, name, type, bytes: size }) => {
      const text = jsonOfBytes(name, 0, name.length);
      return `{"db":${db},"key":${text},"type":"${type}","bytes":${size}}`;
    });
    const where = this.#options.inMemory ? 'memory' : 'file';
    return (
      `{"bytes-in":"${where}","keys":${keys},"bytes":${bytes},"prefixes":[${prefixes}],` +
      `"others":{"keys":${rest.keys},"bytes":${rest.bytes}},"largest":[${largest}]}\n`
    );
  }

  /** The report as tables. */
  toText(): string {
    const { shown, rest } = this.#sorted();
    const { keys, bytes } = this.#all;
    const where = this.#options.inMemory ? "in disgo's memory" : 'in the file';
    const lines = [`${keys} keys, ${bytes} bytes ${where}`, '', row('bytes', 'keys', 'prefix')];
    for (const total of shown) {
      const prefix = Buffer.from(total.prefix ?? '', 'latin1');
      const text = prefix.length === 0 ? '(none)' : jsonOfBytes(prefix, 0, prefix.length);
      lines.push(row(total.bytes, total.keys, text));
    }
    if (rest.keys > 0) lines.push(row(rest.bytes, rest.keys, '(others)'));
    lines.push('', row('bytes', 'type', 'largest keys'));
    for (const { db, name, type, bytes: size } of this.#largest) {
      const text = jsonOfBytes(name, 0, name.length);
      lines.push(row(size, type, db === 0 ? text : `${text} (db ${db})`));
    }
    return `${lines.join('\n')}\n`;
  }
}

function row(first: string | number, second: string | number, rest: string): string {
  return `${String(first).padStart(14)} ${String(second).padStart(12)}  ${rest}`;
}
