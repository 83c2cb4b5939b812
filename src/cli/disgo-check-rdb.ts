// Entry of the bundled program dist/disgo-check-rdb.js.

import { systemClock } from '../runtime/clock.ts';
import { checkRdb } from './check-rdb.ts';

const [path, ...others] = process.argv.slice(2);
if (path === undefined || others.length > 0) {
  process.stderr.write('Usage: disgo-check-rdb <rdb-file-name>\n');
  process.exitCode = 1;
} else {
  process.exitCode = checkRdb(path, systemClock.nowMs(), (line) => {
    process.stdout.write(`${line}\n`);
  });
}
