// What a type of option can do: read its words, show itself, and write itself to redis.conf. A Kind
// is made for one option of the table and holds no value; Config keeps the value ("raw") and hands
// it in. Raw may be more exact than the typed value (64-bit numbers are bigint), so what was set
// reads back unchanged.

/** What reading a value may depend on. */
export interface ReadContext {
  /** True while redis.conf is read and a `save` line has been met: save points add up. */
  readonly addSavePoints: boolean;
  /**
   * Finds the folder that `dir` names.
   * @param path as written; relative to `from`
   * @returns its absolute path, or the system's reason why it cannot be entered
   */
  resolveDirectory(
    path: string,
    from: string,
  ): { readonly path: string } | { readonly error: string };
  /** Takes a line for the log about a value that is accepted but questionable. */
  warn(text: string): void;
}

export type ReadResult<Raw> = { readonly raw: Raw } | { readonly error: string };

/**
 * One line for redis.conf; `force`: it is written even when the file has no line for the option.
 */
export interface ConfigLine {
  readonly text: string;
  readonly force: boolean;
}

export interface Kind<Raw, Value> {
  /** Takes any number of words (in CONFIG SET: split at spaces). */
  readonly many: boolean;
  initial(): Raw;
  /** Reads words. `current` is the value so far, which partial settings build upon. */
  read(words: readonly string[], current: Raw, context: ReadContext): ReadResult<Raw>;
  /** Raw for a typed value, for settings that come from the program itself. */
  wrap(value: Value, current: Raw): Raw;
  expose(raw: Raw): Value;
  /** The text that CONFIG GET shows; equal texts are equal values. */
  format(raw: Raw): string;
  /** Lines for redis.conf. None: the option's lines are to be removed from the file. */
  lines(name: string, raw: Raw): readonly ConfigLine[];
}
