// The clients of a server by their ids, in the order in which they came, and the pause that CLIENT
// PAUSE puts on them.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { TIMER_MAX_MS, type Timer, type Timers } from '../runtime/clock.ts';
import type { Client } from './client.ts';
import { FLAG_MAY_REPLICATE, FLAG_WRITE } from './command.ts';

export type PauseKind = 'all' | 'write';

/** What the server holds commands back for. */
export type HoldPurpose = 'failover' | 'shutdown' | 'migration';

export class ClientRegistry {
  /** Connections accepted since the start, and those turned away at maxclients. */
  totalConnections = 0;
  rejectedConnections = 0;
  readonly #clients: Map<number, Client> = new Map();
  #nextId = 1;

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.totalConnections = 0;
    this.rejectedConnections = 0;
  }

  /** An id that no client of this server had before. */
  takeId(): number {
    return this.#nextId++;
  }

  add(client: Client): void {
    this.#clients.set(client.id, client);
  }

  remove(client: Client): void {
    this.#clients.delete(client.id);
  }

  get(id: number): Client | undefined {
    return this.#clients.get(id);
  }

  get count(): number {
    return this.#clients.size;
  }

  /** All clients, oldest first. */
  all(): IterableIterator<Client> {
    return this.#clients.values();
  }
}

/** Holds commands back until a time: CLIENT PAUSE. */
export class ClientPause {
  #kind: PauseKind | null = null;
  /** What commands are held back for, apart from clients that want it. */
  readonly #holds: Map<HoldPurpose, PauseKind> = new Map();
  #untilMs: number = DOUBLE_ZERO;
  #timer: Timer | null = null;
  readonly #timers: Timers;
  readonly #onChange: (isPaused: boolean) => void;

  /** @param onChange told when a pause begins, and when it has ended. */
  constructor(timers: Timers, onChange: (isPaused: boolean) => void) {
    this.#timers = timers;
    this.#onChange = onChange;
  }

  /** What is held back now, or null. */
  get kind(): PauseKind | null {
    if (this.#holds.size === 0 || this.#kind === 'all') return this.#kind;
    for (const held of this.#holds.values()) if (held === 'all') return 'all';
    return 'write';
  }

  /** Holds writes back, or all commands, until `release` is called for the same purpose. */
  hold(purpose: HoldPurpose, kind: PauseKind = 'write'): void {
    this.#holds.set(purpose, kind);
    this.#onChange(true);
  }

  release(purpose: HoldPurpose): void {
    if (this.#holds.delete(purpose)) this.#onChange(false);
  }

  /** Clients wait for somebody's will, and not just for what this server does in pieces. */
  get isAsked(): boolean {
    return this.#kind !== null || this.#holds.has('shutdown') || this.#holds.has('failover');
  }

  get untilMs(): number {
    return this.#untilMs;
  }

  /**
   * Pauses until a time in ms of the Unix epoch; a running pause is only ever made longer and
   * stricter.
   */
  start(kind: PauseKind, untilMs: number, nowMs: number): void {
    if (this.#kind === null || kind === 'all') this.#kind = kind;
    if (untilMs > this.#untilMs) this.#untilMs = untilMs;
    if (this.#untilMs <= nowMs) {
      this.end();
      return;
    }
    this.#onChange(true);
    this.#startTimer(nowMs);
  }

  #startTimer(nowMs: number): void {
    this.#timer?.stop();
    // It lasts until the millisecond after its last one, as clients that block.
    const leftMs = this.#untilMs + 1 - nowMs;
    const delayMs = Math.min(leftMs, TIMER_MAX_MS);
    this.#timer = this.#timers.after(delayMs, () => {
      if (delayMs < leftMs) this.#startTimer(nowMs + delayMs);
      else this.end();
    });
  }

  /** Ends the pause; what was held back goes on. */
  end(): void {
    this.#timer?.stop();
    this.#timer = null;
    this.#untilMs = 0;
    if (this.#kind === null) return;
    this.#kind = null;
    // Where writes are held back still, who may not go on is held again.
    this.#onChange(false);
  }

  /** True when a command with these flags has to wait. */
  holds(flags: number): boolean {
    const { kind } = this;
    if (kind === null) return false;
    return kind === 'all' || (flags & (FLAG_WRITE | FLAG_MAY_REPLICATE)) !== 0;
  }
}
