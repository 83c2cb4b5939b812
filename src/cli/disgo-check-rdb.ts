// Entry of the bundled program dist/disgo-check-rdb.js.

import { argumentBytes } from '../config/command-line.ts';
import { systemClock } from '../runtime/clock.ts';
import { DISGO_VERSION } from '../version.ts';
import { checkRdb } from './check-rdb.ts';

const [path, ...others] = process.argv.slice(2).map(argumentBytes);
if (path === undefined || others.length > 0) {
  process.stderr.write('Usage: disgo-check-rdb <rdb-file-name>\n');
  process.exitCode = 1;
} else if (path === '-v' || path === '--version') {
  process.stdout.write(`disgo-check-rdb ${DISGO_VERSION}\n`);
} else {
  process.exitCode = checkRdb(path, systemClock.nowMs(), (line) => {
    process.stdout.write(Buffer.from(`${line}\n`, 'latin1'));
  });
}
