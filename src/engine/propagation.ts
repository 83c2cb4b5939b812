// What is told to the journal (AOF and replicas), in order. What one command of a client causes is
// one unit: EXEC's commands, but also keys that expired on the way. A unit of more than one command
// stands between `begin` and `end`, so that whoever repeats it does so at once or not at all.

import type { Database } from '../keyspace/database.ts';
import type { Engine } from './engine.ts';

/** Parts of a command as it is to be repeated. */
export type Parts = readonly (string | Uint8Array)[];

/** Hears the stream of changes: the AOF and replication. */
export interface Journal {
  /**
   * A command that changed database `db`, as it is to be repeated.
   * @param target `replicas` for what changes no data, as messages: the AOF leaves it out.
   */
  append(db: Database, parts: Parts, target: JournalTarget): void;
  /** What is appended until `end` is one unit: it stands between MULTI and EXEC. */
  begin(): void;
  end(): void;
}

export type JournalTarget = 'all' | 'replicas';

interface Entry {
  readonly db: Database;
  readonly parts: Parts;
  readonly target: JournalTarget;
}

export class Propagation {
  /** Entries of the unit under way, which the journal has not been told. */
  pendingCount = 0;
  #pending: Entry[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Tells the journal at once, or at the end of the command that runs. */
  append(db: Database, parts: Parts, target: JournalTarget = 'all'): void {
    const { journal } = this.#engine;
    if (journal === null) return;
    if (this.#engine.isRunning) this.add(db, parts, target);
    else journal.append(db, parts, target);
  }

  /** Adds to what the command that runs, or has just run, will be told as. */
  add(db: Database, parts: Parts, target: JournalTarget = 'all'): void {
    this.#pending.push({ db, parts, target });
    this.pendingCount++;
  }

  /**
   * A client's command has ended: the journal is told of what it caused.
   * @param isUnit false where each entry stands for itself, however many there are: for commands
   * that delete expired keys anywhere, as SCAN.
   */
  finish(isUnit: boolean): void {
    const pending = this.#pending;
    const { journal } = this.#engine;
    this.#pending = [];
    this.pendingCount = 0;
    if (journal === null) return;
    const wraps = isUnit && pending.length > 1;
    if (wraps) journal.begin();
    for (const { db, parts, target } of pending) journal.append(db, parts, target);
    if (wraps) journal.end();
  }
}
