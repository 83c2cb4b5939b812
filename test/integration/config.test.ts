// redis.conf and the program: a file is read, changed by CONFIG SET, written by CONFIG REWRITE, and
// read again by a second start; wrong files and arguments end the program with Redis's report.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ourServer } from '../support/programs.ts';
import { showReply } from '../support/resp.ts';
import { startServer } from '../support/server.ts';
import { buildFirst, scratchFolder, startOurs, texts } from './support.ts';

const scratch = scratchFolder();
beforeAll(buildFirst);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
function runProgram(args: string[], input = ''): Promise<Ended> {
  const [program, ...first] = ourServer();
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...first, ...args],
      { timeout: 20_000 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

it('refuses TLS for replication or the cluster without certificates', async () => {
  await using server = await startOurs();
  await using client = await server.client();
  for (const name of ['tls-replication', 'tls-cluster']) {
    const refusal = showReply(await client.command('CONFIG', 'SET', name, 'yes'));
    expect(refusal).toContain('Unable to update TLS configuration. Check server logs.');
    expect(await texts(client, 'CONFIG', 'GET', name)).toEqual([name, 'no']);
  }
});

describe('CONFIG REWRITE', () => {
  it('writes what CONFIG SET changed and keeps the comments', async () => {
    const text = '# mine\nmaxmemory 10mb\nhash-max-listpack-entries 100\n\n# end\ntimeout 0\n';
    await using server = await startOurs({ config: text });
    await using client = await server.client();
    expect(await texts(client, 'CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '10485760']);
    await client.expectText('CONFIG', 'SET', 'maxmemory', '20mb', 'timeout', '77');
    await client.expectText('CONFIG', 'SET', 'slowlog-log-slower-than', '-1');
    expect(await client.expectText('CONFIG', 'REWRITE')).toBe('OK');
    const file = join(server.folder, 'redis.conf');
    const written = readFileSync(file, 'utf8');
    expect(written).toContain('# mine\nmaxmemory 20mb\nhash-max-listpack-entries 100\n\n# end\n');
    expect(written).toContain('timeout 77\n');
    expect(written).toContain('slowlog-log-slower-than -1\n');
    const lines = written.split('\n').filter((line) => !/^(port|bind|dir) /.test(line));
    await using again = await startServer({ config: lines.join('\n') });
    await using second = await again.client();
    for (const name of ['maxmemory', 'timeout', 'slowlog-log-slower-than']) {
      const value = await texts(client, 'CONFIG', 'GET', name);
      expect(await texts(second, 'CONFIG', 'GET', name)).toEqual(value);
    }
    // As with Redis, the first rewrite of a file may end it with an empty line; then it stays.
    await second.expectText('CONFIG', 'REWRITE');
    await second.expectText('CONFIG', 'REWRITE');
    const first = readFileSync(join(again.folder, 'redis.conf'), 'utf8');
    await second.expectText('CONFIG', 'REWRITE');
    expect(readFileSync(join(again.folder, 'redis.conf'), 'utf8')).toBe(first);
  });

  it('is refused without a file', async () => {
    await using server = await startOurs();
    await using client = await server.client();
    await expect(client.expectText('CONFIG', 'REWRITE')).rejects.toThrow(
      'The server is running without a config file',
    );
  });
});

describe('the program', () => {
  it('tells its version and usage', async () => {
    const version = await runProgram(['--version']);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(
      /^Redis server v=7\.2\.\d+ sha=00000000:0 malloc=arena bits=64 build=[0-9a-f]{16} disgo=/,
    );
    expect((await runProgram(['--help'])).stderr).toMatch(/^Usage: /);
  });

  it.each([
    ['an unknown option', 'port 0\nnosuch 1\n', /at line 2\n>>> 'nosuch 1'\nBad directive/],
    ['a bad value', '\n\ntimeout many\n', /at line 3\n>>> 'timeout many'\n/],
    ['an open quote', 'requirepass "x\n', /at line 1\n>>> 'requirepass "x'\nUnbalanced quotes/],
  ])('ends at %s with the line', async (name, text, report) => {
    const file = join(scratch, `${name.replaceAll(' ', '-')}.conf`);
    writeFileSync(file, text);
    const { code, stderr } = await runProgram([file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.2\.\d+\) \*\*\*\n/);
    expect(stderr).toMatch(report);
  });

  it('reads its configuration from stdin', async () => {
    const { code, stderr } = await runProgram(['-'], 'maxmemory nonsense\n');
    expect(code).toBe(1);
    expect(stderr).toContain("'maxmemory nonsense'");
  });

  it('ends with code 1 when its port is taken, and names it', async () => {
    await using server = await startOurs();
    const { code, stdout } = await runProgram([
      '--port',
      String(server.port),
      '--bind',
      '127.0.0.1',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain(`Failed listening on port ${server.port} (tcp), aborting.`);
  });

  it('ends with code 0 at SHUTDOWN, and logs its start as Redis does', async () => {
    const server = await startOurs();
    const client = await server.client();
    client.write('SHUTDOWN\r\n');
    await client.waitForClose();
    expect(await server.stop()).toBe(0);
    const log = server.log();
    for (const text of [
      `Running mode=standalone, port=${server.port}.`,
      'Server initialized',
      'Ready to accept connections',
    ]) {
      expect(log).toContain(text);
    }
  });

  it.skipIf(process.platform === 'win32')('ends with code 0 at SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await startOurs();
      const exited = new Promise((resolve) => server.child.once('exit', resolve));
      server.child.kill(signal);
      expect(await exited).toBe(0);
      await server.stop();
    }
  });
});
