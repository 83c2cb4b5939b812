// A connection from inside the process: what CLIENT LIST says of its buffers, and the end of
// connections.

import { once } from 'node:events';
import { type AddressInfo, createServer as createTarget, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServer, type DisgoServer } from './embedded.ts';

const INFO = '*2\r\n$6\r\nCLIENT\r\n$4\r\nINFO\r\n';

let server: DisgoServer;
let streams: Duplex[];

beforeEach(async () => {
  server = await createServer({ listen: false, debugMemory: true });
  streams = [];
});

afterEach(async () => {
  for (const stream of streams) stream.destroy();
  await server.close();
});

function connect(): Duplex {
  const stream = server.connect();
  streams.push(stream);
  return stream;
}

/** Sends bytes and resolves with the answer as soon as it matches. */
function ask(stream: Duplex, bytes: string, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (data: Buffer): void => {
      text += data.toString('latin1');
      if (!end.test(text)) return;
      stream.off('data', onData);
      resolve(text);
    };
    stream.on('data', onData);
    stream.once('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
    stream.write(bytes);
  });
}

/** The fields of the line in an answer. */
function fields(text: string): Record<string, string> {
  const words = text.split(/[\r\n ]+/).filter((word) => word.includes('='));
  return Object.fromEntries(words.map((word) => word.split('=', 2)));
}

it('counts the bytes of the running command, and of what came with it', async () => {
  const stream = connect();
  const alone = fields(await ask(stream, INFO, /lib-ver=\n/));
  expect(alone).toMatchObject({ qbuf: '26', 'argv-mem': '10', obl: '0', oll: '0', omem: '0' });
  const followed = fields(await ask(stream, `${INFO}PING\r\n`, /PONG/));
  expect(followed).toMatchObject({ qbuf: '32', 'argv-mem': '10' });
});

it('shows another client what lies unfinished, and nothing of a client at rest', async () => {
  const [busy, viewer] = [connect(), connect()];
  const named = await ask(busy, 'CLIENT SETNAME busy\r\n', /OK/);
  expect(named).toBe('+OK\r\n');
  const look = async (): Promise<Record<string, string>> => {
    const list = await ask(viewer, 'CLIENT LIST\r\n', /(lib-ver=\n.*){2}/s);
    return fields(list.split('\n').find((line) => line.includes('name=busy')) ?? '');
  };
  expect(await look()).toMatchObject({ qbuf: '0', 'qbuf-free': '0', 'argv-mem': '0' });
  await ask(busy, 'PING\r\n*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$10\r\n12345', /PONG/);
  expect(await look()).toMatchObject({ qbuf: '5', 'argv-mem': '6' });
  await ask(busy, '67890\r\n', /OK/);
  expect(await look()).toMatchObject({ qbuf: '0', 'qbuf-free': '0', 'argv-mem': '0' });
});

it('lists a name up to its NUL and tells all of it', async () => {
  const stream = connect();
  const name = 'a\0b';
  await ask(stream, `*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$3\r\n${name}\r\n`, /OK/);
  expect(fields(await ask(stream, INFO, /lib-ver=\n/))).toMatchObject({ name: 'a' });
  expect(await ask(stream, 'CLIENT GETNAME\r\n', /b\r\n$/)).toBe(`$3\r\n${name}\r\n`);
});

it('goes on with a held command when the pause ends', async () => {
  const [held, other] = [connect(), connect()];
  await ask(other, 'CLIENT PAUSE 100000 WRITE\r\n', /OK/);
  const answer = ask(held, 'PING\r\nSET a 1\r\nGET a\r\n', /1\r\n$/);
  expect(await ask(other, 'GET a\r\n', /\r\n/)).toBe('$-1\r\n');
  await ask(other, 'CLIENT UNPAUSE\r\n', /OK/);
  expect(await answer).toBe('+PONG\r\n+OK\r\n$1\r\n1\r\n');
});

it('runs what a pause held back in the order in which it came', async () => {
  const [first, second, other] = [connect(), connect(), connect()];
  await ask(other, 'CLIENT PAUSE 100000 WRITE\r\n', /OK/);
  // The second to connect asks first, and again behind the other.
  const pushed = ask(second, 'PING\r\nRPUSH l a\r\n', /:1\r\n:2\r\n$/);
  const appended = ask(first, 'PING\r\nRPUSH l b\r\n', /:\d\r\n$/);
  second.write('RPUSH l c\r\n');
  await ask(other, 'CLIENT UNPAUSE\r\n', /OK/);
  expect(await pushed).toBe('+PONG\r\n:1\r\n:2\r\n');
  expect(await appended).toBe('+PONG\r\n:3\r\n');
});

