// MIGRATE beside the real server: both ways, its errors, the connections it keeps.

import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { showReply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { infoField, itWith, startOurs, until } from './support.ts';

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

itWith('redis-server', 'MIGRATE inside MULTI and scripts', async (path) => {
  const [ours, real] = await both(path);
  try {
    const answers: string[][] = [];
    for (const [here, there] of [
      [ours, real],
      [real, ours],
    ] as const) {
      const client = await here.client();
      const told: string[] = [];
      const ask = async (...parts: string[]): Promise<void> => {
        told.push(showReply(await client.command(...parts)));
      };
      const to = ['127.0.0.1', String(there.port)];
      await client.command('CONFIG', 'SET', 'appendonly', 'yes');
      await until('the log is written', async () =>
        (await infoField(client, 'aof_rewrite_in_progress')).startsWith('0'),
      );
      await client.command('MSET', 'a', '1', 'b', '2', 'c', '3');
      await client.command('MULTI');
      await client.command('INCR', 'a');
      await client.command('MIGRATE', ...to, 'a', '5', '1000');
      await client.command('EXISTS', 'a');
      await client.command('MIGRATE', ...to, '', '5', '1000', 'KEYS', 'b', 'c');
      await client.command('MIGRATE', ...to, 'none', '5', '1000');
      await client.command('MIGRATE', '127.0.0.1', '1', 'd', '5', '100');
      await client.command('SET', 'd', '4');
      await client.command('MIGRATE', '127.0.0.1', '1', 'd', '5', '100');
      await client.command('INCR', 'd');
      await ask('EXEC');
      await ask('DBSIZE');
      await ask('GET', 'd');
      const log = (): string => readFileSync(logFile(here), 'latin1');
      await until('the log has the transaction', () => log().includes('EXEC'));
      told.push(log().slice(log().indexOf('MULTI')));
      const other = await there.client();
      await other.command('SELECT', '5');
      told.push(showReply(await other.command('MGET', 'a', 'b', 'c')));
      answers.push(told);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]![0]).toContain('IOERR');
    const client = await ours.client();
    await client.command('SET', 'k', 'v');
    const script = "return redis.call('MIGRATE', '127.0.0.1', '1', 'k', '0', '100')";
    expect(showReply(await client.command('EVAL', script, '0'))).toMatch(/inside a script/);
  } finally {
    await ours.stop();
    await real.stop();
  }
});

it('nobody sees a transaction whose MIGRATE is under way', async () => {
  const ours = await startOurs({ args: ARGS });
  const { port, pending, close } = await silentTarget();
  try {
    const [client, other] = [await ours.client(), await ours.client()];
    await client.command('SET', 'k', 'v');
    await client.command('MULTI');
    await client.command('SET', 'seen', 'half');
    await client.command('MIGRATE', '127.0.0.1', String(port), 'k', '0', '20000', 'COPY');
    await client.command('SET', 'seen', 'whole');
    const ended = client.command('EXEC');
    await until('the key is on its way', () => pending.length > 0);
    const seen = other.command('GET', 'seen');
    const written = other.command('SET', 'seen', 'later');
    pending[0]!.write('+OK\r\n+OK\r\n');
    expect(showReply(await ended)).toContain('OK');
    expect(showReply(await seen)).toContain('whole');
    expect(showReply(await written)).toContain('OK');
    expect(showReply(await client.command('GET', 'seen'))).toContain('later');
  } finally {
    close();
    await ours.stop();
  }
});

itWith(
  'redis-server',
  'MIGRATE keeps its connection, and says whom it cannot reach',
  async (path) => {
    const [ours, real] = await both(path);
    try {
      const replies: string[][] = [];
      for (const server of [ours, real]) {
        const target = await startServer({ command: [path], args: ARGS });
        const client = await server.client();
        const told: string[] = [];
        await client.command('SET', 'k', 'v');
        told.push(await migrate(client, target, 'k', '0', '1000'));
        told.push(await infoField(client, 'migrate_cached_sockets'));
        await target.stop();
        await client.command('SET', 'k', 'v');
        // First over the connection that it kept, which has ended, then without one.
        told.push(await migrate(client, target, 'k', '0', '1000'));
        told.push(await migrate(client, target, 'k', '0', '1000'));
        told.push(showReply(await client.command('GET', 'k')));
        told.push(showReply(await client.command('SET', 'k', 'w')));
        replies.push(told);
      }
      expect(replies[0]).toEqual(replies[1]);
      expect(replies[0]![1]).toBe('1');
      expect(replies[0]![2]).toContain('IOERR');
    } finally {
      await ours.stop();
      await real.stop();
    }
  },
);

itWith('redis-server', 'MIGRATE of a key that is named twice', async (path) => {
  const texts: string[] = [];
  for (const isOurs of [true, false]) {
    const args = [...ARGS, '--appendonly', 'yes'];
    const here = isOurs ? await startOurs({ args }) : await startServer({ command: [path], args });
    const there = await startServer({ command: [path], args: ARGS });
    try {
      const client = await here.client();
      await client.command('MSET', 'a', '1', 'b', '2');
      const keys = ['', '0', '1000', 'REPLACE', 'KEYS', 'a', 'b', 'a', 'none'];
      expect(await migrate(client, there, ...keys)).toBe('OK');
      expect(showReply(await client.command('EXISTS', 'a', 'b'))).toContain('0');
      expect(await infoField(client, 'rdb_changes_since_last_save')).toBe('5');
      texts.push(readFileSync(logFile(here), 'latin1'));
    } finally {
      await here.stop();
      await there.stop();
    }
  }
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).toContain('DEL');
});

it('a server that becomes a replica while keys are on their way keeps them', async () => {
  const ours = await startOurs({ args: ARGS });
  const { port, pending, close } = await silentTarget();
  try {
    const [client, other] = [await ours.client(), await ours.client()];
    await client.command('SET', 'k', 'v');
    const ended = client.command('MIGRATE', '127.0.0.1', String(port), 'k', '0', '20000');
    await until('the key is on its way', () => pending.length > 0);
    expect(showReply(await other.command('REPLICAOF', '127.0.0.1', '1'))).toBe('OK');
    pending[0]!.write('+OK\r\n+OK\r\n');
    expect(showReply(await ended)).toContain('READONLY');
    expect(showReply(await other.command('GET', 'k'))).toContain('v');
  } finally {
    close();
    await ours.stop();
  }
});

/** A target of MIGRATE that takes what comes and answers when the test does. */
async function silentTarget(): Promise<{ port: number; pending: Socket[]; close(): void }> {
  const target = createServer();
  const pending: Socket[] = [];
  target.on('connection', (socket) => socket.on('data', () => pending.push(socket)));
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  const close = (): void => {
    for (const socket of pending) socket.destroy();
    target.close();
  };
  return { port, pending, close };
}

/** The part of the append-only file that grows. */
function logFile({ folder }: RunningServer): string {
  const dir = join(folder, 'appendonlydir');
  return join(dir, readdirSync(dir).find((name) => name.endsWith('.incr.aof'))!);
}
