// `npm run bench -- startup`: milliseconds from starting the program to its first reply, and from
// calling `createServer` in a running process to its first reply (where dist/ has been built).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Flags } from '../test/support/args.ts';
import { RespClient } from '../test/support/client.ts';
import { repositoryRoot } from '../test/support/programs.ts';
import { sides, startSide } from './contenders.ts';
import { median, printTable, show } from './table.ts';

const PROGRAM_GOAL_MS = 150;
const EMBEDDED_GOAL_MS = 15;

/** The part of the package's public interface that is measured here. */
interface Package {
  createServer(options: { port: number }): Promise<{ port: number; close(): Promise<void> }>;
}

export async function benchStartup(flags: Flags): Promise<number> {
  const rounds = flags.count('rounds', flags.has('quick') ? 5 : 15);
  const rows: string[][] = [];
  let missed = 0;
  const add = (name: string, times: readonly number[], goalMs?: number): void => {
    const middle = median(times);
    const met = goalMs === undefined || middle <= goalMs;
    if (!met) missed++;
    const goal = goalMs === undefined ? '' : `${goalMs} ${met ? 'met' : 'MISSED'}`;
    rows.push([name, show(Math.min(...times)), show(middle), show(Math.max(...times)), goal]);
  };
  for (const [index, { name, command }] of sides(flags).entries()) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const server = await startSide(command);
      times.push(server.startMs);
      await server.stop();
    }
    add(`${name}, program`, times, index === 0 ? PROGRAM_GOAL_MS : undefined);
  }
  const times = await embeddedTimes(rounds);
  if (times === undefined) console.log('dist/index.js is not built: createServer is not measured.');
  else {
    add('createServer, the first', times.slice(0, 1));
    add('createServer, later', times.slice(1), EMBEDDED_GOAL_MS);
  }
  const head = ['start to first reply, ms', 'least', 'median', 'most', 'goal'];
  printTable({ title: 'Startup', head, rows }, flags.has('markdown'));
  return flags.has('check') && missed > 0 ? 1 : 0;
}

async function embeddedTimes(rounds: number): Promise<number[] | undefined> {
  const file = join(repositoryRoot, 'dist', 'index.js');
  if (!existsSync(file)) return undefined;
  const library = (await import(pathToFileURL(file).href)) as Package;
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    const server = await library.createServer({ port: 0 });
    const client = await RespClient.connect({ port: server.port });
    await client.command('PING');
    times.push(performance.now() - startedAt);
    await client.close();
    await server.close();
  }
  return times;
}
