// `npm test`: builds, then runs every kind of test that this project has, one after the other, and
// prints as its last line `N passed, N failed`. A part that needs a program which is not installed
// is skipped with its reason; with CI=true or --required nothing but `newest-node` may be skipped,
// and what would be counts as failed.
//   npm test -- --parts unit,oracle      only these (tidy, unit, judges, integration, newest-node, oracle,
//                                          suite, sentinel, fuzz, load)
//   npm test -- --required               as the build machine does it
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure-built.mjs';
import { countFuzz, countLoad, countOracle, countSuite, countVitest } from './test-counts.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Everything together must end within the build machine's 45 minutes. */
const TOTAL_MINUTES = 43;
/** What a part that is asked to end gets for its cleaning up. */
const GRACE_MS = 15_000;

const CI = process.env.CI;
/** Node 20 parses the certificates of a system at each start, and the tests start thousands. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
const { values: flags } = parseArgs({
  options: { parts: { type: 'string' }, required: { type: 'boolean', default: false } },
});
const required = flags.required || (!!CI && CI !== 'false' && CI !== '0');

function hasProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) =>
    endings.some((ending) => {
      try {
        accessSync(join(folder, name + ending), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

/** @returns why a part cannot run here, or null. */
function lacking(...programs) {
  const missing = programs.filter((name) => !hasProgram(name));
  return missing.length === 0 ? null : `needs ${missing.join(', ')}, not installed here`;
}

function oracleObstacle() {
  return process.env.REDIS_SERVER ? null : lacking('redis-server');
}

function suiteObstacle() {
  if (process.platform === 'win32') return 'needs a POSIX system with Tcl';
  const obstacle = lacking('tclsh', 'redis-cli', 'redis-benchmark', 'openssl');
  if (obstacle !== null) return obstacle;
  const isHere = process.env.DISGO_REDIS_SUITE || existsSync(join(root, '.suite/redis-7.0.15'));
  return isHere ? null : lacking('apt-get', 'dpkg-source');
}

/** Another Node for integration tests: what disgo takes from inside Node differs between them. */
const OTHER_NODE = process.env.DISGO_OTHER_NODE;
/** The tests that come near it; all of them would take five minutes. */
const OTHER_NODE_TESTS = [
  'client-memory',
  'compiled-program',
  'embedding',
  'ioredis',
  'limits',
  'node-redis',
  'process.test',
  'programs',
  'protocol',
  'scripts',
  'tls-clients',
];

function otherNodeObstacle() {
  if (!OTHER_NODE) return 'needs DISGO_OTHER_NODE, the path of another Node';
  return existsSync(OTHER_NODE) ? null : `DISGO_OTHER_NODE: there is no ${OTHER_NODE}`;
}

function sentinelObstacle() {
  return suiteObstacle() ?? lacking('redis-sentinel');
}

function vitest(name, reportFile) {
  const which =
    name === 'judges'
      ? ['--root', root, '--config', join(root, 'scripts/judges.vitest.mjs')]
      : ['--project', name];
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  return [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...which, ...reports];
}

function tsx(...args) {
  return ['--import', 'tsx', ...args];
}

/** The same streams each time: a run judges the change. By hand each run draws its own. */
const ORACLE_SEED = '20261125';

/**
 * The parts in their order: quick ones first. `minutes` is the limit of each; what is extra may be
 * skipped anywhere.
 */
function parts(scratch) {
  const ofVitest = (name, minutes, project = name, files = []) => {
    const reportFile = join(scratch, `${name}.json`);
    const read = () => (existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : null);
    const count = () => countVitest(read(), required);
    const args = [...vitest(project, reportFile), ...files];
    return { name, minutes, args, obstacle: () => null, count };
  };
  const program = (name, minutes, args, obstacle, count) => ({
    name,
    minutes,
    args: tsx(...args),
    obstacle,
    count,
  });
  return [
    ofVitest('tidy', 3),
    ofVitest('unit', 12),
    ofVitest('judges', 3),
    ofVitest('integration', 12),
    {
      ...ofVitest('newest-node', 6, 'integration', OTHER_NODE_TESTS),
      node: OTHER_NODE,
      isExtra: true,
      obstacle: otherNodeObstacle,
    },
    program(
      'oracle',
      12,
      ['test/oracle/main.ts', '--seed', ORACLE_SEED],
      oracleObstacle,
      countOracle,
    ),
    program('suite', 36, ['test/redis-suite/main.ts'], suiteObstacle, countSuite),
    program('sentinel', 12, ['test/redis-suite/sentinel.ts'], sentinelObstacle, countSuite),
    program('fuzz', 8, ['test/fuzz/resp-fuzz.ts'], () => null, countFuzz),
    program('load', 3, ['test/load/main.ts', '--quick'], () => null, countLoad),
  ];
}

