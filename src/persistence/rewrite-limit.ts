// Rewrites that fail again and again leave many small files, so they are tried less and less often:
// after three failures in a row a minute later, then two, four, up to an hour.

import type { PersistenceHost } from './persistence-host.ts';

const FAILURES = 3;
const MOST_MINUTES = 60;

export class RewriteLimit {
  /** Failures in a row. */
  failures = 0;
  readonly #host: Pick<PersistenceHost, 'clock' | 'log'>;
  #minutes = 0;
  #untilMs = 0;

  constructor(host: Pick<PersistenceHost, 'clock' | 'log'>) {
    this.#host = host;
  }

  onFailure(): void {
    this.failures++;
  }

  /** A rewrite has worked, or somebody asks for one by hand. */
  onSuccess(): void {
    this.failures = 0;
  }

  /** @returns true when no rewrite may begin by itself now */
  isReached(): boolean {
    if (this.failures < FAILURES) {
      this.#minutes = 0;
      this.#untilMs = 0;
      return false;
    }
    const { clock, log } = this.#host;
    const nowMs = clock.nowMs();
    if (this.#untilMs !== 0) {
      if (nowMs < this.#untilMs) return true;
      this.#untilMs = 0;
      return false;
    }
    this.#minutes = Math.min(MOST_MINUTES, this.#minutes === 0 ? 1 : this.#minutes * 2);
    this.#untilMs = nowMs + this.#minutes * 60_000;
    log(
      'warning',
      'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ' +
        `${this.#minutes} minutes`,
    );
    return true;
  }
}
