// Publish and subscribe in process: who gets which message in which order, as which protocol's
// bytes, and what a subscriber may send. The suite's units and the integration test compare with
// the real server.

import { beforeEach, describe, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Client } from '../engine/client.ts';
import { describeClient } from '../engine/client-line.ts';
import { TO_AOF } from '../engine/propagation.ts';
import { type ConnectedClient, Harness } from '../engine/testing/harness.ts';
import { PubSub, pubsubCommands } from './index.ts';

let h: Harness;
let pubsub: PubSub;

beforeEach(() => {
  pubsub = new PubSub();
  h = new Harness([...coreCommands, ...pubsubCommands(pubsub)]);
  pubsub.attach(h.engine);
});

function field(client: Client, name: string): string | undefined {
  const line = describeClient(client, h.clock.ms);
  return new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1];
}

function subscriber(...parts: string[]): ConnectedClient {
  const connected = h.connect();
  connected.send(...parts);
  return connected;
}

it('channels and patterns count as used memory while somebody listens', () => {
  const before = h.engine.memory.usedBytes;
  const first = subscriber('SUBSCRIBE', 'a'.repeat(1000));
  const second = subscriber('SUBSCRIBE', 'a'.repeat(1000));
  first.send('SSUBSCRIBE', 's'.repeat(1000));
  first.send('PSUBSCRIBE', 'p'.repeat(1000));
  expect(h.engine.memory.usedBytes - before).toBe(3 * (192 + 1000));
  second.send('UNSUBSCRIBE');
  expect(h.engine.memory.usedBytes - before).toBe(3 * (192 + 1000));
  first.send('RESET');
  expect(h.engine.memory.usedBytes).toBe(before);
});

describe('messages', () => {
  it('go to channels first, then to patterns, and to nobody else', () => {
    const both = subscriber('SUBSCRIBE', 'news');
    both.send('PSUBSCRIBE', 'n*');
    const shard = subscriber('SSUBSCRIBE', 'news');
    both.replies.length = 0;
    shard.replies.length = 0;
    expect(h.run('PUBLISH', 'news', 'a\0b')).toBe(2);
    expect(both.replies).toEqual([
      ['message', 'news', 'a\0b'],
      ['pmessage', 'n*', 'news', 'a\0b'],
    ]);
    expect(shard.replies).toEqual([]);
    expect(h.run('SPUBLISH', 'news', 'x')).toBe(1);
    expect(shard.replies).toEqual([['smessage', 'news', 'x']]);
    expect(h.run('PUBLISH', 'other', 'x')).toBe(0);
  });

  it('are the same bytes for all clients of a protocol version', () => {
    const sent: Uint8Array[] = [];
    const clients = Array.from({ length: 6 }, (_, i) => {
      const { transport } = h.connect().client;
      const push = (_: Client, bytes: Uint8Array): void => void sent.push(bytes);
      const db = h.keyspace.databases[0]!;
      const own = Object.assign(Object.create(transport) as typeof transport, { push });
      const client = new Client({ id: 100 + i, db, transport: own, nowMs: 0 });
      client.resp3 = i % 2 === 1;
      return client;
    });
    for (const client of clients) h.runAs(client, 'SUBSCRIBE', 'c');
    expect(h.run('PUBLISH', 'c', 'hello')).toBe(6);
    expect(sent).toHaveLength(6);
    expect(new Set(sent).size).toBe(2);
    expect(Buffer.from(sent[0]!).toString()).toBe(
      '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n',
    );
    expect(Buffer.from(sent[1]!).toString()).toBe(
      '>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n',
    );
  });

  it('to the sender itself follow its reply, and those of a transaction all of it', () => {
    const own = subscriber('HELLO', '3');
    own.send('SUBSCRIBE', 'c');
    own.replies.length = 0;
    own.send('PUBLISH', 'c', '1');
    expect(own.replies).toEqual([1, ['message', 'c', '1']]);
    own.replies.length = 0;
    own.send('MULTI');
    own.send('PUBLISH', 'c', '2');
    own.send('PING');
    own.send('EXEC');
    expect(own.replies).toEqual(['OK', 'QUEUED', 'QUEUED', [1, 'PONG'], ['message', 'c', '2']]);
  });

  it('and replies to SUBSCRIBE come although CLIENT REPLY is OFF', () => {
    const own = subscriber('HELLO', '3');
    own.send('CLIENT', 'REPLY', 'OFF');
    own.replies.length = 0;
    own.send('PING');
    own.send('SUBSCRIBE', 'c');
    own.send('PUBLISH', 'c', 'x');
    expect(own.replies).toEqual([
      ['subscribe', 'c', 1],
      ['message', 'c', 'x'],
    ]);
  });

  it('and what only refuses or queues SUBSCRIBE does not', () => {
    const own = subscriber('CLIENT', 'REPLY', 'OFF');
    for (const words of [['SUBSCRIBE'], ['MULTI'], ['SUBSCRIBE', 'c']]) own.send(...words);
    expect(own.replies).toEqual([]);
  });

  it('are told to replicas and not to the AOF', () => {
    const forFile: string[] = [];
    h.engine.propagation.addJournal({
      target: TO_AOF,
      append: (_, bytes, start, end) => {
        forFile.push(Buffer.from(bytes.subarray(start, end)).toString());
      },
      begin: () => {},
      end: () => {},
    });
    h.journal.length = 0;
    h.run('PUBLISH', 'c', 'x');
    h.run('SET', 'a', 'x');
    expect(h.journal).toEqual([
      [0, 'PUBLISH', 'c', 'x'],
      [0, 'SET', 'a', 'x'],
    ]);
    expect(forFile).toEqual(['*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nx\r\n']);
  });
});

