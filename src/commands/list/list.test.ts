// The list commands: what the oracle, which sees one connection, cannot see: what is told to
// replicas and the AOF, keyspace events, clients that wait for each other, and leaks.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { keyCommands } from '../keys/index.ts';
import { stringCommands } from '../string/index.ts';
import { listCommands } from './index.ts';

let h: Harness;

beforeEach(() => {
  h = new Harness([...listCommands, ...keyCommands, ...stringCommands]);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

const WRONG_TYPE = {
  error: 'WRONGTYPE Operation against a key holding the wrong kind of value',
};

/** Runs commands given as lines; the reply of the last. */
function run(...lines: string[]): unknown {
  let reply: unknown;
  for (const line of lines) reply = h.run(...line.split(' '));
  return reply;
}

describe('encodings', () => {
  it('change with list-max-listpack-size', () => {
    h.keyspace.values.limits.listMaxListpackSize = 4;
    expect(run('RPUSH l 1 2 3 4', 'OBJECT ENCODING l')).toBe('listpack');
    expect(run('RPUSH l 5', 'OBJECT ENCODING l')).toBe('quicklist');
    expect(run('LTRIM l 0 1', 'OBJECT ENCODING l')).toBe('listpack');
    expect(run('LRANGE l 0 -1')).toEqual(['1', '2']);
    expect(run('LSET l 0 x', 'LINSERT l AFTER x y', 'LINSERT l AFTER x z')).toBe(4);
    expect(run('LINSERT l AFTER x w', 'OBJECT ENCODING l')).toBe('quicklist');
  });
});

describe('what replicas and the AOF are told', () => {
  it.each([
    ['LPUSH l x', 'LPUSH l x'],
    ['LPUSHX none x', null],
    ['LPOP l', 'LPOP l'],
    ['LPOP none', null],
    ['LPOP l 0', null],
    ['LTRIM l 0 -1', null],
    ['LTRIM l 1 0', 'LTRIM l 1 0'],
    ['LREM l 0 nothing', null],
    ['LREM l 0 a', 'LREM l 0 a'],
    ['LSET l 9 x', null],
    ['LINSERT l BEFORE none x', null],
    ['LMPOP 2 none l LEFT', 'LPOP l 1'],
    ['LMPOP 2 none l RIGHT COUNT 100', 'RPOP l 3'],
    ['LMPOP 1 none LEFT', null],
    ['LMOVE l m LEFT RIGHT', 'LMOVE l m LEFT RIGHT'],
    ['LMOVE none m LEFT RIGHT', null],
    ['RPOPLPUSH l l', 'RPOPLPUSH l l'],
    ['BLPOP none l 0', 'LPOP l'],
    ['BRPOP l 0', 'RPOP l'],
    ['BLMOVE l m left right 0', 'LMOVE l m left right'],
    ['BRPOPLPUSH l m 0', 'RPOPLPUSH l m'],
    ['BLMPOP 0 1 l LEFT COUNT 2', 'LPOP l 2'],
  ])('by %s', (line, told) => {
    run('RPUSH l a b c');
    h.journal.length = 0;
    run(line);
    expect(h.journal).toEqual(told === null ? [] : [[0, ...told.split(' ')]]);
  });

  it('by a client that had to wait: the push first, then what it took', () => {
    const waiting = h.connect();
    waiting.send('BLMPOP', '0', '1', 'l', 'RIGHT', 'COUNT', '5');
    run('RPUSH l a b');
    expect(waiting.replies).toEqual([['l', ['b', 'a']]]);
    expect(h.journal).toEqual([
      [0, 'RPUSH', 'l', 'a', 'b'],
      [0, 'RPOP', 'l', '2'],
    ]);
  });
});

describe('keyspace events', () => {
  it.each([
    ['LPUSH l x', ['lpush l']],
    ['RPUSHX l x', ['rpush l']],
    ['LPOP l', ['lpop l']],
    ['RPOP l 9', ['rpop l', 'del l']],
    ['LTRIM l 0 -1', ['ltrim l']],
    ['LTRIM l 5 6', ['ltrim l', 'del l']],
    ['LREM l 0 a', ['lrem l', 'del l']],
    ['LREM l 0 x', []],
    ['LSET l 0 x', ['lset l']],
    ['LINSERT l BEFORE a x', ['linsert l']],
    ['LMOVE l m LEFT RIGHT', ['rpush m', 'lpop l']],
    ['LMOVE l l RIGHT LEFT', ['lpush l', 'rpop l']],
    ['LMPOP 1 l LEFT COUNT 2', ['lpop l', 'del l']],
    ['BRPOP l 0', ['rpop l']],
  ])('of %s', (line, expected) => {
    run('RPUSH l a a');
    const events: string[] = [];
    h.engine.settings.notifyMask = -1;
    h.engine.events.notifier = {
      publish: (_class, event, _db, bytes, offset, length) => {
        const key = Buffer.from(bytes.subarray(offset, offset + length)).toString();
        if (event !== 'new') events.push(`${event} ${key}`);
      },
    };
    run(line);
    expect(events).toEqual(expected);
  });

  it('count the elements that changed', () => {
    const dirty = (): number => h.engine.dirty;
    const before = dirty();
    run('RPUSH l a b c d e');
    expect(dirty() - before).toBe(5);
    run('LTRIM l 1 -2');
    expect(dirty() - before).toBe(7);
    run('LPOP l 2');
    expect(dirty() - before).toBe(9);
  });
});

describe('clients that wait', () => {
  it('are served in the order in which they came, after the command that woke them', () => {
    const [first, second] = [h.connect(), h.connect()];
    first.send('BLPOP', 'l', '0');
    second.send('BRPOP', 'other', 'l', '0');
    expect(run('RPUSH l a b c')).toBe(3);
    expect(first.replies).toEqual([['l', 'a']]);
    expect(second.replies).toEqual([['l', 'c']]);
    expect(run('LRANGE l 0 -1')).toEqual(['b']);
  });

  it('wake each other', () => {
    const [mover, popper] = [h.connect(), h.connect()];
    popper.send('BLPOP', 'b', '0');
    mover.send('BLMOVE', 'a', 'b', 'LEFT', 'LEFT', '0');
    run('LPUSH a x');
    expect(mover.replies).toEqual(['x']);
    expect(popper.replies).toEqual([['b', 'x']]);
    expect(run('EXISTS a b')).toBe(0);
  });

  it('go on waiting while the key has another type, and hear of it when it is the target', () => {
    const [popper, mover] = [h.connect(), h.connect()];
    popper.send('BLPOP', 'l', '0');
    run('SET l text');
    expect(popper.replies).toEqual([]);
    run('DEL l', 'RPUSH l a');
    expect(popper.replies).toEqual([['l', 'a']]);
    mover.send('BLMOVE', 'l', 'm', 'LEFT', 'LEFT', '0');
    run('SET m text', 'RPUSH l b');
    expect(mover.replies).toEqual([WRONG_TYPE]);
    expect(run('LRANGE l 0 -1')).toEqual(['b']);
  });

  it('are woken by RENAME', () => {
    const popper = h.connect();
    popper.send('BLMPOP', '0', '2', 'x', 'l', 'LEFT', 'COUNT', '2');
    run('RPUSH other a b c', 'RENAME other l');
    expect(popper.replies).toEqual([['l', ['a', 'b']]]);
    expect(run('LRANGE l 0 -1')).toEqual(['c']);
  });

  it('have an element that is moved onto its own list', () => {
    run('RPUSH l a b c');
    expect(run('BLMOVE l l LEFT RIGHT 0', 'LRANGE l 0 -1')).toEqual(['b', 'c', 'a']);
    expect(run('LTRIM l 0 0', 'RPOPLPUSH l l', 'LRANGE l 0 -1')).toEqual(['b']);
  });

  it('are told at once where they may not wait', () => {
    Object.defineProperty(h.client, 'mayBlock', { value: false });
    expect(run('BLPOP l 0')).toBeNull();
    expect(run('BLMPOP 0 1 l LEFT')).toBeNull();
    expect(run('BLMOVE l m LEFT LEFT 0')).toBeNull();
    expect(run('BRPOPLPUSH l m 0')).toBeNull();
  });
});

describe('values of another type', () => {
  it.each([
    'LPUSH s x',
    'RPUSHX s x',
    'LPOP s',
    'LPOP s 1',
    'LLEN s',
    'LINDEX s 0',
    'LSET s 0 x',
    'LRANGE s 0 1',
    'LTRIM s 0 1',
    'LINSERT s BEFORE a b',
    'LREM s 0 a',
    'LPOS s a',
    'LMOVE s l LEFT LEFT',
    'LMOVE l s LEFT LEFT',
    'LMPOP 1 s LEFT',
    'BLPOP s 0',
    'BLMPOP 0 1 s LEFT',
  ])('are refused by %s', (line) => {
    run('SET s text', 'RPUSH l a');
    expect(run(line)).toEqual(WRONG_TYPE);
    expect(run('LRANGE l 0 -1')).toEqual(['a']);
  });
});

describe('LRANGE of long lists', () => {
  it('reads packed nodes as they lie, from anywhere', () => {
    const texts = Array.from({ length: 30_000 }, (_, i) => {
      const number = (i % 7) - 3 + 1_000_003 * ((i >> 3) % 500) * (i % 2 === 0 ? -1 : 1);
      const kinds = [number, number, `element:${i}`, `element:${i}:${'e'.repeat(i % 70)}`, i % 9];
      return String(i < 12_000 ? number : kinds[i % 5]);
    });
    for (let i = 0; i < texts.length; i += 1000) h.run('RPUSH', 'l', ...texts.slice(i, i + 1000));
    for (const [first, last] of [
      [0, -1],
      [1, -2],
      [5000, 5100],
      [9000, 25_000],
      [-9000, -1],
      [11_990, 12_010],
      [29_999, 40_000],
    ] as const) {
      const end = last < 0 ? texts.length + last : last;
      const expected = texts.slice(first).slice(0, end - (first < 0 ? 30_000 + first : first) + 1);
      expect(h.run('LRANGE', 'l', String(first), String(last))).toEqual(expected);
    }
    expect(h.run('LINDEX', 'l', '15000')).toBe(texts[15_000]);
    expect(h.run('LPOP', 'l', '20000')).toEqual(texts.slice(0, 20_000));
    expect(h.run('LRANGE', 'l', '0', '-1')).toEqual(texts.slice(20_000));
  });
});
