// The append-only file that is written to: hears every command that changes data, keeps the bytes
// of one turn of the event loop together and writes them before the first reply of that turn
// leaves. With `appendfsync always` they are on the disk by then, one sync for all clients of the
// turn; with `everysec` the sync is made beside the server once a second. A write that fails is
// taken back and tried again; meanwhile the server refuses writes. See docs/internals/aof.md.

import { copyBytes } from '../bytes/copy.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { writeInteger } from '../bytes/integer.ts';
import { systemWords } from '../config/node-disk.ts';
import { type Journal, TO_AOF } from '../engine/propagation.ts';
import type { PersistenceHost } from './persistence-host.ts';

export type SyncPolicy = 'always' | 'everysec' | 'no';

/** What the log asks of whoever puts persistence together. */
export interface AofLogHost {
  /** A snapshot or a rewrite is being written. */
  readonly hasBackgroundWriter: boolean;
  /** The state of the file has changed: writes must be refused, or no longer. */
  onStatus(): void;
}

const FIRST_BYTES = 64 * 1024;
/** A buffer that grew is given back when it is written. */
const KEPT_BYTES = 1024 * 1024;
/** Seconds between two lines about the same failure. */
const ERROR_LOG_SECONDS = 30;
/** A write waits so long for a sync that is under way. */
const MOST_POSTPONED_SECONDS = 2;
const ROOM_FOR_SELECT = 64;
const NO_DATABASE = -1;
const MULTI = new Uint8Array(Buffer.from('*1\r\n$5\r\nMULTI\r\n'));
const EXEC = new Uint8Array(Buffer.from('*1\r\n$4\r\nEXEC\r\n'));
const SELECT = new Uint8Array(Buffer.from('*2\r\n$6\r\nSELECT\r\n$'));
const TIMESTAMP = new Uint8Array(Buffer.from('#TS:'));

