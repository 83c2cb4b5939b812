// The judge of Redis's suite: what its runner prints, and what counts as passed.
import { describe, expect, it } from 'vitest';
import { judgeUnit, parseExceptions } from './judge.ts';
import { parseOutput } from './parse-output.ts';
import type { UnitRun } from './run-unit.ts';

const output = `Starting test server at port 21079
[ready]: 4242
Testing unit/x
[ok]: one (3 ms)
[ok]: one (4 ms)
[err]: two in tests/unit/x.tcl
Expected '1' to be equal to '2'
    while executing
[ok]: three [with] (parens) (0 ms)
[ignore]: big: large memory flag not provided
[skip]: left
[1/1 done]: unit/x (2 seconds)

                   The End

*** [err]: two in tests/unit/x.tcl
Expected '1' to be equal to '2'
`;

function run(text: string, timedOut = false): UnitRun {
  return { ...parseOutput(text), unit: 'unit/x', seconds: 1, timedOut, logFile: 'x.log' };
}

const unit = { name: 'unit/x' };
const baseline = { passed: { one: 2, two: 1, 'three [with] (parens)': 1 }, failed: ['four'] };

describe('parseOutput', () => {
  it('counts each test by its name and stops at the summary', () => {
    const parsed = parseOutput(output);
    expect([...parsed.passed]).toEqual([
      ['one', 2],
      ['three [with] (parens)', 1],
    ]);
    expect([...parsed.failed]).toEqual([
      ['two', ["Expected '1' to be equal to '2'\n    while executing"]],
    ]);
    expect(parsed.ignored).toEqual(['big: large memory flag not provided']);
    expect(parsed.skipped).toEqual(['left']);
    expect(parsed.finished).toBe(true);
  });

  it('keeps an error that belongs to no test, with its lines', () => {
    const parsed = parseOutput("[err]: Can't start the Redis server\nCONFIGURATION:x\n");
    expect(parsed.loose).toEqual(["Can't start the Redis server\nCONFIGURATION:x\n"]);
    expect(parsed.finished).toBe(false);
  });

  it('keeps what ended the unit early', () => {
    const parsed = parseOutput(
      '[ok]: one (1 ms)\n[exception]: Executing test client: I/O error\nat x\n',
    );
    expect(parsed.exception).toContain('I/O error');
    expect(parsed.exception).toContain('at x');
  });
});

describe('judgeUnit', () => {
  it('fails a test of the baseline that failed', () => {
    const verdict = judgeUnit(unit, [run(output)], baseline, []);
    expect(verdict.failures.map(({ test }) => test)).toEqual(['two']);
    expect(verdict.passed).toBe(3);
  });

  it('takes a test that passes in a later attempt, and says so', () => {
    const second = output.replace('[err]: two in tests/unit/x.tcl', '[ok]: two (1 ms)');
    const verdict = judgeUnit(unit, [run(output), run(second)], baseline, []);
    expect(verdict.failures).toEqual([]);
    expect(verdict.flaky).toEqual(['two']);
  });

  it('fails a test that ran less often than with the real server', () => {
    const once = output.replace('[ok]: one (4 ms)\n', '');
    const verdict = judgeUnit(unit, [run(once)], baseline, []);
    expect(verdict.failures.map(({ test }) => test)).toEqual(['one', 'two']);
  });

  it('fails all that a unit that ended early did not reach', () => {
    const early = '[ok]: one (1 ms)\n[ok]: one (1 ms)\n[exception]: I/O error\n';
    const verdict = judgeUnit(unit, [run(early)], baseline, []);
    expect(verdict.failures.map(({ test }) => test)).toEqual(['two', 'three [with] (parens)']);
    expect(verdict.failures[0]?.detail).toContain('ended early');
  });

  it('fails a test that fails here but that the baseline does not know', () => {
    const text = output
      .replace('two in tests', 'five in tests')
      .replace('[skip]: left', '[ok]: two (1 ms)');
    const verdict = judgeUnit(unit, [run(text)], baseline, []);
    expect(verdict.failures.map(({ test }) => test)).toEqual(['five']);
  });

  it('asks nothing of what the real server fails itself', () => {
    const text = output
      .replace('two in tests', 'four in tests')
      .replace('[skip]: left', '[ok]: two (1 ms)');
    expect(judgeUnit(unit, [run(text)], baseline, []).failures).toEqual([]);
  });

  it('excuses exceptions, and reports those whose test passes or is gone', () => {
    const exceptions = parseExceptions(
      '# a comment\nunit/x :: two :: later\nunit/x :: one :: later\nunit/x :: gone :: later\n',
    );
    const verdict = judgeUnit(unit, [run(output)], baseline, exceptions);
    expect(verdict.failures).toEqual([]);
    expect(verdict.excepted.map(({ test }) => test)).toEqual(['two']);
    expect(verdict.stale.map(({ test }) => test)).toEqual(['one', 'gone']);
  });

  it('fails an error of no test unless an attempt is free of it', () => {
    const loose = `[err]: Can't start the Redis server\n${output}`;
    const exceptions = parseExceptions('unit/x :: two :: later');
    expect(judgeUnit(unit, [run(loose)], baseline, exceptions).failures).toHaveLength(1);
    const attempts = [run(loose), run(output)];
    expect(judgeUnit(unit, attempts, baseline, exceptions).failures).toEqual([]);
  });
});

describe('parseExceptions', () => {
  it('refuses a line without a reason', () => {
    expect(() => parseExceptions('unit/x :: two')).toThrow('exceptions.txt:1');
    expect(() => parseExceptions('\nunit/x :: two ::  ')).toThrow('exceptions.txt:2');
  });
});
