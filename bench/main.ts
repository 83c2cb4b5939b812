// The benchmarks: `npm run bench -- [names] [flags]`; the table below has the names, README.md in
// this folder the flags. Exit code 1 only with --check, when a goal is missed.
import { type Flags, readFlags } from '../test/support/args.ts';
import { benchAllocation } from './allocation.ts';
import { benchBullmq } from './bullmq.ts';
import { benchCollections } from './collections.ts';
import { benchConnections } from './connections.ts';
import { contenderFlags } from './contenders.ts';
import { benchDumps } from './dumps.ts';
import { benchEviction } from './eviction.ts';
import { benchMemory, benchTail } from './memory.ts';
import { benchPersistence } from './persistence.ts';
import { benchScripts } from './scripts.ts';
import { benchStartup } from './startup.ts';
import { benchThroughput } from './throughput.ts';

const benchmarks: Readonly<Record<string, (flags: Flags) => Promise<number>>> = {
  throughput: benchThroughput,
  memory: benchMemory,
  collections: benchCollections,
  tail: benchTail,
  startup: benchStartup,
  allocation: benchAllocation,
  connections: benchConnections,
  eviction: benchEviction,
  scripts: benchScripts,
  bullmq: benchBullmq,
  persistence: benchPersistence,
  dumps: benchDumps,
};

const flags = readFlags(
  [
    'tests',
    'pipelines',
    'rounds',
    'requests',
    'json',
    'keys',
    'count',
    'commands',
    'scale',
    ...contenderFlags,
  ],
  ['quick', 'markdown', 'check'],
);

let exitCode = 0;
for (const name of flags.words.length > 0 ? flags.words : ['throughput']) {
  const run = benchmarks[name];
  if (run === undefined) {
    throw new Error(`no benchmark ${name}; there are ${Object.keys(benchmarks).join(', ')}`);
  }
  exitCode = Math.max(exitCode, await run(flags));
}
process.exitCode = exitCode;
