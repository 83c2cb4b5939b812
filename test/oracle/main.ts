// The oracle: `npm run test:oracle -- [flags]`. The same random streams of commands go to our
// server and to a real redis-server; the replies and the data afterwards must be equal. A stream
// that is not is made short and printed with its seed. README.md in this folder lists the flags.
import { readFileSync } from 'node:fs';
import { type Flags, readFlags } from '../support/args.ts';
import {
  inContinuousIntegration,
  ourServer,
  realServer,
  serverVersion,
} from '../support/programs.ts';
import { Random } from '../support/random.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { compareRules } from './acl-rules.ts';
import { compareCommandInfo } from './command-info.ts';
import { compareOutcomes, type Mismatch } from './compare.ts';
import { compareExchange } from './exchange.ts';
import type { Grammar } from './grammar.ts';
import { grammars } from './grammars/index.ts';
import { changedOptions } from './grammars/server.ts';
import type { Judge } from './known-differences.ts';
import { type Outcome, runStream } from './run-stream.ts';
import { shrink } from './shrink.ts';
import { drawStream, parseStep, type Stream, showStep } from './stream.ts';

const STREAM_LENGTH = 200;

interface Pair {
  readonly ours: RunningServer;
  readonly real: RunningServer;
  /** CONFIG SET arguments that put each server's options back. */
  readonly oursRestore: readonly string[];
  readonly realRestore: readonly string[];
  readonly withDigest: boolean;
  readonly judge: Judge;
}

async function main(): Promise<number> {
  const flags = readFlags(
    ['seed', 'commands', 'group', 'resp', 'ours', 'real', 'failures', 'replay', 'length'],
    ['allow-missing', 'quiet'],
  );
  const command = realServer(flags.text('real'));
  if (command === undefined) {
    const text = 'the oracle needs a redis-server (Debian: redis-server), or --real <command>';
    if (inContinuousIntegration()) throw new Error(text);
    console.log(`skipped: ${text}`);
    return 0;
  }
  const version = serverVersion(command);
  const args = ['--save', '', '--enable-debug-command', 'yes'];
  const real = await startServer({ command, args });
  const ours = await startServer({ command: ourServer(flags.text('ours')), args });
  try {
    // A key that is stored with a time gone by is deleted at a moment of each server's own; digests
    // would tell.
    for (const server of [ours, real]) await stopActiveExpiry(server);
    const pair: Pair = {
      ours,
      real,
      oursRestore: await currentOptions(ours),
      realRestore: await currentOptions(real),
      withDigest: (await hasDigest(ours)) && (await hasDigest(real)),
      judge: version.startsWith('7.2.') ? '7.2' : '7.0',
    };
    console.log(`comparing with redis-server ${version}`);
    const replay = flags.text('replay');
    if (replay !== undefined) return await replayFile(pair, replay, flags);
    return await compareAll(pair, flags);
  } finally {
    await ours.stop();
    await real.stop();
  }
}

