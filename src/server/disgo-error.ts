// Failures of the embedding API. A module of its own: the class is there for `instanceof` before
// the rest is loaded, in whatever form (library.ts).

/**
 * Why a server could not be created.
 * - `DISGO_BAD_OPTION`: an option is unknown or its value is refused; the message says which and
 * why.
 * - `DISGO_LISTEN`: an address cannot be listened on; `cause` is the system's error.
 * - `DISGO_LOAD`: the data on disk cannot be loaded; the log says why.
 * - `DISGO_SAVE`: the data could not be saved when the server was closed; the message says why.
 * - `EADDRINUSE`: the port is taken.
 */
export type DisgoErrorCode =
  | 'DISGO_LOAD'
  | 'DISGO_SAVE'
  | 'DISGO_BAD_OPTION'
  | 'DISGO_LISTEN'
  | 'EADDRINUSE';

/** A failure of the embedding API. */
export class DisgoError extends Error {
  readonly code: DisgoErrorCode;

  constructor(code: DisgoErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'DisgoError';
    this.code = code;
  }
}
