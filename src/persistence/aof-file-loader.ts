// Loads one append-only file: runs its commands as if a client had sent them, with no checks and
// nobody who hears of it. A file may begin with an RDB snapshot. A last command or transaction that
// is cut off is taken away, where `aof-load-truncated` allows it.

import { systemWords } from '../config/node-disk.ts';
import { Client, MODE_MULTI } from '../engine/client.ts';
import type { Command } from '../engine/command.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { Args } from '../protocol/args.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import { isMissing } from '../runtime/files.ts';
import { AofReader } from './aof-reader.ts';
import { FileSource } from './file-source.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { RdbLoad } from './rdb-load.ts';

export type AofResult = 'ok' | 'cut' | 'empty' | 'missing' | 'failed';

const MAGIC = [82, 69, 68, 73, 83];
const MODE_OF_MULTI = 'multi';

export class AofFileLoader {
  /** Bytes that have been loaded. */
  loadedBytes = 0;
  /** Keys or commands between two questions. */
  itemsPerLook = 64;
  #commandCount = 0;
  /** Keys of the RDB snapshot in front. */
  rdb: RdbLoad | null = null;
  readonly #host: PersistenceHost;
  readonly #name: string;
  readonly #path: string;
  /** The single file of Redis before 7. */
  readonly #isOld: boolean;
  readonly #args = new Args();
  readonly #writer: ReplyWriter;
  readonly #client: Client;
  #source: FileSource | null = null;
  #reader: AofReader | null = null;
  /** The end of the last whole command, and of the last before the transaction that is open. */
  #validBytes = 0;
  #validBeforeMulti = 0;