/** Signals a child and all that it has started. */
function signalTree(child, signal) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/**
 * Runs a part by a Node, shows its output, and resolves to its output and exit code; ends it at
 * its limit.
 */
function run(node, args, limitMs) {
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      env: required ? { ...environment, CI: 'true' } : environment,
    });
    let output = '';
    let timedOut = false;
    const show = (stream) => (chunk) => {
      stream.write(chunk);
      output = (output + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', show(process.stdout));
    child.stderr.on('data', show(process.stderr));
    const limit = setTimeout(() => {
      timedOut = true;
      signalTree(child, 'SIGTERM');
    }, limitMs);
    const end = setTimeout(() => signalTree(child, 'SIGKILL'), limitMs + GRACE_MS);
    const onInterrupt = () => {
      signalTree(child, 'SIGTERM');
      process.exitCode = 130;
    };
    process.once('SIGINT', onInterrupt);
    process.once('SIGTERM', onInterrupt);
    const finish = (code) => {
      clearTimeout(limit);
      clearTimeout(end);
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
      resolve({ output, code, timedOut });
    };
    child.on('error', (error) => {
      output += String(error);
      finish(1);
    });
    // `exit` and not `close`: something that a part left running may still hold its output open.
    child.on('exit', (code) => finish(code ?? 1));
  });
}

/** Runs one part. @returns its counts and a note for the table. */
async function runPart(part, deadlineMs) {
  const obstacle = part.obstacle();
  if (obstacle !== null) {
    if (required && !part.isExtra) return { passed: 0, failed: 1, note: `FAILED: ${obstacle}` };
    return { passed: 0, failed: 0, note: `skipped: ${obstacle}` };
  }
  const leftMs = deadlineMs - Date.now();
  if (leftMs < 1000) return { passed: 0, failed: 1, note: 'FAILED: no time left' };
  const limitMs = Math.min(part.minutes * 60_000, leftMs);
  const { output, code, timedOut } = await run(part.node ?? process.execPath, part.args, limitMs);
  const counts = part.count(output);
  if (timedOut) counts.note = `FAILED: not done within ${part.minutes} minutes`;
  // Whatever a part printed: when it says that it failed, something counts as failed.
  const isFailed = code !== 0 || timedOut;
  if (isFailed && counts.failed === 0) counts.failed = 1;
  if (isFailed) counts.note ||= `exit code ${code}`;
  return counts;
}

async function main() {
  const scratch = mkdtempSync(join(tmpdir(), 'disgo-npm-test-'));
  const deadlineMs = Date.now() + TOTAL_MINUTES * 60_000;
  const all = parts(scratch);
  const wanted = flags.parts?.split(',') ?? all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !all.some((part) => part.name === name));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}`);
  const rows = [];
  try {
    process.stdout.write('# build\n');
    await ensureBuilt({ types: true });
    for (const part of all.filter(({ name }) => wanted.includes(name))) {
      process.stdout.write(`\n# ${part.name}\n`);
      const startedMs = Date.now();
      const counts = await runPart(part, deadlineMs);
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      rows.push({ name: part.name, seconds, ...counts });
      if (process.exitCode === 130) break;
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    rows.push({ name: 'build', seconds: 0, passed: 0, failed: 1, note: 'FAILED' });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  report(rows);
}

function report(rows) {
  let passed = 0;
  let failed = 0;
  process.stdout.write('\n# what ran\n');
  for (const row of rows) {
    passed += row.passed;
    failed += row.failed;
    const counts = `${String(row.passed).padStart(6)} passed ${String(row.failed).padStart(4)} failed`;
    const line = `${row.name.padEnd(12)}${counts}  ${String(row.seconds).padStart(4)} s  ${row.note}`;
    process.stdout.write(`${line.trimEnd()}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode ||= 1;
}

await main();
