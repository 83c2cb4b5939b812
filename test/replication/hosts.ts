// Hosts of their own for servers, on one machine: network namespaces of Linux, joined by a bridge.
// The link of a host can be taken down, and then nothing tells its peers: no packet comes and no
// connection is closed, which a relay on the loopback address cannot show. Needs root and `ip`.
import { execFileSync } from 'node:child_process';
import type { Command } from '../support/programs.ts';

const NETWORK = '10.231.17';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Hosts {
  readonly #names: string[] = [];
  readonly #tag = `dg${process.pid % 100_000}`;
  /** Links that are down, each with what ends that. */
  readonly #down: Map<number, Promise<void>> = new Map();

  /** @throws Error where the machine does not allow it */
  static open(count: number): Hosts {
    const hosts = new Hosts();
    try {
      hosts.#open(count);
    } catch (error) {
      hosts.close();
      throw error;
    }
    return hosts;
  }

  get #bridge(): string {
    return `${this.#tag}b`;
  }

  #open(count: number): void {
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', `${NETWORK}.1/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
    for (let i = 0; i < count; i++) {
      const name = `${this.#tag}n${i}`;
      const outer = `${this.#tag}v${i}`;
      ip('netns', 'add', name);
      this.#names.push(name);
      ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', outer, 'master', this.#bridge, 'up');
      const inside = ['netns', 'exec', name, 'ip'];
      ip(...inside, 'addr', 'add', `${this.address(i)}/24`, 'dev', 'eth0');
      ip(...inside, 'link', 'set', 'eth0', 'up');
      ip(...inside, 'link', 'set', 'lo', 'up');
    }
  }

  address(index: number): string {
    return `${NETWORK}.${index + 2}`;
  }

  /** A command as one that runs on a host. */
  command(index: number, command: Command): Command {
    return ['ip', 'netns', 'exec', this.#names[index]!, ...command];
  }

  /** Takes a host's link down for a while. */
  cut(index: number, ms: number): void {
    if (this.#down.has(index)) return;
    const outer = `${this.#tag}v${index}`;
    ip('link', 'set', outer, 'down');
    const isUp = new Promise<void>((resolve) => {
      setTimeout(() => {
        ip('link', 'set', outer, 'up');
        this.#down.delete(index);
        resolve();
      }, ms);
    });
    this.#down.set(index, isUp);
  }

  /** Waits until all links are up again. */
  async healed(): Promise<void> {
    await Promise.all(this.#down.values());
  }

  close(): void {
    for (const name of this.#names) ip('netns', 'del', name);
    this.#names.length = 0;
    try {
      ip('link', 'del', this.#bridge);
    } catch {
      // It was never made.
    }
  }
}
