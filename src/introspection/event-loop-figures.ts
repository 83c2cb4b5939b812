// What INFO tells of the event loop: its turns, the time in which it did not wait, and of that what
// the cron took. Node counts for the whole process; what it had counted when CONFIG RESETSTAT was
// called is left out.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { eventLoopBusyUsec, eventLoopCycles } from './info/platform.ts';
import { Rate } from './rate.ts';

export class EventLoopFigures {
  /** Milliseconds of the cron. */
  cronMs: number = DOUBLE_ZERO;
  readonly cycleRate: Rate = new Rate();
  /** Microseconds per turn: its clock is the number of turns. */
  readonly busyRate: Rate = new Rate();
  #cyclesBefore = 0;
  #busyUsecBefore = 0;

  get cycles(): number {
    return eventLoopCycles() - this.#cyclesBefore;
  }

  get busyUsec(): number {
    return eventLoopBusyUsec() - this.#busyUsecBefore;
  }

  /** Takes samples of the rates: some times a second. */
  sample(nowMs: number): void {
    const cycles = eventLoopCycles();
    this.cycleRate.sample(cycles, nowMs);
    this.busyRate.sample(eventLoopBusyUsec(), cycles * 1000);
  }

  reset(): void {
    this.cronMs = 0;
    this.#cyclesBefore = eventLoopCycles();
    this.#busyUsecBefore = eventLoopBusyUsec();
    this.cycleRate.reset();
    this.busyRate.reset();
  }
}
