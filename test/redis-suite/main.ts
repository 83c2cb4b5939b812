// Runs Redis's own test suite against our server: `npm run test:redis-suite -- [flags] [unit ...]`.
// Mode: the suite starts our program itself, as src/redis-server. README.md in this folder explains
// the flags; judge.ts what counts as passed. Exit code 0 only when no test fails unexcused.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flags, readFlags } from '../support/args.ts';
import {
  type Command,
  findProgram,
  inContinuousIntegration,
  ourServer,
  realServer,
} from '../support/programs.ts';
import { getSuite, suiteCache } from './get-suite.ts';
import {
  type Baseline,
  judgeUnit,
  parseExceptions,
  type TestException,
  type UnitBaseline,
  type Verdict,
} from './judge.ts';
import { type RunOptions, runUnit, stopAllUnits, type UnitRun } from './run-unit.ts';
import { allUnits, ciUnits, findUnit, type Unit } from './units.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

const here = import.meta.dirname;
const baselineFile = join(here, 'baseline.json');
const exceptionsFile = join(here, 'exceptions.txt');
const ATTEMPTS = 3;

interface Outcome {
  readonly unit: Unit;
  readonly attempts: readonly UnitRun[];
  readonly verdict: Verdict;
}

async function main(): Promise<number> {
  const flags = readFlags(
    ['ours', 'jobs', 'timeout', 'attempts', 'only', 'config'],
    ['all', 'record-baseline', 'strict', 'verbose', 'list'],
  );
  requirePrograms();
  const suite = getSuite();
  const units = chooseUnits(flags, suite);
  if (flags.has('list')) {
    for (const unit of units) console.log(unit.name);
    return 0;
  }
  const recording = flags.has('record-baseline');
  const server = recording ? realServer() : ourServer(flags.text('ours'));
  if (server === undefined) throw new Error('no redis-server found (set REDIS_SERVER)');
  const baseline = readBaseline();
  const exceptions = recording ? [] : parseExceptions(readFileSync(exceptionsFile, 'utf8'));
  const outcomes = await runAll(units, suite, server, flags, (unit, attempts) =>
    judgeUnit(unit, attempts, baseline[unit.name] ?? noBaseline, exceptions),
  );
  if (recording) {
    writeBaseline(baseline, outcomes);
    return outcomes.every((outcome) => outcome.attempts.at(-1)?.finished === true) ? 0 : 1;
  }
  return report(outcomes, flags);
}

const noBaseline: UnitBaseline = { passed: {}, failed: [] };

function requirePrograms(): void {
  const missing = ['tclsh', 'redis-cli', 'redis-benchmark'].filter((name) => !findProgram(name));
  if (missing.length === 0) return;
  const text = `Redis's suite needs ${missing.join(', ')} (Debian: tcl tcl-tls redis-tools procps)`;
  if (inContinuousIntegration()) throw new Error(text);
  console.log(`skipped: ${text}`);
  process.exit(0);
}

function chooseUnits(flags: Flags, suite: string): readonly Unit[] {
  if (flags.words.length > 0) return flags.words.map(findUnit);
  if (!flags.has('all')) return ciUnits;
  const text = readFileSync(join(suite, 'tests', 'test_helper.tcl'), 'utf8');
  const list = /set ::all_tests \{([^}]*)\}/.exec(text)?.[1]?.trim().split(/\s+/);
  if (list === undefined) throw new Error("the suite's list of units was not found");
  return allUnits(list);
}

/** Runs the units over `--jobs` working copies, each unit again while it has unexcused failures. */
async function runAll(
  units: readonly Unit[],
  suite: string,
  server: Command,
  flags: Flags,
  judge: (unit: Unit, attempts: readonly UnitRun[]) => Verdict,
): Promise<Outcome[]> {
  const jobs = Math.max(1, Math.min(flags.count('jobs', 2), units.length));
  const withTls = units.some((unit) => unit.flags?.includes('--tls'));
  const only = flags.text('only');
  const extra = only === undefined ? [] : ['--only', only];
  // `--config "maxmemory 10mb;save x"` gives every server these lines in its configuration file.
  for (const line of flags.text('config')?.split(';') ?? []) {
    const [name = '', ...value] = line.trim().split(' ');
    extra.push('--config', name, value.join(' '));
  }
  const workspaces: Workspace[] = [];
  process.on('exit', () => {
    stopAllUnits();
    for (const workspace of workspaces) workspace.remove();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(130));
  const queue = [...units];
  const outcomes: Outcome[] = [];
  const recording = flags.has('record-baseline');
  const attemptsAllowed = recording ? 1 : flags.count('attempts', ATTEMPTS);
  const work = async (job: number): Promise<void> => {
    const workspace = makeWorkspace(suite, server, withTls);
    workspaces.push(workspace);
    const options: RunOptions = {
      folder: workspace.folder,
      job,
      logFolder: join(suiteCache, 'logs'),
      timeoutSeconds: flags.count('timeout', 900),
      flags: extra,
    };
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      // The real server runs all of a unit: what we leave out stays in the table, excused.
      const unit = recording ? { ...next, leaveOut: [] } : next;
      const attempts: UnitRun[] = [];
      let verdict: Verdict;
      do {
        attempts.push(await runUnit(unit, attempts.length + 1, options));
        verdict = judge(unit, attempts);
      } while (attempts.length < attemptsAllowed && verdict.failures.length > 0);
      const outcome = { unit, attempts, verdict };
      outcomes.push(outcome);
      printUnit(outcome, recording);
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)));
  const position = ({ unit }: Outcome): number => units.findIndex((u) => u.name === unit.name);
  return outcomes.sort((a, b) => position(a) - position(b));
}

