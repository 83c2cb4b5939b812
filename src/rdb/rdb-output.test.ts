// Chunks and the machine that packs: what the bytes are, format.test.ts says.

import { expect, it } from 'vitest';
import { SharedLzf } from '../bytes/lzf-machine.ts';
import { RdbOutput } from './rdb-output.ts';

const text = new TextEncoder().encode('abcdefgh'.repeat(100));

function written(options: { chunkBytes?: number; lzf?: SharedLzf }): {
  output: RdbOutput;
  chunks: Uint8Array[];
} {
  const chunks: Uint8Array[] = [];
  const give = (bytes: Uint8Array, length: number): void => {
    chunks.push(bytes.slice(0, length));
  };
  return {
    output: new RdbOutput(give, { compresses: false, checksums: false, ...options }),
    chunks,
  };
}

it('hands on a small chunk first, and then whole ones', () => {
  const { output, chunks } = written({ chunkBytes: 10_000 });
  const bytes = new Uint8Array(40_000).map((_, i) => i);
  for (let at = 0; at < bytes.length; at += 100) output.raw(bytes, at, 100);
  output.flush();
  expect(chunks.map(({ length }) => length)).toEqual([4096, 10_000, 10_000, 10_000, 5904]);
  expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes));
  expect(output.position).toBe(40_000);
});

it('has no chunk larger than it was asked for', () => {
  const { output, chunks } = written({ chunkBytes: 64 });
  for (let i = 0; i < 50; i++) output.length(100_000);
  output.flush();
  expect(chunks.every(({ length }) => length <= 64)).toBe(true);
});

it('packs with the machine that it is given, once it has something to say', () => {
  const lzf = new SharedLzf();
  let asked = 0;
  const get = lzf.get.bind(lzf);
  lzf.get = () => {
    asked++;
    return get();
  };
  for (let round = 0; round < 2; round++) {
    const { output, chunks } = written({ lzf });
    output.compresses = true;
    output.string(text, 0, text.length);
    expect(asked).toBe(round);
    output.raw(new Uint8Array(9000), 0, 9000);
    output.string(text, 0, text.length);
    output.flush();
    const bytes = Buffer.concat(chunks);
    const packedBytes = (bytes.length - 9000) / 2;
    expect(packedBytes).toBeLessThan(text.length / 4);
    expect(bytes.subarray(-packedBytes)).toEqual(bytes.subarray(0, packedBytes));
    expect(asked).toBe(round + 1);
  }
  expect(lzf.get()).toBe(lzf.get());
});
