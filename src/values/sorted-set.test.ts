import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../memory/arena.ts';
import { type Random, seededRandom } from '../runtime/random.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  encodingOf,
  TYPE_ZSET,
  valueWordOf,
} from '../structures/entry.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from './encoding-limits.ts';
import {
  ADD_GT,
  ADD_INCREMENT,
  ADD_LT,
  ADD_NX,
  ADD_XX,
  MEMBER_ADDED,
  NOTHING_ADDED,
  SCORE_CHANGED,
  SCORE_IS_NAN,
  SCORE_KEPT,
  type SortedSet,
} from './sorted-set.ts';
import { parseBound } from './sorted-set-ranges.ts';
import { SortedSets } from './sorted-sets.ts';
import { Strings } from './string.ts';

const SEED = { low: 3, high: 4 };

/** A sorted set under a key, and a Map that says what it should hold. */
class Pair {
  readonly arena = new Arena({ debug: true });
  readonly limits: EncodingLimits = new EncodingLimits();
  readonly sets: SortedSets;
  readonly set: SortedSet;
  readonly entry: number;
  readonly model: Map<string, number> = new Map();

  constructor(maxEntries = 128) {
    this.limits.zsetMaxListpackEntries = maxEntries;
    this.sets = new SortedSets(this.arena, new Listpacks(this.arena), this.limits, SEED);
    this.set = this.sets.main;
    this.entry = new Strings(this.arena).createEmpty(Buffer.from('key'), 0, 3, -1, false);
    this.set.create(0, 0);
    const words = this.arena.words[this.entry >>> 19];
    if (words === undefined) throw new Error('no such slot');
    const at = (this.entry & 0x7ffff) << 1;
    words[at + 1] = (TYPE_ZSET << 4) | this.set.encoding;
    words[at + 3] = this.set.root;
    this.set.open(this.entry);
  }

  add(member: string, score: number, flags: number): number {
    const bytes = Buffer.from(member);
    return this.set.add(score, bytes, 0, bytes.length, flags);
  }

  expected(member: string, score: number, flags: number): number {
    const old = this.model.get(member);
    if (old === undefined) {
      if ((flags & ADD_XX) !== 0) return NOTHING_ADDED;
      this.model.set(member, score);
      return MEMBER_ADDED;
    }
    if ((flags & ADD_NX) !== 0) return NOTHING_ADDED;
    const wanted = (flags & ADD_INCREMENT) !== 0 ? old + score : score;
    if (Number.isNaN(wanted)) return SCORE_IS_NAN;
    if ((flags & ADD_LT) !== 0 && wanted >= old) return NOTHING_ADDED;
    if ((flags & ADD_GT) !== 0 && wanted <= old) return NOTHING_ADDED;
    if (wanted === old) return SCORE_KEPT;
    this.model.set(member, wanted);
    return SCORE_CHANGED;
  }

  sorted(): [string, number][] {
    return [...this.model].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x - y));
  }

  current(set = this.set): [string, number] {
    set.loadMember();
    const { bytes, offset, length, score } = set;
    return [Buffer.from(bytes.subarray(offset, offset + length)).toString(), score];
  }

  all(set = this.set): [string, number][] {
    const out: [string, number][] = [];
    for (let more = set.seekRank(0); more; more = set.next()) out.push(this.current(set));
    return out;
  }

  /** Compares with the model: order both ways, ranks, ranges of scores. */
  check(random: Random): void {
    const { set } = this;
    // Another command in between must find everything in the entry.
    set.open(this.entry);
    expect(set.encoding).toBe(encodingOf(this.arena, this.entry));
    expect(set.root).toBe(valueWordOf(this.arena, this.entry));
    const sorted = this.sorted();
    expect(set.count).toBe(sorted.length);
    expect(this.all()).toEqual(sorted);
    const back: [string, number][] = [];
    for (let more = set.seekRank(sorted.length - 1); more; more = set.previous()) {
      back.push(this.current());
    }
    expect(back.reverse()).toEqual(sorted);
    const rank = random.below(sorted.length + 1);
    const [member] = sorted[rank] ?? ['missing'];
    const bytes = Buffer.from(member);
    expect(set.find(bytes, 0, bytes.length)).toBe(rank < sorted.length);
    if (rank < sorted.length) expect(set.rank).toBe(rank);
    const range = this.sets.scoreRange;
    range.setHalfOpen(random.below(40) - 20, random.below(40) - 20);
    const inside = sorted.filter(([, score]) => score >= range.min && score < range.max);
    expect(set.selectScores(range)).toBe(inside.length);
    expect(sorted.slice(set.from, set.to)).toEqual(inside);
  }

  finish(): void {
    this.sets.free(this.entry);
    this.arena.free(this.entry);
    expect(this.arena.leaks()).toEqual([]);
  }
}

