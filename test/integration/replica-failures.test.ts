// What becomes of a replica whose master sends what cannot be done, or whose disk fails, beside the
// real server in the same place.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { PlayedMaster } from '../support/played-master.ts';
import { encodeCommand } from '../support/resp.ts';
import { type RunningServer, type ServerOptions, startServer } from '../support/server.ts';
import { ended, infoField, itWith, scratchFolder, startOurs, until } from './support.ts';

const ID = 'f'.repeat(40);

/** A small data set as its snapshot file. */
async function snapshot(): Promise<Buffer> {
  await using source = await startOurs();
  await using client = await source.client();
  await client.expectText('SET', 'key', 'value');
  await client.expectText('SAVE');
  return readFileSync(join(source.folder, 'dump.rdb'));
}

/** A replica of a played master that has sent `commands` behind its snapshot. */
async function replicaThatApplies(
  options: ServerOptions,
  commands: readonly (readonly string[])[],
  meanwhile: (replica: RunningServer, client: RespClient) => Promise<void> = async () => {},
): Promise<{ replica: RunningServer; client: RespClient }> {
  const rdb = await snapshot();
  let link: Socket | null = null;
  const master = new PlayedMaster((socket) => {
    socket.write(`+FULLRESYNC ${ID} 1000\r\n$${rdb.length}\r\n`);
    socket.write(rdb);
    link = socket;
  });
  const replica = await startServer(options);
  const client = await replica.client();
  await client.expectText('REPLICAOF', '127.0.0.1', await master.listen());
  await until('the link is up', async () => {
    return (await infoField(client, 'master_link_status')) === 'up';
  });
  await meanwhile(replica, client);
  for (const command of commands) (link as Socket | null)?.write(encodeCommand(command));
  master.close();
  return { replica, client };
}

const FAILS = [
  ['SET', 'text', 'x'],
  ['LPUSH', 'text', 'y'],
  ['SET', 'behind', '1'],
];

/** BGSAVE fails: where its file should go there is a folder. */
async function breakSaving(replica: RunningServer, client: RespClient): Promise<void> {
  rmSync(join(replica.folder, 'dump.rdb'), { force: true });
  mkdirSync(join(replica.folder, 'dump.rdb'));
  await client.command('BGSAVE');
  await until('the save fails', async () => {
    return (await infoField(client, 'rdb_last_bgsave_status')) === 'err';
  });
}

/** The same for our server and, where it is installed, for the real one. */
function forBoth(name: string, run: (program: ServerOptions) => Promise<void>): void {
  it(`${name}: disgo`, () => run({}));
  itWith('redis-server', `${name}: redis-server`, (path) => run({ command: [path] }));
}

forBoth('is told to the log, and counted', async (program) => {
  const { replica, client } = await replicaThatApplies(program, FAILS);
  await until('all is applied', async () => (await client.expectText('EXISTS', 'behind')) === '1');
  const told = /CRITICAL == This replica .* after processing the command 'lpush'/;
  await until('it is told', () => told.test(replica.log()));
  expect(replica.log()).toContain(
    "== This replica is sending an error to its master: '-WRONGTYPE Operation",
  );
  expect(await infoField(client, 'unexpected_error_replies')).toBe('1');
  await replica.stop();
});

forBoth('ends it where propagation-error-behavior says so', async (program) => {
  const args = ['--propagation-error-behavior', 'panic-on-replicas'];
  const { replica } = await replicaThatApplies({ ...program, args }, FAILS);
  expect(await ended(replica)).toBe('SIGABRT');
  expect(replica.log()).toContain(
    "This replica panicked sending an error to its master after processing the command 'lpush'",
  );
});

forBoth('and cannot be persisted ends it', async (program) => {
  const args = ['--save', '3600 1'];
  const { replica } = await replicaThatApplies({ ...program, args }, FAILS, breakSaving);
  expect(await ended(replica)).toBe('SIGABRT');
  expect(replica.log()).toContain('Replica was unable to write command to disk.');
});

forBoth('goes on with replica-ignore-disk-write-errors', async (program) => {
  const args = ['--save', '3600 1', '--replica-ignore-disk-write-errors', 'yes'];
  const options = { ...program, args };
  const { replica, client } = await replicaThatApplies(options, FAILS, breakSaving);
  await until('all is applied', async () => (await client.expectText('EXISTS', 'behind')) === '1');
  const text = 'Replica is applying a command even though it is unable to write to disk.';
  await until('it is told', () => replica.log().includes(text));
  expect(replica.log().split(text)).toHaveLength(2);
  rmSync(join(replica.folder, 'dump.rdb'), { recursive: true });
  await replica.stop();
});

it('opens its append-only files again when it is a master before all has come', async () => {
  const rdb = await snapshot();
  const links: Socket[] = [];
  const master = new PlayedMaster((socket) => {
    links.push(socket);
    if (links.length > 1) return;
    socket.write(`+FULLRESYNC ${ID} 1000\r\n$${rdb.length}\r\n`);
    socket.write(rdb.subarray(0, -10));
  });
  const options = '--appendonly yes --repl-diskless-load on-empty-db --enable-debug-command yes';
  const replica = await startServer({ args: options.split(' ') });
  const client = await replica.client();
  await client.expectText('REPLICAOF', '127.0.0.1', await master.listen());
  await until('they are closed', async () => (await infoField(client, 'aof_enabled')) === '0');
  links[0]?.destroy();
  await until('the link is given up', async () => (await infoField(client, 'loading')) === '0');
  await client.expectText('REPLICAOF', 'NO', 'ONE');
  expect(await infoField(client, 'aof_enabled')).toBe('1');
  await client.expectText('SET', 'own', '1');
  await until('they are whole', async () => {
    return (await infoField(client, 'aof_rewrite_in_progress')) === '0';
  });
  await client.expectText('DEBUG', 'LOADAOF');
  expect(await client.expectText('GET', 'own')).toBe('1');
  master.close();
  for (const link of links) link.destroy();
  await replica.stop();
});

forBoth('keeps expired keys while it loads what lets them live on', async (program) => {
  const folder = scratchFolder();
  const files = join(folder, 'appendonlydir');
  mkdirSync(files);
  writeFileSync(
    join(files, 'appendonly.aof.manifest'),
    'file appendonly.aof.1.incr.aof seq 1 type i\n',
  );
  // One second and a half, in which a replica looks once for keys that it must let go itself.
  const loads = '--key-load-delay 5000 --appendonly yes --replicaof 127.0.0.1 1';
  const fill = Array.from({ length: 300 }, (_, i) => ['SET', `fill:${i}`, '']);
  const commands = [
    ['SELECT', '0'],
    ['SET', 'key', 'value', 'PXAT', '1000'],
    ...fill,
    ['PERSIST', 'key'],
  ];
  writeFileSync(
    join(files, 'appendonly.aof.1.incr.aof'),
    Buffer.concat(commands.map(encodeCommand)),
  );
  for (const readOnly of ['yes', 'no']) {
    const args = [...loads.split(' '), '--dir', folder, '--replica-read-only', readOnly];
    await using replica = await startServer({ ...program, args });
    await using client = await replica.client();
    expect(await client.expectText('GET', 'key')).toBe('value');
  }
});
