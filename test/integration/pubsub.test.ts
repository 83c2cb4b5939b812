// Messages over real sockets: many receivers, pipelines, what a slow receiver costs, and ioredis
// and node-redis as subscribers. No replies are compared here; pubsub-judge.test.ts does.

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { replyText, showReply } from '../support/resp.ts';
import { infoField, sharedServer, startOurs, until } from './support.ts';

const server = sharedServer({});

async function subscriber(channel: string): Promise<RespClient> {
  const client = await (await server()).client();
  await client.command('SUBSCRIBE', channel);
  return client;
}

/** The texts of the next messages. */
async function messages(client: RespClient, count: number): Promise<string[]> {
  const replies = await client.readMany(count);
  return replies.map((reply) => ('items' in reply ? (replyText(reply.items[2]!) ?? '') : ''));
}

describe('messages over sockets', () => {
  it('come to every receiver once and in order', async () => {
    const receivers = await Promise.all(Array.from({ length: 200 }, () => subscriber('many')));
    await using sender = await (await server()).client();
    const texts = Array.from({ length: 50 }, (_, i) => `${i}:${'x'.repeat(i * 20)}`);
    const counts = await sender.pipeline(texts.map((text) => ['PUBLISH', 'many', text]));
    expect(counts.every((reply) => replyText(reply) === '200')).toBe(true);
    for (const receiver of receivers) expect(await messages(receiver, 50)).toEqual(texts);
    expect(await infoField(sender, 'pubsub_channels')).toBe('1');
    for (const receiver of receivers) await receiver.close();
    await until('the channel to be gone', async () => {
      return (await infoField(sender, 'pubsub_channels')) === '0';
    });
  });

  it('stand before the replies to what is sent after them', async () => {
    await using receiver = await subscriber('order');
    await using sender = await (await server()).client();
    for (let i = 0; i < 100; i++) {
      await sender.expectText('PUBLISH', 'order', `${i}`);
      const pong = receiver.command('PING');
      const message = await pong;
      expect(showReply(message)).toContain(`"${i}"`);
      expect(showReply(await receiver.read())).toContain('"pong"');
    }
  });

  it('come while a subscriber of RESP3 runs commands of its own', async () => {
    await using receiver = await (await server()).client();
    await receiver.command('HELLO', '3');
    receiver.write('SUBSCRIBE own\r\n');
    await receiver.waitForPushes(1);
    const replies = await receiver.pipeline([
      ['PUBLISH', 'own', '1'],
      ['ECHO', 'between'],
      ['PUBLISH', 'own', '2'],
    ]);
    expect(replies.map(replyText)).toEqual(['1', 'between', '1']);
    await receiver.waitForPushes(3);
    expect(receiver.pushes.slice(1).map(showReply)).toEqual([
      'push["message", "own", "1"]',
      'push["message", "own", "2"]',
    ]);
  });
});

describe('client-output-buffer-limit pubsub', () => {
  it('closes a subscriber that does not read, and nobody else', async () => {
    const args = ['--client-output-buffer-limit', 'pubsub 1mb 0 0'];
    await using limited = await startOurs({ args });
    await using sender = await limited.client();
    await using slow = await limited.client();
    await slow.command('SUBSCRIBE', 'c');
    slow.socket.pause();
    const text = 'x'.repeat(100_000);
    await until('the subscriber to be closed', async () => {
      return replyText(await sender.command('PUBLISH', 'c', text)) === '0';
    });
    await until('the log to say why', () => /output buffer limits/.test(limited.log()));
    expect(await sender.expectText('PING')).toBe('PONG');
  });
});

describe('clients of the ecosystem', () => {
  it('ioredis subscribes, and watches in a transaction', async () => {
    const { port } = await server();
    const [listening, other] = [new Redis({ port }), new Redis({ port })];
    try {
      const got: string[] = [];
      listening.on('pmessage', (pattern, channel, text) =>
        got.push(`${pattern} ${channel} ${text}`),
      );
      await listening.psubscribe('io:*');
      await other.publish('io:a', 'hello');
      await until('the message', () => got.length === 1);
      expect(got).toEqual(['io:* io:a hello']);
      await other.watch('io-key');
      await other.set('io-key', '1');
      expect(await other.multi().incr('io-key').exec()).toBeNull();
      expect(await other.multi().incr('io-key').get('io-key').exec()).toEqual([
        [null, 2],
        [null, '2'],
      ]);
    } finally {
      listening.disconnect();
      other.disconnect();
    }
  });

  it('node-redis subscribes by RESP2 and RESP3, to shard channels too', async () => {
    const { port } = await server();
    for (const RESP of [2, 3] as const) {
      const listening = createClient({ RESP, socket: { port, host: '127.0.0.1' } });
      const sender = createClient({ RESP, socket: { port, host: '127.0.0.1' } });
      await Promise.all([listening.connect(), sender.connect()]);
      try {
        const got: string[] = [];
        await listening.subscribe('nr', (text) => void got.push(text));
        await listening.sSubscribe('nr', (text) => void got.push(`shard ${text}`));
        expect(await sender.publish('nr', 'a')).toBe(1);
        expect(await sender.sPublish('nr', 'b')).toBe(1);
        await until('both messages', () => got.length === 2);
        expect(got.sort()).toEqual(['a', 'shard b']);
        expect(await sender.multi().set('k', '1').incr('k').exec()).toEqual(['OK', 2]);
      } finally {
        listening.destroy();
        sender.destroy();
      }
    }
  });
});
