// Entry dist/program.cjs: the whole program in one file, run by dist/disgo-server.cjs.

import { main } from './main.ts';

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`disgo-server: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
