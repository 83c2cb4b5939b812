// MIGRATE beside the real server: both ways, its errors, the connections it keeps.

import { expect } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { showReply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { itWith, startOurs } from './support.ts';

const ARGS = ['--save', '', '--enable-debug-command', 'yes'];

async function both(path: string): Promise<[RunningServer, RunningServer]> {
  return [await startOurs({ args: ARGS }), await startServer({ command: [path], args: ARGS })];
}

/** What MIGRATE to another server answers. */
async function migrate(from: RespClient, to: RunningServer, ...rest: string[]): Promise<string> {
  return showReply(await from.command('MIGRATE', '127.0.0.1', String(to.port), ...rest));
}

itWith('redis-server', 'MIGRATE answers as the real server does, both ways', async (path) => {
  const [ours, real] = await both(path);
  try {
    const answers: string[][] = [];
    for (const [here, there] of [
      [ours, real],
      [real, ours],
    ] as const) {
      const [from, to] = [await here.client(), await there.client()];
      await from.command('FLUSHALL');
      await to.command('FLUSHALL');
      const told: string[] = [];
      const ask = async (...rest: string[]): Promise<void> => {
        told.push(await migrate(from, there, ...rest));
      };
      const look = async (client: RespClient, ...parts: string[]): Promise<void> => {
        told.push(showReply(await client.command(...parts)));
      };
      await from.command('MSET', 'a', '1', 'b', '2', 'c', '3', 'busy', 'x');
      await from.command('HSET', 'h', 'f', 'v');
      await from.command('RPUSH', 'long', ...Array.from({ length: 3000 }, (_, i) => `job:${i}`));
      await from.command('SET', 'timed', 'x', 'PX', '10000000');
      await to.command('SELECT', '3');
      await to.command('SET', 'busy', 'y');
      await ask('nothing', '3', '1000');
      await ask('a', '3', '1000', 'COPY');
      await ask('a', '3', '1000');
      await ask('a', '3', '1000', 'REPLACE');
      await ask('', '3', '1000', 'KEYS', 'b', 'busy', 'none', 'h', 'long', 'timed');
      await ask('busy', '3', '1000', 'REPLACE');
      await ask('c', '99', '1000');
      await ask('c', '3', '0', 'AUTH', 'wrong');
      await ask('c', '3', '0', 'AUTH2', 'nobody', 'wrong');
      await ask('c', '3', '0', 'KEYS', 'a');
      await ask('c', '3', '0', 'AUTH');
      await ask('c', 'x', '0');
      await ask('c', '3', 'x');
      await look(from, 'DBSIZE');
      await look(to, 'DBSIZE');
      await look(to, 'LRANGE', 'long', '2990', '-1');
      await look(to, 'GET', 'busy');
      await look(to, 'HGETALL', 'h');
      const rest = await to.command('PTTL', 'timed');
      told.push(String(rest.type === 'integer' && Number(rest.text) > 9_000_000));
      answers.push(told);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect([answers[0]![1], answers[0]!.at(-1)]).toEqual(['OK', 'true']);
  } finally {
    await ours.stop();
    await real.stop();
  }
});

itWith(
  'redis-server',
  'MIGRATE refuses inside MULTI, and reports what it cannot reach',
  async (path) => {
    const [ours, real] = await both(path);
    const client = await ours.client();
    const { port } = real;
    try {
      await client.command('SET', 'k', 'v');
      await client.command('MULTI');
      await client.command('MIGRATE', '127.0.0.1', String(port), 'k', '0', '1000');
      expect(showReply(await client.command('EXEC'))).toMatch(/inside a transaction/);
      expect(showReply(await migrateFirst(client, port))).toMatch(/OK/);
      expect(showReply(await client.command('INFO', 'stats'))).toContain(
        'migrate_cached_sockets:1',
      );
    } finally {
      await real.stop();
    }
    try {
      await client.command('SET', 'k', 'v');
      const reply = showReply(await migrateFirst(client, port));
      expect(reply).toContain('IOERR error or timeout connecting to the client');
      expect(showReply(await client.command('GET', 'k'))).toContain('v');
      expect(showReply(await client.command('SET', 'k', 'w'))).toContain('OK');
    } finally {
      await ours.stop();
    }
  },
);

async function migrateFirst(client: RespClient, port: number): ReturnType<RespClient['command']> {
  return client.command('MIGRATE', '127.0.0.1', String(port), 'k', '0', '1000');
}
