// What the commands of scripts reply to. Most replies are one number, one string, OK or nothing:
// these are kept as what they are, and no bytes are made of them that would only be read again. All
// others are written as ever, and reply-to-lua.ts reads them.

import { type ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import { type KnownStrings, MAX_KNOWN_BYTES } from './known-strings.ts';

export class ScriptReplies extends ReplyWriter {
  readonly #strings: KnownStrings;
  /** True when the reply is `value`, and no bytes. */
  isDirect = false;
  value: number | string | false = false;

  /** @param counter is told of errors. @param strings what texts are made with. */
  constructor(counter: ConstructorParameters<typeof ReplyWriter>[0], strings: KnownStrings) {
    super(counter);
    this.#strings = strings;
  }

  override integer(value: number): void {
    if (this.#isFirst()) this.#take(value);
    else super.integer(value);
  }

  override bulk(source: Uint8Array, offset: number, length: number): void {
    // Long ones are quicker to read from bytes of which there is a view.
    if (length <= MAX_KNOWN_BYTES && this.#isFirst()) {
      this.#take(this.#strings.text(source, offset, length));
    } else super.bulk(source, offset, length);
  }

  override null(): void {
    if (this.#isFirst() && !this.resp3) this.#take(false);
    else super.null();
  }

  #isFirst(): boolean {
    return this.position === 0 && this.chunkBytes === 0;
  }

  #take(value: number | string | false): void {
    this.isDirect = true;
    this.value = value;
  }

  override rollback(mark: ReplyMark): void {
    this.isDirect = false;
    super.rollback(mark);
  }
}
