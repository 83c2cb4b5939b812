// A value that is being read: a bare entry that no key has yet, so that all that works on entries
// works on it. Its reader takes the root out when it is complete, or discards it.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { NULL_REF } from '../memory/arena.ts';
import { encodingOf, TYPE_STRING, typeOf, valueWordOf } from '../structures/entry.ts';
import { createLoose } from '../values/loose-value.ts';

export class BuiltValue {
  /** The bare entry, or 0. */
  ref: number = NULL_REF;
  /** What `take` has taken out. */
  type: number = TYPE_STRING;
  encoding = 0;
  root: number = NULL_REF;
  readonly #keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Begins with a root, which is this object's from now on. */
  begin(type: number, encoding: number, root: number): void {
    this.ref = createLoose(this.#keyspace.arena, type, encoding, root);
  }

  /** Makes type, encoding and root the caller's. */
  take(): void {
    const { arena } = this.#keyspace;
    this.type = typeOf(arena, this.ref);
    this.encoding = encodingOf(arena, this.ref);
    this.root = valueWordOf(arena, this.ref);
    arena.free(this.ref);
    this.ref = NULL_REF;
  }

  /** Frees what was built so far, if anything. */
  discard(): void {
    if (this.ref === NULL_REF) return;
    const { arena, values } = this.#keyspace;
    values.of(typeOf(arena, this.ref)).free(this.ref);
    arena.free(this.ref);
    this.ref = NULL_REF;
  }
}
