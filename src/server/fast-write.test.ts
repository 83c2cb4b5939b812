// Writing past the stream: both ways that Node's handles have had, and handles that have neither.

import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FastWriter, type WriteOutcome } from './fast-write.ts';

const bytes = new Uint8Array(3);
const never = (): void => expect.fail('not queued');

/** A socket whose own writes call `writeBuffer` of its handle with `request`. */
function socketOf(handle: object, request: () => unknown): Socket & { ownWrite(): unknown } {
  const fields = { ...handle, writeQueueSize: 0 } as { writeBuffer?: unknown };
  const prototype = { writeBuffer: fields.writeBuffer };
  delete fields.writeBuffer;
  const own = Object.setPrototypeOf(fields, prototype) as {
    writeBuffer(request: unknown, bytes: Uint8Array): unknown;
  };
  const socket = {
    _handle: own,
    writableLength: 0,
    ownWrite: () => own.writeBuffer(request(), bytes),
  };
  return socket as unknown as Socket & { ownWrite(): unknown };
}

/** Learns from the socket's first own write; that write's result is the handle's. */
function learn(
  writer: FastWriter,
  socket: Socket & { ownWrite(): unknown },
  result: unknown,
): void {
  expect(writer.write(socket, bytes, never)).toBe('unavailable');
  expect(socket.ownWrite()).toBe(result);
}

describe('FastWriter', () => {
  it('makes a request and uses it again until the handle holds it (Node 20 to 24)', () => {
    class Request {
      asyncId = 0;
      oncomplete: (() => void) | null = null;
      getAsyncId(): number {
        return this.asyncId;
      }
    }
    const requests: Request[] = [];
    const results: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 7],
      [0, 0],
      [-32, 0],
    ];
    const handle = {
      writeBuffer(request: Request): number {
        requests.push(request);
        const [result, asyncId] = results.shift()!;
        request.asyncId = asyncId;
        return result;
      },
    };
    const writer = new FastWriter();
    const socket = socketOf(handle, () => new Request());
    learn(writer, socket, 0);
    let done = 0;
    const outcomes: WriteOutcome[] = [];
    for (let i = 0; i < 5; i++) outcomes.push(writer.write(socket, bytes, () => done++));
    expect(outcomes).toEqual(['taken', 'taken', 'queued', 'taken', 'failed']);
    expect(new Set(requests.slice(1, 4)).size).toBe(1);
    expect(requests[4]).not.toBe(requests[3]);
    requests[3]!.oncomplete!();
    expect(done).toBe(1);
  });

  it('takes the request that the handle makes when it needs one (Node 26)', () => {
    const queued: Record<string, unknown> = { writeStatus: null, oncomplete: null };
    const results = [0, 0, queued, { writeStatus: 0 }, { writeStatus: -32 }, -32];
    const handle = {
      writeBuffer(request: unknown): unknown {
        expect(request).toBe(null);
        return results.shift();
      },
    };
    const writer = new FastWriter();
    const socket = socketOf(handle, () => null);
    learn(writer, socket, 0);
    let done = 0;
    const outcomes: WriteOutcome[] = [];
    for (let i = 0; i < 5; i++) outcomes.push(writer.write(socket, bytes, () => done++));
    expect(outcomes).toEqual(['taken', 'queued', 'taken', 'failed', 'failed']);
    expect(queued).toMatchObject({ async: true, buffer: bytes });
    (queued.oncomplete as () => void)();
    expect(done).toBe(1);
  });

  it('leaves all to the stream where it does not know what a handle is given', () => {
    for (const request of [undefined, {}, 5]) {
      const writer = new FastWriter();
      const handle = { writeBuffer: () => 0 };
      learn(
        writer,
        socketOf(handle, () => request),
        0,
      );
      const other = socketOf(handle, () => request);
      expect(writer.write(other, bytes, never)).toBe('unavailable');
      expect(other.ownWrite()).toBe(0);
      expect(writer.write(other, bytes, never)).toBe('unavailable');
    }
  });

  it('leaves sockets without a handle, or with something to write, to the stream', () => {
    const writer = new FastWriter();
    const socket = { _handle: null, writableLength: 0 } as unknown as Socket;
    expect(writer.write(socket, bytes, never)).toBe('unavailable');
    const busy = socketOf({ writeBuffer: () => 0 }, () => null);
    learn(writer, busy, 0);
    Object.assign(busy, { writableLength: 1 });
    expect(writer.write(busy, bytes, never)).toBe('unavailable');
  });
});
