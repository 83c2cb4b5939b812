// `npm run test:replication -- [--runs N] [--seed S] [--commands N] [--accidents N] [--count]
// [--hosts]`: chains of real servers and ours under random load. With `--count` each run is made
// again with servers of one kind only, and their full synchronizations are compared. With `--hosts`
// each server has a network namespace, and what is cut is a host's link. Prints each run's seed;
// the last line is `N passed, N failed`.
import { readFlags } from '../support/args.ts';
import { findProgram } from '../support/programs.ts';
import { Random } from '../support/random.ts';
import type { Kind } from './chain.ts';
import { runChaos } from './chaos.ts';
import { Hosts } from './hosts.ts';

/** Servers of a chain. */
const LENGTH = 4;
const SHAPES: readonly (readonly Kind[])[] = [
  ['ours', 'ours', 'ours', 'ours'],
  ['real', 'ours', 'real', 'ours'],
  ['ours', 'real', 'ours', 'real'],
  ['real', 'ours', 'ours', 'real'],
  ['ours', 'real', 'real', 'ours'],
];

/** Every third run takes snapshots over files, every fourth loads them as they come. */
function argsOf(seed: number): string[] {
  const args = seed % 3 === 2 ? ['--repl-diskless-sync', 'no'] : [];
  if (seed % 4 === 3) args.push('--repl-diskless-load', 'swapdb');
  return args;
}

const path = '../../scripts/ensure-built.mjs';
const { ensureBuilt }: { ensureBuilt: () => Promise<void> } = await import(path);
await ensureBuilt();
const flags = readFlags(['runs', 'seed', 'commands', 'accidents'], ['count', 'hosts']);
const real = findProgram('redis-server');
if (real === undefined) throw new Error('needs redis-server');
const first = flags.count('seed', Random.freshSeed());
const hosts = flags.has('hosts') ? Hosts.open(LENGTH) : undefined;
process.on('exit', () => hosts?.close());
let passed = 0;
let failed = 0;
/** Full synchronizations of the same accidents, of chains of one kind only. */
const counted = { ours: 0, real: 0 };
for (let run = 0; run < flags.count('runs', 10); run++) {
  const seed = first + run;
  const kinds = SHAPES[(run + first) % SHAPES.length]!;
  const options = {
    kinds,
    seed,
    commands: flags.count('commands', 20_000),
    accidents: flags.count('accidents', 8),
    mayKill: seed % 2 === 1,
    args: argsOf(seed),
    ...(hosts === undefined ? {} : { hosts }),
  };
  const result = await runChaos(real, options);
  // Data sets that are all empty would say nothing.
  const isSame = result.keys > 0 && result.digests.every((digest) => digest === result.digests[0]);
  if (isSame) passed++;
  else failed++;
  console.log(
    `${isSame ? 'same' : 'DIFFERENT'} seed ${seed} ${kinds.join('-')} ${options.args.join(' ')} ` +
      `${result.keys} keys, full synchronizations ${result.fullSyncs.join(' ')}`,
  );
  if (!isSame) console.log(`  ${result.digests.join('\n  ')}`);
  if (!flags.has('count')) continue;
  for (const kind of ['ours', 'real'] as const) {
    const { fullSyncs } = await runChaos(real, {
      ...options,
      kinds: kinds.map(() => kind),
      isPaced: true,
    });
    for (const count of fullSyncs) counted[kind] += count;
    console.log(`  ${kind} only: ${fullSyncs.join(' ')}`);
  }
}
if (flags.has('count')) {
  console.log(`full synchronizations: ours only ${counted.ours}, real only ${counted.real}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