describe('a subscriber', () => {
  it('counts channels and patterns together, shard channels apart', () => {
    const own = subscriber('SUBSCRIBE', 'a', 'b', 'a');
    own.send('PSUBSCRIBE', 'p*');
    own.send('SSUBSCRIBE', 's');
    own.send('UNSUBSCRIBE', 'a', 'unknown');
    expect(own.replies).toEqual([
      ['subscribe', 'a', 1],
      ['subscribe', 'b', 2],
      ['subscribe', 'a', 2],
      ['psubscribe', 'p*', 3],
      ['ssubscribe', 's', 1],
      ['unsubscribe', 'a', 2],
      ['unsubscribe', 'unknown', 2],
    ]);
    const { client } = own;
    expect([field(client, 'sub'), field(client, 'psub'), field(client, 'ssub')]).toEqual([
      '1',
      '1',
      '1',
    ]);
    expect(field(client, 'flags')).toBe('P');
    own.replies.length = 0;
    own.send('UNSUBSCRIBE');
    own.send('PUNSUBSCRIBE');
    own.send('SUNSUBSCRIBE');
    own.send('SUNSUBSCRIBE');
    expect(own.replies).toEqual([
      ['unsubscribe', 'b', 1],
      ['punsubscribe', 'p*', 0],
      ['sunsubscribe', 's', 0],
      ['sunsubscribe', null, 0],
    ]);
    expect(field(client, 'flags')).toBe('N');
    expect(client.subscriptions).toBeNull();
  });

  it('of RESP2 may send little else', () => {
    const own = subscriber('SUBSCRIBE', 'a');
    own.replies.length = 0;
    own.send('GET', 'x');
    own.send('PING');
    own.send('PING', 'hi');
    own.send('RESET');
    own.send('PING');
    expect(own.replies).toEqual([
      {
        error:
          "ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET " +
          'are allowed in this context',
      },
      ['pong', ''],
      ['pong', 'hi'],
      'RESET',
      'PONG',
    ]);
    expect(pubsub.count('channels')).toBe(0);
  });

  it('is forgotten when it ends', () => {
    const own = subscriber('SUBSCRIBE', 'a');
    own.send('PSUBSCRIBE', 'b');
    own.send('SSUBSCRIBE', 'c');
    h.engine.release(own.client);
    expect(
      ['channels', 'patterns', 'shards'].map((kind) => pubsub.count(kind as 'shards')),
    ).toEqual([0, 0, 0]);
  });

  it('may subscribe in a transaction, but not to shard channels', () => {
    h.run('MULTI');
    h.run('SSUBSCRIBE', 's');
    h.run('SUBSCRIBE', 'a');
    expect(h.run('EXEC')).toEqual([
      { error: "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client" },
      ['subscribe', 'a', 1],
    ]);
  });
});

describe('PUBSUB', () => {
  it('tells of channels and how many listen', () => {
    subscriber('SUBSCRIBE', 'abc', 'abd');
    subscriber('SUBSCRIBE', 'abc');
    subscriber('SSUBSCRIBE', 'shard');
    subscriber('PSUBSCRIBE', '*');
    subscriber('PSUBSCRIBE', '*');
    expect(h.run('PUBSUB', 'CHANNELS')).toEqual(['abc', 'abd']);
    expect(h.run('PUBSUB', 'CHANNELS', '*c')).toEqual(['abc']);
    expect(h.run('PUBSUB', 'NUMSUB', 'abc', 'none')).toEqual(['abc', 2, 'none', 0]);
    expect(h.run('PUBSUB', 'NUMSUB')).toEqual([]);
    expect(h.run('PUBSUB', 'NUMPAT')).toBe(1);
    expect(h.run('PUBSUB', 'SHARDCHANNELS')).toEqual(['shard']);
    expect(h.run('PUBSUB', 'SHARDNUMSUB', 'shard')).toEqual(['shard', 1]);
  });
});

describe('keyspace notifications', () => {
  it('go to the key and to the event, of the database and the classes that are set', () => {
    const own = subscriber('PSUBSCRIBE', '__key*__:*');
    own.replies.length = 0;
    h.run('SET', 'a', 1);
    expect(own.replies).toEqual([]);
    h.engine.settings.notifyMask = 1 | 2 | (1 << 3);
    h.run('SELECT', 3);
    h.run('SET', 'a', 1);
    h.run('DEL', 'a');
    expect(own.replies).toEqual([
      ['pmessage', '__key*__:*', '__keyspace@3__:a', 'set'],
      ['pmessage', '__key*__:*', '__keyevent@3__:set', 'a'],
    ]);
  });
});
