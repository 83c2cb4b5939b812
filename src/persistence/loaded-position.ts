// What is known of a snapshot that a master sends, before it comes and once it is loaded, and what
// is told meanwhile to whoever takes it from the connection.

/** Where the data set of a snapshot stands in its master's stream. */
export interface LoadedPosition {
  readonly id: string;
  readonly offset: number;
  readonly dbId: number;
}

export type Done = (error: Error | null, position: LoadedPosition | null) => void;

export interface IncomingSnapshot {
  /** The data that this server has is an earlier state of the same history. */
  readonly isSameHistory: boolean;
  /** A mark ends it, and its length is not known. */
  readonly usesMark: boolean;
  readonly totalBytes: number;
}

export interface TransferEvents {
  /** The old data is about to go. */
  onReplace(): void;
  /** What was full can take more. */
  onRoom(): void;
  /** What has come so far cannot be loaded; never told after `finish`. */
  onFailed(error: Error): void;
}

/** Where a snapshot says that it stands, or null. */
export function positionIn(fields: ReadonlyMap<string, string>): LoadedPosition | null {
  const dbId = Number(fields.get('repl-stream-db') ?? 0);
  const id = fields.get('repl-id') ?? '';
  const offset = Number(fields.get('repl-offset') ?? -1);
  if (!Number.isSafeInteger(dbId) || !Number.isSafeInteger(offset)) return null;
  return { id, offset, dbId: Math.max(0, dbId) };
}
