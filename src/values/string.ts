// Strings: how a string's bytes lie in its entry (inline) or in a block of its own (OUTLINE), and
// which encoding Redis would name. An integer keeps its decimal text, so every reader sees plain
// bytes; `int` is a property, not a format.
//
//   inline    entry: | header | key | value bytes |
//   outline   entry: | header, ref | key |      block: | length, 4 bytes | value bytes | room to grow |
//
// `view` loads a string into the fields bytes, offset and length, which are true until the arena is
// next changed.

import { changing } from '../bytes/changing-fields.ts';
import { copyBytes } from '../bytes/copy.ts';
import { parseInteger } from '../bytes/integer.ts';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import {
  bytesBeforeValue,
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  HEADER_BYTES,
  LENGTH_WORD,
  META_WORD,
  NO_POSITION,
  OUTLINE,
  setTypeAndEncoding,
  setValueWord,
  TAG_BYTES,
  TAG_WORD,
  TYPE_STRING,
  VALUE_WORD,
} from '../structures/entry.ts';
import { KEY_LENGTH_MASK, TAGGED } from '../structures/entry-layout.ts';

/** Longest value that lies in its entry; longer ones move without their bytes being copied. */
export const INLINE_MAX_BYTES = 1024;
/** Longest value that Redis embeds in its object. */
const EMBSTR_MAX_BYTES = 44;
const OUTLINE_HEADER_BYTES = 4;
const MAX_GROWTH_SLACK_BYTES = 32 * 1024 * 1024;

/** The encoding that SET gives a value. */
export function encodingForBytes(bytes: Uint8Array, offset: number, length: number): number {
  if (length <= 20 && !Number.isNaN(parseInteger(bytes, offset, length))) return ENCODING_INT;
  return length <= EMBSTR_MAX_BYTES ? ENCODING_EMBSTR : ENCODING_RAW;
}

