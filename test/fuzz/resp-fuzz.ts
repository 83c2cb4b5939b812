// Fuzzes the protocol: `npx tsx test/fuzz/resp-fuzz.ts [--bytes N] [--seed N] [--ours command]`.
// Valid frames are mutated (bits, cuts, repeats, lengths that lie, nesting, inline junk) and sent
// over many connections, in pieces. The server must stay alive, answer or close every connection,
// and not grow. A seed gives the same connections again; a failing connection prints its own.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { readFlags } from '../support/args.ts';
import { residentBytes } from '../support/process-stats.ts';
import { ourServer } from '../support/programs.ts';
import { Random } from '../support/random.ts';
import { encodeCommand, showBytes } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';

const CONNECTIONS_AT_ONCE = 16;
const HANG_MS = 10_000;
const MEGABYTE = 1024 * 1024;
/** What the process may grow by between the end of the warm-up and the end of the run. */
const GROWTH_BOUND = 96 * MEGABYTE;
/** The part of the run that fills caches and compiles code, before growth is counted. */
const WARM_UP = 0.25;

/** Commands that cannot grow the data by more than they send, nor stop or pause the server. */
const commands: readonly (readonly string[])[] = [
  ['PING'],
  ['PING', 'hello'],
  ['SET', 'key', 'value'],
  ['SET', 'key', 'value', 'EX', '100', 'NX', 'GET'],
  ['GET', 'key'],
  ['MSET', 'a', '1', 'b', '2'],
  ['MGET', 'a', 'b', 'c'],
  ['INCR', 'counter'],
  ['APPEND', 'key', 'more'],
  ['DEL', 'a', 'b'],
  ['EXPIRE', 'key', '100'],
  ['SCAN', '0', 'COUNT', '10'],
  ['HELLO', '3'],
  ['HELLO', '2'],
  ['CLIENT', 'SETNAME', 'fuzz'],
  ['CLIENT', 'REPLY', 'OFF'],
  ['COMMAND', 'GETKEYS', 'MSET', 'a', 'b'],
  ['CONFIG', 'GET', 'maxmemory*'],
  ['OBJECT', 'ENCODING', 'key'],
  ['BITFIELD', 'bits', 'SET', 'u8', '0', '255', 'GET', 'u4', '#1'],
  ['SELECT', '1'],
  ['FLUSHALL'],
  ['RESET'],
  ['QUIT'],
  [],
];

const lies: readonly string[] = [
  '*-1\r\n',
  '*-2147483649\r\n',
  '*0\r\n',
  '*2147483647\r\n',
  '*1048576\r\n$3\r\nGET\r\n',
  '*9223372036854775808\r\n',
  '*1\r\n$536870912\r\nabc',
  '*1\r\n$2147483647\r\nabc',
  '*1\r\n$-1\r\n',
  '*1\r\n$-2\r\n',
  '*3\r\n$3\r\nSET\r\n$-1\r\n$1\r\nx\r\n',
  '*1\r\n*1\r\n*1\r\n*1\r\n$4\r\nPING\r\n',
  '$5\r\nhello\r\n',
  '%1\r\n+a\r\n+b\r\n',
  '>1\r\n+a\r\n',
  ':1\r\n',
  '\r\n\r\n\r\n',
  '"unbalanced\r\n',
  "'\\x\r\n",
  '"a"b\r\n',
  '\u0000\u0000\u0000\r\n',
  'GET key\n',
];

/** The bytes of one connection. */
function drawBytes(random: Random): Buffer {
  const frames: Buffer[] = [];
  const count = random.between(1, 40);
  for (let i = 0; i < count; i++) {
    const kind = random.below(10);
    if (kind < 6) frames.push(encodeCommand(random.pick(commands)));
    else if (kind < 8) frames.push(Buffer.from(random.pick(lies), 'latin1'));
    else if (kind < 9) frames.push(Buffer.concat([random.bytes(random.below(60)), newline]));
    else frames.push(encodeCommand(['SET', random.bytes(4), random.bytes(random.below(3000))]));
  }
  let bytes: Buffer = Buffer.concat(frames);
  // Most connections get a few changes, so that the parser goes deep before it meets one.
  const changes = random.chance(0.2) ? 0 : random.between(1, 4);
  for (let i = 0; i < changes && bytes.length > 0; i++) bytes = mutate(bytes, random);
  return bytes;
}

const newline = Buffer.from('\r\n');

