// WAIT and WAITAOF: clients that wait until their changes have reached so many replicas, or disks.
// Each is served when replicas acknowledge, and after its timeout gets what there is.

import type { Client } from '../engine/client.ts';
import type { LateWait } from '../engine/late-waits.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Replication } from './replication.ts';

export interface AckRequest {
  readonly client: Client;
  /** Offset of the stream that must have been reached. */
  readonly offset: number;
  /** Writes the reply for as far as things are. */
  write(reply: ReplyWriter): void;
  /** Whether enough have acknowledged. */
  isServed(): boolean;
}

export class Waits {
  #requests: { readonly request: AckRequest; readonly wait: LateWait }[] = [];
  readonly #replication: Replication;

  constructor(replication: Replication) {
    this.#replication = replication;
  }

  /** Lets the client of a request wait. @param timeoutMs 0: for ever. */
  add(request: AckRequest, timeoutMs: number): void {
    const { engine } = this.#replication.server;
    const { client } = request;
    const command = client.lastCommand;
    if (command === null) return;
    const write = (reply: ReplyWriter): void => request.write(reply);
    const wait = engine.lateWaits.add(client, command, timeoutMs, write);
    this.#requests.push({ request, wait });
    this.#replication.requestAcks();
  }

  /** Something was acknowledged: serves those who have waited for it. */
  serve(): void {
    if (this.#requests.length === 0) return;
    for (const { request, wait } of this.#requests) {
      if (!wait.isOver && request.isServed()) wait.settle((reply) => request.write(reply));
    }
    this.#requests = this.#requests.filter(({ wait }) => !wait.isOver);
  }
}
