// Compares what a unit did with what the real server passes (baseline.json) and with the exceptions
// (exceptions.txt). Pure. A test that the real server passes must pass in one of the attempts,
// as often as there; a unit that ends early fails all tests of the baseline that it did not reach.
import type { UnitRun } from './run-unit.ts';
import type { Unit } from './units.ts';

export interface UnitBaseline {
  /** Test name to how often it passes. */
  readonly passed: Readonly<Record<string, number>>;
  /** Tests that the real server itself fails: nothing is asked of them. */
  readonly failed: readonly string[];
}

export type Baseline = Readonly<Record<string, UnitBaseline>>;

export interface TestException {
  readonly unit: string;
  readonly test: string;
  readonly reason: string;
  readonly line: number;
}

export interface Failure {
  readonly test: string;
  readonly detail: string;
}

export interface Verdict {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly excepted: readonly TestException[];
  /** Exceptions whose test passes: the line must go. */
  readonly stale: readonly TestException[];
  /** Tests that passed in a later attempt only. */
  readonly flaky: readonly string[];
}

/** Reads exceptions.txt: `unit :: test name :: reason` a line; `#` begins a comment. */
export function parseExceptions(text: string): TestException[] {
  const exceptions: TestException[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const entry = raw.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    const [unit, test, reason, ...more] = entry.split(' :: ');
    if (unit === undefined || test === undefined || !reason?.trim() || more.length > 0) {
      throw new Error(`exceptions.txt:${index + 1}: want "unit :: test name :: reason"`);
    }
    exceptions.push({ unit, test, reason, line: index + 1 });
  }
  return exceptions;
}

/** The verdict over all attempts at one unit so far. */
export function judgeUnit(
  unit: Unit,
  attempts: readonly UnitRun[],
  baseline: UnitBaseline,
  exceptions: readonly TestException[],
): Verdict {
  const excepted: TestException[] = [];
  const stale: TestException[] = [];
  const failures: Failure[] = [];
  const flaky: string[] = [];
  let passed = 0;
  const mine = exceptions.filter((exception) => exception.unit === unit.name);
  const expected = unit.drawsNames === true ? drawnNames(attempts) : Object.keys(baseline.passed);
  const names = new Set([...expected, ...unexpectedNames(attempts, baseline)]);
  for (const name of names) {
    const wanted = unit.drawsNames === true ? 1 : (baseline.passed[name] ?? 1);
    const leftOut = unit.leaveOut?.find((left) => matches(left.test, name));
    const exception =
      leftOut === undefined
        ? mine.find((candidate) => candidate.test === name)
        : { unit: unit.name, test: name, reason: leftOut.reason, line: 0 };
    const passedAt = attempts.findIndex((run) => passedIn(run, name, wanted));
    if (passedAt >= 0) {
      passed += wanted;
      if (passedAt > 0) flaky.push(name);
      if (exception !== undefined && passedAt === 0) stale.push(exception);
    } else if (exception !== undefined) excepted.push(exception);
    else failures.push({ test: name, detail: detailOf(attempts, name) });
  }
  for (const exception of mine) {
    if (!names.has(exception.test)) stale.push(exception);
  }
  const loose = attempts.every((run) => run.loose.length > 0) ? attempts.at(-1)?.loose : undefined;
  for (const error of loose ?? []) failures.push({ test: '(no test)', detail: error });
  return { passed, failures, excepted, stale, flaky };
}

/**
 * What ran in a unit whose names are drawn; a unit that ended early has none to be content with.
 */
function drawnNames(attempts: readonly UnitRun[]): string[] {
  const finished = attempts.find((run) => run.finished && run.failed.size === 0);
  return finished === undefined ? ['(the whole unit)'] : [...finished.passed.keys()];
}

/**
 * Tests that failed although the baseline knows nothing of them: their names vary, or they are new.
 */
function unexpectedNames(attempts: readonly UnitRun[], baseline: UnitBaseline): string[] {
  const failedAlways = [...(attempts[0]?.failed.keys() ?? [])].filter((name) =>
    attempts.every((run) => run.failed.has(name)),
  );
  return failedAlways.filter(
    (name) => baseline.passed[name] === undefined && !baseline.failed.includes(name),
  );
}

function passedIn(run: UnitRun, name: string, wanted: number): boolean {
  return (run.passed.get(name) ?? 0) >= wanted && !run.failed.has(name);
}

function detailOf(attempts: readonly UnitRun[], name: string): string {
  const last = attempts.findLast((run) => run.failed.has(name));
  const details = last?.failed.get(name);
  if (details !== undefined) return details.join('\n');
  const run = attempts.at(-1);
  if (run?.timedOut) return 'not reached: the unit ran into its time limit';
  if (run?.exception !== undefined) return 'not reached: the unit ended early';
  if (run?.finished === false) return 'not reached: the runner died';
  return 'not run, or not as often as with the real server';
}

function matches(pattern: string, name: string): boolean {
  return pattern.startsWith('/') ? new RegExp(pattern.slice(1)).test(name) : pattern === name;
}
