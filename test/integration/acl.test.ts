// Users on a running server: real clients that come as one, users written to redis.conf and to an
// ACL file and there again after a restart, starts that end because of a user, limits of strangers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { ourServer } from '../support/programs.ts';
import { startServer } from '../support/server.ts';
import { buildFirst, scratchFolder, sharedServer, startOurs } from './support.ts';

const folder = scratchFolder();

const server = sharedServer();

describe('clients come as a user', () => {
  it('ioredis', async () => {
    await using admin = await (await server()).client();
    await admin.expectText('ACL', 'SETUSER', 'io', 'on', '>pw', '+@all', '~io:*', '-flushall');
    const { port } = await server();
    const client = new Redis({ port, host: '127.0.0.1', username: 'io', password: 'pw' });
    try {
      expect(await client.set('io:k', 'v')).toBe('OK');
      await expect(client.get('other')).rejects.toThrow('NOPERM No permissions to access a key');
      await expect(client.flushall()).rejects.toThrow(
        "NOPERM User io has no permissions to run the 'flushall' command",
      );
      expect(await client.acl('WHOAMI')).toBe('io');
      expect(await client.client('LIST')).toMatch(/ user=io /);
    } finally {
      client.disconnect();
    }
  });

  it('node-redis, whose connection ends with its user', async () => {
    await using admin = await (await server()).client();
    await admin.expectText('ACL', 'SETUSER', 'nr', 'on', '>pw', '+@read', '+ping', '~*');
    const { port } = await server();
    const socket = { port, host: '127.0.0.1', reconnectStrategy: false } as const;
    const client = createClient({
      socket,
      username: 'nr',
      password: 'pw',
      disableClientInfo: true,
    });
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
    });
    await client.connect();
    expect(await client.ping()).toBe('PONG');
    await expect(client.set('k', 'v')).rejects.toThrow('NOPERM');
    await admin.expectText('ACL', 'DELUSER', 'nr');
    await ended;
    client.destroy();
  });
});

describe('users last', () => {
  it('in redis.conf, through CONFIG REWRITE', async () => {
    await using first = await startOurs({
      config: 'user default on nopass ~* &* +@all -flushdb\n',
    });
    await using client = await first.client();
    await expect(client.expectText('FLUSHDB')).rejects.toThrow('NOPERM');
    await client.expectText('ACL', 'SETUSER', 'alice', 'on', '>pw', '(+get %R~a)');
    await client.expectText('CONFIG', 'REWRITE');
    const text = readFileSync(join(first.folder, 'redis.conf'), 'utf8');
    await using second = await startOurs({ config: text.replaceAll(/^(port|dir) .*\n/gm, '') });
    await using again = await second.client();
    await expect(again.expectText('FLUSHDB')).rejects.toThrow('NOPERM');
    expect(await again.expectText('AUTH', 'alice', 'pw')).toBe('OK');
    await expect(again.expectText('SET', 'a', '1')).rejects.toThrow(
      "NOPERM User alice has no permissions to run the 'set' command",
    );
  });

  it('in an ACL file, through ACL SAVE, and leave redis.conf', async () => {
    const file = join(folder, 'users.acl');
    writeFileSync(file, 'user bob on nopass +@all ~*\n');
    await using first = await startOurs({ config: `aclfile ${file}\n` });
    await using client = await first.client();
    await client.expectText('ACL', 'SETUSER', 'carol', 'on', '>pw');
    await client.expectText('ACL', 'SAVE');
    await client.expectText('CONFIG', 'REWRITE');
    expect(readFileSync(join(first.folder, 'redis.conf'), 'utf8')).not.toMatch(/^user /m);
    expect(readFileSync(file, 'utf8')).toMatch(
      /^user bob on nopass .*\nuser carol on .*\nuser default /,
    );
    await client.expectText('ACL', 'DELUSER', 'carol');
    await client.expectText('ACL', 'LOAD');
    expect(await client.expectText('AUTH', 'carol', 'pw')).toBe('OK');
  });
});

describe('the start ends', () => {
  it.each([
    [
      'a rule that is none',
      'user alice on bogus\n',
      "Error in user declaration 'alice': Syntax error",
    ],
    [
      'a command that is none',
      'user alice +nosuch\n',
      'Critical error while loading ACLs. Exiting.',
    ],
    ['two places for users', 'user alice on\naclfile none.acl\n', 'but not both.'],
    ['no ACL file', 'aclfile none.acl\n', "opening file 'none.acl': No such file or directory"],
  ])('at %s', async (_, config, text) => {
    await buildFirst();
    await expect(startServer({ command: ourServer(), config })).rejects.toThrow(text);
  });
});

it('a stranger may not make the server keep its replies', async () => {
  await using locked = await startOurs({ args: ['--requirepass', 'pw'], password: 'pw' });
  await using client = await locked.client();
  const closed = client.waitForClose();
  // It never reads; what the system's buffers take is all that it can have.
  client.socket.pause();
  const refused = Buffer.from('PING\r\n'.repeat(50_000));
  while (!client.socket.destroyed && client.socket.writableLength < 64 * 1024 * 1024) {
    client.socket.write(refused);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.resume();
  await closed;
  await using other = await locked.client();
  expect(await other.expectText('AUTH', 'pw')).toBe('OK');
});
