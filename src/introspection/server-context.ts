// What commands that look at or steer the whole server need of it. The server implements this; the
// commands are made by functions that take it, so no module holds state and any number of servers
// live in one process.

import type { Config } from '../config/config.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { ServerStatistics } from './server-statistics.ts';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface ShutdownRequest {
  /** SAVE or NOSAVE was given, or neither: save when there are save points. */
  readonly save: 'save' | 'nosave' | 'default';
  readonly now: boolean;
  readonly force: boolean;
}

/** What INFO and DEBUG ask of what keeps the data on disk. */
export interface PersistenceFacts {
  /** Child processes that were started, and microseconds that the last start took. */
  readonly startCount: number;
  readonly lastStartUsec: number;
  /** Milliseconds that writes to the append-only file have taken. */
  readonly aofWriteMs: number;
  /** CONFIG RESETSTAT. */
  resetStatistics(): void;
  /** The fields of INFO persistence. */
  fields(): Record<string, string | number>;
  /** DEBUG RELOAD. @returns the error's text, '' for one without, or null */
  reload(saves: boolean, flushes: boolean, merges: boolean): string | null;
  /** DEBUG LOADAOF. @returns the error's text or null */
  reloadAof(): string | null;
}

export interface ScriptFacts {
  /** Bytes of the states of Lua. */
  readonly evalStateBytes: number;
  readonly functionStateBytes: number;
  readonly scripts: { readonly count: number; readonly usedBytes: number };
  readonly libraries: {
    readonly count: number;
    readonly functionCount: number;
    readonly usedBytes: number;
  };
}

export interface ServerContext {
  readonly engine: Engine;
  readonly config: Config;
  /** How many channels, patterns and shard channels somebody listens to. */
  readonly pubsub: { count(kind: 'channels' | 'patterns' | 'shards'): number };
  /** How many clients track keys, how many keys, readers of keys and prefixes there are. */
  readonly tracking: {
    readonly clientCount: number;
    readonly keyCount: number;
    readonly itemCount: number;
    readonly prefixCount: number;
  };
  readonly persistence: PersistenceFacts;
  /** What scripts and functions take, and how many there are. */
  readonly scripting: ScriptFacts;
  /** Connections that MIGRATE keeps. */
  readonly migrations?: { readonly linkCount: number };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly statistics: ServerStatistics;
  /** 40 hexadecimal digits, new at each start. */
  readonly runId: string;
  readonly startedMs: number;
  /** Absolute path of redis.conf, '' without one. */
  readonly configFile: string;
  /** Who was told that the server is ready: `no`, `upstart` or `systemd`. */
  readonly supervisor: string;
  /** Path of the program. */
  readonly executable: string;
  /** TCP port that is listened on, 0 for none. */
  readonly port: number;
  /** Addresses as INFO's listener lines show them. */
  readonly listeners: readonly ListenerInfo[];
  /** Bytes from the system for the data set and what this process holds in all. */
  residentBytes(): number;
  /**
   * Begins to shut the server down. @param onAborted called when that is taken back.
   * @returns the reason why it may not, or null.
   */
  shutdown(request: ShutdownRequest, onAborted?: () => void): string | null;
  /** Milliseconds that a shutdown still waits for replicas, null while none does. */
  readonly shutdownInMs?: number | null;
  /**
   * Takes back a shutdown that waits for replicas. @returns false when there is none to take back.
   */
  abortShutdown?(): boolean;
  /**
   * Rewrites redis.conf; with `forceAll` all options are written, changed or not.
   * @returns null when done, or the text of the error reply without its code
   */
  rewriteConfig(forceAll?: boolean): string | null;
  /**
   * Ends the process as if it had crashed (DEBUG SEGFAULT and its kind), after a report in the log.
   * A server that lives in another program's process has none.
   */
  crash?(reason: string): void;
  log(level: LogLevel, text: string): void;
  /** DEBUG PAUSE-CRON and DEBUG REPLYBUFFER, DEBUG SET-ACTIVE-EXPIRE and the like. */
  readonly debug: DebugSwitches;
}

export interface ListenerInfo {
  /** `tcp`, `tls` or `unix`. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Switches of the DEBUG command that the server's cron and connections read. */
export interface DebugSwitches {
  cronIsPaused: boolean;
  /** DEBUG REPLYBUFFER PEAK-RESET-TIME in ms, and whether buffers are resized at all. */
  replyBufferPeakResetMs: number;
  replyBufferResizing: boolean;
  /** Switches of features; whoever has the feature reads its own. Unset: the usual behaviour. */
  /** Microseconds to wait before the AOF is flushed. */
  aofFlushSleepUsec?: number;
  /** DEBUG DICT-RESIZING. */
  resizesDicts?: boolean;
}
