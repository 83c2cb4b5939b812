// The package inside a process: several servers, closing, errors with stable codes, in-process
// streams, and a process that ends by itself once its servers are closed.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { AbstractConnector, Redis } from 'ioredis';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createServer, DISGO_VERSION, type DisgoServer } from '../../src/index.ts';
import { RespClient } from '../support/client.ts';
import { repositoryRoot } from '../support/programs.ts';
import { showReply } from '../support/resp.ts';
import {
  buildFirst,
  infoField,
  infoNumber,
  permissionFlags,
  scratchFolder,
  until,
} from './support.ts';

beforeAll(buildFirst);

const overStream = (server: DisgoServer): RespClient =>
  new RespClient(server.connect() as unknown as Socket);

/** What vitest and jest replace, but for those that streams need. */
const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
] as const;

/** Runs a program that uses the package by its name, as a user does. */
async function runScript(text: string, ...flags: string[]): Promise<string> {
  const args = [...flags, '--input-type=module', '--eval', text];
  const options = { cwd: repositoryRoot, timeout: 20_000 };
  return (await promisify(execFile)(process.execPath, args, options)).stdout;
}

describe('createServer', () => {
  it('serves on a free port and tells it', async () => {
    await using server = await createServer({ port: 0, debugMemory: true });
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    const client = new Redis(server.url);
    expect(await client.set('k', 'v')).toBe('OK');
    expect(await client.get('k')).toBe('v');
    client.disconnect();
  });

  it('makes servers that know nothing of each other', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => createServer({ port: 0 })));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
    const clients = servers.map(overStream);
    await Promise.all(clients.map((client, i) => client.expectText('SET', 'k', String(i))));
    await clients[0]?.expectText('CONFIG', 'SET', 'maxmemory', '5mb');
    for (const [i, client] of clients.entries()) {
      expect(showReply(await client.command('GET', 'k'))).toBe(`"${i}"`);
      const maxmemory = showReply(await client.command('CONFIG', 'GET', 'maxmemory'));
      expect(maxmemory).toContain(i === 0 ? '5242880' : '"0"');
    }
    await servers[0]?.close();
    expect(await clients[1]?.expectText('PING')).toBe('PONG');
    await Promise.all(servers.map((server) => server.close()));
  });

  it('gives back what it remembers of clients that track keys', async () => {
    const server = await createServer({ listen: false, debugMemory: true });
    const clients = [overStream(server), overStream(server)];
    for (const client of clients) {
      await client.command('CLIENT', 'TRACKING', 'ON');
      await client.command('MGET', ...Array.from({ length: 1000 }, (_, i) => `key:${i}`));
    }
    const info = await clients[0]?.expectText('INFO', 'stats');
    expect(info).toContain('tracking_total_keys:1000\r\ntracking_total_items:2000\r\n');
    // Closing fails when the arena still holds something.
    await server.close();
  });

  it('closes its connections and its port, and may be closed twice', async () => {
    const server = await createServer({ port: 0, debugMemory: true });
    const { port } = server;
    const client = await RespClient.connect({ port });
    await client.expectText('SET', 'k', 'x'.repeat(5000));
    await server.close();
    await client.waitForClose();
    await server.close();
    await expect(RespClient.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await using again = await createServer({ port });
    expect(again.port).toBe(port);
  });

  it('closes whom it has refused and who does not close', async () => {
    const server = await createServer({ port: 0, maxclients: 1 });
    const { port } = server;
    await using client = await RespClient.connect({ port });
    await client.expectText('PING');
    const refused = connect({ port, allowHalfOpen: true });
    refused.write('PING\r\n');
    const [text] = await once(refused, 'data');
    expect(String(text)).toBe('-ERR max number of clients reached\r\n');
    await server.close();
    refused.destroy();
  });

  it('is closed for whoever closes it again, too, when it is closed', async () => {
    const server = await createServer({ port: 0 });
    const order: string[] = [];
    const first = server.close().then(() => order.push('first'));
    await server.close().then(() => order.push('second'));
    await first;
    expect(order).toEqual(['first', 'second']);
  });

  it('closes the streams that are made when it is closed', async () => {
    const server = await createServer({ listen: false, debugMemory: true });
    const closing = server.close();
    const client = overStream(server);
    await expect(client.command('PING')).rejects.toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
    await closing;
  });

  it('lets go of each of many that open and close in a row', async () => {
    const program = `
      import { createServer } from 'disgo';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      for (let i = 0; i < 150; i++) await (await createServer({ port: 0 })).close();
      setFlagsFromString('--expose-gc');
      runInNewContext('gc')();
      console.log(process.memoryUsage().heapUsed);
    `;
    // One alone needs 9 MB; 150 that are still held, 130.
    expect(Number(await runScript(program))).toBeLessThan(40e6);
  });

  it('takes options of redis.conf, typed', async () => {
    const options = { port: 0, requirepass: 'pw', maxmemory: '10mb', databases: 3 } as const;
    await using server = await createServer(options);
    const client = overStream(server);
    expect(showReply(await client.command('GET', 'k'))).toContain('NOAUTH');
    await client.expectText('AUTH', 'pw');
    expect(showReply(await client.command('SELECT', '3'))).toContain('out of range');
    await client.close();
  });

  it('saves in a folder that it shares with others', async () => {
    const dir = scratchFolder();
    const indexes = [0, 1, 2, 3];
    const open = () =>
      Promise.all(indexes.map((i) => createServer({ port: 0, dir, dbfilename: `${i}.rdb` })));
    const servers = await open();
    const clients = servers.map(overStream);
    for (const [i, client] of clients.entries()) {
      await client.expectText('SET', 'name', `server ${i}`);
      for (let k = 0; k < 20; k++) {
        await client.expectText('SET', `k${k}`, `${i}`.repeat(100_000 + 30_000 * i));
      }
    }
    await Promise.all(clients.map((client) => client.expectText('CONFIG', 'SET', 'save', '')));
    await Promise.all(clients.map((client) => client.expectText('BGSAVE')));
    for (const client of clients) {
      await until(
        'the snapshot',
        async () => (await infoNumber(client, 'rdb_bgsave_in_progress')) === 0,
      );
      expect(await infoField(client, 'rdb_last_bgsave_status')).toBe('ok');
    }
    await Promise.all(servers.map((server) => server.close()));
    expect(readdirSync(dir).sort()).toEqual(indexes.map((i) => `${i}.rdb`));
    const again = await open();
    for (const [i, server] of again.entries()) {
      expect(await overStream(server).expectText('GET', 'name')).toBe(`server ${i}`);
    }
    await Promise.all(again.map((server) => server.close()));
  });

  it('gives its log line by line', async () => {
    const lines: string[] = [];
    const server = await createServer({
      port: 0,
      loglevel: 'verbose',
      log: (line) => lines.push(line),
    });
    const client = await RespClient.connect({ port: server.port });
    await client.expectText('PING');
    await client.close();
    await server.close();
    expect(lines.some((line) => line.includes('Accepted 127.0.0.1:'))).toBe(true);
  });

  it('follows the clock that it is given', async () => {
    let ms = 1_700_000_000_000;
    const clock = { nowMs: () => ms, monotonicMs: () => ms, nowUsec: () => ms * 1000 };
    await using server = await createServer({ listen: false, clock });
    const client = overStream(server);
    await client.expectText('SET', 'k', 'v', 'EX', '100');
    ms += 99_999;
    expect(showReply(await client.command('PTTL', 'k'))).toBe('(integer) 1');
    // As with Redis, a key is there until its time is over.
    ms += 1;
    expect(showReply(await client.command('GET', 'k'))).toBe('"v"');
    ms += 1;
    expect(showReply(await client.command('GET', 'k'))).toBe('(nil, bulk)');
    await client.close();
  });

  it('goes on where a test of its host has put false timers in the place of the real ones', async () => {
    await using server = await createServer({ listen: false });
    const client = overStream(server);
    await client.expectText('SET', 'k', 'v', 'PX', '1');
    vi.useFakeTimers({ toFake: [...FAKED] });
    onTestFinished(() => void vi.useRealTimers());
    expect(showReply(await client.command('BLPOP', 'nosuch', '0.01'))).toBe('(nil, array)');
    expect(showReply(await client.command('GET', 'k'))).toBe('(nil, bulk)');
    expect(showReply(await client.command('EVAL', 'return 1', '0'))).toBe('(integer) 1');
    await client.expectText('FLUSHALL', 'ASYNC');
    expect(await infoNumber(client, 'eventloop_cycles')).toBeGreaterThanOrEqual(0);
    await client.close();
  });
});

