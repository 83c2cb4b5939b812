// The one place for work that a Redis server gives to a child process: a snapshot, a rewrite of the
// append-only file, or the data set on its way to replicas. Only one is under way at a time. It
// drives the walk in slices of a quarter of a millisecond, between which clients are served, and
// stops while the sink does not take more.

import type { Keyspace } from '../keyspace/keyspace.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { type SnapshotSink, SnapshotWalk } from './snapshot-walk.ts';
import type { WriterResult, WriterStart, WriterTask } from './snapshot-writer.ts';

/** `final` is the save before the end, for which nobody but signals is heard. */
export type BackgroundKind = 'rdb' | 'aof' | 'replicas' | 'final';

/** A sink that tells when it takes more, and when it is to end. */
export interface BackgroundSink extends SnapshotSink {
  /** Called by whoever drives it; the sink calls it when `isFull` has become false. */
  onRoom: () => void;
  /** All keys have been given. */
  end(): void;
  /** The snapshot is not wanted any more. */
  kill(): void;
}

/** As long as what fifty clients ask for in one turn takes. */
const SLICE_MS = 0.25;
/** Microseconds between keys that are worth a slice of their own. */
const USEC_PER_MS = 1000;

export class Background {
  kind: BackgroundKind | null = null;
  walk: SnapshotWalk | null = null;
  startedMs = 0;
  /** Writers that were started, and microseconds that the last start took. */
  startCount = 0;
  lastStartUsec = 0;
  readonly #host: PersistenceHost;
  #sink: BackgroundSink | null = null;
  #isPlanned = false;
  #isStopped = false;
  /** Called when there is a child and there was none, or the reverse. */
  onChange: () => void = () => {};
  /** Called when a snapshot begins, and when it has ended. */
  onSnapshot: (isUnderWay: boolean) => void = () => {};

  constructor(host: PersistenceHost) {
    this.#host = host;
  }

  /** Something is under way. */
  get isBusy(): boolean {
    return this.kind !== null;
  }

  #keyspace(): Keyspace {
    return this.#host.engine.keyspace;
  }

  /** Starts a writer of snapshots. */
  startWriter(task: WriterTask, onEnd: (result: WriterResult) => void): ReturnType<WriterStart> {
    const { clock, startWriter, recordLatency } = this.#host;
    const startMs = clock.monotonicMs();
    const writer = startWriter(task, onEnd);
    const durationMs = clock.monotonicMs() - startMs;
    this.lastStartUsec = Math.round(durationMs * USEC_PER_MS);
    this.startCount++;
    recordLatency('fork', Math.floor(durationMs));
    return writer;
  }

  /** Begins: the snapshot shows the data set as it is now. */
  start(kind: BackgroundKind, sink: BackgroundSink): void {
    this.kind = kind;
    this.startedMs = this.#host.clock.nowMs();
    this.#sink = sink;
    this.onSnapshot(true);
    this.walk = new SnapshotWalk(this.#keyspace(), sink);
    sink.onRoom = () => this.#plan();
    this.walk.onHurry = () => this.#plan();
    this.onChange();
    this.#plan();
  }

  /** What was begun has ended, in whatever way; a walk that goes on does so for nobody. */
  finish(): void {
    const { walk } = this;
    this.kind = null;
    this.#sink = null;
    this.walk = null;
    this.onSnapshot(false);
    walk?.abort();
    // What is left of the walk only paints.
    if (walk !== null && walk.state !== 'done') this.#repaint(walk);
    this.onChange();
  }

  /** Ends what is under way and throws it away. @returns whether there was something */
  kill(): boolean {
    const sink = this.#sink;
    if (this.kind === null) return false;
    this.finish();
    sink?.kill();
    return true;
  }

  /** No slice runs any more: the server ends. */
  stop(): void {
    this.kill();
    this.#isStopped = true;
  }

  #plan(): void {
    if (this.#isPlanned || this.walk === null || this.walk.state === 'done') return;
    this.#isPlanned = true;
    this.#host.timers.soon(this.#run);
  }

  readonly #run = (): void => {
    this.#isPlanned = false;
    const { walk } = this;
    const sink = this.#sink;
    if (walk === null || sink === null || this.#isStopped) return;
    const delayUsec = this.#host.config.values['rdb-key-save-delay'];
    if (delayUsec > 0) {
      this.#runSlowly(walk, sink, delayUsec);
      return;
    }
    const { clock } = this.#host;
    const endMs = clock.monotonicMs() + SLICE_MS;
    walk.keysPerLook = KEYS_PER_LOOK;
    const hasMore = walk.step(() => clock.monotonicMs() < endMs);
    if (!hasMore) sink.end();
    else if (!walk.isStuck) this.#plan();
  };

  /** `rdb-key-save-delay`: so many microseconds a key, without holding the server up. */
  #runSlowly(walk: SnapshotWalk, sink: BackgroundSink, delayUsec: number): void {
    const { clock, timers } = this.#host;
    walk.keysPerLook = 1;
    const elapsedUsec = (clock.nowMs() - this.startedMs) * USEC_PER_MS;
    const isDue = (): boolean => walk.writtenCount * delayUsec < elapsedUsec;
    if (isDue() && !walk.step(isDue)) {
      // The time for the last keys passes too.
      const restUsec = walk.keyCount * delayUsec - elapsedUsec;
      timers.after(Math.max(0, restUsec / USEC_PER_MS), () => {
        if (this.walk === walk) sink.end();
      });
      return;
    }
    this.#isPlanned = true;
    timers.after(Math.min(100, Math.max(1, delayUsec / USEC_PER_MS)), this.#run);
  }

  #repaint(walk: SnapshotWalk): void {
    this.#host.timers.soon(() => {
      const { clock } = this.#host;
      const endMs = clock.monotonicMs() + SLICE_MS;
      if (this.#isStopped || walk.state === 'done') return;
      if (walk.step(() => clock.monotonicMs() < endMs)) this.#repaint(walk);
    });
  }
}

/** Keys that are written between two looks at the clock. */
const KEYS_PER_LOOK = 32;
