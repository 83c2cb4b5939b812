// disgo-check-aof beside redis-check-aof: sound and broken files, with and without repair; output,
// exit code and what is left of the file must be the same.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { repositoryRoot } from '../support/programs.ts';
import { encodeCommand } from '../support/resp.ts';
import { buildFirst, itWith, scratchFolder } from './support.ts';

const command = (...args: string[]): string =>
  Buffer.from(encodeCommand(args.map((arg) => Buffer.from(arg)))).toString('latin1');
const SET = command('SET', 'a', '1');
const MULTI = command('MULTI');
const EXEC = command('EXEC');

/** A dump with a key in database 3 that has expired. */
const DUMP = `REDIS0010\xfa\x01a\x01b\xfe\x03\xfb\x01\x01\xfc${'\x01'.repeat(5)}\0\0\0\0\x01k\x01v\xff${'\0'.repeat(8)}`;

const FILES: Readonly<Record<string, string>> = {
  sound: SET + MULTI + SET + EXEC,
  empty: '',
  'cut in an argument': SET + SET.slice(0, -5),
  'cut in a number': `${SET}*3\r\n$3`,
  'no command': `${SET}xyz\r\n`,
  'wrong sign': `${SET}*2\r\n*3\r\nfoo\r\n`,
  'open transaction': SET + MULTI + SET,
  'transaction in a transaction': SET + MULTI + MULTI + EXEC,
  'end of none': SET + EXEC,
  'no line end': `${SET}*1\r\n$3\r\nfooXX`,
  'negative length': `${SET}*1\r\n$-5\r\nfoo\r\n`,
  'no number': `${SET}*x\r\n`,
  'with times': `#TS:100\r\n${SET}#TS:200\r\n${SET}`,
  'with a snapshot in front': DUMP + SET,
  'with a wrong time': `#TS:1x\r\n${SET}`,
};
const FLAGS: readonly (readonly string[])[] = [
  [],
  ['--fix'],
  ['--truncate-to-timestamp', '150'],
  ['--truncate-to-timestamp', '50'],
  ['--truncate-to-timestamp', 'zz'],
  ['--truncate-to-timestamp', '+'],
  ['--truncate-to-timestamp', '99999999999999999999'],
];
const MANIFESTS: Readonly<Record<string, string>> = {
  sound: 'file f.1.base.aof seq 1 type b\nfile f.1.incr.aof seq 1 type i\n',
  'the broken one last': 'file f.1.incr.aof seq 1 type i\nfile f.2.incr.aof seq 2 type i\n',
  'the broken one first': 'file f.2.incr.aof seq 1 type i\nfile f.1.incr.aof seq 2 type i\n',
  'a file that is not there': 'file g.aof seq 1 type i\n',
};

interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly files: readonly string[];
}

itWith('redis-check-aof', 'says and does what redis-check-aof does', async (real) => {
  await buildFirst();
  const scratch = join(scratchFolder(), 'aof');
  const programs = [[real], [process.execPath, join(repositoryRoot, 'bin/disgo-check-aof')]];
  const outcomes = (
    files: Readonly<Record<string, string>>,
    args: readonly string[],
    answer: string,
  ): Outcome[] =>
    programs.map(([program = '', ...first]) => {
      rmSync(scratch, { recursive: true, force: true });
      mkdirSync(scratch);
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(scratch, name), text, 'latin1');
      }
      const result = spawnSync(program, [...first, ...args], { input: answer, cwd: scratch });
      return {
        status: result.status,
        output: result.stdout.toString('latin1'),
        files: Object.keys(files).map((name) => readFileSync(join(scratch, name), 'latin1')),
      };
    });
  for (const [name, text] of Object.entries(FILES)) {
    for (const flags of FLAGS) {
      const answers = flags[0] === '--fix' ? ['y\n', 'n\n'] : [''];
      for (const answer of answers) {
        const [theirs, ours] = outcomes({ 'f.aof': text }, [...flags, 'f.aof'], answer);
        expect(ours, `${name}, ${flags.join(' ')}, ${answer}`).toEqual(theirs);
      }
    }
  }
  const [theirs, ours] = outcomes({}, ['.'], '');
  expect(ours).toEqual(theirs);
  const parts = {
    'f.1.base.aof': SET,
    'f.1.incr.aof': SET + SET,
    'f.2.incr.aof': SET + SET.slice(0, -3),
  };
  for (const [name, manifest] of Object.entries(MANIFESTS)) {
    for (const flags of [[], ['--fix']]) {
      const files = { ...parts, 'f.manifest': manifest };
      const [theirs, ours] = outcomes(files, [...flags, 'f.manifest'], 'y\n');
      expect(ours, `${name}, ${flags.join(' ')}`).toEqual(theirs);
    }
  }
});
