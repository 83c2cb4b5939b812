// CRC-16/XMODEM and the slot of a key in a cluster. The slot is a property of the key from the
// start: the same 16,384 slots, and the same rule about `{hash tags}`, as
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/.

/** Number of slots that the keys of a cluster are spread over. */
export const SLOT_COUNT = 16384;

const POLYNOMIAL = 0x1021;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const TABLE: Uint16Array = makeTable();

function makeTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    table[byte] = crc;
  }
  return table;
}

/** The CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected) of a range of bytes. */
export function crc16(bytes: Uint8Array, offset: number, length: number): number {
  let crc = 0;
  const end = offset + length;
  for (let i = offset; i < end; i++) {
    crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ bytes[i]!]!;
  }
  return crc;
}

/**
 * The slot of a key, 0 to 16383. When the key holds a `{`, and a `}` behind it with something
 * between them, only what stands between the first `{` and the first `}` behind it is hashed, so
 * that related keys can share a slot.
 */
export function keySlot(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let open = offset;
  while (open < end && bytes[open] !== OPEN_BRACE) open++;
  if (open === end) return crc16(bytes, offset, length) & (SLOT_COUNT - 1);
  let close = open + 1;
  while (close < end && bytes[close] !== CLOSE_BRACE) close++;
  if (close === end || close === open + 1) return crc16(bytes, offset, length) & (SLOT_COUNT - 1);
  return crc16(bytes, open + 1, close - open - 1) & (SLOT_COUNT - 1);
}
