// Errors that nobody should see: a command fails that the master or the append-only file has
// brought, where it had worked before, or a replica is answered. The log tells of each, and the
// server stops where `propagation-error-behavior` says so (afterErrorReply of Redis 7.2).

import type { Config } from '../config/config.ts';
import type { Client } from '../engine/client.ts';
import type { LogLevel } from '../introspection/server-context.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';

/** To whom an error goes that nobody asked for. */
export type ErrorReceiver = 'master' | 'replica' | 'AOF-loading-client';

const SENDERS: Record<ErrorReceiver, string> = {
  master: 'replica',
  replica: 'master',
  'AOF-loading-client': 'server',
};
const MAX_SHOWN_CHARACTERS = 4096;

export interface UnexpectedErrorsHost {
  readonly config: Config;
  readonly statistics: { unexpectedErrorReplies: number };
  log(level: LogLevel, text: string): void;
  /** Ends the process as a crash; undefined where the server is a part of another program. */
  readonly crash?: (reason: string) => void;
}

export class UnexpectedErrors {
  readonly #host: UnexpectedErrorsHost;

  constructor(host: UnexpectedErrorsHost) {
    this.#host = host;
  }

  /** An error goes to `to` in answer to the last command of `client`. */
  tell(to: ErrorReceiver, client: Client, error: ReplyError): void {
    const from = SENDERS[to];
    const name = client.lastCommand?.fullName ?? '<unknown>';
    const text = error.text.slice(0, MAX_SHOWN_CHARACTERS);
    this.#host.log(
      'warning',
      `== CRITICAL == This ${from} is sending an error to its ${to}: '-${text}' after processing ` +
        `the command '${name}'`,
    );
    this.#host.statistics.unexpectedErrorReplies++;
    if (this.#isFatal(to)) {
      this.panic(
        `This ${from} panicked sending an error to its ${to} after processing the command '${name}'`,
      );
    }
  }

  #isFatal(to: ErrorReceiver): boolean {
    const { values } = this.#host.config;
    const behavior = values['propagation-error-behavior'];
    if (to === 'AOF-loading-client') return behavior === 'panic';
    return to === 'master' && values['replica-read-only'] && behavior !== 'ignore';
  }

  /** The server may not go on: as part of another program it can only say so. */
  panic(reason: string): void {
    if (this.#host.crash === undefined) this.#host.log('warning', reason);
    else this.#host.crash(reason);
  }
}
