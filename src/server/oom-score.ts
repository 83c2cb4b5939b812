// oom-score-adj: tells Linux which of its processes to end first when memory runs out. The score
// that the process had before is kept and put back when the option is switched off. Elsewhere there
// is no such thing, and switching it on is refused.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { LogLevel } from '../introspection/server-context.ts';

const SCORE_FILE = '/proc/self/oom_score_adj';
const MIN_SCORE = -1000;
const MAX_SCORE = 1000;
const REFUSAL = 'Failed to apply new oom_score_adj configuration, check server logs.';

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
  /** The score before it was changed; null while it is as it was. */
  #before: number | null = null;

  /** @param file where the kernel keeps the score; tests give another. */
  constructor(host: OomScoreHost, file: string = SCORE_FILE) {
    this.#host = host;
    this.#file = file;
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
    const wanted = mode === 'absolute' ? own : own + this.#before;
    return this.#write(Math.min(MAX_SCORE, Math.max(MIN_SCORE, wanted)));
  }

  #restore(score: number): boolean {
    this.#before = null;
    return this.#write(score);
  }

  #read(): number | null {
    try {
      return Number.parseInt(readFileSync(this.#file, 'latin1'), 10);
    } catch (error) {
      this.#host.log('warning', `Unable to read oom_score_adj: ${reasonOf(error)}`);
      return null;
    }
  }

  #write(score: number): boolean {
    try {
      writeFileSync(this.#file, `${score}\n`);
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
