// Reads replies back into values, for tests: bulk strings as latin1, maps and sets by their names,
// errors as objects.

export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Reply[]
  | { readonly error: string }
  | { readonly map: [Reply, Reply][] }
  | { readonly set: Reply[] }
  | { readonly double: string }
  | { readonly big: string }
  | { readonly verbatim: string };

class Reader {
  #position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  #line(): string {
    const end = this.#bytes.indexOf('\r\n', this.#position);
    if (end < 0) throw new Error('a reply ends in the middle of a line');
    const line = this.#bytes.toString('latin1', this.#position, end);
    this.#position = end + 2;
    return line;
  }

  #bulk(length: number): string {
    const text = this.#bytes.toString('latin1', this.#position, this.#position + length);
    this.#position += length + 2;
    return text;
  }

  #many(count: number): Reply[] {
    return Array.from({ length: count }, () => this.read());
  }

  read(): Reply {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return rest;
      case '-':
        return { error: rest };
      case ':':
        return Number.isSafeInteger(Number(rest)) ? Number(rest) : BigInt(rest);
      case '$':
        return rest === '-1' ? null : this.#bulk(Number(rest));
      case '*':
      case '>':
        return rest === '-1' ? null : this.#many(Number(rest));
      case '%': {
        const flat = this.#many(Number(rest) * 2);
        return { map: flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]]] : [])) };
      }
      case '~':
        return { set: this.#many(Number(rest)) };
      case '_':
        return null;
      case '#':
        return rest === 't';
      case ',':
        return { double: rest };
      case '(':
        return { big: rest };
      case '=':
        return { verbatim: this.#bulk(Number(rest)) };
      default:
        throw new Error(`not a reply: ${line}`);
    }
  }
}

/** All replies in the bytes. */
export function parseReplies(bytes: Buffer): Reply[] {
  const reader = new Reader(bytes);
  const replies: Reply[] = [];
  while (!reader.atEnd) replies.push(reader.read());
  return replies;
}
