// Client-side caching in process: who is told what, and where it stands among the replies. The
// modes at large are compared with the real server by test/integration/tracking-judge.test.ts.

import { beforeEach, describe, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { describeClient } from '../engine/client-line.ts';
import { ClientMemory } from '../engine/client-memory.ts';
import { type ConnectedClient, Harness } from '../engine/testing/harness.ts';
import { PubSub, pubsubCommands } from '../pubsub/index.ts';
import type { Timers } from '../runtime/clock.ts';
import { type Tracking, withTracking } from './index.ts';

let h: Harness;
let tracking: Tracking;
/** What waits for the end of the turn. */
let turn: (() => void)[];

const timers: Timers = {
  after: () => ({ stop: () => {} }),
  soon: (run) => void turn.push(run),
};

function endTurn(): void {
  for (const run of turn.splice(0)) run();
}

beforeEach(() => {
  turn = [];
  const parts = withTracking(coreCommands);
  tracking = parts.tracking;
  const pubsub = new PubSub();
  h = new Harness([...parts.specs, ...pubsubCommands(pubsub)]);
  pubsub.attach(h.engine);
  tracking.attach(h.engine, timers);
});

function connected(...commands: string[]): ConnectedClient {
  const client = h.connect();
  for (const command of ['HELLO 3', ...commands]) client.send(...command.split(' '));
  client.replies.length = 0;
  return client;
}

/** What a client has heard since the last look. */
function heard(client: ConnectedClient): unknown[] {
  return client.replies.splice(0);
}

function field(client: ConnectedClient, name: string): string | undefined {
  const line = describeClient(client.client, h.clock.ms);
  return new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1];
}

