#!/usr/bin/env node
// The program of the package: runs the bundle in dist/.
try {
  require('../dist/disgo-server.cjs');
} catch (error) {
  if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ENOENT')) {
    process.stderr.write('disgo-server: dist/ is missing; run `npm run build` first.\n');
  } else {
    // biome-ignore lint/complexity/useOptionalChain: also an old Node has to read this.
    process.stderr.write(`disgo-server: ${error && error.stack ? error.stack : error}\n`);
  }
  process.exit(1);
}
