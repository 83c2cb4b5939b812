// What a server asks of the machine: the score of the kernel's OOM killer, the system's log.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Config } from '../config/config.ts';
import { OomScore } from './oom-score.ts';
import { facilityNumber, Syslog } from './syslog.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disgo-parts-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function set(config: Config, ...pairs: [string, string][]): Promise<string | null> {
  const outcome = await config.set(pairs, { local: true, loading: false });
  return outcome === null ? null : JSON.stringify(outcome);
}

it('the OOM score follows the options and is put back', async () => {
  const config = new Config({ directory: '/', resolveDirectory: () => ({ error: 'none' }) });
  const file = join(folder, 'score');
  const logged: string[] = [];
  const score = (): string => readFileSync(file, 'utf8');
  writeFileSync(file, '22\n');
  const host = {
    config,
    oomRole: 'master' as const,
    log: (_: string, text: string) => logged.push(text),
  };
  const child = join(folder, 'child');
  const oomScore = new OomScore(host, file, (pid) => `${child}${pid}`);
  oomScore.applyToChild(7);
  expect(await set(config, ['oom-score-adj-values', '9 10 11'])).toBeNull();
  expect(score()).toBe('22\n');
  expect(await set(config, ['oom-score-adj', 'relative'])).toBeNull();
  expect(score()).toBe('31\n');
  oomScore.applyToChild(7);
  expect(readFileSync(`${child}7`, 'utf8')).toBe('33\n');
  expect(await set(config, ['oom-score-adj', 'absolute'])).toBeNull();
  oomScore.applyToChild(8);
  expect(readFileSync(`${child}8`, 'utf8')).toBe('11\n');
  expect(score()).toBe('9\n');
  expect(await set(config, ['oom-score-adj-values', '2000 0 0'])).toBeNull();
  expect(score()).toBe('1000\n');
  expect(await set(config, ['oom-score-adj', 'no'])).toBeNull();
  expect(score()).toBe('22\n');
  rmSync(file);
  expect(await set(config, ['oom-score-adj', 'yes'])).toContain(
    'Failed to set current oom_score_adj',
  );
  expect(config.format('oom-score-adj')).toBe('no');
  expect(logged.at(-1)).toMatch(/^Unable to read oom_score_adj: /);
});

it('lines for the system log go to the program with their priority', async () => {
  const file = join(folder, 'lines');
  const script = `read a; read b; (echo "$@"; echo "$a"; echo "$b") > ${file}`;
  const failed = new Promise<string>((resolve) => {
    const syslog = new Syslog('me', 'local3', resolve, ['sh', '-c', script, 'sh']);
    syslog.write('warning', 'one\ntwo');
    syslog.write('debug', 'three');
  });
  expect(await failed).toContain('it ended with 0');
  expect(readFileSync(file, 'utf8')).toBe(
    `--prio-prefix --id=${process.pid} --tag me\n<${19 * 8 + 4}>one two\n<${19 * 8 + 7}>three\n`,
  );
});

it('says so when there is no such program', async () => {
  const reason = await new Promise<string>((resolve) => {
    new Syslog('me', 'user', resolve, [join(folder, 'none')]);
  });
  expect(reason).toMatch(/^syslog needs the program `logger`, which does not serve: .*ENOENT/);
  expect([facilityNumber('user'), facilityNumber('local0'), facilityNumber('local7')]).toEqual([
    1, 16, 23,
  ]);
});
