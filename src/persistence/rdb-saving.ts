// SAVE and BGSAVE: the data set as one file, whole or not at all, and when that happens by itself
// (`save`). SAVE waits for it; BGSAVE takes a snapshot in slices, of which a writer beside the
// server makes the file.

import { constants } from 'node:os';
import { systemWords } from '../config/node-disk.ts';
import { pathIn } from '../runtime/files.ts';
import type { Background } from './background.ts';
import { FinalSave } from './final-save.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { RdbSink } from './rdb-sink.ts';
import { SnapshotFile } from './snapshot-file.ts';
import {
  openFailure,
  type WriterResult,
  type WriterTask,
  writeFailure,
} from './snapshot-writer.ts';
import { writeAllKeys } from './write-all-keys.ts';
import { WriterSink } from './writer-sink.ts';

const PREFIX = 'temp-';
const SUFFIX = '.rdb';
/** After a failure the next try waits so long. */
const RETRY_SECONDS = 5;

export class RdbSaving {
  /** Seconds of the Unix epoch: the last save that worked, and the last that was begun. */
  lastSaveSeconds: number;
  lastTrySeconds = 0;
  lastOk = true;
  /** BGSAVE SCHEDULE, or BGSAVE in a transaction: when nothing else is under way. */
  isScheduled = false;
  saveCount = 0;
  lastDurationSeconds = -1;
  startedMs = -1;
  readonly #host: PersistenceHost;
  readonly #background: Background;
  readonly #finalSave: FinalSave;
  readonly #onStatus: () => void;
  /** Told once how the save that is under way has ended. */
  onEnded: ((error: Error | null) => void) | null = null;
  #dirtyBefore = 0;
  #writerId = 0;

  constructor(host: PersistenceHost, background: Background, onStatus: () => void) {
    this.#host = host;
    this.#background = background;
    this.#finalSave = new FinalSave(host, background);
    this.#onStatus = onStatus;
    this.lastSaveSeconds = Math.floor(host.clock.nowMs() / 1000);
  }

  get isInProgress(): boolean {
    return this.#background.kind === 'rdb';
  }

  /** A snapshot is under way, to a file or to replicas. */
  get isWriting(): boolean {
    return this.isInProgress || this.#background.kind === 'replicas';
  }

