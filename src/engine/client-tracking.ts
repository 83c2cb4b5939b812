// A client's part of client-side caching, and what the engine tells to whoever remembers what
// clients have read. The feature itself is src/tracking; the engine knows no more of it than this.
// https://redis.io/docs/latest/develop/reference/client-side-caching/

import type { Args } from '../protocol/args.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';

/** Memory that a prefix takes besides its bytes, about. */
const PREFIX_BYTES = 128;

/** Hears of commands while some client tracks keys. */
export interface KeyTracker {
  /** A command ran, by itself or inside another one; its arguments are still true. */
  onRan(command: Command, args: Args): void;
  /** A command of a client was refused; null stands for one that is unknown. */
  onRefused(client: Client, command: Command | null): void;
  /** Does a slice of the work that can wait. @returns true when there is more. */
  step(mayContinue: () => boolean): boolean;
}

/** What CLIENT TRACKING has set for a client. It stays, switched off, after TRACKING OFF. */
export class ClientTracking {
  /** Stands for the client in the table of keys. */
  readonly number: number;
  isOn = false;
  /** BCAST: hears of all keys that begin with its prefixes, whether it read them or not. */
  isBroadcast = false;
  isOptIn = false;
  isOptOut = false;
  isNoLoop = false;
  /** CLIENT CACHING was given for the next command. */
  hasCaching = false;
  /** The client that messages should go to has gone. */
  isBroken = false;
  /** Id of the client that messages go to, 0: to itself. */
  redirectId = 0;
  /** One character a byte, in the order of their bytes; see setPrefixes. */
  prefixes: readonly string[] = [];
  /** Bytes that the prefixes take. */
  prefixBytes = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** @param prefixes in the order of their bytes */
  setPrefixes(prefixes: readonly string[]): void {
    this.prefixes = prefixes;
    this.prefixBytes = 0;
    for (const prefix of prefixes) this.prefixBytes += prefix.length + PREFIX_BYTES;
  }
}
