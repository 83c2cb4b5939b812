// Builds dist/: the bundled program and library (rolldown) and, unless --no-types is given, the declarations (tsc).
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Bundles the sources. */
export async function build({ types }) {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const bundle = await rolldown({
    input: {
      index: join(root, 'src/index.ts'),
      'disgo-server': join(root, 'src/cli/disgo-server.ts'),
    },
    platform: 'node',
    logLevel: 'warn',
  });
  await bundle.write({ dir: dist, format: 'esm', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  if (types) {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const result = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
      stdio: 'inherit',
    });
    if (result.status !== 0) throw new Error('the declarations could not be built');
  }
  writeFileSync(join(dist, '.built'), '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ types: !process.argv.includes('--no-types') });
}
