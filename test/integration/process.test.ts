// The program as a process: in the background, with its pid file, its log, its signals, its crash
// report. Each test has a server of its own.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RespClient } from '../support/client.ts';
import { ourServer, repositoryRoot } from '../support/programs.ts';
import { encodeCommand, showReply } from '../support/resp.ts';
import { freePort, type RunningServer } from '../support/server.ts';
import {
  buildFirst,
  ended,
  infoField,
  infoNumber,
  runProgram,
  scratchFolder,
  startOurs,
  until,
} from './support.ts';

const scratch = scratchFolder();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// Elsewhere npm makes starters of its own, of disgo-server.cjs.
it.skipIf(process.platform === 'win32')(
  'bin/disgo-server has Node start as it serves best, and without certificates',
  async () => {
    await buildFirst();
    const preload = join(scratch, 'preload.cjs');
    const told = '[process.execArgv, process.env.NODE_EXTRA_CA_CERTS ?? null]';
    writeFileSync(preload, `process.stderr.write(JSON.stringify(${told}));`);
    const NODE_EXTRA_CA_CERTS = join(scratch, 'none.pem');
    const { status, stdout, stderr } = spawnSync(
      join(repositoryRoot, 'bin', 'disgo-server'),
      ['--version'],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS, NODE_OPTIONS: `--require "${preload}"` },
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '[["--v8-pool-size=1"],null]' });
    expect(stdout).toMatch(/^Redis server v=/);
  },
);

