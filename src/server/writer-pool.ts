// Writers that wait for a client with something to say. A client holds one only while it has
// output, so ten thousand idle connections hold none.

import { type ErrorCounter, ReplyWriter } from '../protocol/reply-writer.ts';

/** As many as may wait for the end of a turn. */
const KEPT_WRITERS = 64;

export class WriterPool {
  readonly #free: ReplyWriter[] = [];
  readonly #counter: ErrorCounter;

  constructor(counter: ErrorCounter) {
    this.#counter = counter;
  }

  take(): ReplyWriter {
    return this.#free.pop() ?? new ReplyWriter(this.#counter);
  }

  /** Takes back a writer that holds no output. */
  give(writer: ReplyWriter): void {
    if (this.#free.length < KEPT_WRITERS) this.#free.push(writer);
  }
}
