// Builds dist/ when it is missing or older than a source file; does nothing in an installed package, which has no src/.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function newestIn(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(path));
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

/** Builds if that is needed. */
export async function ensureBuilt({ types = false } = {}) {
  const source = join(root, 'src');
  const stamp = join(root, 'dist/.built');
  if (!existsSync(source)) return;
  const isFresh = existsSync(stamp) && statSync(stamp).mtimeMs > newestIn(source);
  if (isFresh) return;
  const { build } = await import('./build.mjs');
  await build({ types });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureBuilt();
