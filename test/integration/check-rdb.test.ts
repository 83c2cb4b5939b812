// disgo-check-rdb, the built program, beside redis-check-rdb: sound files, files that are cut, that
// have a wrong checksum or none of the format; exit code and what is reported.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { repositoryRoot } from '../support/programs.ts';
import { dataSet, newHarness, writeDump } from '../support/rdb-data.ts';
import { buildFirst, itWith, scratchFolder } from './support.ts';

/** Exit code, and what does not tell of the program's own insides. */
function report(program: readonly string[], path: string): unknown {
  const { status, stdout } = spawnSync(program[0]!, [...program.slice(1), path]);
  const lines = stdout
    .toString('latin1')
    .replaceAll(Buffer.from(path).toString('latin1'), 'FILE')
    .split('\n');
  const told =
    /^\[info\]|^\[offset \d+\] (AUX|Checking|Selecting|\\o|Checksum|RDB CRC|Invalid)|^--- RDB/;
  return { status, lines: lines.filter((line) => told.test(line)) };
}

itWith('redis-check-rdb', 'says what redis-check-rdb says', async (real) => {
  await buildFirst();
  const h = newHarness();
  for (const parts of dataSet()) h.run(...parts);
  const dump = writeDump(h.keyspace);
  const flipped = dump.slice();
  flipped[flipped.length - 1] = flipped[flipped.length - 1]! ^ 1;
  const files: Record<string, Uint8Array> = {
    sound: dump,
    cut: dump.subarray(0, 30000),
    'wrong checksum': flipped,
    'a field of other bytes': Buffer.from(
      `REDIS0010\xfa\x02\xc3\xff\x01b\xff${'\0'.repeat(8)}`,
      'latin1',
    ),
    // What Redis Enterprise writes between keys, and Dragonfly in front of some.
    'an operation of others': Buffer.from('REDIS0010\xfe\x00\x6b\x81\x01', 'latin1'),
    another: Buffer.from('REDIS0009\xfe\x00\xdc\x01\x00\x00\x00\x00\x01k\x01v', 'latin1'),
    'no dump': Buffer.from('this is something else'),
    empty: new Uint8Array(0),
  };
  const ours = join(repositoryRoot, 'bin/disgo-check-rdb');
  const path = join(scratchFolder(), 'dümp.rdb');
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(path, bytes);
    expect([name, report([process.execPath, ours], path)]).toEqual([name, report([real], path)]);
  }
  expect(report([real], path)).toHaveProperty('status', 1);
  for (const flag of ['-v', '--version']) {
    const { status, stdout } = spawnSync(process.execPath, [ours, flag]);
    expect([status, stdout.toString()]).toEqual([0, 'disgo-check-rdb 0.1.0\n']);
  }
});
