// FUNCTION DUMP's payload: each library as in an RDB file, the version, a checksum.
//
//   f5 <length> <code>   one library; the length is that of an RDB string
//   0a 00                RDB version, little endian
//   <8 bytes>            CRC64 of all before it, little endian

import { Crc64 } from '../bytes/crc64.ts';
import { LzfCompressor } from '../bytes/lzf.ts';
import { RdbInput, RdbText } from '../rdb/rdb-input.ts';

const OPCODE_FUNCTION = 245;
const OPCODE_FUNCTION_PRE_GA = 246;
const RDB_VERSION = 10;
/** Versions that other servers have written. */
const NEWEST_VERSION = 11;
const FOOTER_BYTES = 10;
/** The mark of a compressed string. */
const COMPRESSED = 0xc3;
/** Strings up to this length are not packed, and others must become so much shorter. */
const SHORT_BYTES = 20;
const SPARED_BYTES = 4;

function lengthBytes(length: number): Buffer {
  if (length < 64) return Buffer.from([length]);
  if (length < 16384) return Buffer.from([0x40 | (length >> 8), length & 0xff]);
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x80;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function checksum(bytes: Uint8Array): Buffer {
  const crc = new Crc64();
  crc.update(bytes, 0, bytes.length);
  const result = Buffer.alloc(8);
  crc.write(result, 0);
  return result;
}

/** A string of an RDB file: packed where that makes it shorter. */
function stringBytes(text: Buffer, compresses: boolean): Buffer[] {
  const { length } = text;
  if (compresses && length > SHORT_BYTES) {
    const packed = Buffer.alloc(length + 1);
    const size = new LzfCompressor().compress(text, 0, length, packed, 0, length - SPARED_BYTES);
    if (size > 0) {
      const mark = Buffer.from([COMPRESSED]);
      return [mark, lengthBytes(size), lengthBytes(length), packed.subarray(0, size)];
    }
  }
  return [lengthBytes(length), text];
}

/**
 * @param codes of the libraries, one character a byte.
 * @param compresses `rdbcompression`.
 */
export function dumpLibraries(codes: readonly string[], compresses: boolean): Buffer {
  const parts: Buffer[] = [];
  for (const code of codes) {
    const bytes = Buffer.from(code, 'latin1');
    parts.push(Buffer.from([OPCODE_FUNCTION]), ...stringBytes(bytes, compresses));
  }
  parts.push(Buffer.from([RDB_VERSION, 0]));
  const body = Buffer.concat(parts);
  return Buffer.concat([body, checksum(body)]);
}

/**
 * Reads a payload as far as it is sound.
 * @param load is given the code of each library, in order, and says what is wrong with it, or null.
 * @returns what is wrong, or null.
 */
export function readLibraries(
  payload: Uint8Array,
  load: (code: string) => string | null,
): string | null {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const bodyEnd = bytes.length - FOOTER_BYTES;
  if (bodyEnd < 0 || !isSound(bytes)) return 'DUMP payload version or checksum are wrong';
  const input = new RdbInput(false);
  const code = new RdbText();
  // As in Redis, a string of a wrong length may reach into the footer.
  input.use(bytes, 0, bytes.length);
  while (input.position < bodyEnd) {
    const type = input.byte();
    if (type === OPCODE_FUNCTION_PRE_GA) return 'Pre-GA function format not supported';
    if (type !== OPCODE_FUNCTION) return 'given type is not a function';
    input.string(code);
    if (input.isShort || input.problem !== '') return 'Failed loading library payload';
    const failure = load(code.toString());
    if (failure !== null) return failure;
  }
  return null;
}

function isSound(bytes: Buffer): boolean {
  const end = bytes.length - 8;
  if (bytes.readUInt16LE(end - 2) > NEWEST_VERSION) return false;
  return bytes.subarray(end).equals(checksum(bytes.subarray(0, end)));
}
