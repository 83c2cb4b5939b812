// The append-only files of a server: off, on, or waiting for the rewrite that makes them whole
// after they were switched on. Rewrites write a new base beside the server; what is changed
// meanwhile goes to a new incr file, and the manifest says at each moment which files make up the
// data set. See docs/internals/aof.md.

import { constants } from 'node:os';
import { systemWords } from '../config/node-disk.ts';
import { pathIn } from '../runtime/files.ts';
import { AofFolder } from './aof-folder.ts';
import { AofLog } from './aof-log.ts';
import type { Background, BackgroundSink } from './background.ts';
import {
  type Manifest,
  NO_FILES,
  withNewBase,
  withNewIncr,
  withOldIncrAsHistory,
} from './manifest.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { RewriteLimit } from './rewrite-limit.ts';
import type { SnapshotWriter, WriterResult } from './snapshot-writer.ts';

export type AofState = 'off' | 'waits-for-rewrite' | 'on';

/** Makes the sink of a rewrite that sends its bytes to a writer. */
export type RewriteSinkMaker = (
  start: (onEnd: (result: WriterResult) => void) => SnapshotWriter | { readonly error: string },
  onEnd: (result: WriterResult) => void,
) =>
  | { readonly sink: BackgroundSink; readonly writer: SnapshotWriter }
  | { readonly error: string };

const UNWRITTEN = 'what was changed last could not be written to the file in use';
const PREFIX = 'temp-rewriteaof-bg-';
const SUFFIX = '.aof';

export class AppendOnly {
  state: AofState = 'off';
  readonly log: AofLog;
  /** A rewrite is to begin when nothing else is under way. */
  isScheduled = false;
  /** Bytes of all files in use, and how many there were after the last rewrite. */
  currentBytes = 0;
  baseBytes = 0;
  lastRewriteOk = true;
  rewriteCount = 0;
  lastRewriteSeconds = -1;
  rewriteStartedMs = -1;
  readonly limit: RewriteLimit;
  readonly #host: PersistenceHost;
  readonly #background: Background;
  readonly #makeSink: RewriteSinkMaker;
  /** The log has begun to listen, or ceased to. */
  onListening: (isListening: boolean) => void = () => {};
  #folder: AofFolder | null = null;
  /** Bytes of the files before the one that is written to. */
  #earlierBytes = 0;

  constructor(
    host: PersistenceHost,
    background: Background,
    makeSink: RewriteSinkMaker,
    onStatus: () => void,
  ) {
    this.#host = host;
    this.#background = background;
    this.#makeSink = makeSink;
    this.limit = new RewriteLimit(host);
    this.log = new AofLog(host, {
      get hasBackgroundWriter() {
        return background.isBusy;
      },
      onStatus,
    });
  }

