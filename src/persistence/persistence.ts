// All that keeps the data of a server on disk, put together: snapshots, append-only files, loading
// at the start, saving at the end, and what clients and INFO are told of it.

import { systemWords } from '../config/node-disk.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { Timer } from '../runtime/clock.ts';
import { isMissing, pathIn } from '../runtime/files.ts';
import { AofLoader } from './aof-loader.ts';
import { AppendOnly } from './append-only.ts';
import { Background } from './background.ts';
import { CommandSink } from './command-sink.ts';
import { FileSource } from './file-source.ts';
import { type LoadedPosition, positionIn } from './loaded-position.ts';
import { Loading } from './loading.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { persistenceFields } from './persistence-info.ts';
import { RdbLoad } from './rdb-load.ts';
import { RdbSaving, writeSnapshotFile } from './rdb-saving.ts';
import { RdbSink } from './rdb-sink.ts';
import { ReplicaLoading } from './replica-loading.ts';
import { ReplicaSnapshots } from './replica-snapshots.ts';
import { SnapshotFile } from './snapshot-file.ts';
import type { TakeBytes, WriterTask } from './snapshot-writer.ts';
import { writeAllKeys } from './write-all-keys.ts';
import { WriterSink } from './writer-sink.ts';

/** The data on disk cannot be loaded; the log says why. */
export class LoadError extends Error {
  readonly code = 'DISGO_LOAD';
}

/** How often and how long apart a replica tries to open append-only files for its new data set. */
const MOST_AOF_TRIES = 10;
const AOF_RETRY_MS = 1000;
const AOF_FAILED =
  'Failed enabling the AOF after successful master synchronization! Trying it again in one second.';
const AOF_STAYS_OFF =
  'FATAL: this replica instance finished the synchronization with its master, but the AOF ' +
  "can't be turned on. Exiting now.";
/** Redis's answer to writes after a snapshot has failed. */
const SNAPSHOT_FAILED = replyError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to " +
    'disk. Commands that may modify the data set are disabled, because this instance is ' +
    'configured to report errors during writes if RDB snapshotting fails ' +
    '(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB ' +
    'error.',
);

export interface ShutdownChoice {
  readonly save: 'save' | 'nosave' | 'default';
  readonly force: boolean;
}

export class Persistence {
  readonly background: Background;
  readonly rdb: RdbSaving;
  readonly aof: AppendOnly;
  /** Snapshots that replicas are sent. */
  readonly forReplicas: ReplicaSnapshots;
  /** Takes the snapshot that a master sends. */
  readonly fromMaster: ReplicaLoading;
  readonly loading: Loading;
  loadedKeys = 0;
  expiredKeysAtLoad = 0;
  /** Where the data set that was loaded at the start stands, as far as its file says. */
  loadedPosition: LoadedPosition | null = null;
  readonly #host: PersistenceHost;
  #aofRetry: Timer | null = null;

  constructor(host: PersistenceHost) {
    this.#host = host;
    this.background = new Background(host);
    const onStatus = (): void => this.#updateDiskError();
    this.rdb = new RdbSaving(host, this.background, onStatus);
    this.aof = new AppendOnly(
      host,
      this.background,
      (start, onEnd) => {
        const writer = start(onEnd);
        if ('error' in writer) return writer;
        const give: TakeBytes = (bytes, length) => writer.write(bytes, length);
        const keys = host.config.values['aof-use-rdb-preamble']
          ? new RdbSink(host, give, { isAofBase: true, sums: false })
          : this.#commandSink(give);
        return { sink: new WriterSink(keys, writer), writer };
      },
      onStatus,
    );
    this.forReplicas = new ReplicaSnapshots(host, this.background, this.rdb);
    this.fromMaster = new ReplicaLoading(host, this);
    this.loading = new Loading(host);
    host.engine.onFlushedAll = (uncounted) => {
      // What replicas are being sent would have to be deleted by them at once.
      if (this.background.kind === 'replicas') this.background.kill();
      this.rdb.onFlushedAll(uncounted);
    };
    this.#followConfig();
  }

