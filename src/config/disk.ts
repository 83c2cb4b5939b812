// What the configuration needs of a disk, as an interface: node-disk.ts is the real one, tests
// bring their own. Paths and contents are strings of one character a byte. Failures are the
// system's own words, since Redis shows them to its users.

export interface ReadFailure {
  readonly error: string;
  readonly missing: boolean;
  readonly isFolder: boolean;
}

export interface ConfigDisk {
  /** The absolute form of a path that is relative to the folder `from`. */
  resolvePath(path: string, from: string): string;
  /** Finds the folder a path names and that it can be entered. */
  resolveDirectory(
    path: string,
    from: string,
  ): { readonly path: string } | { readonly error: string };
  /** Reads a whole file. */
  read(path: string): { readonly text: string } | ReadFailure;
  /** Absolute paths that a pattern with `*`, `?` or `[...]` matches, sorted. */
  glob(pattern: string, from: string): string[];
  /** Opens a file for appending and closes it again. Gives the reason when it cannot. */
  tryAppend(path: string): string | null;
  /**
   * Replaces a file so that it has either its old or its new content, also after a crash: temporary
   * name, sync, rename. Gives the reason when it cannot; then the old file is untouched.
   */
  writeAtomically(path: string, text: string): string | null;
}
