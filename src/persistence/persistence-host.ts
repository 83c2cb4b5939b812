// What persistence needs of the server it serves. The server implements it; a test brings a small
// one of its own.

import type { Config } from '../config/config.ts';
import type { Client } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { Files } from '../runtime/files.ts';
import type { WriterStart } from './snapshot-writer.ts';

export type LogLine = (level: 'debug' | 'verbose' | 'notice' | 'warning', text: string) => void;

/** Libraries of functions that are loaded beside those that clients see. */
export interface SpareFunctions {
  /** Loads the code of a library. @returns what is wrong, or '' */
  load(code: Uint8Array): string;
  /** They take the place of all that there are. */
  adopt(): void;
}

export interface PersistenceHost {
  readonly engine: Engine;
  readonly config: Config;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly files: Files;
  /** A part of the names of files that are not whole yet, which no other server has. */
  readonly fileNumber: number;
  /** Starts what writes snapshots beside the server: a child process, or something inside. */
  readonly startWriter: WriterStart;
  readonly log: LogLine;
  /** Records a latency event. */
  recordLatency(event: string, durationMs: number): void;
  /** Switches of DEBUG. */
  readonly debug: {
    readonly aofFlushSleepUsec?: number;
    readonly skipsChecksumValidation?: boolean;
  };
  /** The codes of the function libraries, in the order in which they are to be loaded. */
  functionCodes(): readonly Uint8Array[];
  forgetFunctions(): void;
  /**
   * Loads the code of a library.
   * @param replaces whether it may take the place of one that exists. @returns what is wrong, or ''
   */
  loadFunctions(code: Uint8Array, replaces: boolean): string;
  spareFunctions(): SpareFunctions;
  /** Bytes of the stream of replication up to now. */
  streamOffset(): number;
  /** A key of a snapshot had expired, and was left out; the bytes are true during the call. */
  onExpiredAtLoad(dbId: number, key: Uint8Array): void;
  /** Fields about replication that a snapshot bears. */
  snapshotFields(): readonly (readonly [name: string, value: string])[];
  /** A command of the append-only file has failed, while it is loaded. */
  onAofError(client: Client, error: ReplyError): void;
  /** Ends the process at once: for what must not go on. */
  exit(code: number): void;
}
