// WAITAOF on a running server: who waits is served when the disk has what was written, whenever the
// append-only file begins, and hears of its end.

import { expect, it } from 'vitest';
import { showReply } from '../support/resp.ts';
import { infoField, infoNumber, startOurs, until } from './support.ts';

const IN_SYNC = 'array[(integer) 1, (integer) 0]';

it('is served by a sync, by the end of the first rewrite, and refused when the log ends', async () => {
  await using server = await startOurs();
  await using client = await server.client();
  await using other = await server.client();
  const waiting = async (reply: Promise<unknown>): Promise<void> => {
    // A reply that comes instead is looked at later.
    void reply;
    await until('the client to wait', async () => {
      return (await infoNumber(other, 'blocked_clients')) === 1;
    });
  };
  const off = 'WAITAOF cannot be used when numlocal is set but appendonly is disabled.';
  expect(showReply(await client.command('WAITAOF', '1', '0', '0'))).toContain(off);

  const range = 'ERR value is out of range, value must between 0 and 1';
  expect(showReply(await client.command('WAITAOF', '2', '0', '0'))).toContain(range);

  await other.expectText('SET', 'before', '1');
  // The rewrite waits until it is let go on.
  await other.expectText('CONFIG', 'SET', 'rdb-key-save-delay', '100000000');
  await other.expectText('CONFIG', 'SET', 'appendfsync', 'always', 'appendonly', 'yes');
  await client.expectText('SET', 'meanwhile', '1');
  const rewritten = client.command('WAITAOF', '1', '0', '0');
  await waiting(rewritten);
  await other.expectText('CONFIG', 'SET', 'rdb-key-save-delay', '0');
  expect(showReply(await rewritten)).toBe(IN_SYNC);

  await client.expectText('SET', 'after', '1');
  expect(showReply(await client.command('WAITAOF', '1', '0', '0'))).toBe(IN_SYNC);

  await other.expectText('CONFIG', 'SET', 'appendfsync', 'no');
  await client.expectText('SET', 'later', '1');
  const ended = client.command('WAITAOF', '1', '0', '0');
  await waiting(ended);
  await other.expectText('CONFIG', 'SET', 'appendonly', 'no');
  expect(showReply(await ended)).toContain(off);
});

it('is served by what a replica has on disk, messages included', async () => {
  await using master = await startOurs({ args: ['--repl-diskless-sync-delay', '0'] });
  const replicaof = ['--replicaof', `127.0.0.1 ${master.port}`, '--appendonly', 'yes'];
  await using replica = await startOurs({ args: replicaof });
  await using client = await master.client();
  await using other = await replica.client();
  await until('the link', async () => {
    return (await infoField(other, 'master_link_status')) === 'up';
  });
  const served = 'array[(integer) 0, (integer) 1]';
  await client.expectText('SET', 'a', '1');
  expect(showReply(await client.command('WAITAOF', '0', '1', '0'))).toBe(served);
  await client.command('PUBLISH', 'channel', 'message');
  expect(showReply(await client.command('WAITAOF', '0', '1', '0'))).toBe(served);
});