describe('daemonize', () => {
  it('leaves when the server serves; the pid file comes and goes', async () => {
    await buildFirst();
    const port = await freePort();
    const pidFile = join(scratch, 'a.pid');
    const logFile = join(scratch, 'a.log');
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
    const files = ['--pidfile', pidFile, '--logfile', logFile];
    const { code, stdout, stderr } = await runProgram([...options, ...files, '--daemonize', 'yes']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const client = await RespClient.connect({ host: '127.0.0.1', port });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(await infoNumber(client, 'process_id')).toBe(pid);
    const log = readFileSync(logFile, 'utf8');
    expect(log).toContain(`pid=${pid}, just started`);
    expect(log).toContain(`Running mode=standalone, port=${port}.`);
    client.write(encodeCommand(['SHUTDOWN']));
    await until('the end of the process', () => !isAlive(pid));
    expect(existsSync(pidFile)).toBe(false);
    expect(readFileSync(logFile, 'utf8')).toMatch(
      /User requested shutdown\.\.\.[\s\S]*Removing the pid file\.[\s\S]*ready to exit, bye bye/,
    );
  });

  it('the server in the background does not parse certificates', async () => {
    const preload = join(scratch, 'environment.cjs');
    const told = join(scratch, 'environment.txt');
    const line = '(process.env.NODE_EXTRA_CA_CERTS ?? "none") + "\\n"';
    writeFileSync(preload, `require('fs').appendFileSync(${JSON.stringify(told)}, ${line});`);
    const pidFile = join(scratch, 'c.pid');
    const port = await freePort();
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--pidfile', pidFile];
    const { code } = await runProgram([...options, '--daemonize', 'yes'], '', {
      ...process.env,
      NODE_EXTRA_CA_CERTS: 'certificates.pem',
      NODE_OPTIONS: `--require "${preload}"`,
    });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid);
    await until('the end of the process', () => !isAlive(pid));
    expect(code).toBe(0);
    expect(readFileSync(told, 'utf8')).toBe('certificates.pem\nnone\n');
  });

  it('tells by its exit code that the server could not start', async () => {
    await using server = await startOurs();
    const logFile = join(scratch, 'b.log');
    const options = ['--port', String(server.port), '--bind', '127.0.0.1', '--daemonize', 'yes'];
    const { code, stderr } = await runProgram([
      ...options,
      '--logfile',
      logFile,
      '--pidfile',
      join(scratch, 'b.pid'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('see its log');
    expect(readFileSync(logFile, 'utf8')).toContain('Failed listening on port');
  });
});

describe('signals', () => {
  it('SIGTERM ends the server at the next tick; SHUTDOWN ABORT takes it back', async () => {
    await using server = await startOurs({ args: ['--enable-debug-command', 'yes'] });
    await using client = await server.client();
    expect(showReply(await client.command('SHUTDOWN', 'ABORT'))).toContain('No shutdown in prog');
    await client.expectText('DEBUG', 'PAUSE-CRON', '1');
    server.child.kill('SIGTERM');
    await until('the signal', () => server.log().includes('Received SIGTERM scheduling shutdown'));
    expect(await client.expectText('SHUTDOWN', 'ABORT')).toBe('OK');
    await client.expectText('DEBUG', 'PAUSE-CRON', '0');
    expect(await client.expectText('PING')).toBe('PONG');
    expect(server.log()).toContain('Shutdown manually aborted.');
    server.child.kill('SIGTERM');
    expect(await ended(server)).toBe(0);
    expect(server.log()).toContain('bye bye');
  });

  it('SIGINT twice ends the process at once; SIGHUP does nothing', async () => {
    await using server = await startOurs({ args: ['--enable-debug-command', 'yes'] });
    await using client = await server.client();
    await client.expectText('DEBUG', 'PAUSE-CRON', '1');
    server.child.kill('SIGHUP');
    server.child.kill('SIGINT');
    await until('the signal', () => server.log().includes('Received SIGINT'));
    expect(await client.expectText('PING')).toBe('PONG');
    server.child.kill('SIGINT');
    expect(await ended(server)).toBe(1);
    expect(server.log()).toContain('You insist... exiting now.');
  });

  it('SIGINT during the last save ends the process: nobody is served, the old file stays', async () => {
    await using server = await startOurs({ args: ['--save', '3600 1'] });
    await using client = await server.client();
    await client.expectText('SET', 'before', '1');
    await client.expectText('SAVE');
    const saved = readFileSync(join(server.folder, 'dump.rdb'));
    for (let i = 0; i < 20; i++) await client.expectText('SET', `key:${i}`, '1');
    await client.expectText('CONFIG', 'SET', 'rdb-key-save-delay', '100000');
    const temporary = join(server.folder, `temp-${server.child.pid}.rdb`);
    server.child.kill('SIGINT');
    await until('the save', () => existsSync(temporary));
    client.write(encodeCommand(['SET', 'late', '1']));
    server.child.kill('SIGINT');
    expect(await ended(server)).toBe(1);
    expect(existsSync(temporary)).toBe(false);
    expect(readFileSync(join(server.folder, 'dump.rdb'))).toEqual(saved);
    await expect(client.read()).rejects.toThrow();
  });

  it('what SHUTDOWN SAVE cannot save is answered, and the server goes on', async () => {
    await using server = await startOurs({ args: ['--save', ''] });
    mkdirSync(join(server.folder, 'dump.rdb'));
    await using client = await server.client();
    await using other = await server.client();
    client.write(encodeCommand(['SHUTDOWN', 'SAVE']));
    expect(await other.expectText('SET', 'a', '1')).toBe('OK');
    expect(showReply(await client.read())).toContain('Errors trying to SHUTDOWN');
    expect(await client.expectText('GET', 'a')).toBe('1');
  });

  it('whose connection ends at a shutdown finds nobody listening any more', async () => {
    await using server = await startOurs();
    // Many, so that closing them takes its time.
    const clients = await Promise.all(
      Array.from({ length: 300 }, () => RespClient.connect({ port: server.port })),
    );
    // The one that is closed first.
    const [first] = clients as [RespClient];
    const again = first
      .waitForClose()
      .then(() => RespClient.connect({ port: server.port }))
      .then(
        () => 'connected',
        (error: NodeJS.ErrnoException) => error.code,
      );
    clients.at(-1)!.write(encodeCommand(['SHUTDOWN', 'NOSAVE']));
    expect(await again).toBe('ECONNREFUSED');
    await ended(server);
    for (const client of clients) await client.close();
  });

  it('shutdown-on-sigterm says how', async () => {
    await using server = await startOurs({ args: ['--shutdown-on-sigterm', 'save'] });
    // Where the dump file should go there is a folder, so nothing can be saved.
    mkdirSync(join(server.folder, 'dump.rdb'));
    await using client = await server.client();
    server.child.kill('SIGTERM');
    await until('the refusal', () => server.log().includes('Errors trying to shut down'));
    expect(await client.expectText('PING')).toBe('PONG');
    await client.expectText('CONFIG', 'SET', 'shutdown-on-sigterm', 'nosave now force');
    server.child.kill('SIGTERM');
    expect(await ended(server)).toBe(0);
  });
});

describe('a crash', () => {
  it.each([
    ['SEGFAULT', 'SIGSEGV', /crashed by signal: SIGSEGV/],
    ['PANIC', 'SIGABRT', /Guru Meditation/],
    ['ASSERT', 'SIGABRT', /ASSERTION FAILED/],
  ])('DEBUG %s: a report, then the process ends by a signal', async (word, signal, text) => {
    await using server = await startOurs({ args: ['--enable-debug-command', 'yes'] });
    const client = await server.client();
    await client.expectText('CLIENT', 'SETNAME', 'witness');
    client.write(encodeCommand(['DEBUG', word]));
    expect(await ended(server)).toBe(signal);
    const log = server.log();
    expect(log).toMatch(text);
    expect(log).toMatch(/BUG REPORT START[\s\S]*STACK TRACE[\s\S]*crashFor[\s\S]*BUG REPORT END/);
    expect(log).toMatch(/\nconnected_clients:1\r?\n/);
    expect(log).toMatch(/ name=witness .* cmd=debug /);
  });

  it('SIGABRT from outside; none with crash-log-enabled no', async () => {
    await using server = await startOurs();
    server.child.kill('SIGABRT');
    expect(await ended(server)).toBe('SIGABRT');
    expect(server.log()).toContain('crashed by signal: SIGABRT');
    await using silent = await startOurs({ args: ['--crash-log-enabled', 'no'] });
    silent.child.kill('SIGABRT');
    expect(await ended(silent)).toBe('SIGABRT');
    expect(silent.log()).not.toContain('crashed');
  });
});

describe('what the process shows', () => {
  it('its title, by the template', async () => {
    if (process.platform !== 'linux') return;
    await using server = await startOurs({ args: ['--proc-title-template', '{port} T'] });
    await using client = await server.client();
    const title = (): string =>
      readFileSync(`/proc/${server.pid}/cmdline`, 'latin1').split('\0')[0] ?? '';
    expect(title()).toBe(`${server.port} T`);
    await client.expectText('CONFIG', 'SET', 'proc-title-template', 'U {listen-addr}');
    expect(title()).toBe(`U 127.0.0.1:${server.port}`);
  });

  it('the logo where it is asked for', async () => {
    await using server = await startOurs({ args: ['--always-show-logo', 'yes'] });
    expect(server.log()).toContain(`PID: ${server.pid}`);
  });

  it('a line for each check of the system, and of the memory', async () => {
    await buildFirst();
    const { stdout } = await runProgram(['--check-system']);
    expect(stdout).toMatch(/^\[slow-clocksource\]\.\.\.(OK|skipped|WARNING:)/);
    expect(stdout).toMatch(/\n\[THP\]\.\.\./);
    const memory = await runProgram(['--test-memory', '1']);
    expect(memory.code).toBe(0);
    expect(memory.stdout).toContain('pass 50/50, checkerboard: ok');
    expect((await runProgram(['--test-memory'])).stderr).toMatch(/^Please specify the amount/);
  });
});

describe.skipIf(process.platform === 'win32')('supervised', () => {
  /** A `systemd-notify` that notes what it is told. @returns its folder and what it noted. */
  function notifier(exitCode: number): { folder: string; told: () => string[] } {
    const folder = join(scratch, `notifier-${exitCode}`);
    mkdirSync(folder, { recursive: true });
    const notes = join(folder, 'notes');
    const program = `#!/bin/sh\nfor word; do echo "$word" >> '${notes}'; done\nexit ${exitCode}\n`;
    writeFileSync(join(folder, 'systemd-notify'), program, { mode: 0o755 });
    return { folder, told: () => readFileSync(notes, 'utf8').split('\n').slice(0, -1) };
  }

  const withPath = (folder: string): Record<string, string> => ({
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
    NOTIFY_SOCKET: join(scratch, 'notify'),
  });

  it('tells systemd when it loads, serves and ends; auto finds it, and no daemon is made', async () => {
    const { folder, told } = notifier(0);
    const args = ['--supervised', 'auto', '--daemonize', 'yes'];
    await using server = await startOurs({ args, env: withPath(folder) });
    await using client = await server.client();
    expect(await infoField(client, 'process_supervised')).toBe('systemd');
    expect(await infoNumber(client, 'process_id')).toBe(server.pid);
    expect(server.log()).toContain('Supervised by systemd. Please make sure');
    const serves = ['STATUS=Ready to accept connections', 'READY=1'];
    await until('it is told', () => told().length === 3);
    expect(told()).toEqual(['STATUS=disgo is loading...', ...serves]);
    await server.stop();
    expect(told()).toEqual(['STATUS=disgo is loading...', ...serves, 'STOPPING=1']);
  });

  it('says in the log why it is not, and serves', async () => {
    const { folder } = notifier(3);
    const cases = [
      ['systemd', withPath(folder), 'systemd-notify: it ended with 3'],
      ['systemd', { NOTIFY_SOCKET: '' }, 'systemd supervision error: NOTIFY_SOCKET not found!'],
      ['upstart', {}, 'upstart supervision requested, but UPSTART_JOB not found!'],
    ] as const;
    for (const [supervised, env, line] of cases) {
      await using server = await startOurs({ args: ['--supervised', supervised], env });
      await using client = await server.client();
      expect(server.log()).toContain(line);
      expect(await infoField(client, 'process_supervised')).toBe('no');
    }
  });

  it('stops itself for upstart, and goes on when that lets it', async () => {
    const [program, ...first] = ourServer();
    const port = await freePort();
    const args = [...first, '--port', String(port), '--save', '', '--supervised', 'upstart'];
    const env = { ...process.env, UPSTART_JOB: 'disgo' };
    const child = spawn(program, args, { cwd: scratch, env, stdio: 'ignore' });
    const pid = String(child.pid);
    await until('it stops itself', () => {
      return execFileSync('ps', ['-o', 'state=', '-p', pid], { encoding: 'latin1' }).startsWith(
        'T',
      );
    });
    child.kill('SIGCONT');
    const connected = async (): Promise<RespClient | null> =>
      await RespClient.connect({ host: '127.0.0.1', port }).catch(() => null);
    let client: RespClient | null = null;
    await until('it serves', async () => {
      client = await connected();
      return client !== null;
    });
    expect(await infoField(client!, 'process_supervised')).toBe('upstart');
    (client as RespClient | null)?.write(encodeCommand(['SHUTDOWN', 'NOSAVE']));
    await once(child, 'exit');
  });
});

describe('the process that writes a snapshot', () => {
  it('gives way to others when it has written much, and not before', async () => {
    await using server = await startOurs({
      args: ['--save', '', '--rdbcompression', 'no', '--rdb-key-save-delay', '20000'],
    });
    await using client = await server.client();
    let priority = Number.NaN;
    const look = (): number => {
      const pid = /saving started by pid (\d+)/.exec(server.log())?.[1];
      if (pid !== undefined) priority = getPriority(Number(pid));
      return priority;
    };
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 64; i++) await client.expectText('SET', `key:${i}`, megabyte);
    await client.expectText('BGSAVE');
    await until('it runs', () => !Number.isNaN(look()));
    const first = priority;
    await until('it gives way', () => look() !== first);
    expect([first, priority]).toEqual([getPriority(), constants.priority.PRIORITY_BELOW_NORMAL]);
  });

  /** A save of 60 keys that is under way, so far that its process waits for more. */
  const saving = async (server: RunningServer, client: RespClient): Promise<number> => {
    for (let i = 0; i < 60; i++) await client.expectText('SET', `key:${i}`, 'x');
    await client.expectText('BGSAVE');
    await until(
      'it is under way',
      async () => (await infoNumber(client, 'current_save_keys_processed')) > 20,
    );
    return Number(/saving started by pid (\d+)/.exec(server.log())?.[1]);
  };
  const saved = async (client: RespClient): Promise<void> => {
    await until('it ends', async () => (await infoNumber(client, 'rdb_bgsave_in_progress')) === 0);
  };

  it.skipIf(process.platform === 'win32')(
    'may be ended by SIGUSR1: that is no failure',
    async () => {
      await using server = await startOurs({
        args: ['--save', '1000 1000', '--rdb-key-save-delay', '50000'],
      });
      await using client = await server.client();
      process.kill(await saving(server, client), 'SIGUSR1');
      await saved(client);
      expect(await infoField(client, 'rdb_last_bgsave_status')).toBe('ok');
      expect(await infoNumber(client, 'rdb_changes_since_last_save')).toBe(60);
      await client.expectText('SET', 'd', 'x');
    },
  );

  it.skipIf(process.platform === 'win32')(
    'goes on after the signals that a terminal or a supervisor sends to all',
    async () => {
      await using server = await startOurs({
        args: ['--save', '1000 1000', '--rdb-key-save-delay', '20000'],
      });
      await using client = await server.client();
      const pid = await saving(server, client);
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.kill(pid, signal);
      await saved(client);
      expect(await infoField(client, 'rdb_last_bgsave_status')).toBe('ok');
      expect(await infoNumber(client, 'rdb_changes_since_last_save')).toBe(0);
    },
  );
});
