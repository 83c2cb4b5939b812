// What waits for a client: order and completeness whatever the system takes, the figures, the room.

import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, ReplyWriter } from '../protocol/reply-writer.ts';
import { DroppedBuffers } from './dropped-buffers.ts';
import { FastWriter } from './fast-write.ts';
import { MAX_ROOM_BYTES, MIN_ROOM_BYTES, Output } from './output.ts';

/** A stream that takes nothing until it is told to. */
class SlowStream extends Duplex {
  readonly received: Buffer[] = [];
  #waiting: (() => void) | null = null;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received.push(Buffer.from(chunk));
    this.#waiting = done;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.received.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    this.#waiting = done;
  }

  /** Lets all that was written leave. */
  async drain(): Promise<void> {
    while (this.#waiting !== null) {
      const done = this.#waiting;
      this.#waiting = null;
      done();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

interface Fixture {
  readonly stream: SlowStream;
  readonly output: Output;
  readonly writer: ReplyWriter;
  readonly sent: Buffer[];
  taken: number;
  readonly dropped: DroppedBuffers;
}

function fixture(): Fixture {
  const stream = new SlowStream();
  const made = {
    stream,
    sent: [] as Buffer[],
    taken: 0,
    writer: new ReplyWriter({ countError() {} }),
  };
  const dropped = new DroppedBuffers();
  const host = { fastWriter: new FastWriter(), droppedBuffers: dropped };
  const output = new Output(stream, host, () => made.taken++);
  return Object.assign(made, { output, dropped });
}

function send({ output, writer, sent }: Fixture, bytes: Buffer): void {
  writer.raw(bytes);
  sent.push(bytes);
  output.send(writer);
  expect(writer.pendingBytes).toBe(0);
}

describe('Output', () => {
  it('sends all in order, small and large, while the system takes nothing and when it does', async () => {
    const f = fixture();
    for (let i = 0; i < 400; i++) {
      const size = i % 50 === 0 ? 3 * CHUNK_BYTES + i : i % 7 === 0 ? 40_000 : 1 + ((i * 37) % 900);
      send(f, Buffer.alloc(size, i));
    }
    expect(f.output.waitingBytes).toBeGreaterThan(2_000_000);
    expect(f.output.chunkCount).toBeGreaterThan(50);
    await f.stream.drain();
    expect(f.output.waitingBytes).toBe(0);
    expect(f.output.heldBytes).toBe(0);
    expect(f.output.chunkCount).toBe(0);
    expect(f.taken).toBeGreaterThan(0);
    expect(Buffer.concat(f.stream.received).equals(Buffer.concat(f.sent))).toBe(true);
  });

  it('holds no more for many small replies than a room beyond their bytes', () => {
    const f = fixture();
    send(f, Buffer.alloc(100_000));
    const before = f.output.heldBytes;
    for (let i = 0; i < 10_000; i++) send(f, Buffer.alloc(10));
    expect(f.output.heldBytes - before).toBeGreaterThanOrEqual(100_000);
    expect(f.output.heldBytes - before).toBeLessThanOrEqual(100_000 + MAX_ROOM_BYTES);
  });

  it('tells of the long buffers of what has been sent', async () => {
    const f = fixture();
    send(f, Buffer.alloc(3 * CHUNK_BYTES));
    send(f, Buffer.alloc(2 * CHUNK_BYTES));
    await f.stream.drain();
    expect(f.dropped.bytes).toBe(5 * CHUNK_BYTES);
  });

  it('ends the stream behind all that waits', async () => {
    const f = fixture();
    send(f, Buffer.alloc(200_000, 1));
    send(f, Buffer.alloc(10, 2));
    f.output.end();
    await f.stream.drain();
    expect(Buffer.concat(f.stream.received).equals(Buffer.concat(f.sent))).toBe(true);
    expect(f.stream.destroyed).toBe(true);
  });

  it('tells whether a long write goes on, also over TLS', () => {
    const { output, stream } = fixture();
    const queue = { writeQueueSize: 0 };
    const tls = { writeQueueSize: 1, _parent: queue };
    for (const handle of [queue, tls]) {
      Object.assign(stream, { _handle: handle });
      queue.writeQueueSize += 1000;
      expect([output.hasMoved(), output.hasMoved()]).toEqual([true, false]);
    }
  });

  it('fits its room to the peak of a turn', () => {
    const f = fixture();
    const { output } = f;
    output.fitRoom(10_000, 5000);
    expect(output.roomBytes).toBe(MIN_ROOM_BYTES);
    send(f, Buffer.alloc(3000));
    expect([1, 1, 0].map(() => output.fitRoom(10_000, -1))).toEqual([1, 1, 0]);
    expect(output.roomBytes).toBe(4096);
    expect(output.fitRoom(14_999, 5000)).toBe(0);
    expect(output.fitRoom(15_000, 5000)).toBe(0);
    expect(output.fitRoom(15_001, 5000)).toBe(-1);
    expect(output.roomBytes).toBe(MIN_ROOM_BYTES);
  });
});

it('a writer past its limit throws its output away and says so', () => {
  const writer = new ReplyWriter({ countError() {} });
  writer.limitBytes = 100_000;
  for (let i = 0; i < 90; i++) writer.bulkBytes(Buffer.alloc(1000));
  expect(writer.isCut).toBe(false);
  for (let i = 0; i < 100_000; i++) writer.bulkBytes(Buffer.alloc(1000));
  expect(writer.isCut).toBe(true);
  expect(writer.pendingBytes).toBeGreaterThan(2 ** 40);
  expect(writer.chunks).toEqual([]);
  writer.reset();
  expect([writer.isCut, writer.pendingBytes]).toEqual([false, 0]);
  writer.limitBytes = Number.POSITIVE_INFINITY;
  writer.ok();
  expect(writer.pendingBytes).toBe(5);
});
