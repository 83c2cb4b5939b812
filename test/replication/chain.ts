// A chain of servers: the first is the master, each other one the replica of the one before it,
// over a link that can be cut.
import { type RunningServer, startServer } from '../support/server.ts';
import { Link } from './link.ts';

export type Kind = 'ours' | 'real';

const COMMON = ['--save', '', '--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'];

export class Chain {
  readonly kinds: readonly Kind[];
  readonly servers: RunningServer[] = [];
  /** `links[i]` is between server i and server i + 1. */
  readonly links: Link[] = [];
  readonly #realProgram: string;
  readonly #args: readonly string[];

  constructor(kinds: readonly Kind[], realProgram: string, args: readonly string[]) {
    this.kinds = kinds;
    this.#realProgram = realProgram;
    this.#args = args;
  }

  async start(): Promise<void> {
    for (let i = 0; i < this.kinds.length; i++) {
      if (i > 0) this.links.push(await Link.open(this.servers[i - 1]!.port));
      this.servers.push(await this.#startServer(i));
    }
  }

  #startServer(index: number, port?: number): Promise<RunningServer> {
    const link = this.links[index - 1];
    const args = [...COMMON, ...this.#args];
    if (link !== undefined) args.push('--replicaof', '127.0.0.1', String(link.port));
    return startServer({
      args,
      ...(this.kinds[index] === 'real' ? { command: [this.#realProgram] } : {}),
      ...(port === undefined ? {} : { port }),
    });
  }

  /** Kills a replica; it comes back empty, at the same port. */
  async restart(index: number): Promise<void> {
    const { child, port } = this.servers[index]!;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
    this.servers[index] = await this.#startServer(index, port);
  }

  async stop(): Promise<void> {
    for (const link of this.links) link.close();
    for (const server of this.servers) await server.stop();
  }
}
