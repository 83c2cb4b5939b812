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

/** Who reads a socket. */
export interface SocketReader {
  /** So many bytes lie in the shared buffer from its `offset` on. */
  onRead(byteCount: number): void;
  /** So many bytes have come to where `readTarget` said. */
  onDirectRead(byteCount: number): void;
  /** Asked behind each read: room for the next one alone, or null for the shared buffer. */
  readTarget(): Uint8Array | null;
}

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
  /** What the sockets read into, from `offset` on; the bytes in front are the reader's to use. */
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly #target: Uint8Array;
  /** Looked for on the first socket; all have the same. */
  #names: FieldNames | null | undefined;

  /**
   * @param size bytes of a read, at most.
   * @param offset bytes of room in front of it.
   */
  constructor(size: number, offset: number) {
    this.buffer = new Uint8Array(offset + size);
    this.offset = offset;
    this.#target = this.buffer.subarray(offset);
  }

  /**
   * Makes `socket` read into the buffer, or where its reader says.
   * @returns false when this runtime has no such way; the socket is untouched then.
   */
  attach(socket: Socket, reader: SocketReader): boolean {
    if (this.#names === undefined) this.#names = findFieldNames(socket);
    const names = this.#names;
    const fields = socket as unknown as SocketFields;
    const handle = fields._handle;
    if (names === null || !handle || typeof handle.useUserBuffer !== 'function') return false;
    if (!(names.buffer in fields)) return false;
    fields[names.buffer] = this.#target;
    let isDirect = false;
    fields[names.callback] = (byteCount: number): boolean => {
      if (isDirect) reader.onDirectRead(byteCount);
      else reader.onRead(byteCount);
      return true;
    };
    // What it returns takes the place of the buffer before; nothing leaves that.
    fields[names.generator] = (): Uint8Array | undefined => {
      const target = reader.readTarget();
      if (target === null && !isDirect) return undefined;
      isDirect = target !== null;
      return target ?? this.#target;
    };
    handle.useUserBuffer(this.#target);
    return true;
  }
}
