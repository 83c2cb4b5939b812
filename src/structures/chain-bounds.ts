// The longest chains that were met in tables whose entries lie unevenly, as they do when a client
// has removed what it scanned: what remains shares the lower bits of its hashes, and in the smaller
// table that is made for it a few buckets hold everything. Who chooses at random must know how long
// a chain may be; of almost all tables nothing is kept here.

/** At one entry per bucket, one chain of a million is longer. */
const USUAL = 8;
const MOST_TABLES = 64;

interface Known {
  readonly buckets: number;
  readonly count: number;
  readonly bound: number;
}

export class ChainBounds {
  readonly #known: Map<number, Known> = new Map();

  /**
   * How long a chain of a table may be.
   * @param table the block of the table, of so many buckets and entries
   */
  of(table: number, buckets: number, count: number): number {
    const usual = USUAL * Math.ceil(count / buckets);
    if (this.#known.size === 0) return usual;
    const known = this.#known.get(table);
    if (known === undefined) return usual;
    // The block may be another dict's by now; and what was removed may have made it even again.
    if (known.buckets === buckets && count * 2 > known.count) return Math.max(known.bound, usual);
    this.#known.delete(table);
    return usual;
  }

  /** A chain of so many entries was met. */
  note(table: number, buckets: number, count: number, length: number): void {
    if (this.#known.size >= MOST_TABLES) this.#known.clear();
    this.#known.set(table, { buckets, count, bound: length });
  }
}
