// Reads accepted sockets into one buffer that all of them share, in place of a fresh slab per read:
// 5 to 15 % of the time of a small command. net.Socket does this for client sockets (option
// `onread`); for accepted ones there is no public way, so the same fields are set here. Everything
// is looked for first; where anything is missing (another runtime, a later Node) the caller falls
// back to 'data' events.

import type { Socket } from 'node:net';

interface StreamHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

type SocketFields = { _handle?: StreamHandle | null } & Record<symbol, unknown>;

/** The fields of a socket that its `onread` option fills. */
interface FieldNames {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

/** Called with the number of bytes at the start of the shared buffer. */
export type OnRead = (byteCount: number) => void;

function findFieldNames(socket: object): FieldNames | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (description: string): symbol | undefined =>
    symbols.find((symbol) => symbol.description === description);
  const buffer = named('kBuffer');
  const callback = named('kBufferCb');
  const generator = named('kBufferGen');
  if (!buffer || !callback || !generator) return null;
  return { buffer, callback, generator };
}

export class SharedReads {
  /** What the sockets read into. */
  readonly buffer: Uint8Array;
  /** Looked for on the first socket; all have the same. */
  #names: FieldNames | null | undefined;

  constructor(size: number) {
    this.buffer = new Uint8Array(size);
  }

  /**
   * Makes `socket` read into the buffer and call `onRead`.
   * @returns false when this runtime has no such way; the socket is untouched then.
   */
  attach(socket: Socket, onRead: OnRead): boolean {
    if (this.#names === undefined) this.#names = findFieldNames(socket);
    const names = this.#names;
    const fields = socket as unknown as SocketFields;
    const handle = fields._handle;
    if (names === null || !handle || typeof handle.useUserBuffer !== 'function') return false;
    if (!(names.buffer in fields)) return false;
    fields[names.buffer] = this.buffer;
    fields[names.generator] = null;
    fields[names.callback] = (byteCount: number): boolean => {
      onRead(byteCount);
      return true;
    };
    handle.useUserBuffer(this.buffer);
    return true;
  }
}
