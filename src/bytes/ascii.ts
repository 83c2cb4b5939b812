// Words of the protocol as bytes: option names are compared with arguments case-folded, without
// making a string.

/** Strings up to this length are made character by character: quicker than a call. */
const SHORT = 12;

/** The bytes of an ASCII (or latin1) text. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The bytes of a text as a client sends and sees it. */
export function utf8Bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/** Node's own way, which takes any bytes and makes no Buffer of them first: twice as quick. */
const { latin1Slice } = Buffer.prototype as {
  latin1Slice?: (this: Uint8Array, start: number, end: number) => string;
};

/** A string of one character a byte. */
export function latin1String(bytes: Uint8Array, offset: number, length: number): string {
  if (length <= SHORT) {
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[offset + i]!);
    return text;
  }
  if (latin1Slice !== undefined) return latin1Slice.call(bytes, offset, offset + length);
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}

/**
 * True when the range spells `word` in any case. `word` must be upper case ASCII, as
 * `latin1Bytes('NX')`.
 */
export function equalsWord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  word: Uint8Array,
): boolean {
  if (length !== word.length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[offset + i]!;
    if (byte >= 97 && byte <= 122) byte -= 32;
    if (byte !== word[i]) return false;
  }
  return true;
}

/** A text up to its first NUL: what C takes for the whole of it. */
export function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
