// The message by which a client hears that keys have changed: a push for RESP3, and for RESP2 a
// message of the channel `__redis__:invalidate`. Encoded at its first receiver of a protocol, and
// then the same bytes for all.

import { latin1Bytes } from '../bytes/ascii.ts';

const PUSH_HEADER = latin1Bytes('>2\r\n$10\r\ninvalidate\r\n');
const MESSAGE_HEADER = latin1Bytes('*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n');
const NULL_RESP2 = latin1Bytes('$-1\r\n');
const NULL_RESP3 = latin1Bytes('_\r\n');

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

export class Invalidation {
  readonly #value: Uint8Array;
  #push: Uint8Array | null = null;
  #message: Uint8Array | null = null;

  private constructor(value: Uint8Array) {
    this.#value = value;
  }

  /** Of one key. The bytes are copied. */
  static ofKey(key: Uint8Array, offset: number, length: number): Invalidation {
    const head = `*1\r\n$${length}\r\n`;
    const value = Buffer.allocUnsafe(head.length + length + 2);
    value.write(head, 0, 'latin1');
    value.set(key.subarray(offset, offset + length), head.length);
    value.write('\r\n', head.length + length, 'latin1');
    return new Invalidation(value);
  }

  /** Of several keys, one character a byte. */
  static ofKeys(keys: readonly string[]): Invalidation {
    const parts = keys.map((key) => `$${key.length}\r\n${key}\r\n`);
    return new Invalidation(latin1Bytes(`*${keys.length}\r\n${parts.join('')}`));
  }

  /** Of all keys. @param isResp3 as the client speaks whose keys they are, whoever hears of it. */
  static ofAll(isResp3: boolean): Invalidation {
    return new Invalidation(isResp3 ? NULL_RESP3 : NULL_RESP2);
  }

  /** For a client that speaks RESP3. */
  get push(): Uint8Array {
    this.#push ??= joined(PUSH_HEADER, this.#value);
    return this.#push;
  }

  /** For a subscriber that speaks RESP2. */
  get message(): Uint8Array {
    this.#message ??= joined(MESSAGE_HEADER, this.#value);
    return this.#message;
  }
}

/** Tells a client that the one its messages should go to has gone. */
export function brokenRedirection(id: number): Uint8Array {
  return latin1Bytes(`>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`);
}
