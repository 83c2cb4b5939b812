// The end of a server: asked for by a signal, which the next tick of the cron obeys, or by the
// SHUTDOWN command at once. What a signal asked for can be taken back until then.

import type { Config } from '../config/config.ts';
import type { LogLevel, ShutdownRequest } from '../introspection/server-context.ts';

export type ShutdownSignal = 'SIGINT' | 'SIGTERM';

export interface ShutdownHost {
  readonly config: Config;
  readonly engine: { readonly isLoading: boolean };
  /** Saves what must be saved. */
  readonly persistence: { finish(choice: ShutdownRequest): boolean };
  log(level: LogLevel, text: string): void;
  /** Ends everything; the log and the exit of the process come behind it. */
  finish(): void;
}

const CANNOT_SAVE = 'the data cannot be saved';

export class Shutdown {
  readonly #host: ShutdownHost;
  #asked: ShutdownSignal | null = null;
  #hasBegun = false;

  constructor(host: ShutdownHost) {
    this.#host = host;
  }

  /**
   * A signal has come. @returns false when it came again before the first was obeyed: whoever sends
   * SIGINT twice wants the process to end, whatever is lost.
   */
  ask(signal: ShutdownSignal): boolean {
    const { engine } = this.#host;
    if ((this.#asked !== null || this.#hasBegun) && signal === 'SIGINT') {
      this.#host.log('warning', 'You insist... exiting now.');
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

  /** Called by the cron: does what a signal asked for. */
  tick(): void {
    const signal = this.#asked;
    if (signal === null || this.#hasBegun) return;
    const option = signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm';
    const flags: readonly string[] = this.#host.config.values[option];
    const reason = this.begin({
      save: flags.includes('save') ? 'save' : flags.includes('nosave') ? 'nosave' : 'default',
      now: flags.includes('now'),
      force: flags.includes('force'),
    });
    this.#asked = null;
    if (reason !== null) {
      this.#host.log(
        'warning',
        'Errors trying to shut down the server. Check the logs for more information.',
      );
    }
  }

  /** Begins the end. @returns why that may not be, or null. */
  begin(request: ShutdownRequest): string | null {
    if (this.#hasBegun) return 'a shutdown is under way';
    this.#host.log('notice', 'User requested shutdown...');
    if (!this.#host.persistence.finish(request)) return CANNOT_SAVE;
    this.#hasBegun = true;
    this.#host.finish();
    return null;
  }

  /** Takes back what a signal asked for. @returns false when there is nothing to take back. */
  abort(): boolean {
    if (this.#asked === null) return false;
    this.#asked = null;
    this.#host.log('notice', 'Shutdown manually aborted.');
    return true;
  }
}
