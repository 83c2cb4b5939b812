// Entry dist/program.cjs: the program and the library in one file, which V8 can keep in its
// compiled form. Run by dist/disgo-server.cjs and by the package (src/server/library.ts).

import type { EngineTuning } from './engine-flags.ts';
import { main } from './main.ts';

export { createServer } from '../server/embedded.ts';

/**
 * Runs the program with the words of this process.
 * @param tuning told of what V8's settings follow
 */
export function runProgram(tuning: EngineTuning): void {
  main(process.argv.slice(2), tuning).catch((error: unknown) => {
    process.stderr.write(`disgo-server: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
