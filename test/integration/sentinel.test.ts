// Real sentinels watch servers of ours: the master dies, a replica takes its place, clients of
// ioredis and node-redis go on, and the old master comes back as a replica. What WAIT has confirmed
// is not lost.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
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

/** A client that asks sentinels where the master is. */
interface SentinelClient {
  /** Writes and waits for a replica. @returns true when one has confirmed it */
  confirm(key: string, value: string): Promise<boolean>;
  set(key: string, value: string): Promise<string | null>;
  get(key: string): Promise<string | null>;
  close(): void;
}

async function ofIoredis(ports: readonly number[]): Promise<SentinelClient> {
  const client = new Redis({
    sentinels: ports.map((port) => ({ host: '127.0.0.1', port })),
    name: NAME,
    retryStrategy: () => 100,
    sentinelRetryStrategy: () => 100,
    maxRetriesPerRequest: null,
  });
  client.on('error', () => undefined);
  return {
    async confirm(key, value) {
      const [, acks] = (await client.pipeline().set(key, value).wait(1, 5000).exec()) ?? [];
      return Number(acks?.[1]) >= 1;
    },
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    close: () => client.disconnect(),
  };
}

async function ofNodeRedis(ports: readonly number[]): Promise<SentinelClient> {
  const client = createSentinel({
    name: NAME,
    sentinelRootNodes: ports.map((port) => ({ host: '127.0.0.1', port })),
    scanInterval: 200,
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    confirm: (key, value) =>
      // One connection for both: WAIT is about what came over its own.
      client.use(async (lease) => {
        await lease.set(key, value);
        return (await lease.wait(1, 5000)) >= 1;
      }),
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    close: () => void client.destroy(),
  };
}

/** A write that may fail while nobody is the master. */
async function goesOn(client: SentinelClient): Promise<boolean> {
  return (await client.set('after', 'x').catch(() => null)) === 'OK';
}

/** The old master comes back as a replica of the new one. */
async function comesBack(port: number): Promise<void> {
  await using back = await startOurs({ port, args: ['--save', ''] });
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
}

async function failOver(program: string): Promise<void> {
  const servers = await startGroup();
  const [master] = servers as [RunningServer];
  const sentinels = await startSentinels(program, master.port);
  const clients: SentinelClient[] = [];
  try {
    await until('the sentinels know the replicas', async () => {
      const counts = await Promise.all(sentinels.map(knownReplicas));
      return counts.every((count) => count === 2);
    });
    const ports = sentinels.map(({ port }) => port);
    clients.push(await ofIoredis(ports), await ofNodeRedis(ports));
    for (const [i, client] of clients.entries()) {
      for (let n = 0; n < 200; n++) expect(await client.confirm(`k${i}:${n}`, `${n}`)).toBe(true);
    }
    master.child.kill('SIGKILL');
    await until('another master', async () => {
      const now = await Promise.all(sentinels.map(masterPortOf));
      return now.every((port) => port !== 0 && port !== master.port && port === now[0]);
    });
    for (const [i, client] of clients.entries()) {
      await until('writes go on', () => goesOn(client));
      for (let n = 0; n < 200; n++) expect(await client.get(`k${i}:${n}`)).toBe(`${n}`);
    }
    await comesBack(master.port);
  } finally {
    for (const client of clients) client.close();
    for (const { child } of sentinels) child.kill();
    for (const server of servers) await server.stop();
  }
}

itWith('redis-sentinel', 'promotes a replica when the master dies, and clients go on', failOver);
