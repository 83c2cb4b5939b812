// Entry of the bundled program dist/disgo-server.js.

import { setEngineFlags } from './engine-flags.ts';
import { main } from './main.ts';

setEngineFlags();
main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`disgo-server: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
