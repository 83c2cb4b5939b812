// MEMORY DOCTOR: looks at the figures for what usually goes wrong, and says it in words.

import type { ServerContext } from '../server-context.ts';
import { type MemoryReport, ratio } from './memory-report.ts';

const MEGABYTE = 1024 * 1024;
const SMALL_BYTES = 5 * MEGABYTE;
const NOTABLE_BYTES = 10 * MEGABYTE;
const LARGE_CLIENT_BYTES = 200 * 1024;

/** The report; its last line ends with a line end. */
export function memoryAdvice(report: MemoryReport, context: ServerContext): string {
  const { usedBytes, peakBytes, allocatedBytes, activeBytes, mappedBytes, residentBytes } = report;
  if (usedBytes < SMALL_BYTES) {
    return 'There is very little data here, too little to say anything about its memory.\n';
  }
  const isLarger = (large: number, small: number, limit: number): boolean =>
    ratio(large, small) > limit && large - small > NOTABLE_BYTES;
  const clientCount = Math.max(1, context.engine.clients.count);
  const found: string[] = [];
  if (peakBytes / usedBytes > 1.5) {
    found.push(
      'Peak: much more memory was in use at some time than now. What the process got then may ' +
        'still be counted as resident; MEMORY PURGE gives free parts back to the system.',
    );
  }
  if (isLarger(activeBytes, allocatedBytes, 1.1)) {
    found.push(
      'Holes: many blocks of the slabs are free. They are filled again before new memory is ' +
        'taken, and compaction joins them when they are many.',
    );
  }
  if (isLarger(mappedBytes, activeBytes, 1.1)) {
    found.push('Free pages: the system gave more than is in use. MEMORY PURGE gives it back.');
  }
  if (isLarger(residentBytes, mappedBytes, 1.1)) {
    found.push(
      'Beside the data: the process holds much memory that is not the data set, such as buffers ' +
        'of clients and the heap of JavaScript.',
    );
  }
  if (report.clientBytes / clientCount > LARGE_CLIENT_BYTES) {
    found.push(
      'Clients: they hold more than 200 kB each on average. Some may read their replies too ' +
        'slowly, or send very large commands; CLIENT LIST shows which.',
    );
  }
  if (found.length === 0) return 'No problem with the memory was found.\n';
  return `What was found:\n\n${found.map((line) => ` * ${line}\n`).join('\n')}`;
}
