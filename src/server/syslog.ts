// syslog-enabled: lines of the log to the system's log. Node has no access to the datagram socket
// that it listens on, so the lines go through the program `logger` (util-linux, bsdutils), which is
// started once and reads them from a pipe, each with its priority in front.

import type { ChildProcess } from 'node:child_process';
import type { LogLevel } from '../introspection/server-context.ts';
import { childProcesses } from '../runtime/child-processes.ts';

const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  debug: 7,
  verbose: 6,
  notice: 5,
  warning: 4,
};
const USER_FACILITY = 1;
const FIRST_LOCAL_FACILITY = 16;

/** The number of `user` or `local0` to `local7`. */
export function facilityNumber(name: string): number {
  const digit = /^local([0-7])$/.exec(name)?.[1];
  return digit === undefined ? USER_FACILITY : FIRST_LOCAL_FACILITY + Number(digit);
}

export class Syslog {
  readonly #facility: number;
  readonly #onFailure: (reason: string) => void;
  #program: ChildProcess | null;

  /**
   * @param onFailure told once when there is no such program or it has ended.
   * @param program the program and its first arguments; tests give another.
   */
  constructor(
    ident: string,
    facility: string,
    onFailure: (reason: string) => void,
    program: readonly string[] = ['logger'],
  ) {
    this.#facility = facilityNumber(facility);
    this.#onFailure = onFailure;
    const [file = 'logger', ...first] = program;
    const args = [...first, '--prio-prefix', `--id=${process.pid}`, '--tag', ident];
    const started = childProcesses().spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    started.on('error', (error) => this.#fail(error.message));
    started.on('exit', (code) => this.#fail(`it ended with ${code ?? 'a signal'}`));
    started.stdin.on('error', (error) => this.#fail(error.message));
    // The log keeps no process alive.
    started.unref();
    this.#program = started;
  }

  #fail(reason: string): void {
    if (this.#program === null) return;
    this.#program = null;
    this.#onFailure(`syslog needs the program \`logger\`, which does not serve: ${reason}`);
  }

  write(level: LogLevel, text: string): void {
    const prefix = `<${this.#facility * 8 + PRIORITIES[level]}>`;
    this.#program?.stdin?.write(`${prefix}${text.replaceAll('\n', ' ')}\n`);
  }
}
