// How long the longest turn took and how many commands one turn had at most, for INFO debug. A turn
// is what was at hand of one connection: Redis tells the same of what was at hand of all.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';

export class TurnFigures {
  longestMs: number = DOUBLE_ZERO;
  mostCommands = 0;
  #startMs: number = DOUBLE_ZERO;
  #commandsBefore = 0;

  /** A turn begins, at a time of the monotonic clock, after so many commands. */
  begin(nowMs: number, commands: number): void {
    this.#startMs = nowMs;
    this.#commandsBefore = commands;
  }

  /** It ends. */
  end(nowMs: number, commands: number): void {
    const durationMs = nowMs - this.#startMs;
    if (durationMs > this.longestMs) this.longestMs = durationMs;
    const count = commands - this.#commandsBefore;
    if (count > this.mostCommands) this.mostCommands = count;
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.longestMs = 0;
    this.mostCommands = 0;
  }
}
