// What clients may make the server hold: requests that do not end, replies that nobody reads, all
// of it together. Each test has a server of its own, because it changes its options.

import { describe, expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { encodeCommand } from '../support/resp.ts';
import type { RunningServer } from '../support/server.ts';
import { infoNumber, startOurs, until } from './support.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

async function named(server: RunningServer, name: string): Promise<RespClient> {
  const client = await server.client();
  await client.expectText('CLIENT', 'SETNAME', name);
  return client;
}

/** A field of a client's line, or NaN when the client has gone. */
async function fieldOf(watcher: RespClient, name: string, field: string): Promise<number> {
  const list = await watcher.expectText('CLIENT', 'LIST');
  const line = list.split('\n').find((text) => text.includes(` name=${name} `)) ?? '';
  return Number(new RegExp(` ${field}=(\\d+)`).exec(line)?.[1] ?? Number.NaN);
}

async function isGone(watcher: RespClient, name: string): Promise<boolean> {
  return Number.isNaN(await fieldOf(watcher, name, 'age'));
}

/** The beginning of a command of which the last argument has so many bytes and never ends. */
function unfinished(bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`*2\r\n$${bytes}\r\n`), Buffer.alloc(bytes, 'v')]);
}

describe('requests', () => {
  it('a client that sends everything before it reads anything is never stuck', async () => {
    await using server = await startOurs();
    await using watcher = await server.client();
    await watcher.expectText('SET', 'big', 'x'.repeat(MEGABYTE));
    await using client = await server.client();
    client.socket.pause();
    const set = encodeCommand(['SET', 'k', 'y'.repeat(64 * KILOBYTE)]);
    const get = encodeCommand(['GET', 'big']);
    const count = 200;
    client.write(Buffer.concat(Array.from({ length: count }, () => [get, set]).flat()));
    await until('all of the requests to be taken', () => client.socket.writableLength === 0);
    client.socket.resume();
    const replies = await client.readMany(2 * count);
    expect(replies.filter((reply) => reply.type === 'bulk').length).toBe(count);
    expect(replies.filter((reply) => reply.type === 'simple').length).toBe(count);
  });

  it('are closed past client-query-buffer-limit, and no later than that', async () => {
    await using server = await startOurs({ args: ['--client-query-buffer-limit', '1mb'] });
    await using watcher = await server.client();
    const before = await infoNumber(watcher, 'used_memory');
    const client = await named(server, 'large');
    client.write(Buffer.from(`*2\r\n$${100 * MEGABYTE}\r\n`));
    let highest = 0;
    while (!client.closed) {
      client.write(Buffer.alloc(32 * KILOBYTE, 'v'));
      highest = Math.max(highest, await infoNumber(watcher, 'used_memory'));
    }
    expect(highest - before).toBeGreaterThan(0.9 * MEGABYTE);
    expect(highest - before).toBeLessThan(1.1 * MEGABYTE);
    await until('its line in the log', () =>
      /reached max query buffer length: id=\d+ addr=.* name=large /.test(server.log()),
    );
  });

  it('that are announced and not sent cost nothing', async () => {
    await using server = await startOurs();
    await using watcher = await server.client();
    const before = await infoNumber(watcher, 'used_memory');
    const clients: RespClient[] = [];
    for (let i = 0; i < 50; i++) {
      const client = await server.client();
      client.write(Buffer.from(`*1000000\r\n$3\r\nSET\r\n$${500 * MEGABYTE}\r\nabc`));
      clients.push(client);
    }
    await until('all to be read', async () => {
      const list = await watcher.expectText('CLIENT', 'LIST');
      return (list.match(/ qbuf=3 /g) ?? []).length === clients.length;
    });
    const used = (await infoNumber(watcher, 'used_memory')) - before;
    expect(used).toBeLessThan(50 * 4 * KILOBYTE);
    for (const client of clients) await client.close();
  });
});

