// Messages to clients that are not being served at the moment: they leave when the events at hand
// have been served, so that all messages of a turn to one client are one write. A message is one
// piece of memory, however many clients it goes to.

import type { Timers } from '../runtime/clock.ts';

/** A connection with messages that wait. */
export interface PushSender {
  sendPushes(): void;
}

export class PushRound {
  #senders: PushSender[] = [];
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** A connection has its first message of the round. */
  add(sender: PushSender): void {
    this.#senders.push(sender);
    if (this.#senders.length === 1) this.#timers.soon(() => this.#flush());
  }

  #flush(): void {
    const senders = this.#senders;
    this.#senders = [];
    for (const sender of senders) sender.sendPushes();
  }
}
