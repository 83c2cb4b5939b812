// What the platform tells and does about memory: resident size, and giving a freed buffer back at
// once.

import { getHeapStatistics } from 'node:v8';

/**
 * Bytes from the start of a large ArrayBuffer to the next cache line. The system's allocator puts a
 * header before the block: 16 bytes in glibc, so 48 remain. Elsewhere large blocks begin at a page;
 * where this guess is wrong, only speed is lost.
 */
export const LARGE_BUFFER_ALIGNMENT: number = process.platform === 'linux' ? 48 : 0;

/** Resident bytes of the process. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/**
 * Gives the memory of a buffer that nobody uses any more back to the system now, where the
 * collector would do it at some later time: transferring a buffer to a closed port drops it. Where
 * that does not work nothing is lost.
 */
export function releaseBuffer(buffer: ArrayBuffer): void {
  // Loaded when it is needed: a start is quicker without it.
  const { MessageChannel } = process.getBuiltinModule('node:worker_threads');
  const { port1, port2 } = new MessageChannel();
  port2.close();
  try {
    port1.postMessage(null, [buffer]);
  } catch {
    // The buffer cannot be transferred: the collector frees it.
  }
  port1.close();
}

/** Of JavaScript's heap, the part that may be used before programs are refused more. */
const HEAP_PART = 0.8;

/** Bytes of JavaScript's heap that may still be used. */
export function heapRoom(): number {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  return heap_size_limit * HEAP_PART - used_heap_size;
}
