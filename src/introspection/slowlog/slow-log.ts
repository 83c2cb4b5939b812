// The slow log: the last commands that took longer than they should, newest first, with their
// arguments cut short. It owns copies of what it shows.

import type { Client } from '../../engine/client.ts';
import type { Args } from '../../protocol/args.ts';
import { REDACTED } from './redaction.ts';

const MAX_ARGUMENTS = 32;
const MAX_ARGUMENT_BYTES = 128;

export interface SlowLogEntry {
  readonly id: number;
  /** Second of the Unix epoch. */
  readonly timeSeconds: number;
  readonly usec: number;
  readonly args: readonly Uint8Array[];
  readonly address: string;
  readonly clientName: string;
}

export class SlowLog {
  /** Entries that are kept; `slowlog-max-len`. */
  #maxCount = 128;
  readonly #entries: SlowLogEntry[] = [];
  #nextId = 0;

  get count(): number {
    return this.#entries.length;
  }

  /** Keeps at most so many entries, from now on and of those that there are. */
  setMaxCount(maxCount: number): void {
    this.#maxCount = maxCount;
    this.#trim();
  }

  /** Adds a call. `secrets` are the indexes of arguments that must not be shown. */
  add(
    client: Client,
    args: Args,
    secrets: readonly number[],
    usec: number,
    timeSeconds: number,
  ): void {
    this.#entries.unshift({
      id: this.#nextId++,
      timeSeconds,
      usec: Math.floor(usec),
      args: shortened(args, secrets),
      address: client.transport.remoteAddress,
      clientName: client.name,
    });
    this.#trim();
  }

  #trim(): void {
    if (this.#entries.length > this.#maxCount) this.#entries.length = this.#maxCount;
  }

  /** The newest entries, at most `count`. */
  newest(count: number): readonly SlowLogEntry[] {
    return this.#entries.slice(0, count);
  }

  reset(): void {
    this.#entries.length = 0;
  }
}

/**
 * Copies of the arguments; of many only the first, of long ones only the beginning, and how much is
 * missing.
 */
function shortened(args: Args, secrets: readonly number[]): Uint8Array[] {
  const shownCount = args.count > MAX_ARGUMENTS ? MAX_ARGUMENTS - 1 : args.count;
  const shown: Uint8Array[] = [];
  for (let i = 0; i < shownCount; i++) {
    const length = args.lengths[i]!;
    if (secrets.includes(i)) {
      shown.push(Buffer.from(REDACTED));
    } else if (length > MAX_ARGUMENT_BYTES) {
      const start = args.bytes.subarray(args.offsets[i]!, args.offsets[i]! + MAX_ARGUMENT_BYTES);
      const rest = Buffer.from(`... (${length - MAX_ARGUMENT_BYTES} more bytes)`);
      shown.push(Buffer.concat([start, rest]));
    } else {
      shown.push(args.slice(i));
    }
  }
  const missing = args.count - shownCount;
  if (missing > 0) shown.push(Buffer.from(`... (${missing} more arguments)`));
  return shown;
}
