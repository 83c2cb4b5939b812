// Who puts the bytes of a snapshot on the disk: for the program a child process
// (writer-process.ts), which has the disk and the checksum on another core; for a server inside
// another program a writer in this process that never waits for the disk (inner-writer.ts). The
// file gets its name when it is whole and synced.

export interface WriterTask {
  /** Folder of the file, one character a byte, as are the names. */
  readonly dir: string;
  /** The file while it is being written is called `<prefix><id of the writer><suffix>`. */
  readonly prefix: string;
  readonly suffix: string;
  /** Its name when it is whole; null leaves it with the first one. */
  readonly finalName: string | null;
  /** The last 8 bytes are replaced by the CRC64 of those before. */
  readonly addsChecksum: boolean;
  /** Syncs every few MB, so that the sync at the end is short. */
  readonly syncsOnTheWay: boolean;
}

/** What a snapshot file is called while it is being written. */
export function temporaryName({ prefix, suffix }: WriterTask, id: number): string {
  return `${prefix}${id}${suffix}`;
}

/** Why a snapshot file could not be begun. @param words the system's */
export function openFailure(task: WriterTask, id: number, words: string): string {
  const name = temporaryName(task, id);
  return `Failed opening the temp RDB file ${name} (in server root dir ${task.dir}) for saving: ${words}`;
}

/** Why a snapshot file could not be written. @param words the system's */
export function writeFailure(words: string): string {
  return `Write error while saving DB to the disk: ${words}`;
}

export interface WriterResult {
  readonly isDone: boolean;
  /** Number of the signal that ended the child, 0 for none. */
  readonly signal: number;
  /** What the writer has to say, a line each: the reason of a failure. */
  readonly text: string;
}

/** Takes the first `length` bytes of a buffer that will be used again. */
export type TakeBytes = (bytes: Uint8Array, length: number) => void;

export interface SnapshotWriter {
  /** Process id of the child, or a number of its own. */
  readonly id: number;
  /** Whether it is a process, and `id` the one that the system knows. */
  readonly isProcess?: boolean;
  /** True while more is on its way than it should be. */
  readonly isFull: boolean;
  /** Called when `isFull` has become false. */
  onRoom: () => void;
  /** Takes the first `length` bytes, which are overwritten afterwards. */
  write(bytes: Uint8Array, length: number): void;
  /** All bytes have been given: the file may be finished. */
  end(): void;
  /** Stops it; `onEnd` is not called. The unfinished file goes. */
  kill(): void;
}

/**
 * Starts a writer. `onEnd` is called once, later, also when it was killed by somebody else.
 * @returns the writer, or why there can be none
 */
export type WriterStart = (
  task: WriterTask,
  onEnd: (result: WriterResult) => void,
) => SnapshotWriter | { readonly error: string };

/**
 * What a child says that a signal has interrupted: SIGUSR1, which Node does not let end a process.
 * How it ends then is not sure: Node's debugger, which that signal starts, may end it as a crash.
 */
export const INTERRUPTED = 'interrupted';
/** More bytes on their way than these, and the walk waits. */
export const FULL_BYTES: number = 4 * 1024 * 1024;
/** Bytes between two syncs. */
export const SYNC_EVERY_BYTES: number = 4 * 1024 * 1024;
/** Bytes of the checksum at the end. */
export const CHECKSUM_BYTES = 8;
/** What the parent says when all bytes have been given. */
export const COMMIT = 'commit';