export class Strings {
  /** The array, offset and length of the string that `view` loaded. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  /** The colour with which entries are born, COLOUR or 0: see keyspace/snapshot-guard.ts. */
  colour = 0;
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
    changing(this, ['colour']);
  }

  /** Loads the string of an entry into bytes, offset and length. */
  view(ref: number): void {
    const slot = ref >>> SLOT_SHIFT;
    const words = this.#arena.words[slot]!;
    const granule = ref & GRANULE_MASK;
    const at = granule << 1;
    const lengthWord = words[at + LENGTH_WORD]!;
    const value = words[at + VALUE_WORD]!;
    if (lengthWord >= 0) {
      this.bytes = this.#arena.bytes[slot]!;
      this.offset =
        (granule << 3) +
        HEADER_BYTES +
        ((lengthWord & TAGGED) !== 0 ? TAG_BYTES : 0) +
        (lengthWord & KEY_LENGTH_MASK);
      this.length = value;
    } else {
      const valueSlot = value >>> SLOT_SHIFT;
      const valueGranule = value & GRANULE_MASK;
      this.bytes = this.#arena.bytes[valueSlot]!;
      this.offset = (valueGranule << 3) + OUTLINE_HEADER_BYTES;
      this.length = this.#arena.words[valueSlot]![valueGranule << 1]!;
    }
  }

  /**
   * Makes an entry for a string; the bytes of key and value are copied.
   * @param capacity bytes to have room for, at least the value's length.
   */
  create(
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    tagged: boolean,
    clock: number,
    encoding: number,
  ): number {
    const inline = length <= INLINE_MAX_BYTES;
    const ref = this.createEmpty(keyBytes, keyOffset, keyLength, inline ? length : -1, tagged);
    const slot = ref >>> SLOT_SHIFT;
    const at = (ref & GRANULE_MASK) << 1;
    this.#arena.words[slot]![at + META_WORD] =
      (clock << 8) | this.colour | (TYPE_STRING << 4) | encoding;
    if (inline) {
      const start =
        ((ref & GRANULE_MASK) << 3) + HEADER_BYTES + (tagged ? TAG_BYTES : 0) + keyLength;
      copyBytes(this.#arena.bytes[slot]!, start, bytes, offset, length);
    } else {
      const block = this.#createBlock(bytes, offset, length, length);
      this.#arena.words[slot]![at + VALUE_WORD] = block;
    }
    return ref;
  }

  /**
   * Makes an entry with its key and room for `inlineLength` bytes; -1: OUTLINE, with the value word
   * to be set.
   */
  createEmpty(
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    inlineLength: number,
    tagged: boolean,
  ): number {
    const arena = this.#arena;
    const outline = inlineLength < 0;
    const ref = arena.alloc(bytesBeforeValue(keyLength, tagged) + (outline ? 0 : inlineLength));
    const slot = ref >>> SLOT_SHIFT;
    const granule = ref & GRANULE_MASK;
    const words = arena.words[slot]!;
    const at = granule << 1;
    words[at + META_WORD] = this.colour;
    words[at + LENGTH_WORD] = keyLength | (tagged ? TAGGED : 0) | (outline ? OUTLINE : 0);
    words[at + VALUE_WORD] = outline ? 0 : inlineLength;
    if (tagged) words[at + TAG_WORD] = NO_POSITION;
    const start = (granule << 3) + HEADER_BYTES + (tagged ? TAG_BYTES : 0);
    copyBytes(arena.bytes[slot]!, start, keyBytes, keyOffset, keyLength);
    return ref;
  }

  /** Makes an entry for a string of `length` zero bytes; type and clock are the caller's to set. */
  createZero(
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    length: number,
    tagged: boolean,
  ): number {
    const isInline = length <= INLINE_MAX_BYTES;
    const inlineLength = isInline ? length : -1;
    const ref = this.createEmpty(keyBytes, keyOffset, keyLength, inlineLength, tagged);
    if (isInline) {
      this.view(ref);
      this.bytes.fill(0, this.offset, this.offset + length);
      return ref;
    }
    const arena = this.#arena;
    const block = arena.allocZeroed(length + OUTLINE_HEADER_BYTES);
    arena.words[block >>> SLOT_SHIFT]![(block & GRANULE_MASK) << 1] = length;
    setValueWord(arena, ref, block);
    return ref;
  }

  /**
   * Makes a block of its own for a value, with room for `capacity` bytes. @returns its reference.
   */
  #createBlock(bytes: Uint8Array, offset: number, length: number, capacity: number): number {
    const arena = this.#arena;
    const ref = arena.alloc(capacity + OUTLINE_HEADER_BYTES);
    const slot = ref >>> SLOT_SHIFT;
    const granule = ref & GRANULE_MASK;
    arena.words[slot]![granule << 1] = length;
    copyBytes(arena.bytes[slot]!, (granule << 3) + OUTLINE_HEADER_BYTES, bytes, offset, length);
    return ref;
  }

  /** True when an inline string's block fits a value of `length` bytes without waste or move. */
  fitsInline(ref: number, length: number): boolean {
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    const lengthWord = words[at + LENGTH_WORD]!;
    if (lengthWord < 0 || length > INLINE_MAX_BYTES) return false;
    if (length === words[at + VALUE_WORD]) return true;
    const before =
      HEADER_BYTES + ((lengthWord & TAGGED) !== 0 ? TAG_BYTES : 0) + (lengthWord & KEY_LENGTH_MASK);
    return (
      Arena.capacityFor(before + length) === Arena.capacityFor(before + words[at + VALUE_WORD]!)
    );
  }

  /** Overwrites an inline string that `fitsInline`, in place. */
  overwriteInline(
    ref: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    clock: number,
    encoding: number,
  ): void {
    const slot = ref >>> SLOT_SHIFT;
    const words = this.#arena.words[slot]!;
    const granule = ref & GRANULE_MASK;
    const at = granule << 1;
    const lengthWord = words[at + LENGTH_WORD]!;
    words[at + META_WORD] = (clock << 8) | this.colour | (TYPE_STRING << 4) | encoding;
    words[at + VALUE_WORD] = length;
    const start =
      (granule << 3) +
      HEADER_BYTES +
      ((lengthWord & TAGGED) !== 0 ? TAG_BYTES : 0) +
      (lengthWord & KEY_LENGTH_MASK);
    copyBytes(this.#arena.bytes[slot]!, start, bytes, offset, length);
  }

  /**
   * Makes room for `length` bytes in a string that is OUTLINE: grows its block with slack, so that
   * appending byte by byte copies each byte a bounded number of times. New bytes are zero. The
   * block's length becomes `length` if larger.
   */
  growOutline(ref: number, length: number): void {
    const arena = this.#arena;
    const words = arena.words[ref >>> SLOT_SHIFT]!;
    const at = ((ref & GRANULE_MASK) << 1) + VALUE_WORD;
    let block = words[at]!;
    this.view(ref);
    const oldLength = this.length;
    if (length <= oldLength) return;
    if (arena.capacity(block) < length + OUTLINE_HEADER_BYTES) {
      const slack = Math.min(length >> 2, MAX_GROWTH_SLACK_BYTES);
      const grown = this.#createBlock(this.bytes, this.offset, oldLength, length + slack);
      arena.free(block);
      block = grown;
      words[at] = grown;
    }
    const slot = block >>> SLOT_SHIFT;
    const start = ((block & GRANULE_MASK) << 3) + OUTLINE_HEADER_BYTES;
    arena.bytes[slot]!.fill(0, start + oldLength, start + length);
    arena.words[slot]![(block & GRANULE_MASK) << 1] = length;
  }

  /**
   * Puts the decimal digits of an integer in the place of the string that `view` loaded, which is
   * as long.
   */
  replaceInteger(ref: number, digits: Uint8Array): void {
    setTypeAndEncoding(this.#arena, ref, TYPE_STRING, ENCODING_INT);
    copyBytes(this.bytes, this.offset, digits, 0, this.length);
  }

  /** Copies the bytes of one entry's string into that of another, which is at least as long. */
  copyInto(from: number, to: number): void {
    this.view(from);
    const { bytes, offset, length } = this;
    this.view(to);
    this.bytes.set(bytes.subarray(offset, offset + length), this.offset);
  }
}
