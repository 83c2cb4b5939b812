// Reads how many tests passed and failed from what the parts of `npm test` print or write. Pure;
// called by test.mjs, and tested by test/tidy/test-counts.test.ts. Each function returns { passed,
// failed, note }.

/**
 * Counts of vitest's JSON report. A file that could not be loaded counts as one failure; with
 * `required` a skipped test counts as failed too.
 * @param text the report, or null when vitest wrote none
 */
export function countVitest(text, required) {
  if (text === null) return { passed: 0, failed: 1, note: 'FAILED: no report was written' };
  const report = JSON.parse(text);
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
  ).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles + (required ? skipped : 0),
    note: '',
  };
  if (counts.passed === 0 && counts.failed === 0) counts.failed = 1;
  if (brokenFiles > 0) counts.note = `${brokenFiles} files could not be run`;
  else if (skipped > 0) counts.note = `${skipped} skipped${required ? ', counted as failed' : ''}`;
  return counts;
}

/**
 * Counts of the oracle: a stream of commands is a test, and so is each command that our server
 * lacks.
 */
export function countOracle(output) {
  const last = output.match(/^oracle: (\d+) commands in (\d+) streams, (\d+) differences/m);
  if (last === null) return { passed: 0, failed: 1, note: 'FAILED: it did not end' };
  const differences = Number(last[3]);
  const missing = output.match(/^MISSING: /gm)?.length ?? 0;
  return {
    passed: Math.max(0, Number(last[2]) - differences),
    failed: differences + missing,
    note: `${last[1]} commands in streams of the same seed: ${differences} differences`,
  };
}

/** Counts of Redis's own suite. */
export function countSuite(output) {
  const last = output.match(/^suite: (\d+) passed, (\d+) failed, (\d+) excepted/m);
  if (last === null) return { passed: 0, failed: 1, note: 'FAILED: it did not end' };
  return { passed: Number(last[1]), failed: Number(last[2]), note: `${last[3]} excepted` };
}

/** The fuzzer is one test. */
export function countFuzz(output) {
  const last = output.match(/^(\d+) bytes over (\d+) connections, .*alive, no hang/m);
  if (last === null) return { passed: 0, failed: 1, note: 'FAILED: it did not end' };
  return { passed: 1, failed: 0, note: `${last[1]} bytes over ${last[2]} connections` };
}

/** The load test: each property that it holds the server to is a test. */
export function countLoad(output) {
  const last = output.match(/^load: (\d+) passed, (\d+) failed, (\d+) commands/m);
  if (last === null) return { passed: 0, failed: 1, note: 'FAILED: it did not end' };
  return { passed: Number(last[1]), failed: Number(last[2]), note: `${last[3]} commands` };
}
