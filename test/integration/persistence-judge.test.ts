// What is on disk beside the real server: random commands of all groups go to both; each then loads
// what the other has left, as append-only files and as a snapshot, and finds the same data set.

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { dataGroups, grammars } from '../oracle/grammars/index.ts';
import { drawStream, endsConnection } from '../oracle/stream.ts';
import type { RespClient } from '../support/client.ts';
import type { Command } from '../support/programs.ts';
import { encodeCommand } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { itWith, scratchFolder, startOurs, texts, until } from './support.ts';

const STEPS_PER_GROUP = 500;
/** They wait, or change the server rather than its data. */
const LEFT_OUT = /^(bl|br|bz|config|debug|client|quit|reset|swapdb|move)/i;
const ARGS = ['--save', '', '--enable-debug-command', 'yes', '--appendonly', 'yes'];
const scratch = scratchFolder();

/** Sends the steps of a group; what they answer is for others to judge. */
async function feed(client: RespClient, group: string, seed: number): Promise<void> {
  const grammar = grammars.find((each) => each.group === group);
  if (grammar === undefined) throw new Error(`no grammar ${group}`);
  const { steps } = drawStream(grammar, {
    seed,
    resp: 2,
    length: STEPS_PER_GROUP,
    otherTypes: true,
  });
  for (const step of steps) {
    if (!('args' in step) || LEFT_OUT.test(step.args[0] ?? '')) continue;
    if (/\bblock\b/i.test(step.args.join(' ')) || endsConnection(step.args)) continue;
    client.write(encodeCommand(step.args.map((arg) => Buffer.from(arg, 'latin1'))));
    await client.read().catch((error: unknown) => {
      throw new Error(`${JSON.stringify(step.args)}: ${String(error)}`);
    });
  }
  await client.command('DISCARD');
  await client.command('SELECT', '0');
}

/** Nothing expires any more, so that two looks at the data see the same. */
async function settle(client: RespClient): Promise<void> {
  for (let db = 0; db < 16; db++) {
    await client.command('SELECT', String(db));
    const keys = await texts(client, 'KEYS', '*');
    for (const key of keys) await client.command('PERSIST', Buffer.from(key, 'latin1'));
  }
  await client.command('SELECT', '0');
}

/** The digest that a server finds in a copy of another's folder. */
async function digestOfCopy(
  command: Command | undefined,
  of: RunningServer,
  name: string,
  args: readonly string[],
): Promise<string> {
  const folder = join(scratch, name);
  mkdirSync(folder);
  cpSync(of.folder, folder, { recursive: true });
  const options = { args: [...args, '--dir', folder] };
  await using server = await (command === undefined
    ? startOurs(options)
    : startServer({ ...options, command }));
  await using client = await server.client();
  // Waited for here: the connection is closed before what is returned is waited for.
  const digest = await client.expectText('DEBUG', 'DIGEST');
  return digest;
}

itWith('redis-server', 'each loads what the other has written', async (path) => {
  const real: Command = [path];
  await using theirs = await startServer({ command: real, args: ARGS });
  await using ours = await startOurs({ args: ARGS });
  await using a = await ours.client();
  await using b = await theirs.client();
  const plain = ['--save', '', '--enable-debug-command', 'yes'];
  for (const [index, group] of dataGroups.entries()) {
    for (const client of [a, b]) {
      await feed(client, group, index + 1);
      await settle(client);
    }
  }
  const ourDigest = await a.expectText('DEBUG', 'DIGEST');
  expect(await a.expectText('DEBUG', 'LOADAOF')).toBe('OK');
  expect(await a.expectText('DEBUG', 'DIGEST'), 'ours after LOADAOF').toBe(ourDigest);
  expect(await a.expectText('DEBUG', 'RELOAD')).toBe('OK');
  expect(await a.expectText('DEBUG', 'DIGEST'), 'ours after RELOAD').toBe(ourDigest);
  expect(await digestOfCopy(real, ours, 'aof', ARGS), 'our AOF in Redis').toBe(ourDigest);
  const theirDigest = await b.expectText('DEBUG', 'DIGEST');
  expect(await digestOfCopy(undefined, theirs, 'their-aof', ARGS)).toBe(theirDigest);
  for (const format of ['yes', 'no']) {
    await a.expectText('CONFIG', 'SET', 'aof-use-rdb-preamble', format);
    await a.expectText('BGREWRITEAOF');
    await until('the rewrite', async () =>
      (await a.expectText('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'),
    );
    const found = await digestOfCopy(real, ours, `rewritten-${format}`, ARGS);
    expect(found, `our rewrite in Redis, preamble ${format}`).toBe(ourDigest);
  }
  await a.expectText('SAVE');
  await b.expectText('SAVE');
  expect(await digestOfCopy(real, ours, 'rdb', plain), 'our RDB in Redis').toBe(ourDigest);
  expect(await digestOfCopy(undefined, theirs, 'their-rdb', plain)).toBe(theirDigest);
});
