// The types of values of one keyspace, found by their numbers: what the keyspace frees, copies and
// counts without knowing which type it is. A new type is one line here.

import { assert } from '../bytes/assert.ts';
import type { Arena } from '../memory/arena.ts';
import { EncodingLimits } from './encoding-limits.ts';
import { Strings } from './string.ts';
import type { ValueType } from './value-type.ts';

/** Redis keeps 4 bits for the type of a value. */
const TYPE_COUNT = 16;

export class Values {
  readonly limits: EncodingLimits = new EncodingLimits();
  readonly strings: Strings;
  readonly #types: (ValueType | null)[] = new Array(TYPE_COUNT).fill(null);

  constructor(arena: Arena) {
    this.strings = new Strings(arena);
  }

  /** What a type other than string can do. */
  of(type: number): ValueType {
    const found = this.#types[type];
    assert(found !== null && found !== undefined, 'an entry has a type that does not exist');
    return found;
  }
}
