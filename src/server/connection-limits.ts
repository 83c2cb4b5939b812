// How much a client may make the server hold: its request while it is unfinished, its replies while
// it does not read them. Past client-output-buffer-limit it is closed. Without such a limit Redis
// holds whatever comes; here the client's commands wait from HOLD_UP_BYTES on, while what it sends
// is still read, so that a client that sends all before it reads anything is never stuck. Only when
// the memory has passed maxmemory, and no key is left to evict, is a client that does not read held
// up at once and not read from.

import type { BufferClass } from '../engine/client.ts';
import type { MemoryLimit } from '../engine/memory-limit.ts';

/** Output of one turn that is handed to the system at the latest. */
export const TURN_OUTPUT_BYTES: number = 1024 * 1024;
/** Unread output from which on a client's commands wait, where it has no limit. */
export const HOLD_UP_BYTES: number = 16 * 1024 * 1024;
const HOLD_UP_BYTES_WITHOUT_MEMORY = 16 * 1024;
/** What Redis holds in a client's own buffer is no part of the limit. */
const UNLIMITED_BYTES = 16 * 1024;

/** One class of `client-output-buffer-limit`; 0 is no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export const NO_OUTPUT_LIMIT: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };

export interface ConnectionLimits {
  protoMaxBulkBytes: number;
  /** `client-query-buffer-limit` in bytes. */
  queryBufferBytes: number;
  normal: OutputLimit;
  pubsub: OutputLimit;
  /** Output from which on a turn is interrupted: to be sent, or found to be too much. */
  turnOutputBytes: number;
}

/** Of replicas only replication knows what waits for them: it closes them itself. */
export function limitOf(limits: ConnectionLimits, bufferClass: BufferClass): OutputLimit {
  if (bufferClass === 'normal') return limits.normal;
  return bufferClass === 'pubsub' ? limits.pubsub : NO_OUTPUT_LIMIT;
}

/** `turnOutputBytes` for the limits of all classes. */
export function turnOutputBytes({ normal, pubsub }: ConnectionLimits): number {
  let bytes = TURN_OUTPUT_BYTES;
  for (const { hardBytes } of [normal, pubsub]) {
    if (hardBytes > 0) bytes = Math.min(bytes, hardBytes);
  }
  return bytes;
}

/** Whether so many bytes of output are too many. */
export function isPastHardLimit({ hardBytes }: OutputLimit, bytes: number): boolean {
  return hardBytes > 0 && bytes >= hardBytes && bytes > UNLIMITED_BYTES;
}

/** Unread output from which on a client's commands wait. */
export function holdUpBytes({ hardBytes, softBytes }: OutputLimit, memory: MemoryLimit): number {
  if (memory.maxBytes !== 0 && memory.isExceeded) return HOLD_UP_BYTES_WITHOUT_MEMORY;
  return Math.max(HOLD_UP_BYTES, hardBytes, softBytes);
}

/** Room that a buffer of input with `used` bytes may have in advance of its content. */
export function roomWithinLimits(
  { queryBufferBytes }: ConnectionLimits,
  { limitBytes, normalBytes }: { readonly limitBytes: number; readonly normalBytes: number },
  wanted: number,
  used: number,
): number {
  const room = Math.min(wanted, queryBufferBytes);
  return limitBytes === 0 ? room : Math.min(room, used + Math.max(0, limitBytes - normalBytes));
}
