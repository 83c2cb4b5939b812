// ACL over the engine of a harness, a configuration and a disk in memory: for unit tests.

import { Config } from '../../config/config.ts';
import { MemoryDisk } from '../../config/memory-disk.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { type ConnectedClient, Harness } from '../../engine/testing/harness.ts';
import type { Reply } from '../../engine/testing/parse-reply.ts';
import { seededRandom } from '../../runtime/random.ts';
import { Acl, aclCommand, type DenialCounters } from '../index.ts';

export class AclHarness {
  readonly disk: MemoryDisk = new MemoryDisk();
  readonly config: Config = new Config({
    directory: '/data',
    resolveDirectory: (path, from) => this.disk.resolveDirectory(path, from),
  });
  readonly counters: DenialCounters = {
    aclDeniedAuth: 0,
    aclDeniedCommand: 0,
    aclDeniedKey: 0,
    aclDeniedChannel: 0,
  };
  readonly logged: string[] = [];
  readonly harness: Harness;
  readonly acl: Acl;

  /** @param others commands beside ACL. */
  constructor(others: readonly CommandSpec[]) {
    const specs = [...others, aclCommand(() => this.acl, seededRandom(1))];
    this.harness = new Harness(specs);
    const { engine } = this.harness;
    const { config, disk, counters } = this;
    const log = (level: string, text: string): void => {
      this.logged.push(`${level} ${text}`);
    };
    this.acl = new Acl({ engine, config, disk, counters, log });
    engine.access = this.acl;
    this.acl.welcome(this.harness.client);
    engine.clients.add(this.harness.client);
  }

  /** Runs a command as the client that is there from the start. */
  run(...parts: (string | Uint8Array)[]): Reply {
    return this.harness.run(...parts);
  }

  /** Another client, of the default user or after AUTH of a user without a password. */
  connect(user = ''): ConnectedClient {
    const connected = this.harness.connect();
    this.acl.welcome(connected.client);
    if (user !== '') {
      connected.send('AUTH', user, 'any');
      connected.replies.length = 0;
    }
    return connected;
  }

  /** What a client of a user answers to a command: `OK`, another reply, or the error's text. */
  as(user: string, ...parts: string[]): Reply | string {
    const { client } = this.connect(user);
    const reply = this.harness.runAs(client, ...parts);
    this.harness.engine.clients.remove(client);
    const isError = typeof reply === 'object' && reply !== null && 'error' in reply;
    return isError ? String((reply as { error: unknown }).error) : reply;
  }
}