const scores = [0, 1, -1, 7, 7.5, 0.1, 1e300, -1e-300, 2 ** 53, 2 ** 60, 1e20];
const memberOf = (n: number): string => (n % 3 === 0 ? String(n) : `member-${n}`);

describe.each([
  ['listpack', 1e6],
  ['skiplist', 0],
  ['both', 12],
])('a sorted set as %s', (_name, maxEntries) => {
  it('agrees with a map under random operations', { timeout: 60_000 }, () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'add', 'remove', 'range'),
      member: fc.nat(40),
      score: fc.oneof(
        fc.constantFrom(...scores),
        fc.integer({ min: -20, max: 20 }),
        // A listpack forgets the sign of zero.
        fc.double({ noNaN: true }).map((value) => value + 0),
        fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 1e7),
      ),
      flags: fc.constantFrom(0, 0, ADD_NX, ADD_XX, ADD_GT, ADD_LT, ADD_XX | ADD_GT, ADD_INCREMENT),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer(), (steps, seed) => {
        const pair = new Pair(maxEntries);
        const random = seededRandom(seed);
        for (const { kind, member: number, score, flags } of steps) {
          const member = memberOf(number);
          if (kind === 'add') {
            expect(pair.add(member, score, flags)).toBe(pair.expected(member, score, flags));
          } else if (kind === 'remove') {
            const bytes = Buffer.from(member);
            expect(pair.set.remove(bytes, 0, bytes.length)).toBe(pair.model.delete(member));
          } else {
            const from = random.below(pair.model.size + 1);
            const count = random.below(pair.model.size - from + 1) >> 1;
            for (const [gone] of pair.sorted().slice(from, from + count)) pair.model.delete(gone);
            pair.set.removeRange(from, count);
          }
          pair.check(random);
        }
        pair.finish();
      }),
      { numRuns: 60 },
    );
  });
});