  /** The folder, with the names as the configuration has them at the first use. */
  get folder(): AofFolder {
    if (this.#folder !== null) return this.#folder;
    const { files, log, config } = this.#host;
    const { dir, appenddirname, appendfilename } = config.values;
    const settings = { dir, folderName: appenddirname, fileName: appendfilename };
    this.#folder = new AofFolder(files, log, settings);
    return this.#folder;
  }

  /** `dir` has changed: what is written next goes there. */
  forgetFolder(): void {
    const manifest = this.#folder?.manifest;
    this.#folder = null;
    if (manifest !== undefined) this.folder.manifest = manifest;
  }

  /** Reads the manifest once more, and removes what it calls history. @returns whether it could */
  readManifest(): boolean {
    this.folder.manifest = NO_FILES;
    if (!this.folder.load()) return false;
    this.removeHistory();
    return true;
  }

  /** Removes what the manifest calls history, where the configuration allows it. */
  removeHistory(): void {
    if (!this.#host.config.values['aof-disable-auto-gc']) this.folder.removeHistory();
  }

  /** Bytes of all files in use as they are now. */
  get totalBytes(): number {
    return this.#earlierBytes + this.log.fileBytes;
  }

  /**
   * Opens the files at the start, when the data has been loaded, and makes what is missing.
   * @param writeBase writes a base to a path at once. @returns whether it worked
   */
  openAtStart(writeBase: (name: string, path: string) => boolean): boolean {
    const { folder } = this;
    const { log } = this.#host;
    if (!folder.make()) return false;
    let { manifest } = folder;
    const hadIncr = manifest.incr.length > 0;
    if (manifest.base === null && !hadIncr) {
      manifest = withNewBase(manifest, folder.fileName, this.#format());
      const name = manifest.base?.name ?? '';
      if (!writeBase(name, folder.pathOf(name))) return false;
      log('notice', `Creating AOF base file ${name} on server start`);
      this.baseBytes = folder.sizeOf(name);
    }
    if (!hadIncr) manifest = withNewIncr(manifest, folder.fileName);
    const name = manifest.incr.at(-1)?.name ?? '';
    if (!this.#openLog(name, 'append')) return false;
    if (manifest !== folder.manifest && !folder.persist(manifest)) return false;
    this.#earlierBytes = this.#sizeOf(manifest) - this.log.fileBytes;
    log('notice', `${hadIncr ? 'Opening' : 'Creating'} AOF incr file ${name} on server start`);
    this.#setState('on');
    return true;
  }

  #sizeOf({ base, incr }: Manifest): number {
    let sum = 0;
    for (const { name } of base === null ? incr : [base, ...incr]) sum += this.folder.sizeOf(name);
    return sum;
  }

  #format(): string {
    return this.#host.config.values['aof-use-rdb-preamble'] ? 'rdb' : 'aof';
  }

  #openLog(name: string, mode: 'append' | 'overwrite'): boolean {
    const { files, log } = this.#host;
    try {
      const fd = files.open(this.folder.pathOf(name), mode);
      this.log.switchTo(fd, files.sizeOfOpen(fd));
      return true;
    } catch (error) {
      log('warning', `Can't open the append-only file ${name}: ${systemWords(error)}`);
      return false;
    }
  }

  #setState(state: AofState): void {
    const { propagation } = this.#host.engine;
    const listened = this.state !== 'off';
    this.state = state;
    if (state === 'off' && listened) propagation.removeJournal(this.log);
    else if (state !== 'off' && !listened) propagation.addJournal(this.log);
    this.#updateHearing();
  }

  /** While nothing is being rewritten yet there is no file to write to. */
  #updateHearing(): void {
    this.log.isListening =
      this.state === 'on' ||
      (this.state === 'waits-for-rewrite' && this.#background.kind === 'aof');
    this.onListening(this.log.isListening);
  }

  /** CONFIG SET appendonly yes. @returns false when it cannot be */
  start(isInTransaction: boolean): boolean {
    const { log } = this.#host;
    this.#setState('waits-for-rewrite');
    const background = this.#background;
    if (background.isBusy && background.kind !== 'aof') {
      this.isScheduled = true;
      log(
        'notice',
        'AOF was enabled but there is already another background operation. An AOF background was ' +
          'scheduled to start when possible.',
      );
    } else if (isInTransaction) {
      // One from before has no file for what is changed from now on.
      this.killRewrite();
      this.isScheduled = true;
      log(
        'notice',
        'AOF was enabled during a transaction. An AOF background was scheduled to start when ' +
          'possible.',
      );
    } else {
      if (background.kind === 'aof') {
        log(
          'notice',
          'AOF was enabled but there is already an AOF rewriting in background. Stopping ' +
            'background AOF and starting a rewrite now.',
        );
        this.killRewrite();
      }
      if (!this.rewrite()) {
        this.#setState('off');
        log(
          'warning',
          "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. " +
            'Check the above logs for more info about the error.',
        );
        return false;
      }
    }
    this.#forgetErrors();
    return true;
  }

