// Builds dist/ when it is missing, older than a source file, or without the declarations that are
// asked for; does nothing in an installed package, which has no src/. Called by start.mjs, test.mjs
// and the integration tests.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What build.mjs writes into the stamp of a build with declarations. */
const BUILT_WITH_TYPES = 'with types\n';
/** Files outside src/ that a build depends on. */
const FURTHER_INPUTS = ['scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json'];

function newestIn(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(path));
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

/** Builds if that is needed. @returns true when it has built. */
export async function ensureBuilt({ types = false } = {}) {
  const source = join(root, 'src');
  const stamp = join(root, 'dist/.built');
  if (!existsSync(source)) return false;
  const inputs = [newestIn(source), ...FURTHER_INPUTS.map((f) => statSync(join(root, f)).mtimeMs)];
  const isFresh = existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...inputs);
  if (isFresh && (!types || readFileSync(stamp, 'utf8') === BUILT_WITH_TYPES)) return false;
  // Loaded only now: the bundler is large, and a start that need not build should not wait for it.
  const { build } = await import('./build.mjs');
  await build({ types });
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureBuilt({ types: process.argv.includes('--types') });
}
