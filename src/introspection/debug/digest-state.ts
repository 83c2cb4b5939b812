// The 20 bytes of a digest and the two ways to add to them; see digest.ts.

import { hash } from 'node:crypto';

const DIGEST_BYTES = 20;

export class Digest {
  readonly bytes: Buffer = Buffer.alloc(DIGEST_BYTES);

  /** Adds data whose order among its kind does not matter. */
  xor(data: Uint8Array): void {
    const digest = hash('sha1', data, 'buffer');
    for (let i = 0; i < DIGEST_BYTES; i++) this.bytes[i] = this.bytes[i]! ^ digest[i]!;
  }

  /** Adds data after that which was added before. */
  mix(data: Uint8Array): void {
    this.xor(data);
    hash('sha1', this.bytes, 'buffer').copy(this.bytes);
  }

  mixInteger(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    this.mix(bytes);
  }

  get hex(): string {
    return this.bytes.toString('hex');
  }
}
