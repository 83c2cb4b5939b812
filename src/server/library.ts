// `createServer` of the package, in whatever form the rest is at hand: as V8 compiled it at an
// earlier run, which takes half the time, or as modules, where the package has been bundled into
// another program, runs from its sources, or lies in a context of its own.

import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { runCompiled } from '../runtime/compiled-form.ts';
import { DisgoError } from './disgo-error.ts';
import type * as Embedded from './embedded.ts';

type Library = Pick<typeof Embedded, 'createServer'>;

function compiledLibrary(): Library | null {
  try {
    // A test runner's module has an Array and an Error that are not those of the main context.
    if (runInThisContext('Object') !== Object) return null;
    return runCompiled(fileURLToPath(new URL('.', import.meta.url))) as Library;
  } catch {
    return null;
  }
}

const library: Library | Promise<Library> = compiledLibrary() ?? import('./embedded.ts');

/**
 * Starts a server in this process.
 * @throws DisgoError (as a rejection) with a stable `code`.
 */
export async function createServer(
  options: Embedded.ServerOptions = {},
): Promise<Embedded.DisgoServer> {
  return (await library).createServer(options, DisgoError);
}
