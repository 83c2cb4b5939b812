// The load test: `npm run test:load -- [--clients 1000] [--seconds 300] [--seed N] [--quick]`.
// Clients come, go, wait, subscribe and transact as their seeds draw; all they are told is
// compared with models. A run is a row of rounds of 30 s on one server; after each all leave,
// and nothing may be left. Its last line is `load: N passed, N failed, N commands`; a test is a
// property, over all rounds.
import { setTimeout as delay } from 'node:timers/promises';
import { readFlags } from '../support/args.ts';
import { ourServer } from '../support/programs.ts';
import { Random } from '../support/random.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { Person, Round } from './person.ts';
import { checkMemory, checkState, leaveAll, type Memory } from './settle.ts';
import { Ledger, properties, type Topic, World } from './world.ts';

const ROUND_SECONDS = 30;
/** The short form that `npm test` runs: the same draws every time. */
const QUICK = { seeds: [20, 7, 2], clients: 200, seconds: 4 };
/**
 * What may be more than after the first round (see checkMemory). used_memory is exact: 64 KB is
 * room for the buffers of the client that asks. The process has the collector's slack: 1,000
 * clients in ten rounds stay within about 10 MB of the first; after a round of 4 s code is still
 * being compiled.
 */
const USED_BOUND_MEGABYTES = 1 / 16;
const RESIDENT_BOUND_MEGABYTES = 32;
const QUICK_RESIDENT_BOUND_MEGABYTES = 64;
const MEGABYTE = 1024 * 1024;

interface Plan {
  readonly seed: number;
  readonly clients: number;
  readonly seconds: number;
  readonly residentMegabytes: number;
}

/** One round on the running server. @returns what is used afterwards. */
async function runRound(
  server: RunningServer,
  ledger: Ledger,
  number: number,
  plan: Plan,
  first: Memory | undefined,
): Promise<Memory> {
  const world = new World(ledger, server.port, number);
  const round = new Round(world);
  await using control = await server.client();
  const startedAt = performance.now();
  const random = new Random(plan.seed + number);
  const lives = Promise.all(
    Array.from({ length: plan.clients }, (_, index) => {
      return new Person(round, index, random.below(0x1_0000_0000)).live();
    }),
  );
  // An error in a client ends the round at once, and fails the run.
  await Promise.race([lives, delay(plan.seconds * 1000)]);
  await leaveAll(world, control, lives);
  await checkState(world, control);
  await round.counters.verify(control);
  await round.queues.verify(control);
  const memory = await checkMemory(world, server, control, first, {
    usedMegabytes: USED_BOUND_MEGABYTES,
    residentMegabytes: plan.residentMegabytes,
  });
  const inside = server.log().match(/^.*A command failed inside.*$/m)?.[0];
  ledger.check('log', inside, () => 'in the log of the server');
  ledger.commandCount += world.commandCount;
  const seconds = (performance.now() - startedAt) / 1000;
  const resident = memory.residentBytes;
  console.log(
    `round ${number}, seed ${plan.seed}: ${world.connectionCount} connections, ` +
      `${world.commandCount} commands in ${seconds.toFixed(1)} s; left: ` +
      `used_memory ${memory.usedBytes}, resident ` +
      (resident === undefined ? 'not readable here' : `${(resident / MEGABYTE).toFixed(1)} MB`),
  );
  return memory;
}

/** Prints what was checked. A property that nothing was checked of has failed. */
function report(ledger: Ledger, seed: string): { passed: number; failed: number } {
  let passed = 0;
  for (const property of properties) {
    const topic = property.slice(0, property.indexOf(':')) as Topic;
    const checks = ledger.checks.get(topic) ?? 0;
    const failures = ledger.failures.get(topic) ?? 0;
    const isRight = checks > 0 && failures === 0;
    if (isRight) passed++;
    const word = isRight ? 'ok    ' : 'FAILED';
    console.log(`${word} seed ${seed}, ${property}: ${checks} checks, ${failures} failures`);
  }
  return { passed, failed: properties.length - passed };
}

async function main(): Promise<void> {
  const flags = readFlags(['clients', 'seconds', 'seed', 'ours'], ['quick']);
  const isQuick = flags.has('quick');
  const clients = flags.count('clients', isQuick ? QUICK.clients : 1000);
  const seconds = flags.count('seconds', 300);
  const seed = flags.count('seed', Random.freshSeed());
  const rounds = Math.max(2, Math.round(seconds / ROUND_SECONDS));
  const residentMegabytes = isQuick ? QUICK_RESIDENT_BOUND_MEGABYTES : RESIDENT_BOUND_MEGABYTES;
  const roundSeconds = isQuick ? QUICK.seconds : seconds / rounds;
  const seeds = isQuick ? QUICK.seeds : Array.from({ length: rounds }, () => seed);
  const plans: Plan[] = seeds.map((one) => {
    return { seed: one, clients, seconds: roundSeconds, residentMegabytes };
  });
  const shownSeed = isQuick ? QUICK.seeds.join(' ') : String(seed);
  console.log(`load of ${clients} clients in ${plans.length} rounds, seed ${shownSeed}`);
  const server = await startServer({
    command: ourServer(flags.text('ours')),
    args: ['--save', '', '--user', 'loader', 'on', '>secret', '~*', '&*', '+@all'],
  });
  const ledger = new Ledger();
  try {
    let first: Memory | undefined;
    for (const [index, plan] of plans.entries()) {
      const memory = await runRound(server, ledger, index + 1, plan, first);
      first ??= memory;
    }
    const { passed, failed } = report(ledger, shownSeed);
    console.log(`load: ${passed} passed, ${failed} failed, ${ledger.commandCount} commands`);
    if (failed > 0) process.exitCode = 1;
  } catch (error) {
    console.error(server.log().split('\n').slice(-30).join('\n'));
    throw error;
  } finally {
    await server.stop();
  }
}

await main();
