// Runs Redis's own suite of Sentinel: real sentinels watch servers of ours, which die, come back,
// and are promoted. `npx tsx test/redis-suite/sentinel.ts [unit]`, for example `00-base`. A run
// that fails is done again, up to twice: its tests wait for elections. The last line counts as the
// other suite's does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, ourServer } from '../support/programs.ts';
import { getSuite, suiteCache } from './get-suite.ts';
import { makeWorkspace } from './workspace.ts';

const ATTEMPTS = 3;
const TIMEOUT_SECONDS = 600;
const PASSED = /^[\d:]{8}> (.*): OK$/gm;

interface Run {
  readonly passed: number;
  readonly isClean: boolean;
  readonly output: string;
}

async function run(sentinel: string, only: string | undefined): Promise<Run> {
  const workspace = makeWorkspace(getSuite(), ourServer(), false);
  symlinkSync(sentinel, join(workspace.folder, 'src', 'redis-sentinel'));
  const args = ['./runtest-sentinel', ...(only === undefined ? [] : ['--single', only])];
  const child = spawn('sh', args, {
    cwd: workspace.folder,
    env: { ...process.env, TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const endGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  process.once('exit', endGroup);
  const limit = setTimeout(endGroup, TIMEOUT_SECONDS * 1000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(limit);
  endGroup();
  process.off('exit', endGroup);
  workspace.remove();
  const isClean = code === 0 && output.includes('GOOD! No errors.');
  return { passed: output.match(PASSED)?.length ?? 0, isClean, output };
}

const sentinel = findProgram('redis-sentinel');
if (sentinel === undefined) throw new Error('redis-sentinel is not installed');
const path = '../../scripts/ensure-built.mjs';
const { ensureBuilt }: { ensureBuilt: () => Promise<void> } = await import(path);
await ensureBuilt();
const logFolder = join(suiteCache, 'logs');
mkdirSync(logFolder, { recursive: true });
let last: Run | undefined;
for (let attempt = 1; attempt <= ATTEMPTS && last?.isClean !== true; attempt++) {
  last = await run(sentinel, process.argv[2]);
  const file = join(logFolder, `sentinel.${attempt}.log`);
  writeFileSync(file, last.output);
  const failures = last.output.split('\n').filter((line) => line.includes('FAILED'));
  const note = last.isClean ? 'ok' : `not clean, output in ${file}`;
  console.log(`sentinel, attempt ${attempt}: ${last.passed} tests, ${note}`);
  for (const line of failures) console.log(`  ${line}`);
}
const failed = last?.isClean === true ? 0 : 1;
console.log(`suite: ${last?.passed ?? 0} passed, ${failed} failed, 0 excepted`);
process.exitCode = failed;
