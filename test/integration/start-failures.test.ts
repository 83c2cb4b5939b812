// What ends the program before it serves: the lines and the exit code of redis-server, recorded
// from 7.0.15 (the names of listeners are those of 7.2).

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/server.ts';
import { buildFirst, ended, runProgram, scratchFolder, startOurs } from './support.ts';

const scratch = scratchFolder();
beforeAll(buildFirst);

/** The last lines that a start writes to its log, without process and time. */
async function lastLines(count: number, args: readonly string[], input = ''): Promise<string[]> {
  const { code, stdout } = await runProgram(args, input);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n').slice(-count);
  return lines.map((line) => line.replace(/^\d+:(.) \d\d \w+ \d{4} [\d:.]+ /, '$1 '));
}

function configFile(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

describe('a start ends', () => {
  it('when there is nothing to listen on', async () => {
    expect(await lastLines(1, ['--port', '0'])).toEqual([
      'M # Configured to not listen anywhere, exiting.',
    ]);
  });

  it('when redis.conf is not there, or one that it includes', async () => {
    const reason =
      "C # Fatal error, can't open config file '/none.conf': No such file or directory";
    expect(await lastLines(1, ['/none.conf'])).toEqual([reason]);
    expect(await lastLines(1, ['-'], 'include /none.conf\n')).toEqual([reason]);
  });

  it('when a command cannot be renamed, with the line', async () => {
    for (const [line, reason] of [
      ['rename-command NOPE x', 'No such command in rename-command'],
      ['rename-command GET SET', 'Target command name already exists'],
    ]) {
      const path = configFile('rename.conf', `rename-command FLUSHALL ""\n\n${line}\n`);
      const { code, stderr } = await runProgram([path]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\nReading the configuration file, at line 3\n` +
          `>>> '${line}'\n${reason}\n`,
      );
    }
  });

  it('when a module is to be loaded', async () => {
    expect(await lastLines(2, ['--port', '1', '--loadmodule', './x.so', 'y'])).toEqual([
      'M # Module ./x.so failed to load: this server has no modules',
      "M # Can't load module from ./x.so: server aborting",
    ]);
    expect(await lastLines(1, ['--port', '1', '--foo.bar', 'x'])).toEqual([
      'M # Module Configuration detected without loadmodule directive or no ApplyConfig call: ' +
        'aborting',
    ]);
  });

  it('when an address cannot be listened on', async () => {
    await using server = await startOurs();
    const port = String(server.port);
    const taken = await lastLines(2, ['--port', port, '--bind', '127.0.0.1']);
    expect(taken).toEqual([
      'M # Warning: Could not create server TCP listening socket ' +
        `127.0.0.1:${port}: bind: Address already in use`,
      `M # Failed listening on port ${port} (tcp), aborting.`,
    ]);
    const away = await lastLines(2, ['--port', port, '--bind', '192.0.2.1']);
    expect(away[0]).toContain(`192.0.2.1:${port}: bind: Cannot assign requested address`);
    const path = '/no/such/folder/socket';
    expect(await lastLines(1, ['--port', '0', '--unixsocket', path])).toEqual([
      'M # Failed opening Unix socket: bind: No such file or directory',
    ]);
  });

  it('when what is on disk is of a later version, or a file lies in a folder’s place', async () => {
    const folder = join(scratch, 'data');
    mkdirSync(folder);
    writeFileSync(join(folder, 'dump.rdb'), 'REDIS0099\xff00000000', 'latin1');
    const where = ['--port', String(await freePort()), '--dir', folder];
    const lines = await lastLines(3, where);
    expect(lines).toContainEqual("M # Can't handle RDB format version 99");
    writeFileSync(join(folder, 'appendonlydir'), '');
    expect(await lastLines(1, [...where, '--appendonly', 'yes'])).toEqual([
      "M # Can't open or create append-only dir appendonlydir: Not a directory",
    ]);
  });
});

describe('signals', () => {
  it('SIGUSR1 ends the process and opens no debugger', async () => {
    if (process.platform === 'win32') return;
    await using server = await startOurs();
    server.child.kill('SIGUSR1');
    expect(await ended(server)).toBe('SIGUSR1');
    expect(server.log()).not.toContain('Debugger');
  });
});
