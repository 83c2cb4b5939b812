// Two ends of a connection inside the process. What one end writes the other gets when the code
// that runs has returned, as from a socket: a user who answers inside a `data` handler would
// otherwise enter the server in the middle of another client's commands, and an error thrown there
// would end them.

import { Duplex } from 'node:stream';
import { whenReturned } from '../runtime/clock.ts';

type Done = () => void;

class End extends Duplex {
  other: End | null = null;
  /** Tells the writer that its bytes have been read. */
  #onRead: Done | null = null;

  override _read(): void {
    const done = this.#onRead;
    this.#onRead = null;
    done?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    whenReturned(() => this.other?.receive(chunk, done));
  }

  override _final(done: Done): void {
    whenReturned(() => {
      this.other?.receive(null, done);
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    done(error);
    whenReturned(() => this.other?.destroy());
  }

  // What clients ask of the socket of a connection, where nothing travels.

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  receive(chunk: Buffer | null, done: Done): void {
    if (this.destroyed || chunk === null || chunk.length === 0) {
      if (chunk === null && !this.destroyed) this.push(null);
      done();
      return;
    }
    this.#onRead = done;
    this.push(chunk);
  }
}

/** @returns the two ends; when one is destroyed, so is the other. */
export function innerPair(): [Duplex, Duplex] {
  const [one, two] = [new End(), new End()];
  one.other = two;
  two.other = one;
  return [one, two];
}
