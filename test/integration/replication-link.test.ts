// A replica's link that breaks at a bad moment, with a master that is played by the test; and what
// becomes of clients that wait when their server becomes a replica.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PlayedMaster } from '../support/played-master.ts';
import { replyText, showReply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { infoField, itWith, startOurs, until } from './support.ts';

const ID = 'f'.repeat(40);
const KEYS = 300;

async function snapshotOf(keys: number): Promise<Buffer> {
  await using source = await startOurs();
  await using client = await source.client();
  for (let i = 0; i < keys; i++) await client.expectText('SET', `key:${i}`, String(i));
  await client.expectText('SAVE');
  return readFileSync(join(source.folder, 'dump.rdb'));
}

it('loads what has come before it connects again, and goes on from there', async () => {
  const rdb = await snapshotOf(KEYS);
  await using replica = await startOurs({
    args: ['--key-load-delay', '2000', '--save', '', '--enable-debug-command', 'yes'],
  });
  await using client = await replica.client();
  let loadingAtSecond = '';
  const master = new PlayedMaster((socket, connection) => {
    if (connection === 1) {
      socket.write(`+FULLRESYNC ${ID} 1000\r\n$${rdb.length}\r\n`);
      socket.end(rdb);
      return;
    }
    void infoField(client, 'loading').then((loading) => {
      loadingAtSecond = loading;
      socket.write('+CONTINUE\r\n');
    });
  });
  await client.expectText('REPLICAOF', '127.0.0.1', await master.listen());
  await until('the link is up', async () => {
    return (await infoField(client, 'master_link_status')) === 'up';
  });
  expect(loadingAtSecond).toBe('0');
  expect(master.asked).toHaveLength(2);
  expect(master.asked[1]).toEqual([`${ID} 1001`]);
  expect(await client.expectText('DBSIZE')).toBe(String(KEYS));
  master.close();
});

it('keeps its data until a script that is busy has ended', async () => {
  const rdb = await snapshotOf(KEYS);
  await using replica = await startOurs({
    args: ['--busy-reply-threshold', '1', '--dbfilename', 'received.rdb', '--save', ''],
  });
  await using client = await replica.client();
  await using busy = await replica.client();
  await client.expectText('SET', 'own', '1');
  const script = "while redis.call('dbsize') == 1 do end return 'changed'";
  const master = new PlayedMaster((socket) => {
    socket.write(`+FULLRESYNC ${ID} 1000\r\n$${rdb.length}\r\n`);
    socket.write(rdb);
  });
  const port = await master.listen();
  await client.expectText('REPLICAOF', '127.0.0.1', port);
  const ending = busy.command('EVAL', script, '0');
  await until('the snapshot is there', () => existsSync(join(replica.folder, 'received.rdb')));
  await client.expectText('SCRIPT', 'KILL');
  expect(replyText(await ending)).toContain('Script killed by user');
  await until('the link is up', async () => {
    return (await infoField(client, 'master_link_status')) === 'up';
  });
  expect(await client.expectText('DBSIZE')).toBe(String(KEYS));
  master.close();
});

/** What a waiting client gets when its server becomes a replica, and whether it is closed. */
async function whenRoleChanges(server: RunningServer, ...wait: string[]): Promise<string[]> {
  await using waiting = await server.client();
  await using other = await server.client();
  await other.expectText('REPLICAOF', 'NO', 'ONE');
  const answer = waiting.command(...wait);
  await until('a client waits', async () => (await infoField(other, 'blocked_clients')) === '1');
  await other.expectText('REPLICAOF', '127.0.0.1', '1');
  const reply = await answer;
  const state = await waiting.command('PING').then(
    () => 'open',
    () => 'closed',
  );
  return [replyText(reply) ?? '', state];
}

itWith('redis-server', 'closes those who wait when it becomes a replica', async (program) => {
  await using real = await startServer({ command: [program] });
  await using ours = await startOurs();
  for (const wait of [
    ['WAIT', '1', '0'],
    ['BLPOP', 'nothing', '0'],
  ]) {
    const expected = await whenRoleChanges(real, ...wait);
    expect(expected[1]).toBe('closed');
    expect(await whenRoleChanges(ours, ...wait)).toEqual(expected);
  }
});

it('tells where the link to a master begins and ends, and that no user stands behind it', async () => {
  await using master = await startOurs({ args: ['--repl-diskless-sync-delay', '0'] });
  await using replica = await startOurs();
  await using client = await replica.client();
  await using atMaster = await master.client();
  await client.expectText('REPLICAOF', 'localhost', String(master.port));
  await until('the link is up', async () => {
    return (await infoField(client, 'master_link_status')) === 'up';
  });
  const field = (line: string, name: string) => new RegExp(` ${name}=(\\S*)`).exec(line)?.[1];
  const link = await client.expectText('CLIENT', 'LIST', 'TYPE', 'MASTER');
  const other = await atMaster.expectText('CLIENT', 'LIST', 'TYPE', 'REPLICA');
  expect(field(link, 'user')).toBe('(superuser)');
  expect(field(link, 'addr')).toBe(field(other, 'laddr'));
  expect(field(link, 'laddr')).toBe(field(other, 'addr'));
  expect(await client.expectText('CLIENT', 'KILL', 'USER', 'default')).toBe('0');
  const laddr = field(link, 'laddr') ?? '';
  expect(await client.expectText('CLIENT', 'KILL', 'LADDR', laddr)).toBe('1');
});

it('counts what replication has sent and received', async () => {
  await using master = await startOurs({ args: ['--repl-diskless-sync-delay', '0'] });
  await using replica = await startOurs();
  await using writer = await master.client();
  await using reader = await replica.client();
  await writer.expectText('SET', 'before', 'x'.repeat(100_000));
  await reader.expectText('REPLICAOF', '127.0.0.1', String(master.port));
  await until('the link is up', async () => {
    return (await infoField(reader, 'master_link_status')) === 'up';
  });
  await writer.expectText('SET', 'after', 'y'.repeat(50_000));
  expect(await writer.expectText('WAIT', '1', '0')).toBe('1');
  const sent = Number(await infoField(writer, 'total_net_repl_output_bytes'));
  const received = Number(await infoField(reader, 'total_net_repl_input_bytes'));
  expect(received).toBeGreaterThan(50_000);
  // The line that announces the snapshot is sent, and is not part of what is received.
  expect(sent).toBeGreaterThanOrEqual(received);
  expect(sent - received).toBeLessThan(200);
  expect(Number(await infoField(reader, 'total_net_input_bytes'))).toBeGreaterThan(received);
});

// Recorded from redis-server 7.2.5: a write that follows at once is taken.
it('takes writes as soon as enough replicas are online', async () => {
  const args = ['--repl-diskless-sync-delay', '0', '--min-replicas-to-write', '1', '--hz', '1'];
  await using master = await startOurs({ args });
  await using replica = await startOurs();
  await using client = await master.client();
  await using steering = await replica.client();
  expect(showReply(await client.command('SET', 'k', 'v'))).toContain('NOREPLICAS');
  await steering.expectText('REPLICAOF', '127.0.0.1', String(master.port));
  await until('it is online', async () => {
    return (await client.expectText('INFO', 'replication')).includes(',state=online,');
  });
  await client.expectText('SET', 'k', 'v');
  await client.expectText('CLIENT', 'KILL', 'TYPE', 'replica');
  await until('it is back', async () => (await infoField(client, 'sync_partial_ok')) === '1');
  await client.expectText('SET', 'k', 'v');
});

it.each(['SYNC', 'PSYNC'])('closes a replica that would be answered: %s', async (kind) => {
  await using master = await startOurs({ args: ['--repl-diskless-sync-delay', '0'] });
  await using client = await master.client();
  await using replica = await master.client();
  replica.write(Buffer.from(kind === 'SYNC' ? 'SYNC\r\n' : 'PSYNC replicationid -1\r\n'));
  await until('it is a replica', async () => {
    return (await infoField(client, 'connected_slaves')) === '1';
  });
  replica.write(Buffer.from('REPLCONF ACK 0\r\n'));
  await client.expectText('SET', 'k', 'v');
  expect(await infoField(client, 'connected_slaves')).toBe('1');
  replica.write(Buffer.from('PING\r\n'));
  await until('it is closed', async () => {
    return (await infoField(client, 'connected_slaves')) === '0';
  });
  expect(master.log()).toContain("Replica generated a reply to command 'ping', disconnecting it: ");
});