function mutate(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const size = random.below(Math.min(64, bytes.length - at) + 1);
  const head = bytes.subarray(0, at);
  const part = bytes.subarray(at, at + size);
  switch (random.below(7)) {
    case 0: {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    }
    case 1:
      return Buffer.concat([head, bytes.subarray(at + size)]);
    case 2:
      return Buffer.concat([head, part, part, part, bytes.subarray(at + size)]);
    case 3:
      return head;
    case 4:
      return Buffer.concat([head, random.bytes(random.below(16)), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([head, Buffer.from(random.pick(lies), 'latin1'), bytes.subarray(at)]);
    default:
      return changeNumber(bytes, random);
  }
}

/** Puts another number in the place of a length. */
function changeNumber(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const places = [...text.matchAll(/[*$](\d+)\r\n/g)];
  if (places.length === 0) return bytes;
  const place = random.pick(places);
  const start = (place.index ?? 0) + 1;
  const end = start + (place[1]?.length ?? 0);
  const numbers = [
    '0',
    '1',
    '2',
    '100',
    '65536',
    '1000000',
    '2147483648',
    '-1',
    '-5',
    '',
    '00',
    'x',
  ];
  const number = random.pick(numbers);
  return Buffer.from(text.slice(0, start) + number + text.slice(end), 'latin1');
}

/** Sends one connection's bytes; resolves with the number of reply bytes once it has closed. */
async function sendOne(port: number, seed: number): Promise<{ sent: number; replied: number }> {
  const random = new Random(seed);
  const bytes = drawBytes(random);
  const socket = connect({ port, host: '127.0.0.1' });
  let replied = 0;
  socket.on('data', (chunk: Buffer) => {
    replied += chunk.length;
  });
  // The server may close at the first broken frame, while more is on its way.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await Promise.race([new Promise<void>((resolve) => socket.once('connect', resolve)), closed]);
  const inPieces = random.chance(0.3);
  for (let at = 0; at < bytes.length && !socket.destroyed; ) {
    const size = inPieces ? random.between(1, 700) : bytes.length;
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (inPieces) await new Promise((resolve) => setImmediate(resolve));
  }
  if (!socket.destroyed) socket.end();
  const stop = new AbortController();
  const hung = delay(HANG_MS, true, { signal: stop.signal }).catch(() => false);
  const isHung = await Promise.race([closed.then(() => false), hung]);
  stop.abort();
  if (isHung) {
    socket.destroy();
    throw new Error(
      `connection seed ${seed}: neither answered nor closed for ${HANG_MS} ms:\n` +
        showBytes(bytes),
    );
  }
  return { sent: bytes.length, replied };
}

async function assertAlive(server: RunningServer): Promise<void> {
  if (server.child.exitCode !== null || server.child.signalCode !== null) {
    throw new Error(`the server died (${server.child.exitCode ?? server.child.signalCode})`);
  }
  await using client = await server.client();
  const reply = await client.command('PING');
  if (reply.type !== 'simple' || reply.text !== 'PONG') throw new Error('PING is not answered');
  await client.command('FLUSHALL');
}

async function main(): Promise<void> {
  const flags = readFlags(['bytes', 'seed', 'ours', 'connection'], []);
  const wantedBytes = flags.count('bytes', 10_000_000);
  const seed = flags.count('seed', Random.freshSeed());
  const server = await startServer({
    command: ourServer(flags.text('ours')),
    args: ['--save', ''],
  });
  let sent = 0;
  let replied = 0;
  let connections = 0;
  try {
    const only = flags.text('connection');
    if (only !== undefined) {
      console.log(await sendOne(server.port, flags.count('connection', 0)));
      await assertAlive(server);
      return;
    }
    console.log(`fuzzing with ${wantedBytes} bytes, seed ${seed}`);
    let groundBytes: number | undefined;
    while (sent < wantedBytes) {
      const first = connections;
      connections += CONNECTIONS_AT_ONCE;
      const batch = Array.from({ length: CONNECTIONS_AT_ONCE }, (_, i) =>
        sendOne(server.port, (seed + (first + i) * 0x9e3779b1) >>> 0),
      );
      for (const result of await Promise.all(batch)) {
        sent += result.sent;
        replied += result.replied;
      }
      if (connections % (CONNECTIONS_AT_ONCE * 32) === 0) await assertAlive(server);
      if (sent > wantedBytes * WARM_UP) groundBytes ??= residentBytes(server.pid);
    }
    await assertAlive(server);
    if (replied === 0) throw new Error('the server has not answered at all');
    const growth = (residentBytes(server.pid) ?? 0) - (groundBytes ?? 0);
    const shown = `${(growth / MEGABYTE).toFixed(1)} MB`;
    if (growth > GROWTH_BOUND) throw new Error(`the server grew by ${shown} after its warm-up`);
    console.log(
      `${sent} bytes over ${connections} connections, ${replied} bytes of replies: ` +
        'alive, no hang, ' +
        (groundBytes === undefined ? 'memory not readable on this platform' : `grew by ${shown}`),
    );
  } catch (error) {
    console.error(server.log().split('\n').slice(-30).join('\n'));
    console.error(`seed ${seed}, after ${sent} bytes over ${connections} connections`);
    throw error;
  } finally {
    await server.stop();
  }
}

await main();
