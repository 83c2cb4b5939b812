// DUMP payloads: the value of one key with its type before it, and version and checksum behind.
//
//   | type, 1 | value | version, 2 | checksum, 8 |

import { Crc64 } from '../bytes/crc64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import {
  DUMP_FOOTER_BYTES,
  MAX_REDIS_VERSION,
  MAX_VALKEY_VERSION,
  MIN_VALKEY_VERSION,
} from './format.ts';
import { RdbInput } from './rdb-input.ts';
import { RdbOutput } from './rdb-output.ts';
import { VALUE_BAD, VALUE_READ, ValueReader } from './value-reader.ts';
import { ValueWriter } from './value-writer.ts';

const CHUNK_BYTES = 65536;

export class PayloadWriter {
  readonly #output: RdbOutput;
  readonly #values: ValueWriter;
  readonly #crc = new Crc64();
  readonly #footer = new Uint8Array(DUMP_FOOTER_BYTES);
  #chunks: Uint8Array[] = [];

  constructor(keyspace: Keyspace) {
    const sink = (bytes: Uint8Array, length: number): void => {
      this.#crc.update(bytes, 0, length);
      this.#chunks.push(bytes.slice(0, length));
    };
    const options = { compresses: true, checksums: false, chunkBytes: CHUNK_BYTES };
    this.#output = new RdbOutput(sink, options);
    this.#values = new ValueWriter(keyspace, this.#output);
  }

  /**
   * The payload of an entry's value.
   * @param compresses `rdbcompression`.
   */
  dump(ref: number, compresses: boolean): Uint8Array {
    this.#output.compresses = compresses;
    this.#begin(ref);
    const footer = this.#footer;
    footer[0] = this.#values.version;
    footer[1] = this.#values.version >> 8;
    this.#crc.update(footer, 0, 2);
    this.#crc.write(footer, 2);
    this.#chunks.push(footer);
    const payload = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return payload;
  }

  /** Bytes of a value without type and footer, as DEBUG OBJECT tells them. */
  byteLength(ref: number, compresses: boolean): number {
    this.#output.compresses = compresses;
    this.#begin(ref);
    this.#chunks = [];
    return this.#output.position - 1;
  }

  #begin(ref: number): void {
    this.#crc.reset();
    this.#output.reset();
    this.#values.begin(ref);
    this.#output.byte(this.#values.type);
    this.#values.writeAll();
    this.#values.forget();
    this.#output.flush();
  }
}

/** True when the end of a payload has a version that is known, and the right checksum. */
export function isSoundPayload(
  bytes: Uint8Array,
  offset: number,
  length: number,
  checksChecksum: boolean,
): boolean {
  if (length < DUMP_FOOTER_BYTES) return false;
  const version = payloadVersion(bytes, offset, length);
  const isRedis = version <= MAX_REDIS_VERSION;
  const isValkey = version >= MIN_VALKEY_VERSION && version <= MAX_VALKEY_VERSION;
  if (!isRedis && !isValkey) return false;
  if (!checksChecksum) return true;
  const crc = new Crc64();
  crc.update(bytes, offset, length - 8);
  return crc.equals(bytes, offset + length - 8);
}

function payloadVersion(bytes: Uint8Array, offset: number, length: number): number {
  const footer = offset + length - DUMP_FOOTER_BYTES;
  return bytes[footer]! | (bytes[footer + 1]! << 8);
}

export class PayloadReader {
  /** What was read, to be added to a database or discarded. */
  readonly values: ValueReader;
  readonly #input = new RdbInput(false);

  constructor(keyspace: Keyspace) {
    this.values = new ValueReader(keyspace, this.#input);
  }

  /** What is wrong with the last payload that was refused, and the bytes of it that were read. */
  problem = '';
  offset = 0;

  /**
   * Reads the value of a payload that is sound at its end.
   * @param isThorough `sanitize-dump-payload`.
   * @returns false when the data is bad; then nothing is held.
   */
  read(bytes: Uint8Array, offset: number, length: number, isThorough: boolean): boolean {
    const input = this.#input;
    const { values } = this;
    const version = payloadVersion(bytes, offset, length);
    input.use(bytes, offset, length - DUMP_FOOTER_BYTES);
    const type = input.byte();
    if (input.isShort || !ValueReader.knows(type, version)) {
      return this.#refuse(`Unknown RDB encoding type ${type}`);
    }
    values.begin(type, version, isThorough);
    const result = values.read(Number.POSITIVE_INFINITY);
    if (result === VALUE_READ && !values.isEmpty) return true;
    values.discard();
    if (result === VALUE_READ) return this.#refuse('Empty value');
    return this.#refuse(result === VALUE_BAD ? input.problem : 'Unexpected end of the payload');
  }

  #refuse(problem: string): boolean {
    this.problem = problem;
    this.offset = this.#input.position;
    return false;
  }
}

/** What DUMP and RESTORE of one keyspace work with. */
export class Payloads {
  readonly writer: PayloadWriter;
  readonly reader: PayloadReader;

  constructor(keyspace: Keyspace) {
    this.writer = new PayloadWriter(keyspace);
    this.reader = new PayloadReader(keyspace);
  }
}
