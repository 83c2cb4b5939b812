// What a dict must know of its entries: where the key stands. The rest is their owner's.

/** Bits of the length word that hold the key's length in bytes. */
export const KEY_LENGTH_MASK = 0x3fffffff;
/** Flag in the length word: four bytes stand between the header and the key. */
export const TAGGED = 0x40000000;

/** Where an entry keeps its key. */
export interface EntryLayout {
  /** Index of the 32-bit word with the key's length. */
  readonly lengthWord: number;
  /** Bytes before the key. */
  readonly headerBytes: number;
}