  #commandSink(give: TakeBytes): CommandSink {
    const { engine, config, clock, functionCodes } = this.#host;
    const sink = new CommandSink(engine.keyspace, give);
    const seconds = config.values['aof-timestamp-enabled']
      ? Math.floor(clock.nowMs() / 1000)
      : null;
    sink.preface(seconds, functionCodes());
    return sink;
  }

  #followConfig(): void {
    const { config, engine } = this.#host;
    const { log } = this.aof;
    config.follow(['appendfsync', 'no-appendfsync-on-rewrite', 'aof-timestamp-enabled'], (v) => {
      log.policy = v.appendfsync;
      log.skipsSyncOnRewrite = v['no-appendfsync-on-rewrite'];
      log.notesTime = v['aof-timestamp-enabled'];
    });
    config.onChange(['appendonly'], ({ appendonly }) => {
      const { aof } = this;
      if (!appendonly && aof.state !== 'off') aof.stop();
      else if (appendonly && aof.state === 'off' && !aof.start(engine.transactions.isExecuting)) {
        return 'Unable to turn on AOF. Check server logs.';
      }
      this.#updateDiskError();
      return null;
    });
    config.onChange(['aof-disable-auto-gc'], () => {
      this.aof.removeHistory();
      return null;
    });
    config.onChange(['dir'], () => {
      this.aof.forgetFolder();
      return null;
    });
    config.onChange(['save', 'stop-writes-on-bgsave-error'], () => {
      this.#updateDiskError();
      return null;
    });
  }

  #updateDiskError(): void {
    this.#host.engine.diskError = this.#diskError();
  }

  #diskError(): ReplyError | null {
    const { values } = this.#host.config;
    const { log, state } = this.aof;
    if (values['stop-writes-on-bgsave-error'] && values.save.length > 0 && !this.rdb.lastOk) {
      return SNAPSHOT_FAILED;
    }
    if (state === 'off' || (!log.lastWriteFailed && !log.lastSyncFailed)) return null;
    return replyError(`MISCONF Errors writing to the AOF file: ${log.lastFailure}`);
  }

  /**
   * Loads what is on the disk and opens the append-only files.
   * @throws LoadError (as a rejection) when the data on disk cannot be used
   */
  async start(): Promise<void> {
    const { config, log, engine, clock } = this.#host;
    const { folder } = this.aof;
    if (!folder.load()) throw new LoadError('the AOF manifest cannot be read');
    const startMs = clock.monotonicMs();
    const seconds = (): string => ((clock.monotonicMs() - startMs) / 1000).toFixed(3);
    if (config.values.appendonly) {
      const result = await this.#loadAof();
      if (result === 'failed') throw new LoadError('the append-only file cannot be loaded');
      if (result !== 'missing') {
        log('notice', `DB loaded from append only file: ${seconds()} seconds`);
      }
    } else {
      const result = await this.#loadRdb();
      if (result === 'ok') log('notice', `DB loaded from disk: ${seconds()} seconds`);
      else if (result === 'failed') {
        log('warning', 'Fatal error loading the DB, check server logs. Exiting.');
        throw new LoadError('the snapshot cannot be loaded');
      }
    }
    engine.isLoading = false;
    engine.keyspace.setNow(clock.nowMs());
    if (config.values.appendonly && !this.aof.openAtStart((name) => this.#writeBase(name))) {
      throw new LoadError('the append-only files cannot be opened');
    }
    // A server that was killed may have left it.
    this.aof.removeHistory();
  }

  async #loadAof(): Promise<string> {
    const { folder } = this.aof;
    if (folder.mustUpgrade && !folder.upgrade()) return 'failed';
    const loader = new AofLoader(this.#host, folder);
    const early = loader.begin();
    if (early !== null) return early;
    await this.loading.run(loader);
    this.#took(loader);
    return loader.result;
  }

  #took(loader: AofLoader): void {
    this.loadedKeys = loader.loadedKeys;
    this.expiredKeysAtLoad = loader.expiredKeys;
    this.aof.baseBytes = loader.baseBytes;
  }

  async #loadRdb(): Promise<'ok' | 'missing' | 'failed'> {
    const load = this.#openRdb(false);
    if (typeof load === 'string') return load;
    await this.loading.run(load);
    this.loadedPosition = positionIn(load.fields);
    return this.#endRdb(load);
  }

  #openRdb(replaces: boolean): RdbLoad | 'missing' | 'failed' {
    const { files, config, log } = this.#host;
    const { dir, dbfilename } = config.values;
    const path = pathIn(dir, dbfilename);
    try {
      const load = new RdbLoad(this.#host, new FileSource(files, path), {
        keepsExpired: false,
        replaces,
      });
      load.totalBytes = files.sizeOf(path);
      return load;
    } catch (error) {
      if (isMissing(error)) return 'missing';
      log(
        'warning',
        `Fatal error: can't open the RDB file ${dbfilename} for reading: ${systemWords(error)}`,
      );
      return 'failed';
    }
  }

  #endRdb(load: RdbLoad): 'ok' | 'failed' {
    load.close();
    this.loadedKeys = load.loadedKeys;
    this.expiredKeysAtLoad = load.expiredKeys;
    return load.fault === null ? 'ok' : 'failed';
  }

  /** Writes the first base of append-only files, and waits for it. */
  #writeBase(name: string): boolean {
    const host = this.#host;
    const { log, config } = host;
    const isRdb = config.values['aof-use-rdb-preamble'];
    const task: WriterTask = {
      dir: this.aof.folder.path,
      prefix: 'temp-rewriteaof-',
      suffix: '.aof',
      finalName: name,
      addsChecksum: isRdb && config.values.rdbchecksum,
      syncsOnTheWay: config.values['aof-rewrite-incremental-fsync'],
    };
    const failure = isRdb ? writeSnapshotFile(host, task, false) : this.#writeCommands(task);
    if (failure === null) return true;
    log('warning', failure);
    return false;
  }

  #writeCommands(task: WriterTask): string | null {
    const { files, engine, fileNumber } = this.#host;
    let file: SnapshotFile | null = null;
    try {
      const created = new SnapshotFile(files, task, fileNumber);
      file = created;
      const sink = this.#commandSink((bytes, length) => created.write(bytes, length));
      writeAllKeys(engine.keyspace, sink);
      sink.finish();
      created.finish();
      return null;
    } catch (error) {
      file?.discard();
      return `Write error writing append only file on disk: ${systemWords(error)}`;
    }
  }

  /** DEBUG RELOAD. @returns the error's text, '' for Redis's plain one, or null */
  reload(saves: boolean, flushes: boolean, merges: boolean): string | null {
    const { log } = this.#host;
    if (saves && !this.rdb.save()) return '';
    if (flushes) this.empty();
    const load = this.#openRdb(merges);
    const failed = 'Error trying to load the RDB dump, check server logs.';
    if (typeof load === 'string') return failed;
    this.loading.runNow(load);
    if (this.#endRdb(load) === 'failed') return failed;
    log('notice', 'DB reloaded by DEBUG RELOAD');
    return null;
  }

  /** Deletes all data. @param inBackground its memory is given back in slices */
  empty(inBackground = false): void {
    const { engine, forgetFunctions } = this.#host;
    engine.keyspace.flushAll(inBackground);
    forgetFunctions();
  }

  /** The data set of a master is here, or is no longer asked for: append-only files begin anew. */
  restartAof(): void {
    this.#tryAof(0);
  }

  #tryAof(failures: number): void {
    const { config, engine, log, timers, exit } = this.#host;
    this.#aofRetry?.stop();
    this.#aofRetry = null;
    if (!config.values.appendonly || this.aof.state !== 'off') return;
    if (failures === MOST_AOF_TRIES) {
      log('warning', AOF_STAYS_OFF);
      exit(1);
      return;
    }
    const isOn = this.aof.start(engine.transactions.isExecuting);
    this.#updateDiskError();
    if (isOn) return;
    log('warning', AOF_FAILED);
    this.#aofRetry = timers.after(AOF_RETRY_MS, () => {
      // Another data set is on its way, with which the files begin when it is here.
      if (!engine.isLoading && !engine.isLoadingAside) this.#tryAof(failures + 1);
    });
  }

  /** DEBUG LOADAOF. @returns the error's text, or null */
  reloadAof(): string | null {
    const { engine, log } = this.#host;
    const { aof } = this;
    if (aof.log.isOpen) aof.log.flush(true);
    this.empty();
    if (!aof.readManifest()) {
      return 'Error trying to load the AOF files, check server logs.';
    }
    const loader = new AofLoader(this.#host, aof.folder);
    let result = loader.begin();
    if (result === null) {
      const { baseBytes } = aof;
      this.loading.runNow(loader);
      this.#took(loader);
      aof.baseBytes = Math.max(baseBytes, loader.baseBytes);
      result = loader.result;
    }
    if (result !== 'ok' && result !== 'empty') {
      return 'Error trying to load the AOF files, check server logs.';
    }
    engine.dirty = 0;
    log('notice', 'Append Only File loaded by DEBUG LOADAOF');
    return null;
  }

  get startCount(): number {
    return this.background.startCount;
  }

  get lastStartUsec(): number {
    return this.background.lastStartUsec;
  }

  get aofWriteMs(): number {
    return this.aof.log.writeMs;
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.background.startCount = 0;
    this.background.lastStartUsec = 0;
    this.rdb.saveCount = 0;
    this.aof.rewriteCount = 0;
    this.aof.limit.failures = 0;
    this.aof.log.delayedSyncs = 0;
    this.aof.log.writeMs = 0;
  }

  fields(): Record<string, string | number> {
    return persistenceFields(this.#host, this);
  }

  /** What the cron does. */
  tick(): void {
    const { engine } = this.#host;
    if (engine.isLoading || engine.isLoadingAside) return;
    this.aof.tick();
    this.rdb.tick();
  }

  /**
   * The server is to end: what is under way ends, and the data is saved where it must be.
   * @param done told, at once or when the data is saved, whether the server may end, and why the
   *   data is not saved
   */
  finish(choice: ShutdownChoice, done: (mayEnd: boolean, failure: string | null) => void): void {
    const { log, engine, config } = this.#host;
    const { aof, rdb, background } = this;
    const force = choice.force;
    if (background.kind === 'rdb' || background.kind === 'replicas') {
      log('warning', 'There is a child saving an .rdb. Killing it!');
      background.kill();
    }
    if (background.kind === 'aof') {
      if (aof.state === 'waits-for-rewrite') {
        log(
          'warning',
          force ? 'Writing initial AOF. Exit anyway.' : "Writing initial AOF, can't exit.",
        );
        if (!force) {
          done(false, null);
          return;
        }
      }
      log('warning', 'There is a child rewriting the AOF. Killing it!');
      aof.killRewrite();
    }
    if (aof.state !== 'off' && aof.log.isOpen) {
      log('notice', 'Calling fsync() on the AOF file.');
      aof.log.flush(true);
      aof.log.syncBeforeExit();
    }
    // What is half loaded must not take the place of the file that it comes from.
    const saves =
      choice.save === 'save' || (config.values.save.length > 0 && choice.save !== 'nosave');
    if (!saves || engine.isLoading) {
      done(true, null);
      return;
    }
    log('notice', 'Saving the final RDB snapshot before exiting.');
    rdb.saveBeforeExit((failure) => {
      if (failure !== null) {
        log(
          'warning',
          force
            ? 'Error trying to save the DB. Exit anyway.'
            : "Error trying to save the DB, can't exit.",
        );
      }
      done(failure === null || force, failure);
    });
  }

  /** Whoever waits for the end does so no longer: a save for it is given up. */
  abandonFinish(): void {
    this.rdb.abandonFinalSave();
  }

  /** Lets everything go, without saving: for a server that is closed. */
  close(): void {
    this.#aofRetry?.stop();
    this.loading.stop();
    this.background.stop();
    if (this.aof.state !== 'off') this.aof.stop();
  }
}