it('runs what a pause held back behind the transaction that ends it, one after the other', async () => {
  const [waiter, first, second, other] = [connect(), connect(), connect(), connect()];
  const woken = ask(waiter, 'BLPOP l 0\r\n', /a\r\n$/);
  await ask(other, 'CLIENT PAUSE 100000 WRITE\r\n', /OK/);
  const pushed = ask(first, 'PING\r\nRPUSH l a\r\n', /:1\r\n$/);
  const deleted = ask(second, 'PING\r\nDEL l\r\n', /:\d\r\n$/);
  await ask(other, 'MULTI\r\nCLIENT UNPAUSE\r\nEXISTS l\r\n', /QUEUED\r\n.*QUEUED\r\n$/s);
  expect(await ask(other, 'EXEC\r\n', /:\d\r\n$/)).toBe('*2\r\n+OK\r\n:0\r\n');
  expect(await pushed).toBe('+PONG\r\n:1\r\n');
  expect(await woken).toBe('*2\r\n$1\r\nl\r\n$1\r\na\r\n');
  expect(await deleted).toBe('+PONG\r\n:0\r\n');
});

/** All that a stream says until its end. */
async function untilEnd(stream: Duplex): Promise<string> {
  let text = '';
  for await (const data of stream) text += (data as Buffer).toString('latin1');
  return text;
}

it('answers what came in the same turn as the end of the input', async () => {
  const stream = connect();
  const answer = untilEnd(stream);
  stream.end('PING\r\nECHO hi\r\n');
  expect(await answer).toBe('+PONG\r\n$2\r\nhi\r\n');
});

it('answers all that came before the end of the input, however late that is read', async () => {
  const [stream, other] = [connect(), connect()];
  await ask(other, `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${2 ** 20}\r\n${'x'.repeat(2 ** 20)}\r\n`, /OK/);
  stream.end('GET k\r\n'.repeat(40));
  await once(stream, 'finish');
  // What is read now the server has held back: the input ended long ago.
  await ask(other, 'PING\r\n', /PONG/);
  const bytes = Buffer.byteLength(await untilEnd(stream));
  expect(bytes).toBe(40 * (2 ** 20 + '$1048576\r\n\r\n'.length));
});

it('gives nothing to a waiting client whose input has ended, though it still reads', async () => {
  const [gone, other] = [connect(), connect()];
  await ask(other, `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${2 ** 20}\r\n${'x'.repeat(2 ** 20)}\r\n`, /OK/);
  gone.end('GET k\r\nBLPOP list 0\r\n');
  await once(gone, 'finish');
  await ask(other, 'PING\r\n', /PONG/);
  expect(await ask(other, 'LPUSH list v\r\nLLEN list\r\n', /:\d\r\n:\d/)).toBe(':1\r\n:1\r\n');
  expect((await untilEnd(gone)).length).toBe(2 ** 20 + '$1048576\r\n\r\n'.length);
});

it('serves the next waiting client when the last one was closed by its reply', async () => {
  const [pusher, first, second] = [connect(), connect(), connect()];
  await ask(pusher, 'CONFIG SET client-output-buffer-limit "normal 30000 0 0"\r\n', /OK/);
  const closed = untilEnd(first).catch(() => 'closed');
  first.write('BLPOP a 0\r\n');
  await ask(pusher, `*3\r\n$5\r\nLPUSH\r\n$1\r\na\r\n$100000\r\n${'x'.repeat(100_000)}\r\n`, /:1/);
  await closed;
  const served = ask(second, 'BLPOP b 0\r\n', /\*2/);
  await ask(pusher, 'PING\r\nLPUSH b v\r\n', /:1/);
  expect(await served).toContain('$1\r\nv');
});

it('holds back replies of commands that waited as CLIENT REPLY says', async () => {
  const [quiet, other] = [connect(), connect()];
  const id = /\d+/.exec(await ask(quiet, 'CLIENT ID\r\n', /:\d+/))?.[0];
  const endWait = async (): Promise<void> => {
    await ask(other, `CLIENT UNBLOCK ${id} ERROR\r\n`, /:1/);
  };
  quiet.write('CLIENT REPLY OFF\r\nBLPOP a 0\r\n');
  await ask(other, 'PING\r\n', /PONG/);
  await endWait();
  quiet.write('CLIENT REPLY ON\r\nCLIENT REPLY SKIP\r\nBLPOP a 0\r\n');
  await ask(quiet, '', /OK/);
  await endWait();
  const afterSkip = ask(quiet, 'CLIENT REPLY SKIP\r\nBLPOP a 0\r\nECHO hi\r\n', /hi/);
  await ask(other, 'PING\r\nLPUSH a v\r\n', /:1/);
  expect(await afterSkip).toBe('$2\r\nhi\r\n');
});

