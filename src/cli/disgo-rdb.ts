// Entry of the bundled program dist/disgo-rdb.js.

import { runRdbTool } from './rdb-tool.ts';

process.exitCode = await runRdbTool(process.argv.slice(2));