describe('output that nobody reads', () => {
  it('closes the client past the hard limit, before anything of it is sent', async () => {
    await using server = await startOurs({
      args: ['--client-output-buffer-limit', 'normal 100000 0 0'],
    });
    await using watcher = await server.client();
    for (let i = 0; i < 150; i++) await watcher.expectText('SET', `k${i}`, 'x'.repeat(1000));
    const client = await named(server, 'asker');
    const received: Buffer[] = [];
    client.socket.on('data', (data: Buffer) => received.push(data));
    client.write(encodeCommand(['MGET', ...Array.from({ length: 150 }, (_, i) => `k${i}`)]));
    await until('the client to be closed', () => client.closed);
    expect(Buffer.concat(received).length).toBe(0);
    await until('its line in the log', () =>
      /Client id=\d+ .* name=asker .* scheduled to be closed ASAP for overcoming of output/.test(
        server.log(),
      ),
    );
  });

  it('stops a command that writes without end', async () => {
    await using server = await startOurs({
      args: ['--client-output-buffer-limit', 'normal 1mb 0 0'],
    });
    await using watcher = await server.client();
    await watcher.command('HSET', 'h', 'field', 'value');
    await watcher.command('SADD', 's', 'member');
    await watcher.command('ZADD', 'z', '1', 'member');
    for (const [command, key] of [
      ['HRANDFIELD', 'h'],
      ['SRANDMEMBER', 's'],
      ['ZRANDMEMBER', 'z'],
    ] as const) {
      const client = await server.client();
      client.write(encodeCommand([command, key, '-2000000000']));
      await until('the client to be closed', () => client.closed);
    }
    expect(await watcher.expectText('PING')).toBe('PONG');
  });

  it('closes the client when it is past the soft limit for too long', async () => {
    await using server = await startOurs({
      args: ['--client-output-buffer-limit', 'normal 0 1mb 1'],
    });
    await using watcher = await server.client();
    await watcher.expectText('SET', 'big', 'x'.repeat(16 * MEGABYTE));
    const slow = await named(server, 'slow');
    slow.socket.pause();
    slow.write(encodeCommand(['GET', 'big']));
    await until('output that waits', async () => (await fieldOf(watcher, 'slow', 'omem')) > 0);
    const startMs = performance.now();
    expect(await fieldOf(watcher, 'slow', 'oll')).toBeGreaterThan(0);
    await until('the slow client to go', () => isGone(watcher, 'slow'));
    expect(performance.now() - startMs).toBeGreaterThan(800);
    await until('its line in the log', () =>
      /name=slow .* closed for overcoming of output buffer limits/.test(server.log()),
    );
  });

  it('with maxmemory passed and nothing to evict, the client is not read from', async () => {
    await using server = await startOurs({ args: ['--maxmemory', '30mb'] });
    await using watcher = await server.client();
    await watcher.expectText('SET', 'big', 'x'.repeat(MEGABYTE));
    const slow = await Promise.all(Array.from({ length: 40 }, (_, i) => named(server, `s${i}`)));
    const requests = Array.from({ length: 10 }, () => encodeCommand(['GET', 'big']));
    for (const client of slow) {
      client.socket.pause();
      client.write(Buffer.concat(requests));
    }
    let highest = 0;
    await until('the limit to be passed', async () => {
      highest = Math.max(highest, await infoNumber(watcher, 'used_memory'));
      return highest > 30 * MEGABYTE;
    });
    for (let i = 0; i < 100; i++) {
      highest = Math.max(highest, await infoNumber(watcher, 'used_memory'));
    }
    // Each may pass it by the reply that passes it.
    expect(highest).toBeLessThan((30 + 40 + 3) * MEGABYTE);
    for (const client of slow) client.socket.resume();
    for (const client of slow) {
      const replies = await client.readMany(10);
      expect(replies.every((reply) => reply.type === 'bulk')).toBe(true);
      await client.close();
    }
  });
});

