// Folders and names that are not ASCII, and relative names: where the log, the pid file, the unix
// socket and the data set lie.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { RespClient } from '../support/client.ts';
import { ourServer, repositoryRoot } from '../support/programs.ts';
import { buildFirst, scratchFolder, startOurs, until } from './support.ts';

const scratch = scratchFolder();
const home = join(scratch, 'hömé 1');
const data = join(home, 'dätä');
beforeAll(async () => {
  await buildFirst();
  mkdirSync(data, { recursive: true });
});

/** What the program prints on stderr and how it ends, in the folder `home`. */
function runAtHome(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const [program, ...first] = ourServer();
  return new Promise((resolve) => {
    const options = { cwd: home, timeout: 60_000 };
    const child = execFile(program, [...first, ...args], options, (_, _stdout, stderr) => {
      resolve({ code: child.exitCode, stderr });
    });
  });
}

it('finds redis.conf in the folder where it starts, and writes the log in `dir`', async () => {
  writeFileSync(join(home, 'ü.conf'), 'logfile lög.txt\nport 0\ndir dätä\n');
  expect(await runAtHome('ü.conf')).toEqual({ code: 1, stderr: '' });
  const log = readFileSync(join(data, 'lög.txt'), 'utf8');
  expect(log).toContain('Configured to not listen anywhere, exiting.');
});

it('shows a wrong line as it was written', async () => {
  writeFileSync(join(home, 'wrong.conf'), 'größe 1\n');
  expect((await runAtHome('wrong.conf')).stderr).toContain(">>> 'größe 1'\n");
});

it.skipIf(process.platform === 'win32')(
  'names of the pid file, the unix socket and the log are meant from `dir`, also when it changes',
  async () => {
    const args = ['--pidfile', 'ä.pid', '--unixsocket', 'ü.sock', '--logfile', 'ö.log'];
    const mayMove = ['--enable-protected-configs', 'yes'];
    await using server = await startOurs({ args: ['--dir', data, ...mayMove, ...args] });
    await using client = await server.client();
    expect(['ä.pid', 'ü.sock', 'ö.log'].map((name) => existsSync(join(data, name)))).toEqual([
      true,
      true,
      true,
    ]);
    await client.expectText('CONFIG', 'SET', 'dir', home);
    await client.expectText('SAVE');
    expect(existsSync(join(home, 'dump.rdb'))).toBe(true);
    expect(readFileSync(join(home, 'ö.log'), 'utf8')).toContain('DB saved on disk');
  },
);

it('a server inside a program saves in the folder where the program is', async () => {
  const script = `
    import { createServer } from ${JSON.stringify(pathToFileURL(join(repositoryRoot, 'dist/index.js')))};
    const server = await createServer({ listen: false, dbfilename: 'embedded.rdb' });
    const stream = server.connect();
    stream.write('SAVE\\r\\n');
    console.log(String(await new Promise((resolve) => stream.once('data', resolve))).trim());
    await server.close();`;
  const args = ['--input-type=module', '--eval', script];
  const ran = await promisify(execFile)(process.execPath, args, { cwd: home, timeout: 60_000 });
  expect(ran.stdout).toBe('+OK\n');
  expect(existsSync(join(home, 'embedded.rdb'))).toBe(true);
});

it.skipIf(process.platform === 'win32')(
  'serves in a folder that has been removed, and saves where it is told to',
  async () => {
    const gone = join(scratch, 'gone');
    mkdirSync(gone);
    const [program, ...first] = ourServer();
    const words = [...first, '--port', '0', '--unixsocket', join(data, 'gone.sock')];
    const args = ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', program, ...words];
    const mayMove = ['--enable-protected-configs', 'yes', '--save', ''];
    const child = spawn('sh', [...args, ...mayMove], { cwd: gone, stdio: 'ignore' });
    onTestFinished(() => void child.kill());
    const exit = new Promise((resolve) => child.once('exit', resolve));
    await until('the socket is there', () => existsSync(join(data, 'gone.sock')));
    await using client = await RespClient.connect({ path: join(data, 'gone.sock') });
    expect(await client.command('SAVE')).toMatchObject({ type: 'error', text: 'ERR' });
    await client.expectText('CONFIG', 'SET', 'dir', data, 'dbfilename', 'kept.rdb');
    await client.expectText('SAVE');
    expect(existsSync(join(data, 'kept.rdb'))).toBe(true);
    client.write('SHUTDOWN NOSAVE\r\n');
    expect(await exit).toBe(0);
  },
);
