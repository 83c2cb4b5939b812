// What the client of a busy script hears, and when: messages and changed keys follow the reply, as
// if the script had not given way. Recorded from redis-server 7.2.5.

import { beforeEach, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { type ConnectedClient, Harness } from '../engine/testing/harness.ts';
import { PubSub, pubsubCommands } from '../pubsub/index.ts';
import type { Timers } from '../runtime/clock.ts';
import { Scripting, scriptingCommands } from '../scripting/index.ts';
import { withTracking } from './index.ts';

const LONG = 'for i = 1, 200000 do end ';

let h: Harness;
let turn: (() => void)[];

const timers: Timers = {
  after: () => ({ stop: () => {} }),
  soon: (run) => void turn.push(run),
};

beforeEach(() => {
  turn = [];
  const { specs, tracking } = withTracking(coreCommands);
  const pubsub = new PubSub();
  const scripting = new Scripting();
  h = new Harness([...specs, ...pubsubCommands(pubsub), ...scriptingCommands(scripting)]);
  pubsub.attach(h.engine);
  tracking.attach(h.engine, timers);
  scripting.attach(h.engine, timers, { write: () => {}, writes: () => false });
  scripting.thresholdMs = 1;
  h.clock.monotonicMs = () => (h.clock.ms += 10);
});

function connected(...commands: string[]): ConnectedClient {
  const client = h.connect();
  for (const command of ['HELLO 3', ...commands]) client.send(...command.split(' '));
  client.replies.length = 0;
  return client;
}

/** The script that has given way goes on to its end. */
function toTheEnd(): void {
  for (let i = 0; i < 1000 && h.engine.suspended !== null; i++) {
    for (const run of turn.splice(0)) run();
  }
  expect(h.engine.suspended).toBeNull();
}

it('keys that it changes are told behind the reply, to nobody else', () => {
  const client = connected('CLIENT TRACKING ON', 'MGET a b');
  const other = connected();
  client.send(
    'EVAL',
    `redis.call('set', 'a', 1) ${LONG} redis.call('set', 'b', 1) return 'end'`,
    '0',
  );
  expect(h.engine.suspended).not.toBeNull();
  other.send('MULTI');
  other.send('DISCARD');
  expect([client.replies, other.replies]).toEqual([[], ['OK', 'OK']]);
  toTheEnd();
  expect(client.replies).toEqual(['end', ['invalidate', ['a']], ['invalidate', ['b']]]);
});

it('messages follow the reply', () => {
  const client = connected('SUBSCRIBE c', 'CLIENT TRACKING ON', 'GET a');
  const publish = (text: string): string => `redis.call('publish', 'c', '${text}') `;
  const script = `${publish('1')}${LONG}${publish('2')} redis.call('set', 'a', 1) return 'end'`;
  client.send('EVAL', script, '0');
  toTheEnd();
  const messages = ['1', '2'].map((text) => ['message', 'c', text]);
  expect(client.replies).toEqual(['end', ...messages, ['invalidate', ['a']]]);
});

it('keys that it reads when it is busy are remembered', () => {
  const client = connected('CLIENT TRACKING ON');
  client.send('EVAL', `${LONG} return redis.call('get', 'a')`, '0');
  toTheEnd();
  h.run('SET', 'a', '1');
  expect(client.replies).toEqual([null, ['invalidate', ['a']]]);
});
