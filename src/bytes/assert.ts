// Broken invariants stop the server before data is corrupted; they are never answered to a client.

/** Thrown when an invariant of the server does not hold. */
export class InvariantError extends Error {
  readonly code = 'DISGO_INVARIANT';
}

/** Throws InvariantError with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