describe('SortedSet', () => {
  it('becomes large at the limits and compact again when asked', () => {
    const pair = new Pair(3);
    for (const member of ['a', 'b', 'c']) pair.add(member, 1.25, 0);
    expect(pair.set.encoding).toBe(ENCODING_LISTPACK);
    pair.add('d', -1, 0);
    expect(pair.set.encoding).toBe(ENCODING_SKIPLIST);
    expect(pair.all().map(([member]) => member)).toEqual(['d', 'a', 'b', 'c']);
    pair.set.compact();
    expect(pair.set.encoding).toBe(ENCODING_SKIPLIST);
    pair.limits.zsetMaxListpackEntries = 4;
    pair.set.compact();
    expect(pair.set.encoding).toBe(ENCODING_LISTPACK);
    expect(encodingOf(pair.arena, pair.entry)).toBe(ENCODING_LISTPACK);
    expect(pair.all()[0]).toEqual(['d', -1]);
    pair.add('x'.repeat(65), 0, 0);
    expect(pair.set.encoding).toBe(ENCODING_SKIPLIST);
    pair.set.compact();
    expect(pair.set.encoding).toBe(ENCODING_SKIPLIST);
    pair.finish();
  });

  it('forgets the sign of zero in a listpack, as Redis does, and keeps it in a large one', () => {
    for (const maxEntries of [8, 0]) {
      const pair = new Pair(maxEntries);
      pair.add('m', -0, 0);
      expect(Object.is(pair.all()[0]?.[1], -0)).toBe(maxEntries === 0);
      pair.finish();
    }
  });

  it.each([2, 400])('copies and frees %i members, in slices too', (count) => {
    const pair = new Pair();
    for (let i = 0; i < count; i++) pair.add(`m${i}`, (i * 7) % 31, 0);
    const all = pair.all();
    const root = pair.sets.copy(pair.entry);
    const { encoding } = pair.set;
    pair.sets.other.openRoot(encoding, root);
    expect(pair.all(pair.sets.other)).toEqual(all);
    expect(pair.sets.count(pair.entry)).toBe(count);
    expect(pair.sets.freeEffort(pair.entry)).toBe(count > 128 ? count : 1);
    const exact = pair.sets.usedBytes(pair.entry, 0);
    expect(pair.sets.usedBytes(pair.entry, 5)).toBeLessThanOrEqual(exact * 1.2);
    let slices = 0;
    let left = root;
    do {
      left = pair.sets.freeSome(encoding, left, 50);
      slices++;
    } while (left !== 0);
    expect(slices).toBeGreaterThan(count > 128 ? 3 : 0);
    const before = pair.arena.usedBytes;
    pair.sets.free(pair.entry);
    expect(before - pair.arena.usedBytes).toBe(exact);
    pair.arena.free(pair.entry);
    expect(pair.arena.leaks()).toEqual([]);
  });

  it('makes copies that are used and changed like others', () => {
    const pair = new Pair();
    for (let i = 0; i < 5000; i++) pair.add(`m${i}`, (i * 7) % 31, 0);
    const all = pair.all();
    const root = pair.sets.copy(pair.entry);
    const copy = pair.sets.other;
    copy.openRoot(pair.set.encoding, root);
    for (const [rank, [member, score]] of all.entries()) {
      const bytes = Buffer.from(member);
      expect(copy.find(bytes, 0, bytes.length)).toBe(true);
      expect([copy.rank, copy.score]).toEqual([rank, score]);
    }
    for (const [i, [member]] of all.entries()) {
      const bytes = Buffer.from(member);
      if (i % 2 === 0) expect(copy.remove(bytes, 0, bytes.length)).toBe(true);
      else expect(copy.add(100 + i, bytes, 0, bytes.length, 0)).toBe(SCORE_CHANGED);
      const other = Buffer.from(`n${i}`);
      if (i % 3 === 0) copy.add(i / 100, other, 0, other.length, 0);
    }
    expect(copy.count).toBe(2500 + 1667);
    expect(pair.all()).toEqual(all);
    expect(pair.sets.freeSome(ENCODING_SKIPLIST, root, Number.POSITIVE_INFINITY)).toBe(0);
    pair.finish();
  });

  it('builds unions without an order and arranges them at the end', () => {
    const pair = new Pair();
    const { result } = pair.sets;
    result.createLarge();
    for (let i = 0; i < 300; i++) {
      const member = Buffer.from(`m${i % 100}`);
      if (!result.collect(1, member, 0, member.length)) {
        result.setCollectedScore(result.score + (i % 100));
      }
    }
    result.arrange();
    expect(result.count).toBe(100);
    expect(pair.all(result)[99]).toEqual(['m99', 199]);
    result.free();
    pair.finish();
  });

  it('walks a listpack with different scores from the end it is told', () => {
    const pair = new Pair();
    for (const [member, score] of [
      ['a', 1],
      ['c', 2],
      ['b', 3],
      ['d', 4],
    ] as const) {
      pair.add(member, score, 0);
    }
    const range = pair.sets.lexRange;
    const read = (min: string, max: string): boolean =>
      range.min.read(Buffer.from(min), 0, min.length) &&
      range.max.read(Buffer.from(max), 0, max.length);
    expect(read('[a', '[b')).toBe(true);
    expect(pair.set.selectMembers(range, false)).toBe(1);
    expect([pair.set.from, pair.set.to]).toEqual([0, 1]);
    expect(pair.set.selectMembers(range, true)).toBe(3);
    expect(read('-', '(c')).toBe(true);
    expect(pair.set.selectMembers(range, false)).toBe(1);
    expect(read('b', '[c')).toBe(false);
    expect(read('[b', '+x')).toBe(false);
    pair.finish();
  });
});

describe('parseBound', () => {
  const bound = (text: string): number => parseBound(Buffer.from(text, 'latin1'), 0, text.length);

  it('reads what strtod reads', () => {
    expect(bound('')).toBe(0);
    expect(bound(' \t1.5')).toBe(1.5);
    expect(bound('1.5\u0000junk')).toBe(1.5);
    expect(bound('1e999')).toBe(Number.POSITIVE_INFINITY);
    expect(bound('-1e999')).toBe(Number.NEGATIVE_INFINITY);
    expect(bound('1e-999')).toBe(0);
    expect(bound('0x1p-9999')).toBe(0);
    expect(bound('-0x1p9999')).toBe(Number.NEGATIVE_INFINITY);
    expect(bound('-inf')).toBe(Number.NEGATIVE_INFINITY);
    expect(bound('0x10')).toBe(16);
  });

  it.each([' ', '1 ', 'abc', 'nan', '1.5x', '0x', '0xp1', '(', '1e', '--1'])(
    'refuses %j',
    (text) => {
      expect(bound(text)).toBeNaN();
    },
  );
});
