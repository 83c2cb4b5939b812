// What the engine knows of the server as a whole: conditions under which commands must be looked at
// more closely, and counts. The conditions are one word too, 0 for most servers: with it, and with
// what sets its client apart, a command that may simply run costs two looks in place of a dozen.

import type { ReplyError } from '../protocol/reply-errors.ts';
import type { Role } from './checks.ts';
import type { Suspension } from './suspension.ts';

/** `maxmemory` is set. */
export const COND_MEMORY_LIMIT = 1;
/** The disk fails. */
const COND_DISK_ERROR = 2;
/** The server is a replica, or a master that needs replicas. */
const COND_ROLE = 4;
const COND_LOADING = 8;
/** A command has given way before its end. */
const COND_SUSPENDED = 16;
/** Commands are held back. */
export const COND_PAUSED = 32;

export class EngineState {
  /** Bits of COND_... */
  conditions = 0;
  /** A replica loads its master's data beside its own, which clients go on reading. */
  isLoadingAside = false;
  /** Changes since the last save, as INFO's rdb_changes_since_last_save. */
  dirty = 0;
  /** Commands that ran. */
  totalCommands = 0;
  totalErrorReplies = 0;
  /** The error that was counted last. */
  lastError: ReplyError | null = null;
  /** Errors by their code. */
  readonly errorCounts: Map<string, number> = new Map();
  #role: Role | null = null;
  #isLoading = false;
  #diskError: ReplyError | null = null;
  #suspended: Suspension | null = null;

  /** Says whether a condition holds. @param bit one of COND_... */
  setCondition(bit: number, holds: boolean): void {
    this.conditions = holds ? this.conditions | bit : this.conditions & ~bit;
  }

  /** Null for a master that takes all writes. */
  get role(): Role | null {
    return this.#role;
  }

  set role(role: Role | null) {
    this.#role = role;
    this.setCondition(COND_ROLE, role !== null);
  }

  /** The data set is being loaded. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  set isLoading(isLoading: boolean) {
    this.#isLoading = isLoading;
    this.setCondition(COND_LOADING, isLoading);
  }

  /** Set while the disk fails: what writes are answered with. */
  get diskError(): ReplyError | null {
    return this.#diskError;
  }

  set diskError(error: ReplyError | null) {
    this.#diskError = error;
    this.setCondition(COND_DISK_ERROR, error !== null);
  }

  /** The command that has given way before its end, or null. */
  get suspended(): Suspension | null {
    return this.#suspended;
  }

  set suspended(suspended: Suspension | null) {
    this.#suspended = suspended;
    this.setCondition(COND_SUSPENDED, suspended !== null);
  }

  /** Counts an error reply that is sent. */
  countError(error: ReplyError): void {
    const { code } = error;
    this.lastError = error;
    this.totalErrorReplies++;
    this.errorCounts.set(code, (this.errorCounts.get(code) ?? 0) + 1);
  }
}
