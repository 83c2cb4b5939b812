// Messages to the client whose command runs: they follow its reply. However many there are, no more
// is held of them than the limit of its output. Owned by the engine, and by a command that has
// given way: what comes in the middle of a reply would break it.

import { CHUNK_BYTES, type ReplyWriter } from '../protocol/reply-writer.ts';

export class OwnPushes {
  /** Bytes of the messages, as long as the command runs. */
  bytes = 0;
  #messages: Uint8Array[] = [];

  /** Keeps a message to follow a reply. @param limitBytes of the output that it goes to. */
  add(message: Uint8Array, limitBytes: number): void {
    // So much past its limit the output is thrown away in any case, and its client closed.
    if (this.bytes > limitBytes + 2 * CHUNK_BYTES) return;
    this.#messages.push(message);
    this.bytes += message.length;
  }

  /** Hands all to another list: the command has given way before its end, or goes on. */
  moveTo(other: OwnPushes): void {
    for (const message of this.#messages) other.#messages.push(message);
    other.bytes += this.bytes;
    this.#messages = [];
    this.bytes = 0;
  }

  /** Writes all behind the reply. */
  writeTo(reply: ReplyWriter): void {
    for (const message of this.#messages) reply.raw(message);
    this.#messages = [];
    this.bytes = 0;
  }
}
