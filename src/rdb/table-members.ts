// Reads members of large sets, and fields of large hashes, as many at a time as lie in the input:
// the table is opened once for all of them, and nothing is asked anew for each.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { ENCODING_HASHTABLE, encodingOf, valueWordOf } from '../structures/entry.ts';
import type { RdbInput, RdbText } from './rdb-input.ts';

/** So many are read before others have their turn. */
const MAX_AT_ONCE = 64;

export class TableMembers {
  readonly #keyspace: Keyspace;
  readonly #input: RdbInput;
  readonly #text: RdbText;
  readonly #other: RdbText;

  /** @param text room for a member or field, `other` for its value. */
  constructor(keyspace: Keyspace, input: RdbInput, text: RdbText, other: RdbText) {
    this.#keyspace = keyspace;
    this.#input = input;
    this.#text = text;
    this.#other = other;
  }

  /** Whether an entry's set or hash is a table. */
  isTable(ref: number): boolean {
    return encodingOf(this.#keyspace.arena, ref) === ENCODING_HASHTABLE;
  }

  /**
   * Adds members to the set of an entry.
   * @param left those that are still to come.
   * @returns how many were there, up to the first that is missing or wrong.
   */
  readMembers(ref: number, left: number): number {
    const { tables } = this.#keyspace.values.sets;
    const { dict } = tables;
    const input = this.#input;
    const text = this.#text;
    const root = valueWordOf(this.#keyspace.arena, ref);
    const most = left < MAX_AT_ONCE ? left : MAX_AT_ONCE;
    let added = 0;
    dict.open(root);
    while (added < most) {
      input.mark();
      input.string(text);
      if (input.isShort || input.problem !== '') break;
      if (!tables.addToOpen(text.bytes, text.offset, text.length)) {
        input.fail('Duplicate set members detected');
        break;
      }
      added++;
    }
    dict.close(root);
    return added;
  }

  /** The same of fields with their values, which have no times. */
  readFields(ref: number, left: number): number {
    const { tables } = this.#keyspace.values.hashes;
    const { dict } = tables;
    const input = this.#input;
    const field = this.#text;
    const value = this.#other;
    const root = valueWordOf(this.#keyspace.arena, ref);
    const most = left < MAX_AT_ONCE ? left : MAX_AT_ONCE;
    let added = 0;
    dict.open(root);
    while (added < most) {
      input.mark();
      input.string(field);
      input.string(value);
      if (input.isShort || input.problem !== '') break;
      const { bytes, offset, length } = field;
      const { bytes: valueBytes, offset: valueAt, length: valueLength } = value;
      if (!tables.addToOpen(bytes, offset, length, valueBytes, valueAt, valueLength)) {
        input.fail('Duplicate hash fields detected');
        break;
      }
      added++;
    }
    dict.close(root);
    return added;
  }
}