  /** Changes since the last save, those a save under way will have written aside. */
  #task(): WriterTask {
    const { values } = this.#host.config;
    return {
      dir: values.dir,
      prefix: PREFIX,
      suffix: SUFFIX,
      finalName: values.dbfilename,
      addsChecksum: values.rdbchecksum,
      syncsOnTheWay: values['rdb-save-incremental-fsync'],
    };
  }

  /** Writes the file and waits for it. @returns false, and says why in the log, on failure */
  save(): boolean {
    return this.#ended(writeSnapshotFile(this.#host, this.#task(), true));
  }

  /** The last save before the end, while nobody is served. @param done told whether it worked */
  saveBeforeExit(done: (failure: string | null) => void): void {
    this.#finalSave.begin(this.#task(), (failure) => {
      this.#ended(failure);
      done(failure);
    });
  }

  /** A second signal: the end may not wait for the save. */
  abandonFinalSave(): void {
    this.#finalSave.abandon();
  }

  #ended(failure: string | null): boolean {
    const { engine, log } = this.#host;
    if (failure !== null) {
      log('warning', failure);
      return false;
    }
    log('notice', 'DB saved on disk');
    engine.dirty = 0;
    this.#saved();
    return true;
  }

  #saved(): void {
    this.lastSaveSeconds = this.#seconds();
    this.#setOk(true);
  }

  #setOk(isOk: boolean): void {
    this.lastOk = isOk;
    this.#onStatus();
  }

  #seconds(): number {
    return Math.floor(this.#host.clock.nowMs() / 1000);
  }

  /** Begins a save beside the server. @returns false, and says why in the log, when it cannot */
  saveInBackground(): boolean {
    const host = this.#host;
    if (this.#background.isBusy) return false;
    this.saveCount++;
    this.#dirtyBefore = host.engine.dirty;
    this.lastTrySeconds = this.#seconds();
    const writer = this.#background.startWriter(this.#task(), (result) => this.#onEnd(result));
    if ('error' in writer) {
      host.log('warning', `Can't save in background: fork: ${writer.error}`);
      this.#setOk(false);
      return false;
    }
    this.#writerId = writer.id;
    host.log('notice', `Background saving started by pid ${writer.id}`);
    this.startedMs = host.clock.nowMs();
    const sink = new RdbSink(host, (bytes, length) => writer.write(bytes, length), {
      isAofBase: false,
      sums: false,
    });
    this.#background.start('rdb', new WriterSink(sink, writer));
    return true;
  }

  #onEnd({ isDone, signal, text }: WriterResult): void {
    if (!this.isInProgress) return;
    const { engine, log } = this.#host;
    if (isDone) {
      log('notice', 'DB saved on disk');
      log('notice', 'Background saving terminated with success');
      engine.dirty = Math.max(0, engine.dirty - this.#dirtyBefore);
      this.#saved();
    } else if (signal === 0) {
      if (text !== '') log('warning', writeFailure(text));
      log('warning', 'Background saving error');
      this.#setOk(false);
    } else {
      log('warning', `Background saving terminated by signal ${signal}`);
      // Whoever ends it so does not mean that anything is wrong.
      if (signal !== constants.signals.SIGUSR1) this.#setOk(false);
    }
    this.#finish(isDone);
  }

  #finish(isDone: boolean): void {
    this.#background.finish();
    this.#tell(isDone ? null : new Error('the snapshot could not be saved'));
    this.lastDurationSeconds = Math.floor((this.#host.clock.nowMs() - this.startedMs) / 1000);
    this.startedMs = -1;
  }

  #tell(error: Error | null): void {
    const told = this.onEnded;
    this.onEnded = null;
    told?.(error);
  }

  /** Ends a save that is under way, as if it had not been begun. */
  kill(): void {
    if (!this.isInProgress) return;
    const id = this.#writerId;
    this.#background.kill();
    this.startedMs = -1;
    this.#tell(new Error('the save was given up'));
    this.#host.log('warning', `Background saving terminated by signal ${SIGUSR1}`);
    const { dir } = this.#host.config.values;
    this.#host.files.removeSoon(pathIn(dir, `${PREFIX}${id}${SUFFIX}`));
  }

  /**
   * FLUSHALL: a save that is under way would bring back what has been deleted, and with save points
   * the file must know of the deletion.
   */
  onFlushedAll(uncounted: number): void {
    this.kill();
    if (this.#host.config.values.save.length === 0) return;
    // What the command still adds to the count is in the file.
    if (this.save()) this.#host.engine.dirty = -uncounted;
  }

  /** What the cron does. */
  tick(): void {
    if (this.#background.isBusy) return;
    const { config, engine, log } = this.#host;
    const seconds = this.#seconds();
    const mayTry = this.lastOk || seconds - this.lastTrySeconds > RETRY_SECONDS;
    for (const { seconds: after, changes } of config.values.save) {
      if (engine.dirty < changes || seconds - this.lastSaveSeconds <= after || !mayTry) continue;
      log('notice', `${changes} changes in ${after} seconds. Saving...`);
      this.saveInBackground();
      return;
    }
    if (this.isScheduled && mayTry && this.saveInBackground()) this.isScheduled = false;
  }
}

const SIGUSR1 = 10;

/**
 * Writes a snapshot file and waits for it.
 * @param isPlain false for the base of an append-only file. @returns why it cannot be, or null
 */
export function writeSnapshotFile(
  host: PersistenceHost,
  task: WriterTask,
  isPlain: boolean,
): string | null {
  let file: SnapshotFile | null = null;
  try {
    const created = new SnapshotFile(host.files, task, host.fileNumber);
    file = created;
    const sink = new RdbSink(host, (bytes, length) => created.write(bytes, length), {
      isAofBase: !isPlain,
      sums: false,
    });
    writeAllKeys(host.engine.keyspace, sink);
    sink.finish();
    created.finish();
    return null;
  } catch (error) {
    const words = systemWords(error);
    if (file === null) return openFailure(task, host.fileNumber, words);
    file.discard();
    return writeFailure(words);
  }
}