export class AofLog implements Journal {
  readonly target: number = TO_AOF;
  policy: SyncPolicy = 'everysec';
  /** False while there is no file to write to. */
  isListening = false;
  /** `no-appendfsync-on-rewrite` and `aof-timestamp-enabled`. */
  skipsSyncOnRewrite = false;
  notesTime = false;
  lastWriteFailed = false;
  /** What the system said of the last failure. */
  lastFailure = '';
  /** Set when a sync beside the server has failed, until one works. */
  lastSyncFailed = false;
  /** Bytes in the file that is written to. */
  fileBytes: number = DOUBLE_ZERO;
  /** Bytes that were ever appended, and of those what is on the disk. */
  appendedBytes: number = DOUBLE_ZERO;
  syncedBytes: number = DOUBLE_ZERO;
  /** Offset of the stream of replication up to which all is on the disk. */
  syncedStreamOffset: number = DOUBLE_ZERO;
  delayedSyncs = 0;
  /** Milliseconds that writes have taken. */
  writeMs: number = DOUBLE_ZERO;
  /** Called when `syncedBytes` has grown. */
  onSynced: () => void = () => {};
  readonly #host: PersistenceHost;
  readonly #owner: AofLogHost;
  #fd = -1;
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  #used = 0;
  #database = NO_DATABASE;
  #notedSecond = 0;
  /** A unit has begun; MULTI is written when it has a command for us. */
  #isUnitOpen = false;
  #hasMulti = false;
  #isPlanned = false;
  #isSyncing = false;
  /** Files of before whose last bytes are being synced: later bytes do not count before theirs. */
  #closingCount = 0;
  /** Counts files: the end of a sync of another one says nothing. */
  #fileNumber = 0;
  /** Bytes of the file that no sync has been asked for yet. */
  #hasUnsynced = false;
  #lastSyncSecond = 0;
  #postponedSinceSecond = 0;
  #lastErrorSecond = 0;
  readonly #run = (): void => {
    this.#isPlanned = false;
    this.flush(false);
  };

  constructor(host: PersistenceHost, owner: AofLogHost) {
    this.#host = host;
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  get bufferedBytes(): number {
    return this.#used;
  }

  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** Room of the buffer, which used_memory counts. */
  get roomBytes(): number {
    return this.isOpen ? this.#bytes.length : 0;
  }

  #second(): number {
    return Math.floor(this.#host.clock.nowMs() / 1000);
  }

  /** Writes to another file from now on; what was buffered has been written. */
  switchTo(fd: number, fileBytes: number): void {
    this.#closeBehindSync();
    this.#fd = fd;
    this.#fileNumber++;
    this.fileBytes = fileBytes;
    // Nothing would be written to the new file, and so no sync tried, while one counts as failed.
    this.#hasUnsynced = this.lastSyncFailed;
    this.#database = NO_DATABASE;
    this.#lastSyncSecond = this.#second();
  }

  /** The file of before is synced beside the server, and closed then. */
  #closeBehindSync(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    const { files } = this.#host;
    const { appendedBytes } = this;
    this.#fd = -1;
    this.#closingCount++;
    files.syncSoon(fd, (error) => {
      this.#closingCount--;
      if (error !== null) this.#syncFailed(error);
      else {
        this.#syncWorked();
        const isAllSynced = !this.#hasUnsynced && !this.#isSyncing;
        this.#onSynced(isAllSynced ? this.appendedBytes - this.#used : appendedBytes);
      }
      files.close(fd);
    });
  }

  #syncWorked(): void {
    if (!this.lastSyncFailed) return;
    this.lastSyncFailed = false;
    this.#owner.onStatus();
  }

  /** Writes and syncs all there is, and closes the file. */
  close(): void {
    const { files, log } = this.#host;
    if (this.#fd < 0) return;
    this.flush(true);
    try {
      files.sync(this.#fd);
      this.#onSynced(this.appendedBytes);
    } catch (error) {
      log('warning', `Fail to fsync the AOF file: ${systemWords(error)}`);
    }
    files.close(this.#fd);
    this.#fd = -1;
    this.forget();
  }

  /** Syncs what was written: nothing more is coming. */
  syncBeforeExit(): void {
    const { files, log } = this.#host;
    try {
      files.sync(this.#fd);
      this.#onSynced(this.appendedBytes - this.#used);
    } catch (error) {
      log('warning', `Fail to fsync the AOF file: ${systemWords(error)}.`);
    }
  }

  /** Throws away what is buffered, and the file as it is now, with what was wrong with it. */
  drop(): void {
    if (this.#fd >= 0) this.#host.files.close(this.#fd);
    this.#fd = -1;
    this.forget();
    this.lastWriteFailed = false;
    this.lastSyncFailed = false;
    this.#owner.onStatus();
  }

  /** Throws away what has not been written. */
  forget(): void {
    this.#used = 0;
    this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#database = NO_DATABASE;
    this.#hasUnsynced = false;
    this.#postponedSinceSecond = 0;
  }

  /** The next command says its database: the file may be read without those before it. */
  forgetDatabase(): void {
    this.#database = NO_DATABASE;
  }

  append(dbId: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.isListening) return;
    if (this.notesTime) this.#noteTime();
    if (this.#isUnitOpen && !this.#hasMulti) {
      this.#hasMulti = true;
      this.#put(MULTI, 0, MULTI.length);
    }
    if (dbId !== this.#database) this.#select(dbId);
    this.#put(bytes, start, end);
    this.#host.engine.propagation.aofOffset = this.appendedBytes;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#host.timers.soon(this.#run);
  }

  begin(): void {
    this.#isUnitOpen = true;
    this.#hasMulti = false;
  }

  end(): void {
    if (this.#hasMulti) {
      this.#put(EXEC, 0, EXEC.length);
      this.#host.engine.propagation.aofOffset = this.appendedBytes;
    }
    this.#isUnitOpen = false;
    this.#hasMulti = false;
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#used + length > this.#bytes.length) this.#makeRoom(length);
    copyBytes(this.#bytes, this.#used, bytes, start, length);
    this.#used += length;
    this.appendedBytes += length;
  }

  #makeRoom(count: number): void {
    const needed = this.#used + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }

  #select(dbId: number): void {
    this.#database = dbId;
    this.#put(SELECT, 0, SELECT.length);
    this.#makeRoom(ROOM_FOR_SELECT);
    const digits = dbId < 10 ? 1 : String(dbId).length;
    const from = this.#used;
    this.#number(digits);
    this.#number(dbId);
    this.appendedBytes += this.#used - from;
  }

  /** A number and a line end; there is room. */
  #number(value: number): void {
    const bytes = this.#bytes;
    const end = this.#used + writeInteger(bytes, this.#used, value);
    bytes[end] = 13;
    bytes[end + 1] = 10;
    this.#used = end + 2;
  }

  #noteTime(): void {
    const second = this.#second();
    if (second <= this.#notedSecond) return;
    this.#notedSecond = second;
    this.#put(TIMESTAMP, 0, TIMESTAMP.length);
    this.#makeRoom(ROOM_FOR_SELECT);
    const from = this.#used;
    this.#number(second);
    this.appendedBytes += this.#used - from;
  }

  /** Called before replies leave: what they answer to is written. */
  readonly beforeReplies = (): void => {
    if (this.#used !== 0) this.flush(false);
  };

  /**
   * Writes what is buffered, and syncs by the policy.
   * @param isForced also while a sync is under way
   */
  flush(isForced: boolean): void {
    if (this.#fd < 0) return;
    if (this.#used !== 0) {
      if (this.#isPostponed(isForced)) return;
      if (!this.#write()) return;
    }
    if (this.#hasUnsynced) this.#syncByPolicy();
  }

  /** A disk that is busy syncing would hold the write up, and all clients with it. */
  #isPostponed(isForced: boolean): boolean {
    if (isForced || this.policy !== 'everysec' || !this.#isSyncing) return false;
    const second = this.#second();
    if (this.#postponedSinceSecond === 0) {
      this.#postponedSinceSecond = second;
      return true;
    }
    if (second - this.#postponedSinceSecond < MOST_POSTPONED_SECONDS) return true;
    this.delayedSyncs++;
    this.#host.log(
      'notice',
      'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without ' +
        'waiting for fsync to complete, this may slow down Redis.',
    );
    return false;
  }

  /** @returns whether all was written */
  #write(): boolean {
    const { files, clock, debug } = this.#host;
    const usec = debug.aofFlushSleepUsec ?? 0;
    if (usec > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, usec / 1000);
    const startMs = clock.monotonicMs();
    const length = this.#used;
    let written = 0;
    let failure: unknown = null;
    try {
      while (written < length) {
        written += files.write(this.#fd, this.#bytes, written, length - written);
      }
    } catch (error) {
      failure = error;
    }
    this.#recordWrite(clock.monotonicMs() - startMs);
    this.#postponedSinceSecond = 0;
    if (failure !== null) {
      this.#writeFailed(failure, written);
      return false;
    }
    if (this.lastWriteFailed) {
      this.#host.log('warning', 'AOF write error looks solved, Redis can write again.');
      this.lastWriteFailed = false;
      this.#owner.onStatus();
    }
    this.#took(length);
    return true;
  }

  #recordWrite(durationMs: number): void {
    const host = this.#host;
    this.writeMs += durationMs;
    const ms = Math.floor(durationMs);
    if (ms < 1) return;
    const event = this.#isSyncing
      ? 'aof-write-pending-fsync'
      : this.#owner.hasBackgroundWriter
        ? 'aof-write-active-child'
        : 'aof-write-alone';
    host.recordLatency(event, ms);
    host.recordLatency('aof-write', ms);
  }

  /** The first `count` bytes of the buffer are in the file. */
  #took(count: number): void {
    this.fileBytes += count;
    this.#hasUnsynced = true;
    if (count < this.#used) {
      this.#bytes.copyWithin(0, count, this.#used);
      this.#used -= count;
      return;
    }
    this.#used = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
  }

  #writeFailed(error: unknown, written: number): void {
    const { files, log, exit } = this.#host;
    const second = this.#second();
    const isLogged = second - this.#lastErrorSecond > ERROR_LOG_SECONDS;
    if (isLogged) this.#lastErrorSecond = second;
    const tell = (text: string): void => {
      if (isLogged) log('warning', text);
    };
    let kept = 0;
    if (written === 0) tell(`Error writing to the AOF file: ${systemWords(error)}`);
    else {
      tell(
        'Short write while writing to the AOF file: ' +
          `(nwritten=${written}, expected=${this.#used})`,
      );
      try {
        files.truncateOpen(this.#fd, this.fileBytes);
      } catch (truncateError) {
        kept = written;
        tell(
          'Could not remove short write from the append-only file.  Redis may refuse to load the ' +
            `AOF the next time it starts.  ftruncate: ${systemWords(truncateError)}`,
        );
      }
    }
    if (this.policy === 'always') {
      log(
        'warning',
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
      // A server inside another program stays, and refuses writes as with other policies.
      exit(1);
    }
    if (kept > 0) this.#took(kept);
    this.lastWriteFailed = true;
    this.lastFailure = written > 0 ? 'No space left on device' : systemWords(error);
    this.#owner.onStatus();
  }

  #syncByPolicy(): void {
    if (this.policy === 'no') return;
    if (this.skipsSyncOnRewrite && this.#owner.hasBackgroundWriter) return;
    if (this.policy === 'always') this.#syncNow();
    else if (this.#second() > this.#lastSyncSecond && !this.#isSyncingAny()) this.#syncSoon();
  }

  #isSyncingAny(): boolean {
    return this.#isSyncing || this.#closingCount > 0;
  }

  #syncNow(): void {
    const { files, clock, log, exit } = this.#host;
    const startMs = clock.monotonicMs();
    try {
      files.sync(this.#fd);
    } catch (error) {
      log(
        'warning',
        "Can't persist AOF for fsync error when the AOF fsync policy is 'always': " +
          `${systemWords(error)}. Exiting...`,
      );
      exit(1);
      this.#refuse(error);
      return;
    }
    this.#syncWorked();
    this.#host.recordLatency('aof-fsync-always', Math.floor(clock.monotonicMs() - startMs));
    this.#hasUnsynced = false;
    this.#lastSyncSecond = this.#second();
    // Otherwise the end of the earlier file's sync tells it.
    if (this.#closingCount > 0) return;
    this.syncedStreamOffset = this.#host.streamOffset();
    this.#onSynced(this.appendedBytes - this.#used);
  }

  #syncSoon(): void {
    const fileNumber = this.#fileNumber;
    const upTo = this.appendedBytes - this.#used;
    const streamOffset = this.#host.streamOffset();
    this.#isSyncing = true;
    this.#hasUnsynced = false;
    this.#lastSyncSecond = this.#second();
    this.#host.files.syncSoon(this.#fd, (error) => {
      this.#isSyncing = false;
      if (fileNumber !== this.#fileNumber || !this.isOpen) return;
      if (error === null) {
        this.#syncWorked();
        this.syncedStreamOffset = streamOffset;
        this.#onSynced(upTo);
        return;
      }
      this.#syncFailed(error);
    });
  }

  /** A sync beside the server, which is tried again. */
  #syncFailed(error: unknown): void {
    if (!this.lastSyncFailed) {
      this.#host.log('warning', `Fail to fsync the AOF file: ${systemWords(error)}`);
    }
    if (!this.isOpen) return;
    this.#hasUnsynced = true;
    this.#refuse(error);
  }

  #refuse(error: unknown): void {
    this.lastSyncFailed = true;
    this.lastFailure = systemWords(error);
    this.#owner.onStatus();
  }

  /** The stream may have gone on with what no file keeps, as messages: nothing waits for a disk. */
  noteRest(): void {
    if (this.#used !== 0 || this.#hasUnsynced || this.#isSyncingAny()) return;
    const offset = this.#host.streamOffset();
    if (offset === this.syncedStreamOffset) return;
    this.syncedStreamOffset = offset;
    this.onSynced();
  }

  #onSynced(upTo: number): void {
    if (upTo <= this.syncedBytes) return;
    this.syncedBytes = upTo;
    this.onSynced();
  }
}
