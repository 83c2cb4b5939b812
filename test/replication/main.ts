// `npm run test:replication -- [--runs N] [--seed S] [--commands N] [--accidents N]`: chains of
// real servers and ours under random load. Prints each run's seed; the last line is `N passed, N
// failed`.
import { readFlags } from '../support/args.ts';
import { findProgram } from '../support/programs.ts';
import { Random } from '../support/random.ts';
import type { Kind } from './chain.ts';
import { runChaos } from './chaos.ts';

const SHAPES: readonly (readonly Kind[])[] = [
  ['ours', 'ours', 'ours', 'ours'],
  ['real', 'ours', 'real', 'ours'],
  ['ours', 'real', 'ours', 'real'],
  ['real', 'ours', 'ours', 'real'],
  ['ours', 'real', 'real', 'ours'],
];

const path = '../../scripts/ensure-built.mjs';
const { ensureBuilt }: { ensureBuilt: () => Promise<void> } = await import(path);
await ensureBuilt();
const flags = readFlags(['runs', 'seed', 'commands', 'accidents'], []);
const real = findProgram('redis-server');
if (real === undefined) throw new Error('needs redis-server');
const first = flags.count('seed', Random.freshSeed());
let passed = 0;
let failed = 0;
for (let run = 0; run < flags.count('runs', 10); run++) {
  const seed = first + run;
  const kinds = SHAPES[run % SHAPES.length]!;
  const isDisk = run % 3 === 2;
  const result = await runChaos(real, {
    kinds,
    seed,
    commands: flags.count('commands', 20_000),
    accidents: flags.count('accidents', 8),
    mayKill: run % 2 === 1,
    args: isDisk ? ['--repl-diskless-sync', 'no'] : [],
  });
  const isSame = result.digests.every((digest) => digest === result.digests[0]);
  if (isSame) passed++;
  else failed++;
  console.log(
    `${isSame ? 'same' : 'DIFFERENT'} seed ${seed} ${kinds.join('-')} ${isDisk ? 'disk' : 'sockets'} ` +
      `${result.keys} keys, full synchronizations ${result.fullSyncs.join(' ')}`,
  );
  if (!isSame) console.log(`  ${result.digests.join('\n  ')}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
