// `npm run bench -- connections [--count 10000]`: opens that many connections at once, and every
// one of them must answer, twice; prints the time it took and the memory of a connection.
import { execFileSync } from 'node:child_process';
import type { Flags } from '../test/support/args.ts';
import type { RespClient } from '../test/support/client.ts';
import { residentOf, sides, startSide } from './contenders.ts';
import { printTable, show } from './table.ts';

const OPENING_AT_ONCE = 200;

export async function benchConnections(flags: Flags): Promise<number> {
  const count = flags.count('count', 10_000);
  requireFiles(count + 500);
  const rows: string[][] = [];
  for (const { name, command } of sides(flags)) {
    const server = await startSide(command, ['--maxclients', String(count + 100)]);
    const clients: RespClient[] = [];
    try {
      const empty = residentOf(server);
      const startedAt = performance.now();
      while (clients.length < count) {
        const size = Math.min(OPENING_AT_ONCE, count - clients.length);
        const opening = Array.from({ length: size }, () => server.client());
        clients.push(...(await Promise.all(opening)));
      }
      await pingAll(clients);
      const openedMs = performance.now() - startedAt;
      const roundAt = performance.now();
      await pingAll(clients);
      const roundMs = performance.now() - roundAt;
      const bytes = (residentOf(server) - empty) / count;
      rows.push([name, String(clients.length), show(openedMs), show(roundMs), show(bytes / 1024)]);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
      await server.stop();
    }
  }
  const head = ['server', 'answering', 'open + first PING ms', 'one PING each ms', 'KB/connection'];
  printTable({ title: 'Connections at once', head, rows }, flags.has('markdown'));
  return 0;
}

async function pingAll(clients: readonly RespClient[]): Promise<void> {
  const replies = await Promise.all(clients.map((client) => client.command('PING')));
  for (const [index, reply] of replies.entries()) {
    if (reply.type !== 'simple' || reply.text !== 'PONG') {
      throw new Error(`connection ${index} answered ${JSON.stringify(reply)}`);
    }
  }
}

/** Node raises its own soft limit of open files to the hard one, so only the hard one counts. */
function requireFiles(needed: number): void {
  if (process.platform === 'win32') return;
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  if (limit !== 'unlimited' && Number(limit) < needed) {
    throw new Error(`${needed} open files are needed; the hard limit (ulimit -Hn) is ${limit}`);
  }
}
