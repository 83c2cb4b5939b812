// Runs one unit of the suite, one call of `runtest`, in a working copy, and reads its output.
// The call is a process group of its own, so that a unit that hangs is ended with all its servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseOutput, type UnitOutput } from './parse-output.ts';
import type { Unit } from './units.ts';

export interface UnitRun extends UnitOutput {
  readonly unit: string;
  readonly seconds: number;
  readonly timedOut: boolean;
  /** Where the whole output was written. */
  readonly logFile: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly logFolder: string;
  /** Which of the parallel jobs this is: each has ports of its own. */
  readonly job: number;
  readonly timeoutSeconds: number;
  /** Added to every call, for example `['--config', 'io-threads', '1']`. */
  readonly flags: readonly string[];
}

const PORT_COUNT = 400;
const PORT_RANGES = 28;
const firstRange = Math.floor(Math.random() * PORT_RANGES);
const groups = new Set<number>();

/** Ends every unit that still runs; for the end of this process. */
export function stopAllUnits(): void {
  for (const group of groups) killGroup(group);
}

/** Runs a unit to its end or its time limit. Never rejects for what the unit does. */
export async function runUnit(unit: Unit, attempt: number, options: RunOptions): Promise<UnitRun> {
  const limitSeconds = unit.timeoutSeconds ?? options.timeoutSeconds;
  const args = [
    './runtest',
    '--baseport',
    String(basePort(options.job)),
    '--portcount',
    String(PORT_COUNT),
  ];
  args.push('--clients', '1', '--durable', '--timeout', String(limitSeconds));
  for (const left of unit.leaveOut ?? []) args.push('--skiptest', left.test);
  args.push(...(unit.flags ?? []), ...options.flags, '--single', unit.name);
  const startedAt = performance.now();
  const child = spawn('sh', args, {
    cwd: options.folder,
    env: { ...process.env, TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = child.pid;
  if (group !== undefined) groups.add(group);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(group);
  }, limitSeconds * 1000);
  // `exit`, not `close`: a server left behind would hold the output's pipe open.
  await once(child, 'exit');
  clearTimeout(timer);
  killGroup(group);
  if (group !== undefined) groups.delete(group);
  await drained();
  const text = Buffer.concat(chunks).toString('utf8');
  const logFile = join(options.logFolder, `${unit.name.replaceAll('/', '-')}.${attempt}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  writeFileSync(logFile, text);
  const seconds = (performance.now() - startedAt) / 1000;
  return { ...parseOutput(text), unit: unit.name, seconds, timedOut, logFile };
}

/** Lets what is already in the pipe arrive: two turns of the event loop read it. */
async function drained(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * The job's first port. The suite passes over ports in use; a start drawn at random keeps several
 * runs on one machine apart. It also uses port + 10000, which stays below the ephemeral ports.
 */
function basePort(job: number): number {
  return 10_100 + ((firstRange + job) % PORT_RANGES) * (PORT_COUNT + 40);
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