it('keeps the commands of two clients apart when one answers as soon as it hears', async () => {
  const [eager, pusher] = [connect(), connect()];
  const { length } = 'abcde';
  const echoes = (name: string): string => `ECHO ${name}\r\n`.repeat(length);
  eager.once('data', () => eager.write(echoes('eager')));
  const heard = ask(eager, 'BLPOP q 0\r\n', /(eager.*){5}/s);
  for (let i = 0; i < length; i++) await ask(pusher, 'PING\r\n', /PONG/);
  const answer = await ask(pusher, `LPUSH q v\r\n${echoes('pusher')}`, /(pusher.*){5}|eager/s);
  expect(answer).toBe(`:1\r\n${'$6\r\npusher\r\n'.repeat(length)}`);
  expect(await heard).toContain('$1\r\nv');
});

it('tells of an expired key first as an event and then as no longer valid', async () => {
  const both = /(expired|invalidate).*(expired|invalidate)/s;
  const heard = await ask(
    connect(),
    'HELLO 3\r\nCONFIG SET notify-keyspace-events Ex\r\nPSUBSCRIBE *:exp*\r\n' +
      'CLIENT TRACKING ON\r\nSET k v PX 100\r\nGET k\r\n',
    both,
  );
  expect(both.exec(heard)?.slice(1)).toEqual(['expired', 'invalidate']);
});

/** A command as clients send it. */
function request(...parts: string[]): string {
  const bulks = parts.map((part) => `$${part.length}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${bulks.join('')}`;
}

/** A script that is busy for a while, and then does something. */
function busyScript(before: string, behind: string): string {
  const script = `
    ${before}
    local begun = redis.call('time')
    repeat local now = redis.call('time')
    until (now[1] - begun[1]) * 1000000 + now[2] - begun[2] > 50000
    ${behind}`;
  return request('EVAL', script, '0');
}

it('answers a busy script and what stands behind it when the input has ended meanwhile', async () => {
  const [stream, other] = [connect(), connect()];
  await ask(other, 'CONFIG SET busy-reply-threshold 1\r\n', /OK/);
  const run = busyScript('', "return redis.call('incr', 'n')");
  const answer = untilEnd(stream);
  stream.end(`${run}INCR n\r\n${run}INCR n\r\n`);
  expect(await answer).toBe(':1\r\n:2\r\n:3\r\n:4\r\n');
});

it('sends messages of a busy script behind the reply of its EXEC', async () => {
  const [stream, other] = [connect(), connect()];
  await ask(other, 'CONFIG SET busy-reply-threshold 1\r\n', /OK/);
  await ask(stream, 'HELLO 3\r\nSUBSCRIBE c\r\n', /:1\r\n$/);
  const publish = (text: string): string => `redis.call('publish', 'c', '${text}')`;
  const run = busyScript(publish('1'), `${publish('2')} return 'end'`);
  const answer = untilEnd(stream);
  stream.end(`MULTI\r\n${run}PUBLISH c 3\r\n${run}EXEC\r\n`);
  const messages = ['1', '2', '3', '1', '2'].map(
    (text) => `>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n${text}\r\n`,
  );
  const end = '$3\r\nend\r\n';
  expect(await answer).toBe(
    `+OK\r\n${'+QUEUED\r\n'.repeat(3)}*3\r\n${end}:1\r\n${end}${messages.join('')}`,
  );
});

it('MIGRATE and the writes that wait for it do not end with the input of their clients', async () => {
  const taken: Socket[] = [];
  const target = createTarget((socket) => {
    taken.push(socket);
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  const [mover, writer, other] = [connect(), connect(), connect()];
  await ask(other, 'SET moved 1\r\n', /OK/);
  const moved = untilEnd(mover);
  mover.end(`MIGRATE 127.0.0.1 ${port} moved 0 5000\r\nINCR n\r\n`);
  await once(target, 'connection');
  const written = untilEnd(writer);
  writer.end('INCR n\r\n');
  await once(writer, 'finish');
  await ask(other, 'PING\r\n', /PONG/);
  for (const socket of taken) socket.write('+OK\r\n'.repeat(2));
  expect(await moved).toMatch(/^\+OK\r\n:\d\r\n$/);
  expect(await written).toMatch(/^:\d\r\n$/);
  expect(await ask(other, 'EXISTS moved\r\n', /:\d/)).toBe(':0\r\n');
  for (const socket of taken) socket.destroy();
  target.close();
});
