// Real sentinels watch servers of ours: the master dies, a replica takes its place, a client of
// ioredis goes on, and the old master comes back as a replica. What WAIT has confirmed is not lost.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { RespClient } from '../support/client.ts';
import { freePort, type RunningServer } from '../support/server.ts';
import { infoField, itWith, scratchFolder, startOurs, until } from './support.ts';

const NAME = 'group';
const folder = scratchFolder();

interface Sentinel {
  readonly port: number;
  readonly child: ChildProcess;
}

async function startSentinels(program: string, masterPort: number): Promise<Sentinel[]> {
  const sentinels: Sentinel[] = [];
  for (let i = 0; i < 3; i++) {
    const port = await freePort();
    const file = join(folder, `sentinel-${i}.conf`);
    writeFileSync(
      file,
      `port ${port}\nbind 127.0.0.1\nsentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2\n` +
        `sentinel down-after-milliseconds ${NAME} 1000\nsentinel failover-timeout ${NAME} 10000\n`,
    );
    sentinels.push({ port, child: spawn(program, [file], { stdio: 'ignore' }) });
  }
  return sentinels;
}

async function masterPortOf({ port }: Sentinel): Promise<number> {
  try {
    await using client = await RespClient.connect({ port });
    const reply = await client.command('SENTINEL', 'get-master-addr-by-name', NAME);
    const item = 'items' in reply ? reply.items[1] : undefined;
    return item !== undefined && 'bytes' in item ? Number(item.bytes.toString()) : 0;
  } catch {
    return 0;
  }
}

async function knownReplicas({ port }: Sentinel): Promise<number> {
  try {
    await using client = await RespClient.connect({ port });
    const reply = await client.command('SENTINEL', 'replicas', NAME);
    return 'items' in reply ? reply.items.length : 0;
  } catch {
    return 0;
  }
}

async function startGroup(): Promise<RunningServer[]> {
  const args = ['--repl-diskless-sync-delay', '0', '--save', ''];
  const master = await startOurs({ config: '# kept by CONFIG REWRITE\n', args });
  const servers = [master];
  for (let i = 0; i < 2; i++) {
    const follow = ['--replicaof', '127.0.0.1', String(master.port)];
    servers.push(await startOurs({ config: '#\n', args: [...args, ...follow] }));
  }
  return servers;
}

itWith(
  'redis-sentinel',
  'promotes a replica when the master dies, and clients go on',
  async (program) => {
    const servers = await startGroup();
    const [master] = servers as [RunningServer];
    const sentinels = await startSentinels(program, master.port);
    const client = new Redis({
      sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      name: NAME,
      retryStrategy: () => 100,
      sentinelRetryStrategy: () => 100,
      maxRetriesPerRequest: null,
    });
    client.on('error', () => undefined);
    try {
      await until('the sentinels know the replicas', async () => {
        const counts = await Promise.all(sentinels.map(knownReplicas));
        return counts.every((count) => count === 2);
      });
      const confirmed: number[] = [];
      for (let i = 0; i < 200; i++) {
        const [, acks] = (await client.pipeline().set(`k${i}`, i).wait(1, 5000).exec()) ?? [];
        if (Number(acks?.[1]) >= 1) confirmed.push(i);
      }
      expect(confirmed.length).toBe(200);
      master.child.kill('SIGKILL');
      await until('another master', async () => {
        const ports = await Promise.all(sentinels.map(masterPortOf));
        return ports.every((port) => port !== 0 && port !== master.port && port === ports[0]);
      });
      await until('writes go on', async () => (await client.set('after', 'x')) === 'OK');
      for (const i of confirmed) expect(await client.get(`k${i}`)).toBe(String(i));
      await using back = await startOurs({ port: master.port, args: ['--save', ''] });
      // Sentinel closes all connections of a server that it turns into a replica.
      const ask = async (what: (asked: RespClient) => Promise<boolean>): Promise<boolean> => {
        try {
          await using asked = await back.client();
          return await what(asked);
        } catch {
          return false;
        }
      };
      await until('the old master follows the new one', () =>
        ask(async (asked) => (await infoField(asked, 'role')) === 'slave'),
      );
      await until('it has caught up', () =>
        ask(
          async (asked) =>
            (await infoField(asked, 'master_link_status')) === 'up' &&
            (await asked.expectText('GET', 'after')) === 'x',
        ),
      );
    } finally {
      client.disconnect();
      for (const { child } of sentinels) child.kill();
      for (const server of servers) await server.stop();
    }
  },
);
