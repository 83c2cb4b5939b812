// What the platform tells and does about memory: resident size, and giving a freed buffer back at once.

import { MessageChannel } from 'node:worker_threads';

/** Resident bytes of the process. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/**
 * Gives the memory of a buffer that nobody uses any more back to the system now, where the collector would do it at
 * some later time: transferring a buffer to a closed port drops it. Where that does not work nothing is lost.
 */
export function releaseBuffer(buffer: ArrayBuffer): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  try {
    port1.postMessage(null, [buffer]);
  } catch {
    // The buffer cannot be transferred: the collector frees it.
  }
  port1.close();
}
