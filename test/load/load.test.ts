// The load test finds what it is there to find: a server of a few lines answers wrongly, once for
// each property, and the ledger must say so; the same server answering rightly leaves it clean.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RespClient } from '../support/client.ts';
import { Random } from '../support/random.ts';
import { ReplyParser, replyText } from '../support/resp.ts';
import { Caching } from './caching.ts';
import { Channels } from './channels.ts';
import { Counters } from './counters.ts';
import { is, isBag, isTransaction } from './expect.ts';
import { OwnKeys } from './own-keys.ts';
import { Queues } from './queues.ts';
import { Session, SessionEnded } from './session.ts';
import { checkState, leaveAll } from './settle.ts';
import { Ledger, World } from './world.ts';

type Answer = (words: readonly string[], socket: Socket) => string;

/** A server that answers each command with bytes; CLIENT ID and HELLO are answered rightly. */
async function startFake(answer: Answer): Promise<{ world: World; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const parser = new ReplyParser();
    socket.on('data', (chunk: Buffer) => {
      parser.push(chunk);
      for (let request = parser.next(); request !== undefined; request = parser.next()) {
        const items = request.type === 'array' ? request.items : [];
        const words = items.map((item) => replyText(item) ?? '');
        const isGreeting = words[0] === 'CLIENT' && words[1] === 'ID';
        const bytes = isGreeting ? ':7\r\n' : answer(words, socket);
        if (!socket.destroyed) socket.write(bytes);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { world: new World(new Ledger(), port, 1), stop };
}

async function withFake(
  answer: Answer,
  use: (session: Session, world: World) => Promise<void>,
): Promise<Map<string, number>> {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const { world, stop } = await startFake(answer);
  try {
    const session = await Session.open(world, 'somebody');
    session.isSteady = true;
    await session.greet(2, 0, false);
    await use(session, world);
    await session.close();
  } finally {
    await stop();
  }
  return world.ledger.failures;
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const array = (...words: string[]): string => `*${words.length}\r\n${words.map(bulk).join('')}`;
const push = (...words: string[]): string => `>${words.length}\r\n${words.map(bulk).join('')}`;
const seed = (): Random => new Random(3);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a session', () => {
  const echoTwice = async (session: Session): Promise<void> => {
    session.echo();
    session.echo();
    await session.flush();
  };

  it('finds replies out of order', async () => {
    expect(await withFake(([, word]) => bulk(word ?? ''), echoTwice)).toEqual(new Map());
    const held: string[] = [];
    const swapped: Answer = ([, word = '']) => {
      held.push(word);
      return held.length < 2 ? '' : held.reverse().map(bulk).join('');
    };
    expect(await withFake(swapped, echoTwice)).toEqual(new Map([['order', 2]]));
  });

  it('finds a reply too many', async () => {
    const twice: Answer = ([, word = '']) => bulk(word) + bulk(word);
    const failures = await withFake(twice, echoTwice);
    expect(failures.get('order')).toBeGreaterThan(0);
  });

  it('finds a lost reply when all others have left', async () => {
    const failures = await withFake(
      () => '',
      async (session, world) => {
        session.echo();
        const life = session.flush().catch((error: unknown) => {
          expect(error).toBeInstanceOf(SessionEnded);
        });
        const control = await RespClient.connect({ port: world.port });
        await leaveAll(world, control, life, 1);
        await control.close();
      },
    );
    expect(failures).toEqual(new Map([['order', 1]]));
  });

  it('finds a connection that the server closes by itself', async () => {
    const closing: Answer = (_, socket) => {
      socket.destroy();
      return '';
    };
    const run = async (session: Session): Promise<void> => {
      session.echo();
      await expect(session.flush()).rejects.toBeInstanceOf(SessionEnded);
    };
    expect(await withFake(closing, run)).toEqual(new Map([['connections', 1]]));
    const allowed = async (session: Session): Promise<void> => {
      session.mayEnd = true;
      await run(session);
    };
    expect(await withFake(closing, allowed)).toEqual(new Map());
  });

  it('finds a wrong reply about its own keys', async () => {
    const failures = await withFake(
      () => '+OK\r\n',
      async (session) => {
        const own = new OwnKeys('own');
        const random = seed();
        for (let i = 0; i < 50; i++) session.send('own keys', ...own.draw(random));
        await session.flush();
      },
    );
    expect(failures.get('own keys')).toBeGreaterThan(30);
  });
});

describe('shared keys', () => {
  it('a number that is given twice, and a sum that is too small', async () => {
    const run = async (session: Session, world: World): Promise<void> => {
      const counters = new Counters(world);
      const random = seed();
      for (let i = 0; i < 8; i++) counters.increment(session, random);
      await session.flush();
      const control = await RespClient.connect({ port: world.port });
      await counters.verify(control);
      await control.close();
    };
    const sums = new Map<string, number>();
    const right: Answer = ([name = '', key = '', step]) => {
      if (name === 'SELECT') return '+OK\r\n';
      if (name === 'GET') return bulk(String(sums.get(key) ?? 0));
      sums.set(key, (sums.get(key) ?? 0) + Number(step));
      return `:${sums.get(key)}\r\n`;
    };
    expect(await withFake(right, run)).toEqual(new Map());
    const forgetful: Answer = (words, socket) =>
      words[0] === 'GET' ? bulk('1') : right(words, socket);
    expect((await withFake(forgetful, run)).get('counters')).toBeGreaterThan(0);
    const stuck: Answer = ([name]) => (name === 'INCRBY' ? ':9\r\n' : '+OK\r\n');
    expect((await withFake(stuck, run)).get('counters')).toBeGreaterThan(0);
  });

  it('an EXEC that fails though nobody has written', async () => {
    const answer: Answer = ([name]) =>
      name === 'EXEC'
        ? '*-1\r\n'
        : name === 'SET'
          ? '+QUEUED\r\n'
          : name === 'GET'
            ? '$-1\r\n'
            : '+OK\r\n';
    const failures = await withFake(answer, async (session, world) => {
      await new Counters(world).watch(session, new Random(5));
      await session.flush();
    });
    expect(failures).toEqual(new Map([['transactions', 1]]));
  });

  it('an element that is taken twice, and one that is lost', async () => {
    const lists = new Map<string, string[]>();
    const list = (key: string): string[] => {
      const found = lists.get(key) ?? [];
      lists.set(key, found);
      return found;
    };
    const right: Answer = ([name = '', key = '', ...rest]) => {
      if (name === 'SELECT') return '+OK\r\n';
      if (name === 'LRANGE') return array(...list(key));
      if (name === 'RPUSH') return `:${list(key).push(...rest)}\r\n`;
      const taken = list(key).splice(0, Number(rest[0]));
      return taken.length === 0 ? '*-1\r\n' : array(...taken);
    };
    const run = async (session: Session, world: World): Promise<void> => {
      const queues = new Queues(world);
      const random = seed();
      const producer = { name: 'producer', lastNumber: 0 };
      for (let i = 0; i < 20; i++) {
        queues.push(session, random, producer);
        queues.push(session, random, producer);
        queues.take(session, random);
      }
      await session.flush();
      const control = await RespClient.connect({ port: world.port });
      await queues.verify(control);
      await control.close();
    };
    expect(await withFake(right, run)).toEqual(new Map());
    lists.clear();
    const losing: Answer = (words, socket) =>
      words[0] === 'LRANGE' ? array(...list(words[1] ?? '').slice(1)) : right(words, socket);
    expect((await withFake(losing, run)).get('queues')).toBeGreaterThan(0);
    lists.clear();
    const doubling: Answer = ([name = '', key = '', ...rest], socket) =>
      name === 'LPOP' && list(key).length > 0
        ? array(list(key)[0] ?? '')
        : right([name, key, ...rest], socket);
    expect((await withFake(doubling, run)).get('queues')).toBeGreaterThan(0);
  });
});

describe('messages', () => {
  /** Confirms, sends these numbers, and confirms the end. */
  const speaker =
    (numbers: readonly number[]): Answer =>
    ([name = '', channel = '']) => {
      const word = name.toLowerCase();
      if (word === 'echo') return bulk(channel);
      const confirmation = `*3\r\n${bulk(word)}${bulk(channel)}:1\r\n`;
      if (word.includes('unsubscribe')) return confirmation;
      const pattern = channel.replace('*', '3');
      const kind = `${word.replace('subscribe', '')}message`;
      const before = word === 'psubscribe' ? [kind, channel] : [kind];
      const messages = numbers.map((number) => array(...before, pattern, `somebody.${number}`));
      return confirmation + messages.join('');
    };
  const run = async (session: Session, world: World): Promise<void> => {
    const channels = new Channels(world);
    world.finish();
    await channels.listen(session, seed());
  };

  it('with a gap, out of order, or twice', async () => {
    expect(await withFake(speaker([1, 2, 3]), run)).toEqual(new Map());
    for (const numbers of [[1, 3], [1, 2, 2], [2, 1], [4]]) {
      expect((await withFake(speaker(numbers), run)).get('channels')).toBeGreaterThan(0);
    }
  });
});

describe('caching', () => {
  const reader =
    (isTold: boolean): Answer =>
    ([name = '', key = '']) => {
      if (name === 'CLIENT') return '+OK\r\n';
      if (name === 'ECHO') return bulk(key);
      // Another value at each reading.
      return (isTold ? push('invalidate', key) : '') + bulk(String(performance.now()));
    };
  const run = async (session: Session, world: World): Promise<void> => {
    const life = new Caching(world).readWithCache(session, seed());
    // Others come some way in each turn, until it leaves.
    const others = setInterval(() => {
      for (let i = 0; i < 100; i++) world.countReply();
    }, 1);
    await life.finally(() => clearInterval(others));
  };

  it('of a value that changes untold', async () => {
    expect(await withFake(reader(true), run)).toEqual(new Map());
    expect((await withFake(reader(false), run)).get('caching')).toBeGreaterThan(0);
  });
});

describe('the end of a round', () => {
  it('finds a client, a channel or a key that stays', async () => {
    const run = async (_: Session, world: World): Promise<void> => {
      const control = await RespClient.connect({ port: world.port });
      await checkState(world, control, 1);
      await control.close();
    };
    const answer =
      (channels: number, keys: number): Answer =>
      ([name]) => {
        if (name === 'SELECT') return '+OK\r\n';
        if (name === 'DBSIZE') return `:${keys}\r\n`;
        const zeros = ['blocked_clients', 'tracking_clients', 'pubsub_patterns'];
        zeros.push('pubsubshard_channels', 'tracking_total_prefixes');
        const lines = zeros.map((field) => `${field}:0\r\n`).join('');
        return bulk(`connected_clients:1\r\npubsub_channels:${channels}\r\n${lines}`);
      };
    expect(await withFake(answer(0, 0), run)).toEqual(new Map());
    expect(await withFake(answer(1, 0), run)).toEqual(new Map([['state', 1]]));
    expect(await withFake(answer(0, 1), run)).toEqual(new Map([['expiry', 1]]));
  });
});

describe('checks of replies', () => {
  it('say what is wrong', () => {
    const integer = { type: 'integer', text: '1' } as const;
    const word = { type: 'bulk', bytes: Buffer.from('a') } as const;
    expect(is(':1')(integer)).toBeUndefined();
    expect(is(':2')(integer)).toBe('wants :2, got :1');
    expect(isBag(['b', 'a'])({ type: 'set', items: [word] })).toBe('wants $a $b, got $a');
    expect(isTransaction([is(':2')])({ type: 'array', items: [integer] })).toContain('reply 0');
    expect(isTransaction([])({ type: 'null', form: 'array' })).toContain('wants 0 replies');
  });
});