describe('failures are rejections with a code', () => {
  it('EADDRINUSE when the port is taken', async () => {
    await using server = await createServer({ port: 0 });
    const second = createServer({ port: server.port });
    await expect(second).rejects.toMatchObject({ name: 'DisgoError', code: 'EADDRINUSE' });
    await expect(createServer({ port: server.port })).rejects.toThrow(String(server.port));
  });

  it.each([
    [{ nosuch: 1 }, 'nosuch'],
    [{ port: -1 }, 'port'],
    [{ timeout: 'many' }, 'timeout'],
    [{ 'maxmemory-policy': 'none' }, 'maxmemory-policy'],
    [{ maxmemory: {} }, 'maxmemory'],
  ])('DISGO_BAD_OPTION for %j', async (options, name) => {
    const rejection = createServer({ port: 0, ...options } as object);
    await expect(rejection).rejects.toMatchObject({ code: 'DISGO_BAD_OPTION' });
    await expect(createServer({ port: 0, ...options } as object)).rejects.toThrow(`'${name}'`);
  });

  it('DISGO_LISTEN when there is no such address', async () => {
    const rejection = createServer({ port: 0, bind: ['203.0.113.1'] });
    await expect(rejection).rejects.toMatchObject({ code: 'DISGO_LISTEN' });
  });
});