/** Draws and compares streams, group after group, until enough commands have been sent. */
async function compareAll(pair: Pair, flags: Flags): Promise<number> {
  const wanted = flags.list('group');
  const asked = grammars.filter(({ group }) => wanted === undefined || wanted.includes(group));
  if (asked.length === 0) {
    throw new Error(`no such group; there are ${grammars.map((g) => g.group).join(', ')}`);
  }
  const seed = flags.count('seed', Random.freshSeed());
  const commands = flags.count('commands', 100_000);
  const mostFailures = flags.count('failures', 5);
  const missing = await missingCommands(pair.ours, asked);
  const chosen = asked.map((grammar) => ({
    ...grammar,
    commands: grammar.commands.filter(({ name }) => !missing.includes(name)),
  }));
  if (!pair.withDigest) missing.push('DEBUG DIGEST');
  for (const name of missing) console.log(`MISSING: our server does not know ${name}`);
  const otherTypes = await hasOtherTypes(pair);
  const respFlag = flags.text('resp');
  const startedAt = performance.now();
  console.log(`seed ${seed}, ${commands} commands, groups ${chosen.map((g) => g.group).join(' ')}`);
  let sent = 0;
  let streams = 0;
  let failures = 0;
  const seen = new Set<string>();
  while (sent < commands && failures < mostFailures) {
    const grammar = chosen[streams % chosen.length] as Grammar;
    const resp =
      respFlag === '2' || respFlag === '3' ? Number(respFlag) : 2 + ((streams / chosen.length) & 1);
    const stream = drawStream(grammar, {
      // Stream 0 has the seed itself, so that a printed seed alone draws its stream again.
      seed: (seed + streams * 0x9e3779b1) >>> 0,
      resp: resp === 3 ? 3 : 2,
      length: flags.count('length', STREAM_LENGTH),
      otherTypes,
    });
    sent += stream.steps.length;
    streams++;
    const mismatch = await compareOn(pair, stream);
    if (mismatch === undefined) continue;
    const kind = kindOf(mismatch);
    if (seen.has(kind)) continue;
    seen.add(kind);
    if (await reportFailure(pair, stream, mismatch, seen)) failures++;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `oracle: ${sent} commands in ${streams} streams, ${failures} differences, ${seconds} s`,
  );
  failures += await compareDeclarations(pair, chosen, seed, Math.ceil(commands / 1000));
  const lacking = missing.length > 0 && !flags.has('allow-missing');
  return failures > 0 || lacking ? 1 : 0;
}

/**
 * Compares what random streams do not show: with the group `server` COMMAND INFO of all commands,
 * with `acl` what the rules of `rounds` users mean.
 */
async function compareDeclarations(
  { ours, real, judge }: Pair,
  chosen: readonly Grammar[],
  seed: number,
  rounds: number,
): Promise<number> {
  const ports = { ours: ours.port, real: real.port };
  const groups = chosen.map(({ group }) => group);
  let failures = 0;
  if (groups.includes('server')) {
    for (const { command, field, ours: mine, real: theirs } of await compareCommandInfo(
      ports,
      judge,
    )) {
      console.log(`\nDIFFERENCE in COMMAND INFO ${command}: ${field}`);
      console.log(`  ours  ${mine}\n  real  ${theirs}`);
      failures++;
    }
  }
  if (groups.includes('acl')) {
    const found = await compareRules(ports, seed, rounds);
    if (found !== undefined) {
      console.log(`\nDIFFERENCE in what rules mean, seed ${seed}\n  ${cut(found.what)}`);
      console.log(`  ours  ${cut(found.ours)}\n  real  ${cut(found.real)}`);
      failures++;
    }
    console.log(`rules of ${rounds} users compared`);
  }
  return failures;
}

async function compareOn(pair: Pair, stream: Stream): Promise<Mismatch | undefined> {
  const { withDigest } = pair;
  const run = async (server: RunningServer, restore: readonly string[]): Promise<Outcome> => {
    const options = { restore, withDigest };
    try {
      return await runStream(server.port, stream, options);
    } catch (cause) {
      const { group, seed, resp } = stream;
      const who = server === pair.ours ? 'our server' : 'the real server';
      const last = stream.steps.map(showStep).map(cut).slice(-5).join('\n  ');
      throw new Error(
        `${who} failed in group ${group}, stream seed ${seed}, RESP${resp}; ` +
          `${stream.steps.length} steps, the last of them\n  ${last}\nits log ends with\n${tail(server)}`,
        { cause },
      );
    }
  };
  const [ours, real] = await Promise.all([
    run(pair.ours, pair.oursRestore),
    run(pair.real, pair.realRestore),
  ]);
  const mismatch = compareOutcomes(stream, ours, real, pair.judge);
  if (mismatch !== undefined || !withDigest) return mismatch;
  return compareExchange({ ours: pair.ours.port, real: pair.real.port });
}

async function stopActiveExpiry(server: RunningServer): Promise<void> {
  await using client = await server.client();
  await client.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
}

async function hasDigest(server: RunningServer): Promise<boolean> {
  await using client = await server.client();
  return (await client.command('DEBUG', 'DIGEST')).type !== 'error';
}

