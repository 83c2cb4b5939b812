// Builds dist/ when it is missing, older than a source file, or without the declarations that are
// asked for; does nothing in an installed package, which has no src/. Called by start.mjs, test.mjs
// and the integration tests.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What build.mjs writes into the stamp of a build with declarations. */
const BUILT_WITH_TYPES = 'with types\n';
/** A build takes seconds; a lock as old as this belongs to nobody. */
const LOCK_LIFE_MS = 120_000;
/** Files outside src/ that a build depends on. */
const FURTHER_INPUTS = [
  'scripts/build.mjs',
  'scripts/warm.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
];

function newestIn(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(path));
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

function isFresh(types) {
  const stamp = join(root, 'dist/.built');
  if (!existsSync(stamp)) return false;
  const inputs = FURTHER_INPUTS.map((file) => statSync(join(root, file)).mtimeMs);
  if (statSync(stamp).mtimeMs <= Math.max(newestIn(join(root, 'src')), ...inputs)) return false;
  return !types || readFileSync(stamp, 'utf8') === BUILT_WITH_TYPES;
}

/** Waits until no other process builds. @returns a function that lets the next one in. */
async function takeLock() {
  const lock = join(root, '.tmp', 'build.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const ageMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    // Whoever took it was killed.
    if (ageMs > LOCK_LIFE_MS) rmSync(lock, { recursive: true, force: true });
    else await delay(50);
  }
}

/** Builds if that is needed; of several processes that ask at once one builds. */
export async function ensureBuilt({ types = false } = {}) {
  if (!existsSync(join(root, 'src')) || isFresh(types)) return;
  const release = await takeLock();
  try {
    if (isFresh(types)) return;
    // Loaded only now: the bundler is large, and a start that need not build should not wait for
    // it.
    const { build } = await import('./build.mjs');
    await build({ types });
  } finally {
    release();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureBuilt({ types: process.argv.includes('--types') });
}
