// Exceptions from the rules of the house: the file, and the reason why the rule does not fit it. A
// line that is no longer needed fails the test, so this list only shrinks by itself. Read by
// code.test.ts.

type Exceptions = Readonly<Record<string, string>>;

export const fileLineExceptions: Exceptions = {};

export const functionExceptions: Exceptions = {};

export const moduleStateExceptions: Exceptions = {
  'src/bytes/double-digits.ts': 'a table of constants, computed when the first number needs it',
};

export const machineUseExceptions: Exceptions = {};

/** Errors that code between bytes and commands may throw. */
export const allowedThrows: readonly string[] = ['InvariantError', 'ArenaFullError'];

/** Files that were written with wider comments; no new one may join them. */
export const wideCommentFiles: readonly string[] = [];
