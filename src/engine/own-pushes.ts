// Messages to the client whose command runs: they follow its reply. However many there are, no more
// is held of them than the limit of its output. Owned by the engine.

import { CHUNK_BYTES, type ReplyWriter } from '../protocol/reply-writer.ts';

export class OwnPushes {
  /** Bytes of the messages, as long as the command runs. */
  bytes = 0;
  #messages: Uint8Array[] = [];

  /** Keeps a message to follow what `reply` gets. */
  add(message: Uint8Array, reply: ReplyWriter): void {
    // So much past its limit the output is thrown away in any case, and its client closed.
    if (this.bytes > reply.limitBytes + 2 * CHUNK_BYTES) return;
    this.#messages.push(message);
    this.bytes += message.length;
  }

  /** Writes all behind the reply. */
  writeTo(reply: ReplyWriter): void {
    for (const message of this.#messages) reply.raw(message);
    this.#messages = [];
    this.bytes = 0;
  }
}
