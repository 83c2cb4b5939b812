// Writes to a socket's handle without the machinery of streams: a third of what a small reply
// costs. The system takes nearly every reply at once; then nothing is queued, no callback runs, and
// the request object is used again. What it does not take, libuv queues in order, and `onDone`
// tells when it has left.
//
// net.Socket has no public way to do this. The class of write requests is learnt by looking at the
// first write that the socket does itself; where anything is not as expected, `write` says so and
// the caller uses the stream.

import type { Socket } from 'node:net';

interface WriteRequest {
  oncomplete: ((status: number) => void) | null;
  handle: unknown;
  async: boolean;
  bytes: number;
  buffer: unknown;
  /** Above 0 while libuv holds the request. */
  getAsyncId(): number;
}

interface StreamHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  readonly writeQueueSize: number;
}

/**
 * The system has taken all; it will take the rest later; the stream must be used; the connection is
 * broken.
 */
export type WriteOutcome = 'taken' | 'queued' | 'unavailable' | 'failed';

function handleOf(socket: Socket): StreamHandle | null {
  return (socket as unknown as { _handle?: StreamHandle | null })._handle ?? null;
}

/** Whether a handle has what is needed; asking for the size of its queue is a call into libuv. */
function isUsable(handle: StreamHandle): boolean {
  return typeof handle.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number';
}

/** Write requests of one server. */
export class FastWriter {
  /**
   * Set while something must be done before any output leaves: the append-only file is written.
   */
  before: (() => void) | null = null;
  #Request: (new () => WriteRequest) | null = null;
  #spare: WriteRequest | null = null;

  /**
   * Writes bytes, which must stay untouched until `onDone` when the outcome is `queued`.
   */
  write(socket: Socket, bytes: Uint8Array, onDone: () => void): WriteOutcome {
    const handle = handleOf(socket);
    if (handle === null || socket.writableLength > 0) return 'unavailable';
    if (this.#Request === null) {
      if (isUsable(handle)) this.#learn(handle);
      return 'unavailable';
    }
    const request = this.#spare ?? this.#newRequest(this.#Request);
    request.handle = handle;
    if (handle.writeBuffer(request, bytes) !== 0) return 'failed';
    // libuv holds a request until its callback has run, also when its bytes have just left.
    if (request.getAsyncId() <= 0) {
      request.handle = null;
      this.#spare = request;
      return 'taken';
    }
    this.#spare = null;
    request.async = true;
    request.buffer = bytes;
    request.oncomplete = onDone;
    return 'queued';
  }

  #newRequest(Request: new () => WriteRequest): WriteRequest {
    const request = new Request();
    request.oncomplete = null;
    request.async = false;
    request.bytes = 0;
    request.buffer = null;
    return request;
  }

  /** Looks at the socket's next own write for the class of its request. */
  #learn(handle: StreamHandle): void {
    const fields = handle as { writeBuffer: StreamHandle['writeBuffer'] };
    if (Object.hasOwn(handle, 'writeBuffer')) return;
    const original = handle.writeBuffer;
    fields.writeBuffer = (request, bytes) => {
      delete (fields as { writeBuffer?: unknown }).writeBuffer;
      const isAsExpected = typeof request.getAsyncId === 'function';
      if (isAsExpected) this.#Request = request.constructor as new () => WriteRequest;
      return original.call(handle, request, bytes);
    };
  }
}