describe('what a client has read', () => {
  it('is told once when it changes, whoever changes it, in any database', () => {
    const client = connected('CLIENT TRACKING ON', 'MGET a b');
    h.run('SET', 'a', '1');
    h.run('SET', 'a', '2');
    expect(heard(client)).toEqual([['invalidate', ['a']]]);
    h.run('SELECT', '3');
    h.run('SET', 'b', '1');
    h.run('SET', 'c', '1');
    expect(heard(client)).toEqual([['invalidate', ['b']]]);
    expect([tracking.keyCount, tracking.itemCount]).toEqual([0, 0]);
  });

  it('is told behind the reply, or behind all of EXEC, when its own command changes it', () => {
    const client = connected('CLIENT TRACKING ON', 'GET a');
    client.send('INCR', 'a');
    expect(heard(client)).toEqual([1, ['invalidate', ['a']]]);
    for (const command of ['GET a', 'MULTI', 'INCR a', 'GET b', 'FLUSHALL', 'EXEC']) {
      client.send(...command.split(' '));
    }
    expect(heard(client).slice(5)).toEqual([
      [2, null, 'OK'],
      ['invalidate', ['a']],
      ['invalidate', null],
    ]);
  });

  it('is told behind messages that its own command publishes to it', () => {
    const client = connected('SUBSCRIBE c', 'CLIENT TRACKING ON', 'GET a', 'MULTI');
    for (const command of ['SET a 1', 'PUBLISH c x', 'EXEC']) client.send(...command.split(' '));
    expect(heard(client).slice(2)).toEqual([
      ['OK', 1],
      ['message', 'c', 'x'],
      ['invalidate', ['a']],
    ]);
  });

  it('is told although CLIENT REPLY is off', () => {
    const client = connected('CLIENT TRACKING ON', 'GET a', 'CLIENT REPLY OFF');
    client.send('SET', 'a', '1');
    expect(heard(client)).toEqual([['invalidate', ['a']]]);
  });

  it('is told when it expires, in its own read behind the reply', () => {
    const client = connected('CLIENT TRACKING ON', 'SET a 1 PX 10', 'SET b 1 PX 10', 'MGET a b');
    h.clock.advance(20);
    client.send('MGET', 'a', 'x');
    expect(heard(client)).toEqual([
      [null, null],
      ['invalidate', ['a']],
    ]);
    h.keyspace.setNow(h.clock.ms);
    h.keyspace.expireDue(() => true);
    expect(heard(client)).toEqual([['invalidate', ['b']]]);
  });

  it('comes by the reply when a wait ends by it', () => {
    const client = connected('RPUSH to x', 'CLIENT TRACKING ON', 'LRANGE to 0 -1');
    client.send('BLMOVE', 'from', 'to', 'LEFT', 'LEFT', '0');
    h.run('RPUSH', 'from', 'y');
    expect(heard(client)).toEqual(['y', ['invalidate', ['to']]]);
  });

  it('is what the key specs say, of commands that only read', () => {
    const client = connected('CLIENT TRACKING ON');
    client.send('SINTERCARD', '2', 'k1', 'k2', 'LIMIT', '1');
    client.send('GETDEL', 'k3');
    client.send('GET', 'k4', 'too', 'many');
    client.send('LRANGE', 'k5', '0', 'x');
    expect(tracking.keyCount).toBe(3);
    heard(client);
    h.run('MSET', 'k1', '1', 'k2', '1', 'k3', '1', 'k4', '1', 'k5', '1');
    expect(heard(client)).toEqual(['k1', 'k2', 'k5'].map((key) => ['invalidate', [key]]));
  });

  it('is not told to its own NOLOOP client, and forgotten all the same', () => {
    const client = connected('CLIENT TRACKING ON NOLOOP', 'MGET a b');
    client.send('SET', 'a', '1');
    h.run('SET', 'a', '2');
    h.run('SET', 'b', '2');
    expect(heard(client)).toEqual(['OK', ['invalidate', ['b']]]);
  });

  it('is told as all keys by FLUSHDB and FLUSHALL, and not by SWAPDB', () => {
    const client = connected('CLIENT TRACKING ON', 'GET a');
    h.run('SET', 'a', '1');
    heard(client);
    client.send('GET', 'a');
    heard(client);
    h.run('SWAPDB', '0', '1');
    expect(heard(client)).toEqual([]);
    h.run('FLUSHDB');
    h.run('FLUSHALL');
    expect(heard(client)).toEqual([
      ['invalidate', null],
      ['invalidate', null],
    ]);
    expect(tracking.keyCount).toBe(0);
  });

  it('is not told after TRACKING OFF, RESET or the end', () => {
    const off = connected('CLIENT TRACKING ON', 'GET a', 'CLIENT TRACKING OFF');
    const reset = connected('CLIENT TRACKING ON', 'GET a', 'RESET', 'HELLO 3');
    const gone = connected('CLIENT TRACKING ON', 'GET a');
    gone.client.closed = true;
    h.engine.clients.remove(gone.client);
    h.engine.release(gone.client);
    expect([tracking.clientCount, tracking.itemCount]).toEqual([0, 3]);
    h.run('SET', 'a', '1');
    expect([off, reset, gone].flatMap(heard)).toEqual([]);
    expect([tracking.keyCount, tracking.itemCount]).toEqual([0, 0]);
    h.run('PING');
    tracking.step(() => true);
    expect(h.engine.tracker).toBeNull();
    expect(h.engine.events.watchers).toBeNull();
  });
});

