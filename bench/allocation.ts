// `npm run bench -- allocation`: JavaScript heap bytes that our server allocates per command, over
// a million of each. The server runs with V8's `--trace-gc` and a young generation of 1 MB; between
// two collections the heap grows by what was allocated, so the sum of the growth is the count. What
// the socket itself allocates per read is in the PING line: a command that allocates nothing equals
// it.
import { availableParallelism } from 'node:os';
import type { Flags } from '../test/support/args.ts';
import type { RespClient } from '../test/support/client.ts';
import { type Command, ourServer } from '../test/support/programs.ts';
import { type Arg, encodeCommand } from '../test/support/resp.ts';
import { type RunningServer, startServer } from '../test/support/server.ts';
import { printTable, show } from './table.ts';

const PIPELINE = 128;
const GROUND = 'PING, 46 bytes';
const YOUNG_MB = 1;
const MEGABYTE = 1024 * 1024;
/** Noise of the measure: the socket's own objects per read, spread over a pipeline of 128. */
const GOAL_BYTES = 2;

interface Count {
  readonly collections: number;
  readonly bytes: number;
}

export async function benchAllocation(flags: Flags): Promise<number> {
  const commands = flags.count('commands', 1_000_000);
  const [program, ...rest] = ourServer(flags.text('ours'));
  if (!/node(\.exe)?$/.test(program)) throw new Error('allocation: our server must run under node');
  const v8Flags = ['--trace-gc', `--max-semi-space-size=${YOUNG_MB}`];
  const command: Command = [program, ...v8Flags, ...rest];
  const server = await startServer({ command, args: ['--save', ''] });
  try {
    const client = await server.client();
    const sha = await client.expectText('SCRIPT', 'LOAD', "return redis.call('incr', KEYS[1])");
    const lines: [string, (index: number) => Arg[]][] = [
      ['PING', () => ['PING']],
      [GROUND, () => ['PING', 'a message that is as long as a SET of 16 bytes']],
      ['SET, 16 bytes', (i) => ['SET', key(i), '0123456789abcdef']],
      ['GET, 16 bytes', (i) => ['GET', key(i)]],
      ['SET, a number', (i) => ['SET', key(i), i]],
      ['INCR', (i) => ['INCR', key(i)]],
      ['GET, a number', (i) => ['GET', key(i)]],
      ['EVALSHA of one INCR', (i) => ['EVALSHA', sha, '1', key(i)]],
      ['GET, no such key', (i) => ['GET', `no${key(i)}`]],
    ];
    const rows: string[][] = [];
    let ground = 0;
    let missed = 0;
    for (const [name, make] of lines) {
      await drive(client, make, Math.min(commands, 300_000));
      const before = server.log().length;
      await drive(client, make, commands);
      const count = readTrace(server, before);
      const bytes = count.bytes / commands;
      if (name === GROUND) ground = bytes;
      const own = bytes - ground;
      if (/^(GET|SET)/.test(name) && own > GOAL_BYTES) missed++;
      const above = ground === 0 ? '' : show(own);
      rows.push([name, String(count.collections), show(bytes), above]);
    }
    await client.close();
    const title = `Heap allocation over ${commands} commands, pipeline ${PIPELINE}`;
    const head = ['command', `collections of ${YOUNG_MB} MB`, 'bytes/command', 'above the PING'];
    printTable({ title, head, rows }, flags.has('markdown'));
    if (availableParallelism() < 2) console.log('(one core: server and load share it)');
    return flags.has('check') && missed > 0 ? 1 : 0;
  } finally {
    await server.stop();
  }
}

const key = (index: number): string => `key:${String(index % 10_000).padStart(12, '0')}`;

/** Sends `count` commands in pipelines and waits for all replies. */
async function drive(
  client: RespClient,
  make: (index: number) => Arg[],
  count: number,
): Promise<void> {
  for (let sent = 0; sent < count; sent += PIPELINE) {
    const size = Math.min(PIPELINE, count - sent);
    const frames: Buffer[] = [];
    for (let i = 0; i < size; i++) frames.push(encodeCommand(make(sent + i)));
    client.write(Buffer.concat(frames));
    for (let i = 0; i < size; i++) {
      const reply = await client.read();
      if (reply.type === 'error') throw new Error(reply.text);
    }
  }
}

/**
 * Adds up the heap's growth between collections, from V8's `Scavenge 5.2 (7.4) -> 4.3 (7.4) MB`.
 */
function readTrace(server: RunningServer, from: number): Count {
  let collections = 0;
  let bytes = 0;
  let last: number | undefined;
  for (const match of server
    .log()
    .slice(from)
    .matchAll(/([\d.]+) \([\d.]+\) -> ([\d.]+) \(/g)) {
    const before = Number(match[1]);
    if (last !== undefined) bytes += Math.max(0, before - last) * MEGABYTE;
    else bytes += YOUNG_MB * MEGABYTE;
    last = Number(match[2]);
    collections++;
  }
  return { collections, bytes };
}