describe('connect', () => {
  it('gives streams that are clients like any other', async () => {
    await using server = await createServer({ listen: false, debugMemory: true });
    expect([server.port, server.url]).toEqual([0, '']);
    const [a, b] = [overStream(server), overStream(server)];
    const replies = await a.pipeline(Array.from({ length: 1000 }, () => ['INCR', 'n']));
    expect(showReply(replies[999] ?? { type: 'null', form: 'bulk' })).toBe('(integer) 1000');
    expect(showReply(await b.command('GET', 'n'))).toBe('"1000"');
    const big = Buffer.alloc(3_000_000, 'x');
    await b.expectText('SET', 'big', '');
    await b.command('SET', 'big', big);
    const reply = await a.command('GET', 'big');
    expect(reply.type === 'bulk' && reply.bytes.equals(big)).toBe(true);
  });

  it('notices on either side that the other one has closed', async () => {
    const server = await createServer({ listen: false });
    const [a, b] = [overStream(server), overStream(server)];
    const numberOfClients = async (): Promise<number> => {
      return (await b.expectText('CLIENT', 'LIST')).trimEnd().split('\n').length;
    };
    expect(await a.expectText('PING')).toBe('PONG');
    expect(await numberOfClients()).toBe(2);
    a.socket.destroy();
    await until('the first client to be gone', async () => (await numberOfClients()) === 1);
    const ended = once(b.socket, 'close');
    await server.close();
    await ended;
  });

  it('serves ioredis without a port', async () => {
    await using server = await createServer({ listen: false });
    class StreamConnector extends AbstractConnector {
      connect(): Promise<Socket> {
        this.connecting = true;
        const stream = server.connect() as unknown as Socket;
        Object.assign(this, { stream });
        return Promise.resolve(stream);
      }
    }
    const client = new Redis({ Connector: StreamConnector as never, keepAlive: 1000 });
    expect(await client.set('k', 'v')).toBe('OK');
    expect(await client.mget('k', 'none')).toEqual(['v', null]);
    client.disconnect();
  });
});