describe('CLIENT CACHING', () => {
  it('YES holds for one command or transaction under OPTIN', () => {
    const client = connected('CLIENT TRACKING ON OPTIN', 'GET a', 'CLIENT CACHING YES');
    client.send('CLIENT', 'GETNAME');
    for (const command of ['GET b', 'GET c', 'CLIENT CACHING YES', 'MULTI', 'GET d', 'EXEC']) {
      client.send(...command.split(' '));
    }
    client.send('GET', 'e');
    expect(tracking.keyCount).toBe(2);
    heard(client);
    h.run('MSET', 'a', '1', 'b', '1', 'c', '1', 'd', '1', 'e', '1');
    expect(heard(client)).toEqual(['b', 'd'].map((key) => ['invalidate', [key]]));
  });

  it('holds through a wait: the keys count again when the command is repeated', () => {
    const client = connected('CLIENT TRACKING ON OPTIN', 'CLIENT CACHING YES');
    client.send('XREAD', 'BLOCK', '0', 'STREAMS', 's', '$');
    expect(client.client.tracking?.hasCaching).toBe(true);
    h.run('XADD', 's', '1-1', 'f', 'v');
    expect(heard(client)[0]).toEqual(['invalidate', ['s']]);
    expect(client.client.tracking?.hasCaching).toBe(false);
    h.run('XADD', 's', '1-2', 'f', 'v');
    expect(heard(client)).toEqual([['invalidate', ['s']]]);
  });

  it('ends with a command that is refused or unknown, and with no subcommand of CLIENT', () => {
    const optIn = 'CLIENT TRACKING ON OPTIN';
    for (const between of [['UNKNOWN'], ['GET'], ['CLIENT'], ['CLIENT', 'NOTHING']]) {
      const client = connected(optIn, 'CLIENT CACHING YES');
      client.send(...between);
      expect(client.client.tracking?.hasCaching, between.join(' ')).toBe(false);
    }
    const client = connected(optIn, 'CLIENT CACHING YES', 'CLIENT CACHING', 'CLIENT ID');
    expect(client.client.tracking?.hasCaching).toBe(true);
  });

  it('NO leaves out the next command under OPTOUT', () => {
    const client = connected('CLIENT TRACKING ON OPTOUT', 'CLIENT CACHING NO', 'GET a', 'GET b');
    expect(tracking.keyCount).toBe(1);
    h.run('MSET', 'a', '1', 'b', '1');
    expect(heard(client)).toEqual([['invalidate', ['b']]]);
  });
});

