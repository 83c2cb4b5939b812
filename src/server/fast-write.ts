// Writes to a socket's handle without the machinery of streams: a third of what a small reply
// costs. The system takes nearly every reply at once; then nothing is queued, no callback runs, and
// the request object is used again. What it does not take, libuv queues in order, and `onDone`
// tells when it has left.
//
// net.Socket has no public way to do this, and Node's own has changed: until Node 24 its handles
// take a request and say later whether it is in use; from Node 26 on they take none and give one
// back when it is needed. Which it is, is learnt by looking at the first write that the socket does
// itself; where anything is not as expected, `write` says so and the caller uses the stream.

import type { Socket } from 'node:net';

interface WriteRequest {
  oncomplete: ((status: number) => void) | null;
  handle: unknown;
  async: boolean;
  bytes: number;
  buffer: unknown;
  /** Where the handle makes requests: how it ended, if it has already. */
  writeStatus?: number | null;
  /** Above 0 while libuv holds the request. */
  getAsyncId(): number;
}

interface StreamHandle {
  /** @returns 0 or an error; a request, where none was given and one is needed. */
  writeBuffer(request: WriteRequest | null, bytes: Uint8Array): number | WriteRequest;
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

/** Who makes the requests of writes; `nobody` where the stream must write. */
type Maker = 'unknown' | 'caller' | 'handle' | 'nobody';

/** Write requests of one server. */
export class FastWriter {
  /**
   * Set while something must be done before any output leaves: the append-only file is written.
   */
  before: (() => void) | null = null;
  #maker: Maker = 'unknown';
  #Request: (new () => WriteRequest) | null = null;
  #spare: WriteRequest | null = null;

  /**
   * Writes bytes, which must stay untouched until `onDone` when the outcome is `queued`.
   */
  write(socket: Socket, bytes: Uint8Array, onDone: () => void): WriteOutcome {
    const handle = handleOf(socket);
    if (handle === null || socket.writableLength > 0) return 'unavailable';
    if (this.#Request !== null) return this.#writeWithRequest(this.#Request, handle, bytes, onDone);
    if (this.#maker === 'handle') return FastWriter.#writeWithout(handle, bytes, onDone);
    if (this.#maker === 'unknown' && isUsable(handle)) this.#learn(handle);
    return 'unavailable';
  }

  #writeWithRequest(
    Request: new () => WriteRequest,
    handle: StreamHandle,
    bytes: Uint8Array,
    onDone: () => void,
  ): WriteOutcome {
    const request = this.#spare ?? FastWriter.#newRequest(Request);
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

  static #newRequest(Request: new () => WriteRequest): WriteRequest {
    const request = new Request();
    request.oncomplete = null;
    request.async = false;
    request.bytes = 0;
    request.buffer = null;
    return request;
  }

  /** Lets the handle make a request if it needs one. */
  static #writeWithout(handle: StreamHandle, bytes: Uint8Array, onDone: () => void): WriteOutcome {
    const result = handle.writeBuffer(null, bytes);
    if (typeof result === 'number') return result === 0 ? 'taken' : 'failed';
    const status = result.writeStatus ?? null;
    if (status !== null) return status === 0 ? 'taken' : 'failed';
    result.handle = handle;
    result.async = true;
    result.buffer = bytes;
    result.oncomplete = onDone;
    return 'queued';
  }

  /** Looks at the socket's next own write: whether it brings a request, and of which class. */
  #learn(handle: StreamHandle): void {
    if (Object.hasOwn(handle, 'writeBuffer')) return;
    const original = handle.writeBuffer;
    handle.writeBuffer = (request, bytes) => {
      delete (handle as { writeBuffer?: unknown }).writeBuffer;
      this.#maker = FastWriter.#makerOf(request);
      if (this.#maker === 'caller') {
        this.#Request = (request as WriteRequest).constructor as new () => WriteRequest;
      }
      return original.call(handle, request, bytes);
    };
  }

  static #makerOf(request: WriteRequest | null): Maker {
    if (request === null) return 'handle';
    return typeof request?.getAsyncId === 'function' ? 'caller' : 'nobody';
  }
}