describe('close', () => {
  const save = '3600 1000';

  async function setOne(server: DisgoServer): Promise<void> {
    await using client = overStream(server);
    await client.expectText('SET', 'k', 'v');
  }

  it('saves where save names times, and nothing without', async () => {
    const dir = scratchFolder();
    const first = await createServer({ listen: false, dir, save });
    await setOne(first);
    await Promise.all([first.close(), first.close()]);
    {
      await using second = await createServer({ listen: false, dir });
      await using client = overStream(second);
      expect(await client.expectText('GETDEL', 'k')).toBe('v');
    }
    await using third = await createServer({ listen: false, dir });
    await using client = overStream(third);
    expect(await client.expectText('GET', 'k')).toBe('v');
  });

  it('leaves alone what SHUTDOWN NOSAVE has ended', async () => {
    const dir = scratchFolder();
    const server = await createServer({ listen: false, dir, save });
    await setOne(server);
    const client = overStream(server);
    const ended = once(client.socket, 'close');
    client.socket.write('SHUTDOWN NOSAVE\r\n');
    await ended;
    await server.close();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('closes and rejects when it cannot save', async () => {
    const dir = scratchFolder();
    const server = await createServer({ port: 0, dir, save });
    await setOne(server);
    const { port } = server;
    rmSync(dir, { recursive: true });
    await expect(server.close()).rejects.toMatchObject({ code: 'DISGO_SAVE' });
    const again = await createServer({ port });
    await again.close();
  });
});

describe('the built package', () => {
  it('lets the process end once its servers are closed', async () => {
    const script = `
      import { createServer, DISGO_VERSION } from 'disgo';
      const servers = await Promise.all([createServer({ port: 0 }), createServer({ listen: false })]);
      const stream = servers[1].connect();
      stream.write('*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$1\\r\\nv\\r\\n');
      const reply = await new Promise((resolve) => stream.once('data', resolve));
      await Promise.all(servers.map((server) => server.close()));
      console.log(DISGO_VERSION, String(reply).trim());`;
    expect(await runScript(script)).toBe(`${DISGO_VERSION} +OK\n`);
  });

  it('runs scripts where its host forbids code from strings', async () => {
    const text = `
      import { createServer } from 'disgo';
      import { Redis } from 'ioredis';
      const server = await createServer({ port: 0 });
      const client = new Redis(server.port);
      const replies = [];
      for (let i = 0; i < 3; i++) replies.push(await client.eval("return redis.call('incr', 'n')", 0));
      replies.push(await client.eval("return loadstring('return 4')()", 0));
      const name = "redis.register_function('f', function() return 5 end)";
      await client.function('LOAD', '#!lua name=l\\n' + name);
      replies.push(await client.fcall('f', 0), await client.fcall('f', 0));
      client.disconnect();
      await server.close();
      console.log(replies.join());`;
    const flag = '--disallow-code-generation-from-strings';
    expect(await runScript(text, flag)).toBe('1,2,3,4,5,5\n');
  });

  it("saves under Node's permission model, which refuses fsync", async () => {
    const text = `
      import { createServer } from 'disgo';
      import { Redis } from 'ioredis';
      const options = { port: 0, dir: ${JSON.stringify(scratchFolder())} };
      const open = async () => {
        const server = await createServer({ ...options, appendonly: 'yes' });
        return { server, client: new Redis(server.port) };
      };
      const first = await open();
      const replies = [await first.client.save(), await first.client.set('k', 'v')];
      first.client.disconnect();
      await first.server.close();
      const second = await open();
      replies.push(await second.client.get('k'));
      second.client.disconnect();
      await second.server.close();
      console.log(replies.join());`;
    expect(await runScript(text, ...permissionFlags('*'))).toBe('OK,OK,v\n');
  });

  it('shares a port with the other workers of a cluster', async () => {
    const program = join(scratchFolder(), 'workers.mjs');
    const text = `
      import cluster from 'node:cluster';
      import { createServer } from ${JSON.stringify(pathToFileURL(join(repositoryRoot, 'dist/index.js')))};
      if (cluster.isPrimary) {
        const ports = [];
        for (let i = 0; i < 2; i++) {
          const worker = cluster.fork();
          ports.push(await new Promise((resolve) => worker.once('message', resolve)));
        }
        for (const worker of Object.values(cluster.workers)) worker.kill();
        console.log(ports[0] === ports[1]);
      } else {
        const server = await createServer({ port: 0 });
        process.send(server.port);
      }`;
    writeFileSync(program, text);
    const ran = await promisify(execFile)(process.execPath, [program], { timeout: 20_000 });
    expect(ran.stdout).toBe('true\n');
  });

  it('is disposed of in a context of node:vm, where test runners load it', async () => {
    const folder = scratchFolder();
    const built = JSON.stringify(pathToFileURL(join(repositoryRoot, 'dist/index.js')));
    const text = `
      import { createServer } from ${built};
      test('t', async () => {
        await using server = await createServer({ port: 0 });
        expect(server.port).toBeGreaterThan(0);
      });`;
    writeFileSync(join(folder, 'in-context.test.ts'), text);
    const runner = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
    const flags = ['--globals', '--pool', 'vmThreads', '--testTimeout', '50000'];
    const args = [runner, 'run', '--root', folder, ...flags];
    const options = { cwd: folder, timeout: 60_000 };
    const ran = await promisify(execFile)(process.execPath, args, options);
    expect(ran.stdout).toMatch(/1 passed/);
  });

  it('shows only its API', async () => {
    const names = await runScript(
      "import * as disgo from 'disgo'; console.log(Object.keys(disgo).sort().join());",
    );
    expect(names).toBe('DISGO_VERSION,DisgoError,REDIS_VERSION,createServer\n');
    await expect(runScript("import 'disgo/dist/index.js';")).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });
});
