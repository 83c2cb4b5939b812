// SORT of many elements, which takes other ways than that of few: against a plain sort.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { listCommands } from '../list/index.ts';
import { setCommands } from '../set/index.ts';
import { sortedSetCommands } from '../sorted-set/index.ts';
import { stringCommands } from '../string/index.ts';
import { keyCommands } from './index.ts';

let h: Harness;

beforeEach(() => {
  const groups = [listCommands, setCommands, sortedSetCommands, stringCommands, keyCommands];
  h = new Harness(groups.flat());
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

/** Numbers that look random, the same in each run. */
function numbers(count: number, below: number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  });
}

const byBytes = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
const valueIn = (text: string): number => Number(text.replace('inf', 'Infinity'));
const byNumber = (a: string, b: string): number =>
  valueIn(a) === valueIn(b) ? byBytes(a, b) : valueIn(a) < valueIn(b) ? -1 : 1;

function expectSorted(
  key: string,
  texts: readonly string[],
  order: (a: string, b: string) => number,
  ...options: string[]
): void {
  const sorted = texts.toSorted(order);
  expect(h.run('SORT', key, ...options)).toEqual(sorted);
  const backwards = sorted.toReversed();
  expect(h.run('SORT', key, ...options, 'DESC')).toEqual(backwards);
  for (const [start, count] of [
    [0, 10],
    [700, 50],
    [Math.max(0, texts.length - 5), 100],
    [3, 0],
  ] as const) {
    const limit = ['LIMIT', String(start), String(count)];
    expect(h.run('SORT', key, ...options, ...limit)).toEqual(sorted.slice(start, start + count));
    const part = backwards.slice(start, start + count);
    expect(h.run('SORT', key, ...options, ...limit, 'DESC')).toEqual(part);
  }
  const all = h.run('SORT', key, ...options, 'STORE', 'stored');
  expect(all).toBe(texts.length);
  expect(h.run('LRANGE', 'stored', '0', '-1')).toEqual(sorted);
}

describe('SORT of many', () => {
  const kinds: [string, string[]][] = [
    ['small integers', numbers(1600, 300).map((n) => String(n - 150))],
    ['integers of 32 bits', numbers(1600, 2 ** 30).map((n) => String((n * 4) | 0))],
    ['a few far apart', numbers(1600, 3).map((n) => String(n === 0 ? -2147483648 : n * 1e9))],
    ['integers of 64 bits', numbers(1600, 2 ** 22).map((n) => String(BigInt(n) ** 2n - 2n ** 40n))],
    ['fractions', numbers(1600, 90_000).map((n) => ((n - 45_000) / 8).toFixed(n % 4))],
    ['infinities', numbers(1500, 50).map((n) => ['inf', '-inf', '-0', '0', '0.0'][n] ?? `${n}`)],
  ];
  for (const [name, texts] of kinds) {
    it(`orders ${name}`, () => {
      h.run('RPUSH', 'l', ...texts);
      expectSorted('l', texts, byNumber);
      h.run('SADD', 's', ...texts);
      expectSorted('s', [...new Set(texts)], byNumber);
    });
  }

  const words: [string, string[]][] = [
    ['numbers as texts', numbers(1600, 2 ** 22).map(String)],
    [
      'a long beginning in common',
      numbers(1600, 4000).map((n) => `${'p'.repeat(300)}:${n % 97}:${n}`),
    ],
    ['one after the other', Array.from({ length: 1500 }, (_, i) => 'a'.repeat(i % 1500))],
    ['all the same', new Array<string>(3000).fill('same text as before')],
    [
      'high bytes',
      numbers(1600, 65_536).map((n) => String.fromCharCode(n & 255 || 1, n >> 8 || 1)),
    ],
  ];
  for (const [name, texts] of words) {
    it(`orders texts: ${name}`, () => {
      for (const text of texts) h.run('RPUSH', 'l', Buffer.from(text, 'latin1'));
      expectSorted('l', texts, byBytes, 'ALPHA');
    });
  }

  it('orders by other keys, those that are missing first', () => {
    const texts = numbers(1500, 2 ** 22).map(String);
    h.run('RPUSH', 'l', ...texts);
    for (const text of texts) {
      if (!text.endsWith('7')) h.run('SET', `w_${text}`, [...text].reverse().join(''));
    }
    const weight = (text: string): string =>
      text.endsWith('7') ? '' : [...text].reverse().join('');
    const byWeight = (a: string, b: string): number => byBytes(weight(a), weight(b));
    const sorted = texts.toSorted(byWeight);
    expect(h.run('SORT', 'l', 'BY', 'w_*', 'ALPHA')).toEqual(sorted);
    const descending = texts.toSorted((a, b) => -byWeight(a, b));
    expect(h.run('SORT', 'l', 'BY', 'w_*', 'ALPHA', 'DESC')).toEqual(descending);
    const byScore = (a: string, b: string): number =>
      Number(weight(a)) - Number(weight(b)) || byBytes(a, b);
    expect(h.run('SORT', 'l', 'BY', 'w_*')).toEqual(texts.toSorted(byScore));
    const backwards = texts.toSorted((a, b) => byScore(b, a));
    expect(h.run('SORT', 'l', 'BY', 'w_*', 'DESC')).toEqual(backwards);
  });

  it('reads only the part that is wanted where nothing is sorted', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `e${i}`);
    h.run('RPUSH', 'l', ...texts);
    h.run('ZADD', 'z', ...texts.flatMap((text, i) => [String(i), text]));
    for (const key of ['l', 'z']) {
      expect(h.run('SORT', key, 'BY', 'nosort')).toEqual(texts);
      const part = h.run('SORT', key, 'BY', 'nosort', 'LIMIT', '7', '2', 'GET', '#');
      expect(part).toEqual(['e7', 'e8']);
      const last = h.run('SORT', key, 'BY', 'nosort', 'LIMIT', '1', '2', 'DESC');
      expect(last).toEqual(['e2998', 'e2997']);
      expect(h.run('SORT', key, 'BY', 'nosort', 'LIMIT', '3000', '2')).toEqual([]);
    }
  });

  it('refuses a text among numbers, few or many', () => {
    const texts = numbers(1500, 2 ** 22).map(String);
    for (const part of [texts.slice(0, 5), texts]) {
      h.run('DEL', 'l');
      h.run('RPUSH', 'l', ...part, 'word');
      const message = "ERR One or more scores can't be converted into double";
      expect(h.run('SORT', 'l')).toEqual({ error: message });
    }
  });

  it('stores what is one listpack as such, and longer ones as a quicklist', () => {
    for (const [count, encoding] of [
      [2000, 'listpack'],
      [5000, 'quicklist'],
    ] as const) {
      h.run('DEL', 'l');
      h.run('RPUSH', 'l', ...new Array<string>(count).fill('7'));
      h.run('SORT', 'l', 'STORE', 'stored');
      expect(h.run('OBJECT', 'ENCODING', 'stored')).toBe(encoding);
    }
  });
});