  constructor(host: PersistenceHost, name: string, path: string, isOld: boolean) {
    this.#host = host;
    this.#name = name;
    this.#path = path;
    this.#isOld = isOld;
    const { engine } = host;
    this.#client = new Client({
      id: 0,
      db: engine.keyspace.databases[0]!,
      transport: NO_TRANSPORT,
      nowMs: engine.nowMs,
    });
    this.#client.mayBlock = false;
    this.#client.isAof = true;
    this.#writer = new ReplyWriter({
      countError: (error) => {
        engine.countError(error);
        host.onAofError(this.#client, error);
      },
    });
  }

  /** Keys and commands that have been loaded. */
  get itemCount(): number {
    return this.#commandCount + (this.rdb?.loadedKeys ?? 0);
  }

  /** Loads for as long as `mayContinue` says so. @returns null while there is more */
  step(mayContinue: () => boolean): AofResult | null {
    const result = this.#step(mayContinue);
    if (result !== null) {
      this.#source?.close();
      this.#host.engine.release(this.#client);
    }
    return result;
  }

  #step(mayContinue: () => boolean): AofResult | null {
    if (this.#source === null) {
      const refusal = this.#open();
      if (refusal !== null) return refusal;
    }
    if (this.rdb !== null && !this.rdb.isDone) {
      const result = this.#stepRdb(this.rdb, mayContinue);
      if (result !== 'next') return result;
    }
    const source = this.#source!;
    this.#reader ??= new AofReader(source);
    try {
      return this.#run(this.#reader, mayContinue);
    } catch (error) {
      this.#host.log(
        'warning',
        `Unrecoverable error reading the append only file ${this.#name}: ${systemWords(error)}`,
      );
      return 'failed';
    }
  }

  #open(): AofResult | null {
    const { files, log } = this.#host;
    try {
      this.#source = new FileSource(files, this.#path);
      const source = this.#source;
      while (source.end < MAGIC.length && source.more());
      if (source.end === 0) return 'empty';
      if (!MAGIC.every((byte, i) => source.bytes[i] === byte)) return null;
      log(
        'notice',
        this.#isOld
          ? 'Reading RDB preamble from AOF file...'
          : 'Reading RDB base file on AOF loading...',
      );
      this.rdb = new RdbLoad(this.#host, source, { keepsExpired: true, replaces: false });
      return null;
    } catch (error) {
      const words = systemWords(error);
      if (isMissing(error)) {
        log('warning', `The append log file ${this.#name} doesn't exist: ${words}`);
        return 'missing';
      }
      log(
        'warning',
        `Fatal error: can't open the append log file ${this.#name} for reading: ${words}`,
      );
      return 'failed';
    }
  }

  #stepRdb(rdb: RdbLoad, mayContinue: () => boolean): AofResult | null | 'next' {
    const { log } = this.#host;
    rdb.itemsPerLook = this.itemsPerLook;
    const hasMore = rdb.step(mayContinue);
    this.loadedBytes = rdb.loadedBytes;
    if (hasMore) return null;
    if (rdb.fault !== null) {
      log(
        'warning',
        this.#isOld
          ? `Error reading the RDB preamble of the AOF file ${this.#name}, AOF loading aborted`
          : `Error reading the RDB base file ${this.#name}, AOF loading aborted`,
      );
      return 'failed';
    }
    this.#validBytes = this.#source!.position;
    if (this.#isOld) log('notice', 'Reading the remaining AOF tail...');
    return 'next';
  }

  #run(reader: AofReader, mayContinue: () => boolean): AofResult | null {
    const args = this.#args;
    const { log } = this.#host;
    for (let untilLook = this.itemsPerLook; ; untilLook--) {
      if (untilLook === 0) {
        if (!mayContinue()) return null;
        untilLook = this.itemsPerLook;
      }
      const item = reader.next(args);
      if (item === 'note') {
        this.loadedBytes = reader.itemEnd;
        continue;
      }
      if (item === 'command') {
        const failure = this.#execute(args);
        if (failure !== null) {
          log('warning', failure);
          return 'failed';
        }
        this.loadedBytes = reader.itemEnd;
        this.#validBytes = reader.itemEnd;
        this.#commandCount++;
        continue;
      }
      if (item === 'bad') return this.#bad();
      if (item !== 'cut' && !this.#isInMulti()) return 'ok';
      return this.#cut();
    }
  }

  #isInMulti(): boolean {
    return (this.#client.modes & MODE_MULTI) !== 0;
  }

  /** Runs a command. @returns why it cannot, or null */
  #execute(args: Args): string | null {
    const { engine } = this.#host;
    const command = engine.commands.resolve(args);
    if (command === null || command.run === null) {
      return `Unknown command '${args.shown(0)}' reading the append only file ${this.#name}`;
    }
    if (args.count < command.minArguments || args.count > command.maxArguments) {
      return this.#badText();
    }
    if (isMulti(command)) this.#validBeforeMulti = this.#validBytes;
    engine.replay(this.#client, command, args, this.#writer);
    this.#writer.reset();
    return null;
  }

  #badText(): string {
    return (
      `Bad file format reading the append only file ${this.#name}: make a backup of your AOF ` +
      'file, then use ./redis-check-aof --fix <filename.manifest>'
    );
  }

  #bad(): AofResult {
    this.#host.log('warning', this.#badText());
    return 'failed';
  }

  /** The end of the file is missing. */
  #cut(): AofResult {
    const { files, log, config } = this.#host;
    const name = this.#name;
    if (this.#isInMulti()) {
      // What is written behind it from now on would be part of the transaction.
      log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`);
      this.#validBytes = this.#validBeforeMulti;
    }
    if (config.values['aof-load-truncated']) {
      log('warning', `!!! Warning: short read while loading the AOF file ${name}!!!`);
      log('warning', `!!! Truncating the AOF ${name} at offset ${this.#validBytes} !!!`);
      try {
        files.truncate(this.#path, this.#validBytes);
        log('warning', `AOF ${name} loaded anyway because aof-load-truncated is enabled`);
        return 'cut';
      } catch (error) {
        log('warning', `Error truncating the AOF file ${name}: ${systemWords(error)}`);
      }
    }
    log(
      'warning',
      `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of ` +
        'your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you ' +
        "can set the 'aof-load-truncated' configuration option to yes and restart the server.",
    );
    return 'failed';
  }
}

function isMulti(command: Command): boolean {
  return command.spec.name === MODE_OF_MULTI;
}
