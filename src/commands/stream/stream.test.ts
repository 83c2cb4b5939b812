// The stream commands: what the oracle, which sees one connection, cannot see: what is told to
// replicas and the AOF, keyspace events, clients that wait, idle times, and leaks.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { keyCommands } from '../keys/index.ts';
import { stringCommands } from '../string/index.ts';
import { streamCommands } from './index.ts';

let h: Harness;

beforeEach(() => {
  h = new Harness([...streamCommands, ...keyCommands, ...stringCommands]);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

/** Runs commands given as lines; the reply of the last. */
function run(...lines: string[]): unknown {
  let reply: unknown;
  for (const line of lines) reply = h.run(...line.split(' '));
  return reply;
}

/** What the journal has heard since the last call, as lines. */
function told(): string[] {
  return h.journal
    .splice(0)
    .map(([db, ...parts]) => (typeof db === 'string' ? db : parts.join(' ')));
}

const NOW = '1700000000000';

describe('XADD and XTRIM', () => {
  it('make IDs from the clock, which never go back', () => {
    expect(run('XADD s * a 1')).toBe(`${NOW}-0`);
    expect(run('XADD s * a 1')).toBe(`${NOW}-1`);
    h.clock.advance(-1000);
    expect(run('XADD s * a 1')).toBe(`${NOW}-2`);
    h.clock.advance(5000);
    expect(run('XADD s * a 1')).toBe('1700000004000-0');
    expect(run(`XADD s 1700000004000-* a 1`)).toBe('1700000004000-1');
  });

  it('tell replicas the ID, and the exact result of approximate trimming', () => {
    h.keyspace.values.limits.streamNodeMaxEntries = 2;
    run('XADD s 1-1 f v', 'XADD s 1-* f v', 'XADD s 2-0 f v');
    expect(told()).toEqual(['XADD s 1-1 f v', 'XADD s 1-2 f v', 'XADD s 2-0 f v']);
    run('XADD s MAXLEN ~ 2 LIMIT 10 3-0 f v', 'XADD s MAXLEN = 2 4-0 f v');
    expect(told()).toEqual(['XADD s MAXLEN = 2 LIMIT 10 3-0 f v', 'XADD s MAXLEN = 2 4-0 f v']);
    run('XADD s 5-0 f v', 'XADD s 6-0 f v');
    told();
    expect(run('XTRIM s MINID ~ 5-0')).toBe(1);
    expect(told()).toEqual(['XTRIM s MINID = 4-0']);
    expect(run('XTRIM s MINID ~ 4-0', 'XTRIM s MAXLEN 2')).toBe(1);
    expect(told()).toEqual(['XTRIM s MAXLEN 2']);
    run('XADD n NOMKSTREAM * f v', 'XDEL s 99-0');
    expect(told()).toEqual([]);
  });
});

describe('consumer groups', () => {
  beforeEach(() => {
    run('XADD s 1-0 f a', 'XADD s 2-0 f b', 'XADD s 3-0 f c', 'XGROUP CREATE s g 0');
    told();
  });

  it('tell replicas of deliveries as XCLAIM', () => {
    run('XREADGROUP GROUP g alice COUNT 2 STREAMS s >');
    expect(told()).toEqual([
      'MULTI',
      `XCLAIM s g alice 0 1-0 TIME ${NOW} RETRYCOUNT 1 FORCE JUSTID LASTID 1-0`,
      `XCLAIM s g alice 0 2-0 TIME ${NOW} RETRYCOUNT 1 FORCE JUSTID LASTID 2-0`,
      'EXEC',
    ]);
    run('XREADGROUP GROUP g alice STREAMS s 0');
    expect(told()).toEqual([]);
    run('XREADGROUP GROUP g bob NOACK STREAMS s >');
    expect(told()).toEqual([
      'MULTI',
      'XGROUP CREATECONSUMER s g bob',
      'XGROUP SETID s g 3-0 ENTRIESREAD 3',
      'EXEC',
    ]);
    run('XCLAIM s g bob 0 1 RETRYCOUNT 7 LASTID 9-0');
    expect(told()).toEqual([`XCLAIM s g bob 0 1 TIME ${NOW} RETRYCOUNT 7 FORCE JUSTID LASTID 9-0`]);
    run('XCLAIM s g bob 0 99-0 LASTID 10-0');
    expect(told()).toEqual(['XGROUP SETID s g 10-0 ENTRIESREAD 3']);
    run('XDEL s 1-0', 'XAUTOCLAIM s g alice 0 0 COUNT 10');
    expect(told()).toEqual([
      'XDEL s 1-0',
      'MULTI',
      `XCLAIM s g bob 0 1-0 TIME ${NOW} RETRYCOUNT 7 FORCE JUSTID LASTID 10-0`,
      `XCLAIM s g alice 0 2-0 TIME ${NOW} RETRYCOUNT 3 FORCE JUSTID LASTID 10-0`,
      'EXEC',
    ]);
    run('XACK s g 2-0 2-0 77', 'XACK s g 2-0');
    expect(told()).toEqual(['XACK s g 2-0 2-0 77']);
  });

  it('look at idle times', () => {
    run('XREADGROUP GROUP g alice COUNT 2 STREAMS s >');
    h.clock.advance(100);
    run('XREADGROUP GROUP g alice COUNT 1 STREAMS s >');
    h.clock.advance(50);
    expect(run('XPENDING s g - + 10')).toEqual([
      ['1-0', 'alice', 150, 1],
      ['2-0', 'alice', 150, 1],
      ['3-0', 'alice', 50, 1],
    ]);
    expect(run('XPENDING s g IDLE 100 - + 1')).toEqual([['1-0', 'alice', 150, 1]]);
    expect(run('XCLAIM s g bob 151 1-0')).toEqual([]);
    expect(run('XCLAIM s g bob 150 1-0 JUSTID')).toEqual(['1-0']);
    expect(run('XAUTOCLAIM s g bob 100 0 COUNT 1')).toEqual(['3-0', [['2-0', ['f', 'b']]], []]);
    expect(run('XAUTOCLAIM s g bob 100 0')).toEqual(['0-0', [], []]);
    h.clock.advance(25);
    expect(run('XINFO CONSUMERS s g')).toEqual([
      ['name', 'alice', 'pending', 1, 'idle', 75, 'inactive', 75],
      ['name', 'bob', 'pending', 2, 'idle', 25, 'inactive', 25],
    ]);
    expect(run('XREADGROUP GROUP g zoe STREAMS s >')).toBe(null);
    expect(run('XINFO CONSUMERS s g')).toContainEqual([
      ...['name', 'zoe', 'pending', 0, 'idle', 0, 'inactive', -1],
    ]);
  });

  it('are freed with their key, as a whole and by name', () => {
    run('XREADGROUP GROUP g alice STREAMS s >', 'XGROUP CREATE s h 0');
    run('XREADGROUP GROUP h alice COUNT 1 STREAMS s >', 'XREADGROUP GROUP h bob STREAMS s >');
    expect(run('XGROUP DELCONSUMER s h bob')).toBe(2);
    expect(run('XPENDING s h')).toEqual([1, '1-0', '1-0', [['alice', '1']]]);
    expect(run('COPY s t', 'XGROUP DESTROY s g')).toBe(1);
    expect(run('XPENDING t g')).toEqual([3, '1-0', '3-0', [['alice', '3']]]);
    expect(run('DEL s t')).toBe(2);
  });
});

describe('events', () => {
  it('are told of every change', () => {
    const events: string[] = [];
    h.engine.settings.notifyMask = -1;
    h.engine.events.notifier = {
      publish: (_class, event, _db, key, offset, length) => {
        const name = Buffer.from(key.subarray(offset, offset + length)).toString('latin1');
        events.push(`${event} ${name}`);
      },
    };
    h.engine.events.setHooks();
    run('XADD s 1-0 f v', 'XADD s MAXLEN 1 2-0 f v', 'XTRIM s MAXLEN 1', 'XTRIM s MAXLEN 0');
    expect(events.splice(0)).toEqual(['new s', 'xadd s', 'xadd s', 'xtrim s', 'xtrim s']);
    run('XADD s 3-0 f v', 'XDEL s 3-0', 'XDEL s 3-0', 'XSETID s 9-0');
    expect(events.splice(0)).toEqual(['xadd s', 'xdel s', 'xsetid s']);
    run('XGROUP CREATE s g 0', 'XGROUP SETID s g 1', 'XGROUP CREATECONSUMER s g c');
    run('XREADGROUP GROUP g d STREAMS s >', 'XCLAIM s g e 0 1-0', 'XAUTOCLAIM s g f 0 0');
    run('XGROUP DELCONSUMER s g c', 'XGROUP DESTROY s g', 'XGROUP CREATE t g $ MKSTREAM');
    expect(events.splice(0)).toEqual([
      'xgroup-create s',
      'xgroup-setid s',
      ...Array.from({ length: 4 }, () => 'xgroup-createconsumer s'),
      'xgroup-delconsumer s',
      'xgroup-destroy s',
      'new t',
      'xgroup-create t',
    ]);
  });
});

describe('waiting', () => {
  it('all readers of a stream get what is added, and $ is what was last when they came', () => {
    const [a, b, c] = [h.connect(), h.connect(), h.connect()];
    run('XADD s 1-0 f a');
    a.send('XREAD', 'BLOCK', '0', 'STREAMS', 's', '$');
    b.send('XREAD', 'BLOCK', '0', 'STREAMS', 'none', 's', '$', '$');
    c.send('XREAD', 'BLOCK', '0', 'STREAMS', 's', '5-0');
    expect([a.replies, b.replies, c.replies]).toEqual([[], [], []]);
    run('XADD s 2-0 f b');
    const news = [[['s', [['2-0', ['f', 'b']]]]]];
    expect([a.replies, b.replies, c.replies]).toEqual([news, news, []]);
    run('XADD s 6-0 f c');
    expect(c.replies).toEqual([[['s', [['6-0', ['f', 'c']]]]]]);
  });

  it('look at their keys once for a command, however often it has changed them', () => {
    const a = h.connect();
    a.send('XREAD', 'BLOCK', '0', 'STREAMS', 's', 'none', '$', '$');
    const before = h.keyspace.misses;
    // A new key, an entry added, and trimmed away again.
    run('XADD s MAXLEN 0 6 f a');
    expect([a.replies, h.keyspace.misses - before]).toEqual([[], 2]);
  });

  it('one reader of a group gets an entry; the others wait on', () => {
    const [a, b] = [h.connect(), h.connect()];
    run('XGROUP CREATE s g $ MKSTREAM');
    a.send('XREADGROUP', 'GROUP', 'g', 'a', 'BLOCK', '0', 'STREAMS', 's', '>');
    b.send('XREADGROUP', 'GROUP', 'g', 'b', 'BLOCK', '0', 'STREAMS', 's', '>');
    told();
    run('XADD s 1-0 f a');
    expect([a.replies.length, b.replies.length]).toEqual([1, 0]);
    expect(told()).toEqual([
      'XADD s 1-0 f a',
      `XCLAIM s g a 0 1-0 TIME ${NOW} RETRYCOUNT 1 FORCE JUSTID LASTID 1-0`,
    ]);
    run('XADD s 2-0 f a');
    expect(b.replies).toEqual([[['s', [['2-0', ['f', 'a']]]]]]);
  });

  it('who was looked at for nothing waits behind the others, as in Redis 7.2', () => {
    const [a, b] = [h.connect(), h.connect()];
    run('XGROUP CREATE s g $ MKSTREAM', 'XGROUP CREATE t g $ MKSTREAM');
    a.send('XREADGROUP', 'GROUP', 'g', 'a', 'BLOCK', '0', 'STREAMS', 's', 't', '>', '>');
    b.send('XREADGROUP', 'GROUP', 'g', 'b', 'BLOCK', '0', 'STREAMS', 't', '>');
    run('XADD s MAXLEN 0 1-0 f a', 'XADD t 1-0 f b');
    expect([a.replies, b.replies]).toEqual([[], [[['t', [['1-0', ['f', 'b']]]]]]]);
    run('XADD s 2-0 f c');
    expect(a.replies).toEqual([[['s', [['2-0', ['f', 'c']]]]]]);
  });

  it('ends when the group or the key goes', () => {
    const [a, b] = [h.connect(), h.connect()];
    const error = "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";
    run('XGROUP CREATE s g $ MKSTREAM');
    a.send('XREADGROUP', 'GROUP', 'g', 'a', 'BLOCK', '0', 'STREAMS', 's', '>');
    run('XGROUP DESTROY s g');
    expect(a.replies).toEqual([{ error }]);
    run('XGROUP CREATE s g $ MKSTREAM');
    b.send('XREADGROUP', 'GROUP', 'g', 'a', 'BLOCK', '0', 'STREAMS', 's', '>');
    run('DEL s');
    expect(b.replies).toEqual([{ error }]);
  });
});

describe('XREAD +', () => {
  it('gives the last entry, also when later ones were deleted', () => {
    run('XADD s 1-0 f a', 'XADD s 2-0 f b', 'XADD s 3-0 f c', 'XDEL s 3-0');
    expect(run('XREAD COUNT 5 STREAMS s t + +')).toEqual([['s', [['2-0', ['f', 'b']]]]]);
    run('XTRIM s MAXLEN 0');
    expect(run('XREAD STREAMS s +')).toBe(null);
    const waiting = h.connect();
    waiting.send('XREAD', 'BLOCK', '0', 'STREAMS', 's', '+');
    run('XADD s 4-0 f d');
    expect(waiting.replies).toEqual([[['s', [['4-0', ['f', 'd']]]]]]);
  });
});

describe('long replies', () => {
  it('count their elements at the front, however many chunks they take', () => {
    for (let i = 1; i <= 300; i++) h.run('XADD', 's', `${i}-0`, 'f', 'v'.repeat(1000));
    run('XGROUP CREATE s g 0');
    for (const line of ['XRANGE s - +', 'XRANGE s - (300-0', 'XREVRANGE s + 5']) {
      const reply = run(line) as unknown[][];
      const edges = [reply[0]?.[0], reply.at(-1)?.[0], reply.length];
      if (line.endsWith('+')) expect(edges).toEqual(['1-0', '300-0', 300]);
      else if (line.endsWith('5')) expect(edges).toEqual(['300-0', '5-0', 296]);
      else expect(edges).toEqual(['1-0', '299-0', 299]);
    }
    const [[, entries]] = run('XREADGROUP GROUP g c STREAMS s >') as [[string, unknown[]]];
    expect(entries).toHaveLength(300);
    expect(run('XPENDING s g - + 1000 c')).toHaveLength(300);
    expect(run('XPENDING s g (1-0 + 5')).toHaveLength(5);
    run('XDEL s 7-0');
    expect((run('XCLAIM s g d 0 6-0 7-0 8-0') as unknown[]).length).toBe(2);
  });
});
