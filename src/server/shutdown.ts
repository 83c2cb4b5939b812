// The end of a server: asked for by a signal, which the next tick of the cron obeys, or by the
// SHUTDOWN command at once. What a signal asked for can be taken back until then.

import type { Config } from '../config/config.ts';
import type { ClientPause } from '../engine/client-registry.ts';
import type { LogLevel, ShutdownRequest } from '../introspection/server-context.ts';
import type { Clock, Timers } from '../runtime/clock.ts';

export type ShutdownSignal = 'SIGINT' | 'SIGTERM';

export interface ShutdownHost {
  readonly config: Config;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly engine: { readonly isLoading: boolean; readonly pause: ClientPause };
  /** Replicas that have not got everything would lose it with this server. */
  readonly replication: {
    lagging(): readonly string[];
    askForAcks(): void;
    readonly replicas: { readonly count: number };
  };
  /** Saves what must be saved. */
  readonly persistence: {
    finish(choice: ShutdownRequest, done: (mayEnd: boolean, failure: string | null) => void): void;
    abandonFinish(): void;
  };
  log(level: LogLevel, text: string): void;
  /** Ends everything; the log and the exit of the process come behind it. */
  finish(): void;
}

const CANNOT_SAVE = 'the data cannot be saved';
const SEE_LOG = 'Errors trying to shut down the server. Check the logs for more information.';
const LOOK_EVERY_MS = 10;
const MS_PER_SECOND = 1000;

interface Waiting {
  readonly request: ShutdownRequest;
  readonly deadlineMs: number;
}

export class Shutdown {
  readonly #host: ShutdownHost;
  #asked: ShutdownSignal | null = null;
  #hasBegun = false;
  /** Why the data could not be saved for the end, or null. */
  failure: string | null = null;
  /** The data is being saved for the end: nobody is served any more. */
  #isSaving = false;
  /** Set while the end waits for replicas. */
  #waiting: Waiting | null = null;
  /** Told when the end that they asked for does not come. */
  #onAborted: (() => void)[] = [];

  constructor(host: ShutdownHost) {
    this.#host = host;
  }

  /**
   * A signal has come. @returns false when it came again before the first was obeyed: whoever sends
   * SIGINT twice wants the process to end, whatever is lost.
   */
  ask(signal: ShutdownSignal): boolean {
    const { engine, persistence } = this.#host;
    if ((this.#asked !== null || this.#isUnderWay()) && signal === 'SIGINT') {
      this.#host.log('warning', 'You insist... exiting now.');
      persistence.abandonFinish();
      return false;
    }
    this.#host.log(
      'warning',
      engine.isLoading
        ? 'Received shutdown signal during loading, scheduling shutdown.'
        : `Received ${signal} scheduling shutdown...`,
    );
    this.#asked = signal;
    return true;
  }

  #isUnderWay(): boolean {
    return this.#hasBegun || this.#isSaving || this.#waiting !== null;
  }

  /** Called by the cron: does what a signal asked for. */
  tick(): void {
    const signal = this.#asked;
    if (signal === null || this.#isUnderWay()) return;
    const option = signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm';
    const flags: readonly string[] = this.#host.config.values[option];
    this.#asked = null;
    this.begin({
      save: flags.includes('save') ? 'save' : flags.includes('nosave') ? 'nosave' : 'default',
      now: flags.includes('now'),
      force: flags.includes('force'),
    });
  }

  /**
   * Begins the end: at once, or when the replicas have everything.
   * @param onAborted told later when it does not come after all.
   * @returns why it may not be, or null.
   */
  begin(request: ShutdownRequest, onAborted: () => void = () => {}): string | null {
    if (this.#hasBegun) return 'a shutdown is under way';
    this.#onAborted.push(onAborted);
    if (this.#isUnderWay()) return null;
    const { config, replication } = this.#host;
    this.#host.log('notice', 'User requested shutdown...');
    const timeoutSeconds = config.values['shutdown-timeout'];
    const mayWait = !request.now && timeoutSeconds !== 0;
    if (!mayWait || replication.lagging().length === 0) return this.#end(request);
    this.#waitForReplicas(request, timeoutSeconds * MS_PER_SECOND);
    return null;
  }

  /** Nothing is written any more until the replicas have everything, or the time is up. */
  #waitForReplicas(request: ShutdownRequest, timeoutMs: number): void {
    const { clock, engine, replication } = this.#host;
    this.#waiting = { request, deadlineMs: clock.nowMs() + timeoutMs };
    replication.askForAcks();
    engine.pause.hold('shutdown');
    this.#host.log('notice', 'Waiting for replicas before shutting down.');
    this.#lookSoon(this.#waiting);
  }

  #lookSoon(waiting: Waiting): void {
    const { timers, clock, replication } = this.#host;
    timers.after(LOOK_EVERY_MS, () => {
      if (this.#waiting !== waiting) return;
      const lagging = replication.lagging();
      if (lagging.length > 0 && clock.nowMs() < waiting.deadlineMs) {
        this.#lookSoon(waiting);
        return;
      }
      this.#tellOfReplicas(lagging);
      this.#end(waiting.request);
    });
  }

  #tellOfReplicas(lagging: readonly string[]): void {
    const { count } = this.#host.replication.replicas;
    for (const line of lagging) this.#host.log('notice', line);
    if (count === 0) return;
    const inSync = count - lagging.length;
    const text = `${inSync} of ${count} replicas are in sync when shutting down.`;
    this.#host.log(lagging.length === 0 ? 'notice' : 'warning', text);
  }

  /** Milliseconds that the end still waits at most, null while it waits for nothing. */
  get remainingMs(): number | null {
    if (this.#waiting === null) return null;
    return Math.max(0, this.#waiting.deadlineMs - this.#host.clock.nowMs());
  }

  /** The server goes on. */
  #giveUp(): void {
    this.#waiting = null;
    this.#host.engine.pause.release('shutdown');
    const told = this.#onAborted;
    this.#onAborted = [];
    for (const tell of told) tell();
  }

  /** @returns why it may not be, when that is known at once, or null */
  #end(request: ShutdownRequest): string | null {
    const { engine, persistence } = this.#host;
    this.#waiting = null;
    this.#isSaving = true;
    // What clients did from now on would not be saved.
    engine.pause.hold('shutdown', 'all');
    persistence.finish(request, (mayEnd, failure) => {
      this.#isSaving = false;
      this.failure = failure;
      if (mayEnd) {
        this.#hasBegun = true;
        this.#host.finish();
        return;
      }
      this.#host.log('warning', SEE_LOG);
      this.#giveUp();
    });
    return this.#isUnderWay() ? null : CANNOT_SAVE;
  }

  /** Takes back what a signal asked for. @returns false when there is nothing to take back. */
  abort(): boolean {
    if (this.#asked === null && this.#waiting === null) return false;
    this.#asked = null;
    if (this.#waiting !== null) this.#giveUp();
    this.#host.log('notice', 'Shutdown manually aborted.');
    return true;
  }
}