describe('BCAST', () => {
  it('tells at the end of the turn, a message for each prefix, keys in their order', () => {
    const client = connected('CLIENT TRACKING ON BCAST PREFIX b: PREFIX a:');
    h.run('MSET', 'b:2', '1', 'a:2', '1', 'c:1', '1', 'a:1', '1', 'a:2', '2', 'b', '1');
    expect(heard(client)).toEqual([]);
    endTurn();
    expect(heard(client)).toEqual([
      ['invalidate', ['a:1', 'a:2']],
      ['invalidate', ['b:2']],
    ]);
    endTurn();
    expect(heard(client)).toEqual([]);
  });

  it('with NOLOOP leaves out what the client changed last, not what expired by itself', () => {
    const client = connected('CLIENT TRACKING ON BCAST NOLOOP', 'SET gone 1 PX 10');
    const other = connected('CLIENT TRACKING ON BCAST');
    endTurn();
    // Whoever listens at the end of the turn hears of all of it.
    expect([heard(client), heard(other)]).toEqual([[], [['invalidate', ['gone']]]]);
    client.send('MSET', 'x', '1', 'y', '1');
    h.run('SET', 'y', '2');
    client.send('SET', 'z', '1');
    h.clock.advance(20);
    client.send('GET', 'gone');
    heard(client);
    endTurn();
    expect(heard(client)).toEqual([['invalidate', ['gone', 'y']]]);
    expect(heard(other)).toEqual([['invalidate', ['gone', 'x', 'y', 'z']]]);
  });

  it('forgets prefixes with the last who listens', () => {
    const one = connected('CLIENT TRACKING ON BCAST PREFIX a PREFIX b');
    const two = connected('CLIENT TRACKING ON BCAST PREFIX a');
    expect(tracking.prefixCount).toBe(2);
    h.run('MSET', 'a', '1', 'b', '1');
    one.send('CLIENT', 'TRACKING', 'OFF');
    expect(tracking.prefixCount).toBe(1);
    endTurn();
    expect(heard(one)).toEqual(['OK']);
    expect(heard(two)).toEqual([['invalidate', ['a']]]);
    two.send('RESET');
    expect(tracking.prefixCount).toBe(0);
    expect(h.engine.tracker).toBeNull();
  });

  it('refuses what overlaps, also behind the first prefix', () => {
    const client = connected();
    client.send(...'CLIENT TRACKING ON BCAST PREFIX x PREFIX FOO PREFIX FOOBAR'.split(' '));
    expect(heard(client)).toEqual([
      {
        error:
          "ERR Prefix 'FOO' overlaps with another provided prefix 'FOOBAR'. " +
          'Prefixes for a single client must not overlap.',
      },
    ]);
    expect(client.client.tracking).toBeNull();
  });

  it('counts the memory of prefixes', () => {
    const client = connected();
    const before = ClientMemory.bytesOf(client.client);
    client.send('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'x'.repeat(1000));
    expect(ClientMemory.bytesOf(client.client) - before).toBeGreaterThan(1000);
    client.send('CLIENT', 'TRACKING', 'OFF');
    expect(ClientMemory.bytesOf(client.client)).toBe(before);
  });
});

describe('REDIRECT', () => {
  it('sends a message of a channel to a subscriber that speaks RESP2, and nothing without', () => {
    const target = h.connect();
    const client = connected(`CLIENT TRACKING ON REDIRECT ${target.client.id}`, 'GET a');
    h.run('SET', 'a', '1');
    target.send('SUBSCRIBE', '__redis__:invalidate');
    client.send('GET', 'a');
    heard(target);
    h.run('SET', 'a', '2');
    expect(heard(target)).toEqual([['message', '__redis__:invalidate', ['a']]]);
    expect(field(client, 'redir')).toBe(String(target.client.id));
    expect(field(client, 'flags')).toBe('t');
  });

  it('tells the client when the target has gone', () => {
    const target = connected();
    const { id } = target.client;
    const client = connected(`CLIENT TRACKING ON REDIRECT ${id}`, 'MGET a b');
    h.engine.clients.remove(target.client);
    h.run('SET', 'a', '1');
    expect(heard(client)).toEqual([['tracking-redir-broken', id]]);
    client.send('CLIENT', 'TRACKINGINFO');
    expect(heard(client)).toEqual([
      {
        map: [
          ['flags', { set: ['on', 'broken_redirect'] }],
          ['redirect', id],
          ['prefixes', []],
        ],
      },
    ]);
    expect(field(client, 'flags')).toBe('tR');
    client.send('CLIENT', 'TRACKING', 'ON');
    expect(field(client, 'flags')).toBe('t');
  });

  it('to the client whose command runs comes behind its reply', () => {
    const target = connected('SET x 1');
    connected(`CLIENT TRACKING ON REDIRECT ${target.client.id}`, 'GET a');
    for (const command of ['MULTI', 'SET a 1', 'GET x', 'EXEC']) target.send(...command.split(' '));
    expect(heard(target).slice(3)).toEqual([
      ['OK', '1'],
      ['invalidate', ['a']],
    ]);
  });
});

describe('tracking-table-max-keys', () => {
  it('is kept by telling of keys at random, more at a time while that is not enough', () => {
    const client = connected('CLIENT TRACKING ON NOLOOP');
    for (let i = 0; i < 700; i++) client.send('GET', `key:${i}`);
    heard(client);
    tracking.maxKeys = 5;
    h.run('PING');
    expect(tracking.keyCount).toBe(600);
    h.run('PING');
    expect(tracking.keyCount).toBe(400);
    tracking.step(() => true);
    expect(tracking.keyCount).toBe(100);
    h.run('PING');
    expect(tracking.keyCount).toBe(5);
    const told = heard(client).map((message) => String((message as [string, string[]])[1]));
    expect(new Set(told).size).toBe(695);
    for (let i = 0; i < 30; i++) client.send('GET', `more:${i}`);
    expect(tracking.keyCount).toBe(5);
  });
});
