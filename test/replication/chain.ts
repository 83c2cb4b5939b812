// A chain of servers: the first is the master, each other one the replica of the one before it,
// over a link that can be cut.
import { ourServer } from '../support/programs.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import type { Hosts } from './hosts.ts';
import { Link } from './link.ts';

export type Kind = 'ours' | 'real';

/** On hosts of their own: what is cut off shows only by its silence. */
const APART = ['--protected-mode', 'no', '--repl-timeout', '4', '--repl-ping-replica-period', '1'];
/** Ms that a host is cut off: it comes back before that shows, or after. */
const CUT_MS = [1000, 7000] as const;
const COMMON = ['--save', '', '--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'];

export class Chain {
  readonly kinds: readonly Kind[];
  readonly servers: RunningServer[] = [];
  /** `links[i]` is between server i and server i + 1. */
  readonly links: Link[] = [];
  readonly #realProgram: string;
  readonly #args: readonly string[];
  readonly #hosts: Hosts | null;

  constructor(
    kinds: readonly Kind[],
    realProgram: string,
    args: readonly string[],
    hosts: Hosts | null = null,
  ) {
    this.#hosts = hosts;
    this.kinds = kinds;
    this.#realProgram = realProgram;
    this.#args = args;
  }

  async start(): Promise<void> {
    for (let i = 0; i < this.kinds.length; i++) {
      if (i > 0 && this.#hosts === null)
        this.links.push(await Link.open(this.servers[i - 1]!.port));
      this.servers.push(await this.#startServer(i));
    }
  }

  #startServer(index: number, port?: number): Promise<RunningServer> {
    const hosts = this.#hosts;
    const args = [...COMMON, ...this.#args];
    const before = this.servers[index - 1];
    if (hosts !== null) args.push(...APART);
    if (before !== undefined) {
      const link = this.links[index - 1] ?? before;
      args.push('--replicaof', hosts === null ? '127.0.0.1' : before.host, String(link.port));
    }
    const program = this.kinds[index] === 'real' ? ([this.#realProgram] as const) : ourServer();
    return startServer({
      args,
      command: hosts === null ? program : hosts.command(index, program),
      ...(hosts === null ? {} : { host: hosts.address(index) }),
      ...(port === undefined ? {} : { port }),
    });
  }

  /** Cuts the link to the master of a replica: what is open breaks, or all goes silent. */
  cut(index: number, isLong: boolean): void {
    if (this.#hosts === null) this.links[index - 1]!.cut();
    else this.#hosts.cut(index, CUT_MS[isLong ? 1 : 0]);
  }

  /** Waits until what was cut is whole. */
  async healed(): Promise<void> {
    await this.#hosts?.healed();
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
