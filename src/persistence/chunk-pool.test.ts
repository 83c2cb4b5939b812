import { expect, it } from 'vitest';
import { ChunkPool } from './chunk-pool.ts';

const CHUNK_BYTES = 256 * 1024;

interface Sent {
  readonly copy: Uint8Array;
  readonly onSent: () => void;
}

function copied(pool: ChunkPool, bytes: Uint8Array, length: number): Sent[] {
  const sent: Sent[] = [];
  pool.copy(bytes, length, (copy, onSent) => void sent.push({ copy, onSent }));
  return sent;
}

it('copies what is given, in as many buffers as that takes', () => {
  const pool = new ChunkPool();
  const bytes = Uint8Array.from({ length: 2 * CHUNK_BYTES + 9 }, (_, i) => i % 251);
  const sent = copied(pool, bytes, bytes.length - 2);
  expect(sent.map(({ copy }) => copy.length)).toEqual([CHUNK_BYTES, CHUNK_BYTES, 7]);
  const expected = Buffer.from(bytes.subarray(0, bytes.length - 2));
  bytes.fill(0);
  expect(Buffer.concat(sent.map(({ copy }) => copy)).equals(expected)).toBe(true);
  expect(copied(pool, bytes, 0)).toEqual([]);
});

it('uses a buffer again when its bytes have left, and not before', () => {
  const pool = new ChunkPool();
  const bytes = new Uint8Array(10);
  const [first] = copied(pool, bytes, 10);
  const [second] = copied(pool, bytes, 10);
  expect(second!.copy.buffer).not.toBe(first!.copy.buffer);
  first!.onSent();
  const [third] = copied(pool, bytes, 4);
  expect(third!.copy.buffer).toBe(first!.copy.buffer);
  expect(third!.copy.length).toBe(4);
});
