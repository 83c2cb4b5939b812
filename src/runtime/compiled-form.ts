// Runs dist/program.cjs in the form that V8 compiled it to at an earlier run: reading the program
// anew is a third of what a start costs beyond Node itself, and half of a first createServer. V8
// refuses what another version or other settings of it have made; the first run that ends in good
// order then leaves a new one beside the program, where it may write there.
//
//   program-<tag>.cache     digest of the program it was made of, digest of the rest (64 digits
//                           each), then V8's bytes; V8 believes them: they must be sound

import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

/** The program is a function, as Node makes one of a module, behind a comment: its digest. */
const DIGEST_START = 2;
const DIGEST_CHARS = 64;
const HEAD = /^\/\/[0-9a-f]{64}\n/;

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readCompiled(file: string, digest: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const compiled = bytes.subarray(2 * DIGEST_CHARS);
    const isSound = bytes.toString('latin1', 0, 2 * DIGEST_CHARS) === digest + digestOf(compiled);
    return isSound ? compiled : undefined;
  } catch {
    return undefined;
  }
}

function writeCompiled(file: string, digest: string, compiled: Uint8Array): void {
  const next = `${file}.${process.pid}`;
  try {
    const descriptor = openSync(next, 'w');
    try {
      writeFileSync(descriptor, digest + digestOf(compiled));
      writeFileSync(descriptor, compiled);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(next, file);
  } catch {
    // Where the package lies cannot be written to: the next start compiles again.
    removeIfAllowed(next);
  }
}

/** Node's permission model refuses this even for a file that is not there. */
function removeIfAllowed(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What stays is a file that nobody reads.
  }
}

/**
 * Evaluates the program in `folder`, as `require` would.
 * @param restoreSettings called before the compiled form is made: gives V8 the settings that it has
 *   now, which the form is kept for
 * @returns what it exports.
 * @throws the system's error where there is none, an Error where it is something else.
 */
export function runCompiled(folder: string, restoreSettings?: () => void): unknown {
  const filename = join(folder, 'program.cjs');
  const bytes = readFileSync(filename);
  const source = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
  if (!HEAD.test(source.slice(0, DIGEST_START + DIGEST_CHARS + 1))) {
    throw new Error(`${filename} is no program of this package`);
  }
  const digest = source.slice(DIGEST_START, DIGEST_START + DIGEST_CHARS);
  // The tag changes with V8's version and with its settings.
  const cacheFile = join(folder, `program-${cachedDataVersionTag()}.cache`);
  const cachedData = readCompiled(cacheFile, digest);
  const options = cachedData === undefined ? { filename } : { filename, cachedData };
  const script = new Script(source, options);
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once('exit', (code) => {
      if (code !== 0) return;
      restoreSettings?.();
      writeCompiled(cacheFile, digest, script.createCachedData());
    });
  }
  const module = { exports: {} };
  // The program is one file and asks only for what Node brings along.
  script.runInThisContext()(
    module.exports,
    (id: string) => process.getBuiltinModule(id),
    module,
    filename,
    folder,
  );
  return module.exports;
}
