// Lists, streams, sorted sets, sets and hashes through ioredis, unmodified: what a job queue does
// with them, scripts aside, and clients that wait for one another.

import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { sharedServer, until } from './support.ts';

const server = sharedServer({});

async function withClients(
  count: number,
  use: (...clients: Redis[]) => Promise<void>,
): Promise<void> {
  const { port } = await server();
  const clients = Array.from(
    { length: count },
    () => new Redis({ port, host: '127.0.0.1', retryStrategy: () => 1 }),
  );
  try {
    await clients[0]?.flushall();
    await use(...clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** Waits until so many clients are blocked. */
async function untilBlocked(client: Redis, count: number): Promise<void> {
  await until(`${count} clients are blocked`, async () => {
    const info = await client.info('clients');
    return info.includes(`blocked_clients:${count}\r\n`);
  });
}

describe('a job queue over ioredis', () => {
  it('hands jobs from waiting to active, and puts those that are due back', async () => {
    await withClients(2, async (client, worker) => {
      const job = await client.incr('q:id');
      await client.hset(`q:${job}`, { name: 'mail', data: '{"to":"a"}', attempts: '0' });
      const moved = worker!.blmove('q:wait', 'q:active', 'RIGHT', 'LEFT', 5);
      await untilBlocked(client, 1);
      await client.lpush('q:wait', String(job));
      expect(await moved).toBe('1');
      expect(await client.lrange('q:active', 0, -1)).toEqual(['1']);
      expect(await client.hincrby(`q:${job}`, 'attempts', 1)).toBe(1);
      expect(await client.lrem('q:active', 1, '1')).toBe(1);
      await client.zadd('q:delayed', 1000, '1', 2000, '2');
      expect(await client.zrangebyscore('q:delayed', 0, 1500, 'LIMIT', 0, 10)).toEqual(['1']);
      expect(await client.zrem('q:delayed', '1')).toBe(1);
      expect(await client.bzpopmin('q:delayed', 1)).toEqual(['q:delayed', '2', '2000']);
      expect(await client.hgetall(`q:${job}`)).toEqual({
        name: 'mail',
        data: '{"to":"a"}',
        attempts: '1',
      });
    });
  });

  it('reads events of a stream as they come, and shares them out in a group', async () => {
    await withClients(2, async (client, reader) => {
      const read = reader!.xread('BLOCK', 5000, 'STREAMS', 'q:events', '$');
      await untilBlocked(client, 1);
      const id = await client.xadd('q:events', 'MAXLEN', '~', 1000, '*', 'event', 'done');
      expect(await read).toEqual([['q:events', [[id, ['event', 'done']]]]]);
      await client.xgroup('CREATE', 'q:events', 'g', '0');
      const first = await reader!.xreadgroup(
        'GROUP',
        'g',
        'one',
        'COUNT',
        10,
        'STREAMS',
        'q:events',
        '>',
      );
      expect(first).toEqual([['q:events', [[id, ['event', 'done']]]]]);
      expect(await client.xpending('q:events', 'g')).toEqual([1, id, id, [['one', '1']]]);
      expect(await client.xack('q:events', 'g', String(id))).toBe(1);
      expect(await client.xlen('q:events')).toBe(1);
    });
  });

  it('keeps sets and places', async () => {
    await withClients(1, async (client) => {
      expect(await client.sadd('tags', 'a', 'b', 'c')).toBe(3);
      expect(await client.sadd('more', 'b', 'c', 'd')).toBe(3);
      expect((await client.sinter('tags', 'more')).sort()).toEqual(['b', 'c']);
      expect(await client.smismember('tags', 'a', 'x')).toEqual([1, 0]);
      await client.geoadd(
        'cities',
        13.361389,
        38.115556,
        'Palermo',
        15.087269,
        37.502669,
        'Catania',
      );
      expect(Number(await client.geodist('cities', 'Palermo', 'Catania', 'KM'))).toBeCloseTo(
        166.27,
        1,
      );
      expect(await client.geosearch('cities', 'FROMLONLAT', 15, 37, 'BYRADIUS', 100, 'km')).toEqual(
        ['Catania'],
      );
      expect(await client.pfadd('visitors', 'a', 'b', 'c', 'a')).toBe(1);
      expect(await client.pfcount('visitors')).toBe(3);
    });
  });
});

describe('clients that wait', () => {
  it('are served in the order in which they came, each by one element', async () => {
    await withClients(4, async (client, first, second, third) => {
      const order: string[] = [];
      const wait = async (name: string, waiter: Redis): Promise<void> => {
        await waiter.blpop('jobs', 0);
        order.push(name);
      };
      const waits = [wait('first', first!)];
      await untilBlocked(client, 1);
      waits.push(wait('second', second!));
      await untilBlocked(client, 2);
      waits.push(wait('third', third!));
      await untilBlocked(client, 3);
      for (const job of ['a', 'b', 'c']) await client.rpush('jobs', job);
      await Promise.all(waits);
      expect(order).toEqual(['first', 'second', 'third']);
      expect(await client.exists('jobs')).toBe(0);
    });
  });

  it('are woken by whatever makes the key', async () => {
    const makers: Record<string, (client: Redis) => Promise<unknown>> = {
      rename: (client) => client.rename('source', 'jobs'),
      copy: (client) => client.copy('source', 'jobs'),
      lmove: (client) => client.lmove('source', 'jobs', 'LEFT', 'RIGHT'),
      sort: (client) => client.sort('source', 'ALPHA', 'STORE', 'jobs'),
      swapdb: async (client) => {
        await client.select(1);
        await client.rpush('jobs', 'job');
        await client.swapdb(0, 1);
        await client.select(0);
      },
      move: async (client) => {
        await client.select(1);
        await client.rpush('jobs', 'job');
        await client.move('jobs', 0);
        await client.select(0);
      },
    };
    for (const [name, make] of Object.entries(makers)) {
      await withClients(2, async (client, waiter) => {
        await client.rpush('source', 'job');
        const popped = waiter!.blpop('other', 'jobs', 5);
        await untilBlocked(client, 1);
        await make(client);
        expect([name, await popped]).toEqual([name, ['jobs', 'job']]);
      });
    }
  });

  it('wake one another in one turn', async () => {
    await withClients(4, async (client, first, second, third) => {
      const waits = [
        first!.blmove('a', 'b', 'LEFT', 'RIGHT', 5),
        second!.blmove('b', 'c', 'LEFT', 'RIGHT', 5),
        third!.blpop('c', 5),
      ];
      await untilBlocked(client, 3);
      await client.rpush('a', 'x');
      expect(await Promise.all(waits)).toEqual(['x', 'x', ['c', 'x']]);
    });
  });

  it('time out, are unblocked, and are forgotten when they leave', async () => {
    await withClients(3, async (client, waiter, leaver) => {
      expect(await waiter!.blpop('jobs', 0.01)).toBeNull();
      const id = await waiter!.client('ID');
      const unblocked = waiter!.blpop('jobs', 0);
      await untilBlocked(client, 1);
      expect(await client.client('UNBLOCK', id)).toBe(1);
      expect(await unblocked).toBeNull();
      const refused = waiter!.blpop('jobs', 0).catch(String);
      await untilBlocked(client, 1);
      expect(await client.client('UNBLOCK', id, 'ERROR')).toBe(1);
      expect(await refused).toContain('UNBLOCKED client unblocked via CLIENT UNBLOCK');
      leaver!.blpop('jobs', 0).catch(() => {});
      await untilBlocked(client, 1);
      leaver!.disconnect();
      await untilBlocked(client, 0);
      await client.rpush('jobs', 'kept');
      expect(await client.lrange('jobs', 0, -1)).toEqual(['kept']);
    });
  });

  it('have what they sent meanwhile answered in order', async () => {
    await withClients(2, async (client, waiter) => {
      const replies = Promise.all([
        waiter!.blpop('jobs', 5),
        waiter!.rpush('after', 'x'),
        waiter!.llen('after'),
      ]);
      await untilBlocked(client, 1);
      expect(await client.exists('after')).toBe(0);
      await client.rpush('jobs', 'job');
      expect(await replies).toEqual([['jobs', 'job'], 1, 1]);
    });
  });
});
