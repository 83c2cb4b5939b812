// What the platform tells and does about memory: resident size, and having unused buffers
// given back.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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

/** Bytes of unused buffers for which it is worth calling the collector. */
export const COLLECT_FROM_BYTES: number = 4 * 1024 * 1024;
/** So much off the heap makes V8 look for buffers that nobody uses. */
const PRESSURE_BYTES = 128 * 1024 * 1024;

/**
 * Has the memory of buffers that nobody uses any more given back to the system within some ms. A
 * collector that sees only the small heap would not come by for long; a large buffer makes it, of
 * which no byte is touched. It marks beside the main thread and frees on a thread of its own.
 *
 * A buffer could be given back at once by transferring it to nobody. But with the first one that is
 * detached V8 throws away all code that it has compiled for typed arrays, and what it compiles from
 * then on looks each time whether an array is still there: 5 to 9 % of a GET or SET.
 */
export function collectBuffers(): void {
  try {
    // As a call, since a bundler leaves out a `new` whose object nobody uses.
    Reflect.construct(ArrayBuffer, [PRESSURE_BYTES]);
  } catch {
    // Where there is no room for it, V8 has been collecting already.
  }
}

/** Of JavaScript's heap, the part that may be used before programs are refused more. */
const HEAP_PART = 0.8;

/** Bytes of JavaScript's heap that may still be used. */
export function heapRoom(): number {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  return heap_size_limit * HEAP_PART - used_heap_size;
}

/** What must be free after a collection for it to have been worth its time. */
const WORTH_PART = 0.1;

/**
 * Collects JavaScript's heap at once, which takes some 100 ms for each gigabyte that is in use:
 * what `heapRoom` sees as used may have been left behind long ago.
 * @returns whether programs may have more.
 */
export function makeHeapRoom(): boolean {
  collectHeap();
  return heapRoom() > getHeapStatistics().heap_size_limit * WORTH_PART;
}

export function collectHeap(): void {
  if (globalThis.gc !== undefined) {
    // Node was started with it, and whoever did that wants to keep it.
    void globalThis.gc();
    return;
  }
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // V8 keeps compiled code by its flags, so they are left as they were.
  setFlagsFromString('--no-expose-gc');
  collect();
}
