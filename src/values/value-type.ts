// What the keyspace asks of a type of value, whatever it is: freeing, copying, counting. Each type
// has one object per keyspace that implements this and works on references; a value is no object.

export interface ValueType {
  /** Frees all that an entry's value holds beside the entry. */
  free(ref: number): void;
  /**
   * A deep copy of an entry's value. @returns the value word for another entry of the same type and
   * encoding.
   */
  copy(ref: number): number;
  /** How many parts freeing it touches: above 64 a lazy deletion frees it in slices. */
  freeEffort(ref: number): number;
  /**
   * Frees up to about `budget` parts of a value that was taken out of its entry.
   * @returns the root to go on with, or 0 when nothing is left.
   */
  freeSome(encoding: number, root: number, budget: number): number;
  /**
   * Bytes of the value's blocks.
   * @param samples elements to look at where all would take long; 0 looks at all.
   */
  usedBytes(ref: number, samples: number): number;
  /** Elements, as Redis counts them. */
  count(ref: number): number;
}
