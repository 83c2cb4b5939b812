// The two servers that are compared: ours, and a real redis-server where one is installed. Both are
// pinned to one core and the load to another (where `taskset` exists and there are two), so that
// neither the load's own work nor the other server's share of a core enters the numbers. Used by
// every benchmark of this folder.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Flags } from '../test/support/args.ts';
import { cpuTimeNs, residentBytes } from '../test/support/process-stats.ts';
import {
  type Command,
  findProgram,
  ourServer,
  realServer,
  serverVersion,
} from '../test/support/programs.ts';
import { type RunningServer, startServer } from '../test/support/server.ts';

export interface Contender {
  readonly name: string;
  readonly server: RunningServer;
}

/** The names of the flags that `startContenders` reads. */
export const contenderFlags: readonly string[] = ['ours', 'real'];

const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** What each side runs, by name; the real server is missing where none is installed. */
export function sides(flags: Flags): { name: string; command: Command }[] {
  const override = flags.text('ours');
  const name = override === undefined ? 'disgo' : 'ours';
  const found = [{ name, command: ourServer(override) }];
  const real = realServer(flags.text('real'));
  if (real === undefined) console.log('No redis-server is installed: our numbers stand alone.');
  else found.push({ name: `redis ${serverVersion(real)}`, command: real });
  return found;
}

/** Starts both servers without persistence. The caller stops them with `stopAll`. */
export async function startContenders(
  flags: Flags,
  args: readonly string[] = [],
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const { name, command } of sides(flags)) {
    contenders.push({ name, server: await startSide(command, args) });
  }
  return contenders;
}

/** Starts one server, pinned, without persistence. */
export function startSide(command: Command, args: readonly string[] = []): Promise<RunningServer> {
  return startServer({
    command: pinned(command, SERVER_CORE),
    args: ['--save', '', '--appendonly', 'no', ...args],
  });
}

export async function stopAll(contenders: readonly Contender[]): Promise<void> {
  for (const { server } of contenders) await server.stop();
}

/** True when server and load run on cores of their own. */
export function canPin(): boolean {
  return findProgram('taskset') !== undefined && availableParallelism() >= 2;
}

function pinned(command: Command, core: string): Command {
  const taskset = findProgram('taskset');
  if (taskset === undefined || !canPin()) return command;
  return [taskset, '-c', core, ...command];
}

/** Runs a program on the load's core and returns what it printed. */
export async function runLoad(program: string, args: readonly string[]): Promise<string> {
  const [file, ...rest] = pinned([program, ...args], LOAD_CORE);
  const { stdout } = await promisify(execFile)(file, rest, { maxBuffer: 1 << 28 });
  return stdout;
}

/** CPU time used so far by a server, in nanoseconds. Throws where the platform does not tell. */
export function cpuOf(server: RunningServer): number {
  const used = cpuTimeNs(server.pid);
  if (used === undefined) {
    throw new Error(`the CPU time of another process cannot be read on ${process.platform}`);
  }
  return used;
}

/** Resident bytes of a server. Throws where the platform does not tell. */
export function residentOf(server: RunningServer): number {
  const used = residentBytes(server.pid);
  if (used === undefined) {
    throw new Error(`the memory of another process cannot be read on ${process.platform}`);
  }
  return used;
}
