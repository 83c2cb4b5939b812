// What `npm test` counts: each part's last lines, and what becomes of a part that did not end.

import { describe, expect, it } from 'vitest';
// @ts-expect-error a plain script without declarations
import * as counts from '../../scripts/test-counts.mjs';

const { countFuzz, countLoad, countOracle, countSuite, countVitest } = counts;

const report = (fields: object): string =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...fields,
  });

describe('counts', () => {
  it('of vitest', () => {
    expect(countVitest(report({}), false)).toMatchObject({ passed: 5, failed: 0 });
    expect(countVitest(report({ numFailedTests: 2 }), false)).toMatchObject({ failed: 2 });
    const broken = { testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(countVitest(report(broken), false)).toMatchObject({ passed: 5, failed: 1 });
    expect(countVitest(report({ numPassedTests: 0 }), false)).toMatchObject({ failed: 1 });
    expect(countVitest(null, false)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('of skipped tests: failed only where nothing may be skipped', () => {
    const text = report({ numPendingTests: 2, numTodoTests: 1 });
    expect(countVitest(text, false)).toMatchObject({ passed: 5, failed: 0 });
    expect(countVitest(text, true)).toMatchObject({ passed: 5, failed: 3 });
  });

  it('of the oracle', () => {
    const end = 'oracle: 1000 commands in 50 streams, 2 differences, 3.1 s\n';
    expect(countOracle(end)).toMatchObject({ passed: 48, failed: 2 });
    const missing = `MISSING: our server does not know LCS\n${end}`;
    expect(countOracle(missing)).toMatchObject({ passed: 48, failed: 3 });
    expect(countOracle('comparing')).toMatchObject({ passed: 0, failed: 1 });
  });

  it("of Redis's suite and of the fuzzer", () => {
    const end = 'suite: 300 passed, 1 failed, 12 excepted\n';
    expect(countSuite(end)).toMatchObject({ passed: 300, failed: 1, note: '12 excepted' });
    expect(countSuite('')).toMatchObject({ passed: 0, failed: 1 });
    const alive = '10000000 bytes over 900 connections, 5 bytes of replies: alive, no hang, grew\n';
    expect(countFuzz(alive)).toMatchObject({ passed: 1, failed: 0 });
    expect(countFuzz('seed 1, after 5 bytes')).toMatchObject({ passed: 0, failed: 1 });
  });

  it('of the load test', () => {
    const end = 'load: 11 passed, 1 failed, 12345 commands\n';
    expect(countLoad(end)).toMatchObject({ passed: 11, failed: 1, note: '12345 commands' });
    expect(countLoad('load of 200 clients')).toMatchObject({ passed: 0, failed: 1 });
  });
});
