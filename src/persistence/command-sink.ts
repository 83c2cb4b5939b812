// The sink of a rewrite that writes commands: `aof-use-rdb-preamble no`.

import { latin1Bytes } from '../bytes/ascii.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { copyKey } from '../structures/entry.ts';
import { RespBuffer } from './resp-buffer.ts';
import { RewriteCommands } from './rewrite-commands.ts';
import type { SnapshotSink } from './snapshot-walk.ts';
import type { TakeBytes } from './snapshot-writer.ts';

/** Bytes that are handed on together. */
const CHUNK_BYTES = 64 * 1024;
/** Commands of a value that are written at once. */
const COMMANDS_PER_STEP = 64;
const NO_DATABASE = -1;

export class CommandSink implements SnapshotSink {
  readonly #give: TakeBytes;
  readonly #out = new RespBuffer();
  readonly #commands: RewriteCommands;
  /** Keys that stand behind the one that is under way. */
  readonly #aside = new RespBuffer();
  readonly #asideCommands: RewriteCommands;
  readonly #keyspace: Keyspace;
  #database = NO_DATABASE;
  #asideDatabase = NO_DATABASE;
  #open: Generator<void, void, void> | null = null;
  #openKey: Uint8Array = new Uint8Array(0);
  #openExpiryMs = -1;

  /** @param give takes bytes before it returns: they are overwritten afterwards */
  constructor(keyspace: Keyspace, give: TakeBytes) {
    this.#keyspace = keyspace;
    this.#give = give;
    this.#commands = new RewriteCommands(keyspace, this.#out);
    this.#asideCommands = new RewriteCommands(keyspace, this.#aside);
  }

  readonly isFull = false;

  /** What stands in front of the keys: a note of the time, functions. */
  preface(secondsOrNull: number | null, functions: readonly Uint8Array[]): void {
    if (secondsOrNull !== null) {
      const note = latin1Bytes(`#TS:${secondsOrNull}\r\n`);
      this.#out.raw(note, note.length);
    }
    for (const code of functions) {
      this.#out.command(3);
      this.#out.text('FUNCTION');
      this.#out.text('LOAD');
      this.#out.bulk(code, 0, code.length);
    }
  }

  beginDatabase(): void {}

  beginKey(databaseId: number, ref: number, expiryMs: number): boolean {
    if (databaseId !== this.#database) {
      this.#database = databaseId;
      select(this.#out, databaseId);
    }
    this.#openKey = copyKey(this.#keyspace.arena, ref);
    this.#openExpiryMs = expiryMs;
    this.#open = this.#commands.write(this.#openKey, ref);
    return this.writeMore();
  }

  writeMore(): boolean {
    const open = this.#open;
    if (open === null) return true;
    for (let i = 0; i < COMMANDS_PER_STEP; i++) {
      if (open.next().done !== true) continue;
      expire(this.#out, this.#openKey, this.#openExpiryMs);
      this.#open = null;
      this.#appendAside();
      this.#giveChunk(CHUNK_BYTES);
      return true;
    }
    this.#giveChunk(CHUNK_BYTES);
    return false;
  }

  writeAside(databaseId: number, ref: number, expiryMs: number): void {
    if (this.#open === null) {
      if (!this.beginKey(databaseId, ref, expiryMs)) while (!this.writeMore());
      return;
    }
    if (databaseId !== this.#asideDatabase) {
      this.#asideDatabase = databaseId;
      select(this.#aside, databaseId);
    }
    const key = copyKey(this.#keyspace.arena, ref);
    for (const _ of this.#asideCommands.write(key, ref));
    expire(this.#aside, key, expiryMs);
  }

  #appendAside(): void {
    if (this.#aside.length === 0) return;
    this.#aside.giveTo((bytes, length) => this.#out.raw(bytes, length));
    this.#database = this.#asideDatabase;
    this.#asideDatabase = NO_DATABASE;
  }

  #giveChunk(fromBytes: number): void {
    if (this.#out.length >= fromBytes) this.#out.giveTo(this.#give);
  }

  /** All keys have been given. */
  finish(): void {
    this.#giveChunk(1);
  }
}

function select(out: RespBuffer, databaseId: number): void {
  out.command(2);
  out.text('SELECT');
  out.integer(databaseId);
}

function expire(out: RespBuffer, key: Uint8Array, expiryMs: number): void {
  if (expiryMs < 0) return;
  out.command(3);
  out.text('PEXPIREAT');
  out.bulk(key, 0, key.length);
  out.integer(expiryMs);
}
