// Rates as INFO shows them.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';

const SAMPLES = 16;

/** A rate per second over the last samples of a growing counter. */
export class Rate {
  readonly #samples = new Float64Array(SAMPLES);
  #index = 0;
  #lastValue = 0;
  #lastMs: number = DOUBLE_ZERO;

  /** Takes a sample of the counter. */
  sample(value: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (this.#lastMs !== 0 && elapsedMs > 0) {
      this.#samples[this.#index] = ((value - this.#lastValue) * 1000) / elapsedMs;
      this.#index = (this.#index + 1) % SAMPLES;
    }
    this.#lastValue = value;
    this.#lastMs = nowMs;
  }

  /** The mean of the samples, per second. */
  get perSecond(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / SAMPLES;
  }

  reset(): void {
    this.#samples.fill(0);
  }
}
