// FUNCTION DUMP's payload: each library as in an RDB file, the version, a checksum.
//
//   f5 <length> <code>   one library; the length is that of an RDB string
//   0a 00                RDB version, little endian
//   <8 bytes>            CRC64 of all before it, little endian

import { Crc64 } from '../bytes/crc64.ts';
import { LzfCompressor, lzfDecompress } from '../bytes/lzf.ts';

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
const MAX_CODE_BYTES = 512 * 1024 * 1024;

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

/** @returns the codes of the libraries, or what is wrong with the payload. */
export function readLibraries(payload: Uint8Array): readonly string[] | string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const bodyEnd = bytes.length - FOOTER_BYTES;
  if (bodyEnd < 0 || !isSound(bytes)) return 'DUMP payload version or checksum are wrong';
  const codes: string[] = [];
  let at = 0;
  while (at < bodyEnd) {
    const type = bytes[at++];
    if (type === OPCODE_FUNCTION_PRE_GA) return 'Pre-GA function format not supported';
    if (type !== OPCODE_FUNCTION) return 'given type is not a function';
    const read = readString(bytes, at, bodyEnd);
    if (read === null) return 'failed loading the given functions payload';
    codes.push(read.value);
    at = read.end;
  }
  return codes;
}

function isSound(bytes: Buffer): boolean {
  const end = bytes.length - 8;
  if (bytes.readUInt16LE(end - 2) > NEWEST_VERSION) return false;
  return bytes.subarray(end).equals(checksum(bytes.subarray(0, end)));
}

interface Read<T> {
  readonly value: T;
  readonly end: number;
}

function readLength(bytes: Buffer, start: number, end: number): Read<number> | null {
  const first = bytes[start] ?? 0;
  if (first >> 6 === 0) return { value: first, end: start + 1 };
  if (first >> 6 === 1) {
    return { value: ((first & 0x3f) << 8) | (bytes[start + 1] ?? 0), end: start + 2 };
  }
  if (first !== 0x80 || start + 5 > end) return null;
  return { value: bytes.readUInt32BE(start + 1), end: start + 5 };
}

/** A string of an RDB file that is no integer: plain, or compressed by LZF. */
function readString(bytes: Buffer, start: number, end: number): Read<string> | null {
  if (bytes[start] === COMPRESSED) return readCompressed(bytes, start + 1, end);
  const length = readLength(bytes, start, end);
  if (length === null || length.end + length.value > end) return null;
  const stop = length.end + length.value;
  return { value: bytes.toString('latin1', length.end, stop), end: stop };
}

function readCompressed(bytes: Buffer, start: number, end: number): Read<string> | null {
  const packed = readLength(bytes, start, end);
  if (packed === null) return null;
  const full = readLength(bytes, packed.end, end);
  if (full === null || full.end + packed.value > end || full.value > MAX_CODE_BYTES) return null;
  const stop = full.end + packed.value;
  const text = Buffer.alloc(full.value);
  if (!lzfDecompress(bytes, full.end, packed.value, text, 0, full.value)) return null;
  return { value: text.toString('latin1'), end: stop };
}