/** Shrinks and prints a failing stream; false when its short form has been seen before. */
async function reportFailure(
  pair: Pair,
  stream: Stream,
  first: Mismatch,
  seen: Set<string>,
): Promise<boolean> {
  const { group, seed, resp } = stream;
  const isSame = (found: Mismatch | undefined): boolean =>
    found !== undefined && (found.index === undefined) === (first.index === undefined);
  const small = await shrink(stream, async (candidate) => isSame(await compareOn(pair, candidate)));
  const last = (await compareOn(pair, small)) ?? first;
  const kind = `short: ${kindOf(last)}`;
  if (seen.has(kind)) return false;
  seen.add(kind);
  console.log(`\nDIFFERENCE in group ${group}, stream seed ${seed}, RESP${resp}`);
  for (const step of small.steps) console.log(`  ${cut(showStep(step))}`);
  console.log(`  at    ${cut(last.step)}\n  ours  ${cut(last.ours)}\n  real  ${cut(last.real)}`);
  if (last.ours.includes('internal error')) console.log(tail(pair.ours));
  console.log(
    `  again: npm run test:oracle -- --group ${group} --resp ${resp} --seed ${seed} --commands 1` +
      `\n  or put the steps into a file: npm run test:oracle -- --replay file --resp ${resp}`,
  );
  return true;
}

/** The end of a server's log: why it failed inside. */
function tail(server: RunningServer): string {
  return server.log().split('\n').slice(-20).join('\n');
}

/** Differences of one kind are reported once: the command and both replies, numbers aside. */
function kindOf({ step, ours, real }: Mismatch): string {
  if (step === 'DEBUG DIGEST') return step;
  if (step.includes('restored by')) return step.replace(/: .*/s, '');
  const command = step.toLowerCase().split(' ').slice(0, 1).join(' ');
  const plain = (text: string): string => text.replace(/('[^']*' ?)+/g, "''").replace(/\d+/g, 'N');
  return [command, ours, real].map((text) => plain(text).slice(0, 60)).join(' | ');
}

const cut = (text: string): string => (text.length > 600 ? `${text.slice(0, 600)}...` : text);

/** Runs the steps of a file on both servers and prints the first difference. */
async function replayFile(pair: Pair, file: string, flags: Flags): Promise<number> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const steps = lines.filter((line) => /^\s*(raw )?"/.test(line)).map(parseStep);
  const resp = flags.text('resp') === '3' ? 3 : 2;
  const stream: Stream = { group: 'replay', seed: 0, resp, sending: 'whole', steps };
  const mismatch = await compareOn(pair, stream);
  if (mismatch === undefined) {
    console.log(`${steps.length} steps: equal`);
    return 0;
  }
  console.log(
    `at    ${cut(mismatch.step)}\nours  ${cut(mismatch.ours)}\nreal  ${cut(mismatch.real)}`,
  );
  return 1;
}

/** Commands of the grammars that our server does not know: they would hide behind equal errors. */
async function missingCommands(
  server: RunningServer,
  chosen: readonly Grammar[],
): Promise<string[]> {
  const names = new Set(chosen.flatMap(({ commands }) => commands.map(({ name }) => name)));
  names.delete('NOSUCHCOMMAND');
  await using client = await server.client();
  const missing: string[] = [];
  for (const name of names) {
    const reply = await client.command('COMMAND', 'INFO', name);
    if (reply.type !== 'array' || reply.items[0]?.type !== 'array') missing.push(name);
  }
  return missing;
}

async function hasOtherTypes({ ours, real }: Pair): Promise<boolean> {
  for (const server of [ours, real]) {
    await using client = await server.client();
    const reply = await client.command('COMMAND', 'INFO', 'RPUSH', 'HSET', 'SADD', 'ZADD');
    if (reply.type !== 'array' || reply.items.some((item) => item.type !== 'array')) return false;
  }
  return true;
}

/** The options that streams change, as CONFIG SET arguments with their values of now. */
async function currentOptions(server: RunningServer): Promise<string[]> {
  await using client = await server.client();
  const pairs: string[] = [];
  for (const name of changedOptions) {
    const reply = await client.command('CONFIG', 'GET', name);
    const value = reply.type === 'array' ? reply.items[1] : undefined;
    if (value?.type === 'bulk') pairs.push(name, value.bytes.toString('latin1'));
  }
  return pairs;
}

process.exitCode = await main();