describe('maxmemory-clients', () => {
  it('closes the largest client, never one with NO-EVICT', async () => {
    await using server = await startOurs({ args: ['--maxmemory-clients', '4mb'] });
    await using watcher = await named(server, 'watcher');
    const small = await named(server, 'small');
    const spared = await named(server, 'spared');
    await spared.expectText('CLIENT', 'NO-EVICT', 'on');
    const large = await named(server, 'large');
    small.write(unfinished(500 * KILOBYTE));
    spared.write(unfinished(1500 * KILOBYTE));
    await until('what was sent', async () => {
      const sizes = [
        await fieldOf(watcher, 'small', 'qbuf'),
        await fieldOf(watcher, 'spared', 'qbuf'),
      ];
      return sizes[0] === 500 * KILOBYTE && sizes[1] === 1500 * KILOBYTE;
    });
    large.write(unfinished(3 * MEGABYTE));
    await until('the largest to be closed', () => large.closed);
    expect(await infoNumber(watcher, 'evicted_clients')).toBe(1);
    expect(await isGone(watcher, 'small')).toBe(false);
    await until('its line in the log', () =>
      /Evicting client: id=\d+ .* name=large /.test(server.log()),
    );
    const clients = await infoNumber(watcher, 'mem_clients_normal');
    expect(clients).toBeGreaterThan(2000 * KILOBYTE);
    expect(clients).toBeLessThan(4 * MEGABYTE);
    // The next one to go when the limit comes down is the largest that may.
    await watcher.expectText('CONFIG', 'SET', 'maxmemory-clients', '1800kb');
    await until('small to go', () => isGone(watcher, 'small'));
    expect(await isGone(watcher, 'spared')).toBe(false);
    await spared.close();
  });

  it('counts large arguments once, also while their command waits', async () => {
    await using server = await startOurs({ args: ['--maxmemory-clients', '3mb'] });
    await using watcher = await named(server, 'watcher');
    const keys = Array.from({ length: 25 }, (_, i) => `${i}`.padEnd(100_000, 'k'));
    const first = await named(server, 'first');
    first.write(encodeCommand(['BLPOP', ...keys, '0']));
    await until('the first to wait', async () => {
      return (await infoNumber(watcher, 'blocked_clients')) === 1;
    });
    expect(await fieldOf(watcher, 'first', 'argv-mem')).toBe(2_500_006);
    // With this one it is too much, and the first is the larger one.
    await watcher.expectText('CLIENT', 'PAUSE', '100000', 'WRITE');
    const second = await named(server, 'second');
    second.write(encodeCommand(['BLPOP', ...keys.slice(0, 12), '0']));
    await until('the first to be closed', () => first.closed);
    await until('all that the second has sent', async () => {
      return (await fieldOf(watcher, 'second', 'argv-mem')) === 1_200_006;
    });
    expect(await infoNumber(watcher, 'evicted_clients')).toBe(1);
    await second.close();
  });

  it('knows the arguments of all who wait', async () => {
    await using server = await startOurs();
    await using watcher = await named(server, 'watcher');
    const commands = {
      wait: 'WAIT 3 0',
      waitaof: 'WAITAOF 0 3 0',
      xread: 'XREAD BLOCK 0 STREAMS s $',
    };
    for (const [name, command] of Object.entries(commands)) {
      const client = await named(server, name);
      client.write(encodeCommand(command.split(' ')));
    }
    await until('all to wait', async () => (await infoNumber(watcher, 'blocked_clients')) === 3);
    // As a redis-server 7.2.5 tells it; XREAD has put an ID in the place of $.
    expect(await fieldOf(watcher, 'wait', 'argv-mem')).toBe(6);
    expect(await fieldOf(watcher, 'waitaof', 'argv-mem')).toBe(10);
    expect(await fieldOf(watcher, 'xread', 'argv-mem')).toBe(22);
  });

  it('a part of maxmemory', async () => {
    await using server = await startOurs({
      args: ['--maxmemory', '10mb', '--maxmemory-clients', '10%'],
    });
    await using watcher = await server.client();
    const client = await named(server, 'one');
    client.write(unfinished(900 * KILOBYTE));
    await until('what was sent', async () => {
      return (await fieldOf(watcher, 'one', 'qbuf')) === 900 * KILOBYTE;
    });
    client.write(Buffer.alloc(200 * KILOBYTE, 'v'));
    await until('the client to be closed', () => client.closed);
  });
});

it('the room for replies follows what a client asks for', async () => {
  await using server = await startOurs({ args: ['--enable-debug-command', 'yes'] });
  await using watcher = await server.client();
  await watcher.expectText('SET', 'big', 'x'.repeat(32 * KILOBYTE));
  await watcher.expectText('DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', '100');
  await using client = await named(server, 'asker');
  await until('a small room', async () => (await fieldOf(watcher, 'asker', 'rbs')) === 1024);
  await watcher.expectText('DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'NEVER');
  await until('a large room', async () => {
    await client.expectText('GET', 'big');
    return (await fieldOf(watcher, 'asker', 'rbs')) === 16 * KILOBYTE;
  });
  expect(await infoNumber(watcher, 'reply_buffer_shrinks')).toBeGreaterThan(0);
  expect(await infoNumber(watcher, 'reply_buffer_expands')).toBeGreaterThan(0);
});
