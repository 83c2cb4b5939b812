// oom-score-adj: tells Linux which of its processes to end first when memory runs out. The score
// that the process had before is kept and put back when the option is switched off. Elsewhere there
// is no such thing, and switching it on is refused. A child that writes a snapshot gets a score of
// its own.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { LogLevel } from '../introspection/server-context.ts';

const SCORE_FILE = '/proc/self/oom_score_adj';
const MIN_SCORE = -1000;
const MAX_SCORE = 1000;
const REFUSAL = 'Failed to set current oom_score_adj. Check server logs.';

export type OomRole = 'master' | 'replica';

export interface OomScoreHost {
  readonly config: Config;
  /** Which of the values counts. */
  readonly oomRole: OomRole;
  log(level: LogLevel, text: string): void;
}

export class OomScore {
  readonly #host: OomScoreHost;
  readonly #file: string;
  readonly #childFile: (pid: number) => string;
  /** The score before it was changed; null while it is as it was. */
  #before: number | null = null;

  /** @param file where the kernel keeps the score, `childFile` that of a child; for tests. */
  constructor(
    host: OomScoreHost,
    file: string = SCORE_FILE,
    childFile: (pid: number) => string = (pid) => `/proc/${pid}/oom_score_adj`,
  ) {
    this.#host = host;
    this.#file = file;
    this.#childFile = childFile;
    host.config.onChange(['oom-score-adj', 'oom-score-adj-values'], () =>
      this.apply() ? null : REFUSAL,
    );
  }

  /** Makes the score what the options say. @returns false when that failed; the log says why. */
  apply(): boolean {
    const { values } = this.#host.config;
    const mode = values['oom-score-adj'];
    if (mode === 'no') return this.#before === null || this.#restore(this.#before);
    if (this.#before === null) {
      const score = this.#read();
      if (score === null) return false;
      this.#before = score;
    }
    const own = values['oom-score-adj-values'][this.#host.oomRole];
    return this.#write(this.#file, this.#scoreFor(own, this.#before));
  }

  /** Gives a child that has just begun the score of one. */
  applyToChild(pid: number): void {
    const { values } = this.#host.config;
    if (values['oom-score-adj'] === 'no' || this.#before === null) return;
    const score = this.#scoreFor(values['oom-score-adj-values'].child, this.#before);
    this.#write(this.#childFile(pid), score);
  }

  /** @param before the score that this process had at first */
  #scoreFor(own: number, before: number): number {
    const isAbsolute = this.#host.config.values['oom-score-adj'] === 'absolute';
    return Math.min(MAX_SCORE, Math.max(MIN_SCORE, isAbsolute ? own : own + before));
  }

  #restore(score: number): boolean {
    this.#before = null;
    return this.#write(this.#file, score);
  }

  #read(): number | null {
    try {
      return Number.parseInt(readFileSync(this.#file, 'latin1'), 10);
    } catch (error) {
      this.#host.log('warning', `Unable to read oom_score_adj: ${reasonOf(error)}`);
      return null;
    }
  }

  #write(file: string, score: number): boolean {
    try {
      writeFileSync(file, `${score}\n`);
      return true;
    } catch (error) {
      this.#host.log('warning', `Unable to write oom_score_adj: ${reasonOf(error)}`);
      return false;
    }
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return process.platform === 'linux' ? reason : `${reason} (only Linux has such a score)`;
}
