// The stream against a plain array: what is kept, and that views share what they show.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StreamBuffer } from './stream-buffer.ts';

const BACKLOG_BYTES = 20_000;

function read(buffer: StreamBuffer, from: number): number[] {
  const bytes: number[] = [];
  let offset = from;
  while (offset < buffer.end) {
    const view = buffer.view(offset);
    bytes.push(...view);
    offset += view.length;
  }
  return bytes;
}

it('gives back from any kept offset what was appended, and keeps at least the backlog', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 20 }), (sizes) => {
      const buffer = new StreamBuffer(100, BACKLOG_BYTES);
      const all: number[] = [];
      for (const size of sizes) {
        const bytes = Uint8Array.from({ length: size + 2 }, (_, i) => (all.length + i) & 255);
        buffer.append(bytes, 1, size + 1);
        for (let i = 1; i <= size; i++) all.push(bytes[i]!);
        const { isOverfull, start } = buffer;
        buffer.trim(buffer.end);
        expect(buffer.start > start).toBe(isOverfull);
        expect(buffer.end).toBe(100 + all.length);
        expect(buffer.length).toBeGreaterThanOrEqual(Math.min(BACKLOG_BYTES, all.length));
        expect(buffer.length).toBeLessThan(BACKLOG_BYTES + 2 * 16_384);
        expect(read(buffer, buffer.start)).toEqual(all.slice(buffer.start - 100));
      }
    }),
    { numRuns: 50 },
  );
});

it('keeps what a replica still needs', () => {
  const buffer = new StreamBuffer(0, BACKLOG_BYTES);
  const bytes = new Uint8Array(200_000).fill(7);
  buffer.append(bytes, 0, bytes.length);
  buffer.trim(50_000);
  expect(buffer.start).toBeLessThanOrEqual(50_000);
  expect(read(buffer, 50_000).length).toBe(150_000);
  buffer.trim(buffer.end);
  expect(buffer.start).toBeGreaterThan(150_000);
});