function printUnit({ unit, attempts, verdict }: Outcome, recording: boolean): void {
  const last = attempts.at(-1);
  if (last === undefined) return;
  const ok = [...last.passed.values()].reduce((sum, count) => sum + count, 0);
  const failed = recording ? last.failed.size : verdict.failures.length;
  const notes = [
    verdict.excepted.length > 0 ? `${verdict.excepted.length} excepted` : '',
    verdict.flaky.length > 0 ? `${verdict.flaky.length} only when tried again` : '',
    attempts.length > 1 ? `${attempts.length} attempts` : '',
    last.timedOut ? 'TIMED OUT' : last.exception !== undefined ? 'ENDED EARLY' : '',
    !last.timedOut && last.exception === undefined && !last.finished ? 'RUNNER DIED' : '',
  ].filter((note) => note !== '');
  const note = notes.length > 0 ? `  (${notes.join(', ')})` : '';
  const counts = `ok ${ok} failed ${failed} ignored ${last.ignored.length}`;
  console.log(`${unit.name.padEnd(28)} ${counts} ${last.seconds.toFixed(1)}s${note}`);
}

function report(outcomes: readonly Outcome[], flags: Flags): number {
  let passed = 0;
  let failed = 0;
  let excepted = 0;
  const stale: TestException[] = [];
  for (const { unit, attempts, verdict } of outcomes) {
    passed += verdict.passed;
    failed += verdict.failures.length;
    excepted += verdict.excepted.length;
    // With --only most tests do not run: nothing can be said about exceptions then.
    if (flags.text('only') === undefined) stale.push(...verdict.stale);
    if (verdict.failures.length > 0) printFailures(unit, attempts, verdict, flags.has('verbose'));
    for (const name of verdict.flaky.slice(0, 3)) console.log(`unsteady: ${unit.name} :: ${name}`);
    if (verdict.flaky.length > 3)
      console.log(`  and ${verdict.flaky.length - 3} more of that unit`);
  }
  for (const exception of stale) {
    console.log(`stale exception: ${exception.unit} :: ${exception.test} (line ${exception.line})`);
  }
  console.log(`suite: ${passed} passed, ${failed} failed, ${excepted} excepted`);
  return failed > 0 || (flags.has('strict') && stale.length > 0) ? 1 : 0;
}

function printFailures(
  unit: Unit,
  attempts: readonly UnitRun[],
  verdict: Verdict,
  verbose: boolean,
): void {
  const last = attempts.at(-1);
  console.log(
    `\n${unit.name}: ${verdict.failures.length} failed; output in ${last?.logFile ?? '-'}`,
  );
  if (last?.exception !== undefined) console.log(indent(firstLines(last.exception, 12)));
  const unreached = verdict.failures.filter((failure) => failure.detail.startsWith('not reached'));
  for (const failure of verdict.failures) {
    if (unreached.includes(failure)) continue;
    console.log(`  [err] ${failure.test}`);
    console.log(indent(firstLines(failure.detail, verbose ? 1000 : 6)));
  }
  if (unreached.length > 0) {
    console.log(`  ${unreached[0]?.detail}: ${unreached.length} tests, the first of them:`);
    for (const failure of unreached.slice(0, verbose ? 1000 : 3))
      console.log(`    ${failure.test}`);
  }
}

function firstLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rest = lines.length > count ? [`... ${lines.length - count} more lines`] : [];
  return [...lines.slice(0, count).map((line) => line.slice(0, 400)), ...rest].join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ');
}

function readBaseline(): Baseline {
  if (!existsSync(baselineFile)) return {};
  return JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline;
}

/** Keeps the units that were not run; a unit that did not end is not recorded. */
function writeBaseline(old: Baseline, outcomes: readonly Outcome[]): void {
  const next: Record<string, UnitBaseline> = { ...old };
  for (const { unit, attempts } of outcomes) {
    const run = attempts.at(-1);
    if (run === undefined || !run.finished) continue;
    const passed: Record<string, number> = {};
    for (const [name, count] of run.passed) if (!run.failed.has(name)) passed[name] = count;
    next[unit.name] = { passed, failed: [...run.failed.keys()] };
  }
  const sorted = Object.fromEntries(Object.entries(next).sort(([a], [b]) => (a < b ? -1 : 1)));
  mkdirSync(here, { recursive: true });
  writeFileSync(baselineFile, baselineText(sorted));
  const tests = Object.values(sorted).reduce(
    (sum, unit) => sum + Object.values(unit.passed).reduce((a, b) => a + b, 0),
    0,
  );
  console.log(`baseline: ${Object.keys(sorted).length} units, ${tests} tests`);
}

/**
 * One test a line, so that a new recording shows as a small change; laid out as `npm run fix` does.
 */
function baselineText(baseline: Baseline): string {
  const units = Object.entries(baseline).map(([name, unit]) => {
    const tests = Object.entries(unit.passed).map(
      ([test, n]) => `      ${JSON.stringify(test)}: ${n}`,
    );
    const passed = tests.length > 0 ? `{\n${tests.join(',\n')}\n    }` : '{}';
    const list = unit.failed.map((test) => JSON.stringify(test));
    const line = `    "failed": [${list.join(', ')}]`;
    const failed =
      line.length <= 100 ? line : `    "failed": [\n      ${list.join(',\n      ')}\n    ]`;
    return `  ${JSON.stringify(name)}: {\n    "passed": ${passed},\n${failed}\n  }`;
  });
  return `{\n${units.join(',\n')}\n}\n`;
}

process.exitCode = await main();
