// Builds dist/: the bundled program and library (rolldown) and, unless --no-types is given, the
// declarations (tsc). The new dist/ is made beside the old one and put in its place when it is
// whole, so a server that starts meanwhile never meets half a build. Called by ensure-built.mjs and
// by `npm run build`.
//
//   index.js, tools, chunks   modules: the library can be bundled into a program of its user's
//   index.cjs, one chunk      the library for require(): for jest, which has no other way, and bundlers
//   program.cjs               program and library in one file, for what V8 can keep of it compiled
//   snapshot-writer.cjs       what the program starts to write a snapshot
//   disgo-server.cjs          runs the program in it; index.js uses the library in it where it can
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { warm } from './warm.mjs';

/** No build takes as long as this. */
const LEFTOVER_AGE_MS = 10 * 60_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Bundles the sources. @throws Error when the bundler or the compiler finds a fault; dist/ is then
 * as it was.
 */
export async function build({ types }) {
  const scratch = join(root, '.tmp');
  removeLeftovers(scratch);
  const next = join(scratch, `dist-${process.pid}`);
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  // The stamp bears the time of the start: a source that changes meanwhile makes the build stale.
  const stamp = join(next, '.built');
  writeFileSync(stamp, types ? 'with types\n' : 'without types\n');
  try {
    await bundleModules(next);
    await bundleCommonLibrary(next);
    await bundleProgram(next);
    await warm(next);
    if (types) buildDeclarations(join(next, 'types'));
    replaceFolder(join(root, 'dist'), next);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** Without comments and blanks the engine reads it sooner; names stay, for stack traces. */
const MINIFY = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

/** A module of Node that is imported for nothing else stays imported, as src/index.ts wants it. */
const treeshake = { moduleSideEffects: [{ test: /^node:/, sideEffects: true }] };

const COMMON = { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' };

/** Bundles files of src/ by the names they get. */
async function bundle(names, output) {
  const input = Object.fromEntries(names.map(([name, file]) => [name, join(root, 'src', file)]));
  const bundled = await rolldown({ input, platform: 'node', logLevel: 'warn', treeshake });
  await bundled.write({ ...output, minify: MINIFY });
  await bundled.close();
}

async function bundleModules(dir) {
  const names = [
    ['index', 'index.ts'],
    ['disgo-check-aof', 'cli/disgo-check-aof.ts'],
    ['disgo-check-rdb', 'cli/disgo-check-rdb.ts'],
    ['disgo-rdb', 'cli/disgo-rdb.ts'],
  ];
  await bundle(names, { dir, format: 'esm', chunkFileNames: '[name]-[hash].js' });
}

async function bundleCommonLibrary(dir) {
  await bundle([['index', 'index.ts']], { dir, ...COMMON });
}

/**
 * The program is one file, which V8 can keep in its compiled form, and a small one to start it.
 * What it starts to write a snapshot is one file, too.
 */
async function bundleProgram(dir) {
  for (const names of [
    ['program', 'cli/program.ts'],
    ['disgo-server', 'cli/disgo-server.ts'],
    ['snapshot-writer', 'cli/snapshot-writer.ts'],
  ]) {
    await bundle([names], { dir, ...COMMON });
  }
  const program = join(dir, 'program.cjs');
  const parameters = 'exports, require, module, __filename, __dirname';
  const code = `(function (${parameters}) {${readFileSync(program, 'utf8')}\n});\n`;
  const digest = createHash('sha256').update(code).digest('hex');
  writeFileSync(program, `//${digest}\n${code}`);
}

/** Builds that were killed leave their folder behind. */
function removeLeftovers(scratch) {
  mkdirSync(scratch, { recursive: true });
  for (const name of readdirSync(scratch).filter((entry) => entry.startsWith('dist-'))) {
    const ageMs =
      Date.now() - (statSync(join(scratch, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (ageMs > LEFTOVER_AGE_MS) rmSync(join(scratch, name), { recursive: true, force: true });
  }
}

function buildDeclarations(outDir) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  const result = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (result.status !== 0) throw new Error('the declarations could not be built');
  copyFileSync(join(root, 'src/index.d.cts'), join(outDir, 'index.d.cts'));
}

function replaceFolder(target, next) {
  const old = `${next}.old`;
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(target, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(next, target);
  rmSync(old, { recursive: true, force: true, maxRetries: 5 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ types: !process.argv.includes('--no-types') });
}
