// `npm run bench -- collections [--scale 0.1]`: resident bytes of collections beside the real
// server's: a million small hashes, sets and sorted sets, one long list, one large sorted set, one
// long stream.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Flags } from '../test/support/args.ts';
import { residentOf, sides, startSide } from './contenders.ts';
import { printTable, show } from './table.ts';

const MEGABYTE = 1024 * 1024;
const BATCH = 1000;
const GOAL = 0.9;

interface Case {
  readonly name: string;
  /** Commands that fill it. */
  readonly count: number;
  /** Lines of each command's reply. */
  readonly replyLines: number;
  command(i: number): readonly string[];
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const cases: readonly Case[] = [
  {
    name: 'hashes of 8 fields',
    count: 1_000_000,
    replyLines: 1,
    command: (i) => [
      'HSET',
      `hash:${i}`,
      ...range(8).flatMap((field) => [`field${field}`, `value:${i + field}`]),
    ],
  },
  {
    name: 'sets of 20 members',
    count: 1_000_000,
    replyLines: 1,
    command: (i) => ['SADD', `set:${i}`, ...range(20).map((n) => `member:${i + n}`)],
  },
  {
    name: 'sorted sets of 8 members',
    count: 1_000_000,
    replyLines: 1,
    command: (i) => [
      'ZADD',
      `zset:${i}`,
      ...range(8).flatMap((n) => [String((i * n) % 1000), `member:${i + n}`]),
    ],
  },
  {
    name: 'one list of 10M items',
    count: 1_000_000,
    replyLines: 1,
    command: (i) => ['RPUSH', 'list', ...range(10).map((n) => `item:${i * 10 + n}`)],
  },
  {
    name: 'one sorted set of 5M members',
    count: 500_000,
    replyLines: 1,
    command: (i) => [
      'ZADD',
      'zset',
      ...range(10).flatMap((n) => [String((i * 7919 + n * 104729) % 1e7), `member:${i * 10 + n}`]),
    ],
  },
  {
    name: 'one stream of 5M entries',
    count: 5_000_000,
    replyLines: 2,
    command: (i) => [
      'XADD',
      'stream',
      `${1_700_000_000_000 + i}-0`,
      'sensor',
      `${i % 100}`,
      'value',
      `${i}`,
    ],
  },
];

export async function benchCollections(flags: Flags): Promise<number> {
  const scale = Number(flags.text('scale') ?? '1');
  const only = flags.list('tests');
  const rows: string[][] = [];
  let missed = 0;
  for (const each of cases) {
    if (only !== undefined && !only.some((word) => each.name.includes(word))) continue;
    const megabytes: number[] = [];
    for (const { command } of sides(flags)) {
      const server = await startSide(command);
      try {
        const empty = residentOf(server);
        await fill(server.port, each, Math.round(each.count * scale));
        megabytes.push((residentOf(server) - empty) / MEGABYTE);
      } finally {
        await server.stop();
      }
    }
    const [ours, real] = megabytes;
    const ratio = ours === undefined || real === undefined ? undefined : ours / real;
    if (ratio !== undefined && ratio > GOAL) missed++;
    rows.push([each.name, ...megabytes.map(show), show(ratio)]);
  }
  const head = ['collection', ...sides(flags).map(({ name }) => `${name} MB`), 'ratio'];
  const title = `Resident growth, scale ${scale}, goal ${GOAL}`;
  printTable({ title, head, rows }, flags.has('markdown'));
  return flags.has('check') && missed > 0 ? 1 : 0;
}

function encode(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}

/**
 * Sends the commands in batches and waits for all replies. @throws Error at the first error reply.
 */
async function fill(port: number, { command, replyLines }: Case, count: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  let lines = 0;
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  socket.on('data', (chunk: Buffer) => {
    if (chunk.includes('-ERR')) failure = new Error(chunk.toString('latin1', 0, 200));
    for (const byte of chunk) if (byte === 10) lines++;
    wake?.();
  });
  for (let sent = 0; sent < count; ) {
    const size = Math.min(BATCH, count - sent);
    let text = '';
    for (let i = 0; i < size; i++) text += encode(command(sent + i));
    socket.write(Buffer.from(text, 'latin1'));
    sent += size;
    while (lines < sent * replyLines) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (failure !== undefined) throw failure;
    }
  }
  socket.destroy();
}
