// The names of a data set's history: two servers whose names and offsets agree have the same data.
// The second name is that of the history before a failover, valid up to an offset, so that replicas
// of the old master can go on with the new one. https://redis.io/docs/latest/operate/oss_and_stack/
// management/replication/

import type { Random } from '../runtime/random.ts';

const ID_LENGTH = 40;
export const NO_ID: string = '0'.repeat(ID_LENGTH);

export class History {
  id: string;
  /** The name before, NO_ID without one. */
  secondId: string = NO_ID;
  /** The first offset for which the name before is no longer valid, counted from 1; -1: none. */
  secondOffset = -1;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.id = random.hex(ID_LENGTH);
  }

  /** Takes a new name: what others know of this data set is of no use any more. */
  renew(): void {
    this.id = this.#random.hex(ID_LENGTH);
  }

  forgetSecond(): void {
    this.secondId = NO_ID;
    this.secondOffset = -1;
  }

  /** Goes on under another name; the one before is valid up to `offset`. */
  shift(offset: number, id: string = this.#random.hex(ID_LENGTH)): void {
    this.secondId = this.id;
    this.secondOffset = offset + 1;
    this.id = id;
  }

  /** Whether who knows this history as `id` up to the byte before `from` can go on from there. */
  continues(id: string, from: number): boolean {
    const asked = id.toLowerCase();
    if (asked === this.id) return true;
    return asked === this.secondId && from <= this.secondOffset;
  }
}