  #forgetErrors(): void {
    const { log } = this.#host;
    if (this.log.lastSyncFailed) {
      log('warning', 'AOF reopen, just ignore the AOF fsync error in bio job');
      this.log.lastSyncFailed = false;
    }
    if (this.log.lastWriteFailed) {
      log('warning', 'AOF reopen, just ignore the last error.');
      this.log.lastWriteFailed = false;
    }
  }

  /** CONFIG SET appendonly no. */
  stop(): void {
    this.#setState('off');
    this.log.close();
    this.isScheduled = false;
    this.killRewrite();
  }

  /** Ends a rewrite that is under way. */
  killRewrite(): void {
    if (this.#background.kind !== 'aof') return;
    this.#host.log('notice', `Killing running AOF rewrite child: ${this.#writerId}`);
    this.#background.kill();
    this.rewriteStartedMs = -1;
    if (this.state === 'waits-for-rewrite') this.#dropTemporaryIncr();
  }

  #writerId = 0;

  /** Begins a rewrite. @returns false, and says why in the log, when it cannot */
  rewrite(): boolean {
    const background = this.#background;
    if (background.isBusy) return false;
    const { folder } = this;
    if (!folder.make()) {
      this.lastRewriteOk = false;
      return false;
    }
    this.log.forgetDatabase();
    this.log.flush(true);
    if (this.log.bufferedBytes > 0) {
      // The new base would contain it, and a new incr file make the same changes once more.
      this.#host.log('warning', `Can't rewrite append only file: ${UNWRITTEN}`);
      this.lastRewriteOk = false;
      return false;
    }
    if (!this.#openNewIncr()) {
      this.lastRewriteOk = false;
      return false;
    }
    this.rewriteCount++;
    return this.#startWriter();
  }

  #startWriter(): boolean {
    const { host, ends } = { host: this.#host, ends: (r: WriterResult) => this.#onEnd(r) };
    const { config, log } = host;
    const task = {
      dir: config.values.dir,
      prefix: PREFIX,
      suffix: SUFFIX,
      finalName: null,
      addsChecksum: config.values['aof-use-rdb-preamble'] && config.values.rdbchecksum,
      syncsOnTheWay: config.values['aof-rewrite-incremental-fsync'],
    };
    this.#formatOfRewrite = this.#format();
    const made = this.#makeSink((onEnd) => this.#background.startWriter(task, onEnd), ends);
    if ('error' in made) {
      this.lastRewriteOk = false;
      log('warning', `Can't rewrite append only file in background: fork: ${made.error}`);
      return false;
    }
    this.#writerId = made.writer.id;
    log('notice', `Background append only file rewriting started by pid ${this.#writerId}`);
    this.isScheduled = false;
    this.rewriteStartedMs = host.clock.nowMs();
    this.#background.start('aof', made.sink);
    this.#updateHearing();
    return true;
  }

  #formatOfRewrite = 'rdb';

  /** What is changed from now on goes to a file of its own. */
  #openNewIncr(): boolean {
    const { folder } = this;
    const { log, files } = this.#host;
    if (this.state === 'off') return true;
    const isTemporary = this.state === 'waits-for-rewrite';
    const manifest = isTemporary ? folder.manifest : withNewIncr(folder.manifest, folder.fileName);
    const name = isTemporary ? folder.temporaryIncrName : (manifest.incr.at(-1)?.name ?? '');
    let fd: number;
    try {
      fd = files.open(folder.pathOf(name), 'overwrite');
    } catch (error) {
      log('warning', `Can't open the append-only file ${name}: ${systemWords(error)}`);
      return false;
    }
    if (!isTemporary && !folder.persist(manifest)) {
      files.close(fd);
      return false;
    }
    log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.#earlierBytes = this.totalBytes;
    this.log.switchTo(fd, 0);
    return true;
  }

  #onEnd(result: WriterResult): void {
    const { log, clock } = this.#host;
    if (this.#background.kind !== 'aof') return;
    const id = this.#writerId;
    if (result.isDone) {
      log('notice', 'Background AOF rewrite terminated with success');
      this.#finishRewrite(id);
    } else {
      // Whoever ends it by that signal does not mean that anything is wrong.
      if (result.signal !== constants.signals.SIGUSR1) this.#rewriteFailed();
      if (result.signal !== 0) {
        log('warning', `Background AOF rewrite terminated by signal ${result.signal}`);
      } else {
        if (result.text !== '') {
          log('warning', `Write error writing append only file on disk: ${result.text}`);
        }
        log('warning', 'Background AOF rewrite terminated with error');
      }
    }
    this.#host.files.removeSoon(this.#temporaryPath(id));
    this.#background.finish();
    this.lastRewriteSeconds = Math.floor((clock.nowMs() - this.rewriteStartedMs) / 1000);
    this.rewriteStartedMs = -1;
    if (this.state === 'waits-for-rewrite') {
      this.#dropTemporaryIncr();
      this.isScheduled = true;
    }
    this.#updateHearing();
  }

  #rewriteFailed(): void {
    this.lastRewriteOk = false;
    this.limit.onFailure();
  }

  #dropTemporaryIncr(): void {
    const { folder } = this;
    this.log.drop();
    const name = folder.temporaryIncrName;
    this.#host.log('notice', `Removing the temp incr aof file ${name} in the background`);
    this.#host.files.removeSoon(folder.pathOf(name));
    this.#updateHearing();
  }

  #temporaryPath(id: number): string {
    return pathIn(this.#host.config.values.dir, `${PREFIX}${id}${SUFFIX}`);
  }

  /** The new base is on the disk: it takes its place, and what it contains becomes history. */
  #finishRewrite(id: number): void {
    const { folder } = this;
    const { log, files } = this.#host;
    const manifest = this.#renameAll(id);
    if (manifest === null) {
      this.#rewriteFailed();
      return;
    }
    const keptCount = this.state === 'off' ? 0 : 1;
    const next = withOldIncrAsHistory(manifest, keptCount);
    if (!folder.persist(next)) {
      files.removeSoon(folder.pathOf(manifest.base?.name ?? ''));
      if (this.state === 'waits-for-rewrite') {
        files.removeSoon(folder.pathOf(manifest.incr.at(-1)?.name ?? ''));
      }
      this.#rewriteFailed();
      return;
    }
    if (this.state !== 'off') {
      this.#earlierBytes = folder.sizeOf(next.base?.name ?? '');
      this.baseBytes = this.totalBytes;
    }
    this.removeHistory();
    this.lastRewriteOk = true;
    this.limit.onSuccess();
    log('notice', 'Background AOF rewrite finished successfully');
    if (this.state === 'waits-for-rewrite') this.#setState('on');
  }

  /** Gives the new files their names. @returns the manifest with them, or null */
  #renameAll(id: number): Manifest | null {
    const { folder } = this;
    const { log, files, clock, recordLatency } = this.#host;
    const temporary = `${PREFIX}${id}${SUFFIX}`;
    let manifest = withNewBase(folder.manifest, folder.fileName, this.#formatOfRewrite);
    const base = manifest.base?.name ?? '';
    const startMs = clock.monotonicMs();
    try {
      files.rename(this.#temporaryPath(id), folder.pathOf(base));
    } catch (error) {
      log(
        'warning',
        `Error trying to rename the temporary AOF base file ${temporary} into ${base}: ` +
          systemWords(error),
      );
      return null;
    }
    recordLatency('aof-rename', Math.floor(clock.monotonicMs() - startMs));
    log('notice', `Successfully renamed the temporary AOF base file ${temporary} into ${base}`);
    if (this.state !== 'waits-for-rewrite') return manifest;
    const from = folder.temporaryIncrName;
    manifest = withNewIncr(manifest, folder.fileName);
    const incr = manifest.incr.at(-1)?.name ?? '';
    try {
      files.rename(folder.pathOf(from), folder.pathOf(incr));
    } catch (error) {
      log(
        'warning',
        `Error trying to rename the temporary AOF incr file ${from} into ${incr}: ` +
          systemWords(error),
      );
      files.removeSoon(folder.pathOf(base));
      return null;
    }
    log('notice', `Successfully renamed the temporary AOF incr file ${from} into ${incr}`);
    return manifest;
  }

  /** What the cron does: rewrites that are due, syncs that wait. */
  tick(): void {
    const { config } = this.#host;
    if (this.isScheduled && !this.#background.isBusy && !this.limit.isReached()) {
      this.rewrite();
    }
    if (this.state === 'off') return;
    if (this.log.isOpen) this.log.flush(false);
    const percentage = config.values['auto-aof-rewrite-percentage'];
    if (this.state !== 'on') return;
    this.log.noteRest();
    if (this.#background.isBusy || percentage === 0) return;
    if (this.totalBytes <= config.values['auto-aof-rewrite-min-size']) return;
    const base = this.baseBytes === 0 ? 1 : this.baseBytes;
    const growth = Math.floor((this.totalBytes * 100) / base) - 100;
    if (growth < percentage || this.limit.isReached()) return;
    this.#host.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`);
    this.rewrite();
  }
}
