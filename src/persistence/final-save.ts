// The last snapshot before the end of the server. Nobody is served meanwhile, yet it is written in
// slices: between two of them signals are heard, so that whoever insists on the end gets it.

import { pathIn } from '../runtime/files.ts';
import type { Background } from './background.ts';
import { innerWriters } from './inner-writer.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { RdbSink } from './rdb-sink.ts';
import { openFailure, temporaryName, type WriterTask, writeFailure } from './snapshot-writer.ts';
import { WriterSink } from './writer-sink.ts';

export class FinalSave {
  readonly #host: PersistenceHost;
  readonly #background: Background;
  #temporaryPath: string | null = null;

  constructor(host: PersistenceHost, background: Background) {
    this.#host = host;
    this.#background = background;
  }

  /** Begins; nothing else may be under way. @param done told why there is no file, or null */
  begin(task: WriterTask, done: (failure: string | null) => void): void {
    const background = this.#background;
    const id = this.#host.fileNumber;
    const writer = innerWriters(this.#host.files, () => id)(task, ({ isDone, text }) => {
      this.#temporaryPath = null;
      background.finish();
      done(isDone ? null : writeFailure(text));
    });
    if ('error' in writer) {
      done(openFailure(task, id, writer.error));
      return;
    }
    this.#temporaryPath = pathIn(task.dir, temporaryName(task, id));
    const sink = new RdbSink(this.#host, (bytes, length) => writer.write(bytes, length), {
      isAofBase: false,
      sums: false,
    });
    background.start('final', new WriterSink(sink, writer));
  }

  /** Ends it at once, without a word to who waits for it; the file of before stays. */
  abandon(): void {
    const path = this.#temporaryPath;
    if (path === null) return;
    this.#temporaryPath = null;
    this.#background.kill();
    try {
      this.#host.files.remove(path);
    } catch {
      // What is left has a name that nobody reads.
    }
  }
}
