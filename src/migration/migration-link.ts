// A connection to a server that keys are moved to. One request at a time: it is sent in pieces,
// then its reply is handed out line by line. A piece that is not taken, or a line that does not
// come, within the time limit ends the exchange.

import type { Duplex } from 'node:stream';
import type { Timer, Timers } from '../runtime/clock.ts';

const PIECE_BYTES = 64 * 1024;
const NO_DATABASE = -1;
const LF = 10;
/** Redis hears of these when it writes: it only waits until a connection can be written to. */
const HEARD_LATER: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT'];
/** No line of a reply that is waited for is longer. */
const MAX_LINE_BYTES = 64 * 1024;

/** How an exchange ended: with all lines, or where it broke, and whether because of the time. */
export interface ExchangeEnd {
  readonly failure: 'none' | 'connecting' | 'writing' | 'reading';
  readonly isTimeout: boolean;
}

interface Exchange {
  /** What is sent, made when the connection stands. @returns it and the lines to be expected. */
  readonly request: () => { readonly bytes: Uint8Array; readonly lineCount: number };
  readonly timeoutMs: number;
  readonly onLine: (line: string) => void;
  readonly onEnd: (end: ExchangeEnd) => void;
}

export class MigrationLink {
  /** The database that the other side has selected, or -1 where that is not known. */
  dbId: number = NO_DATABASE;
  isClosed = false;
  readonly #timers: Timers;
  readonly #socket: Duplex;
  #isConnected = false;
  #exchange: Exchange | null = null;
  #phase: 'connecting' | 'writing' | 'reading' = 'connecting';
  #linesLeft = 0;
  #rest: Buffer = Buffer.alloc(0);
  #timer: Timer | null = null;

  /** @param open opens the connection and calls what it gets when bytes can be sent. */
  constructor(timers: Timers, open: (onReady: () => void) => Duplex) {
    this.#timers = timers;
    this.#socket = open(() => this.#onConnected());
    this.#socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (!this.#isConnected && HEARD_LATER.includes(code ?? '')) this.#phase = 'writing';
      this.close();
    });
    this.#socket.on('close', () => this.close());
  }

  /** True while an exchange is under way. */
  get isBusy(): boolean {
    return this.#exchange !== null;
  }

  exchange(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#restart();
    if (this.isClosed) this.#timers.soon(() => this.#end(false));
    else if (this.#isConnected) this.#send();
  }

  /** Ends the connection, and with it what is under way. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#socket.destroy();
    this.#end(false);
  }

  /** The time limit begins anew with every step. */
  #restart(): void {
    this.#timer?.stop();
    const limitMs = this.#exchange?.timeoutMs ?? 0;
    this.#timer = this.#timers.after(limitMs, () => this.#end(true));
  }

  #onConnected(): void {
    this.#isConnected = true;
    if (this.#exchange !== null) this.#send();
  }

  #send(): void {
    const exchange = this.#exchange!;
    const { bytes, lineCount } = exchange.request();
    this.#linesLeft = lineCount;
    this.#phase = 'writing';
    this.#sendFrom(exchange, bytes, 0);
  }

  #sendFrom(exchange: Exchange, bytes: Uint8Array, start: number): void {
    if (this.#exchange !== exchange) return;
    this.#restart();
    if (start >= bytes.length) {
      this.#phase = 'reading';
      if (this.#linesLeft === 0) this.#end(false);
      else this.#takeLines();
      return;
    }
    const end = Math.min(start + PIECE_BYTES, bytes.length);
    this.#socket.write(bytes.subarray(start, end), (error) => {
      if (error === null || error === undefined) this.#sendFrom(exchange, bytes, end);
    });
  }

  #onData(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#phase === 'reading') this.#takeLines();
  }

  #takeLines(): void {
    while (this.#exchange !== null && this.#linesLeft > 0) {
      const end = this.#rest.indexOf(LF);
      if (end < 0) {
        if (this.#rest.length > MAX_LINE_BYTES) this.close();
        return;
      }
      const line = this.#rest.subarray(0, end).toString('latin1').trimEnd();
      this.#rest = this.#rest.subarray(end + 1);
      this.#linesLeft--;
      this.#restart();
      this.#exchange.onLine(line);
    }
    this.#end(false);
  }

  #end(isTimeout: boolean): void {
    this.#timer?.stop();
    this.#timer = null;
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#exchange = null;
    const isWhole = this.#phase === 'reading' && this.#linesLeft === 0;
    const failure = isWhole ? 'none' : this.#phase;
    if (!isWhole) this.close();
    this.#phase = 'writing';
    exchange.onEnd({ failure, isTimeout });
  }
}
