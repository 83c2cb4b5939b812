// A message as it is sent: encoded at its first receiver of a protocol version, and then the same
// bytes for all of them. Nobody may change them.

import type { Client } from '../engine/client.ts';

/** Text of one character a byte, or bytes that are true while the message is sent. */
export type Part = string | Uint8Array;

export class Message {
  readonly #parts: readonly Part[];
  #resp2: Uint8Array | null = null;
  #resp3: Uint8Array | null = null;

  /** @param parts the kind (`message`, `pmessage`, `smessage`) and what follows it. */
  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** The bytes for a client. */
  bytesFor(client: Client): Uint8Array {
    if (client.resp3) {
      this.#resp3 ??= encode('>', this.#parts);
      return this.#resp3;
    }
    this.#resp2 ??= encode('*', this.#parts);
    return this.#resp2;
  }
}

function encode(type: '*' | '>', parts: readonly Part[]): Uint8Array {
  const pieces: (string | Uint8Array)[] = [`${type}${parts.length}\r\n`];
  for (const part of parts) pieces.push(`$${part.length}\r\n`, part, '\r\n');
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') bytes.write(piece, at, 'latin1');
    else bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
