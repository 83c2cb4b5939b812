import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { type Random, seededRandom } from '../runtime/random.ts';
import { INDEX_STATE_WORDS, SortedIndex } from './sorted-index.ts';
import {
  createMember,
  lengthOfMember,
  offsetOfMember,
  scoreOfMember,
} from './sorted-index-entry.ts';
import { LEAF_CAPACITY, NODE_BYTES } from './sorted-index-nodes.ts';

/** An index with its members, and a sorted array that says what it should hold. */
class Pair {
  readonly arena: Arena;
  readonly index: SortedIndex;
  readonly block: number;
  readonly model: { score: number; member: string; ref: number }[] = [];
  #serial = 0;

  constructor(debug: boolean) {
    this.arena = new Arena({ debug });
    this.index = new SortedIndex(this.arena, 2);
    this.block = this.arena.alloc((INDEX_STATE_WORDS + 2) * 4);
    this.index.create(this.block);
  }

  add(score: number, member = `m${this.#serial++}`): void {
    const bytes = Buffer.from(member);
    const ref = createMember(this.arena, score, bytes, 0, bytes.length);
    this.index.insert(ref);
    this.model.splice(this.placeOf(score, member), 0, { score, member, ref });
  }

  placeOf(score: number, member: string): number {
    let low = 0;
    let high = this.model.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.model[middle];
      if (other === undefined) throw new Error('outside');
      const isBefore = other.score === score ? other.member < member : other.score < score;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  removeAt(rank: number): void {
    const [entry] = this.model.splice(rank, 1);
    if (entry === undefined) return;
    this.index.remove(entry.ref);
    this.arena.free(entry.ref);
  }

  removeRange(from: number, count: number): void {
    const gone: number[] = [];
    this.index.removeRange(from, count, (ref) => {
      gone.push(ref);
      this.arena.free(ref);
    });
    expect(gone).toEqual(this.model.splice(from, count).map((entry) => entry.ref));
  }

  changeScore(rank: number, score: number): void {
    const [entry] = this.model.splice(rank, 1);
    if (entry === undefined) return;
    this.index.changeScore(entry.ref, score);
    expect(scoreOfMember(this.arena, entry.ref)).toBe(score);
    const changed = { score, member: entry.member, ref: entry.ref };
    this.model.splice(this.placeOf(score, entry.member), 0, changed);
  }

  move(rank: number): void {
    const entry = this.model[rank];
    if (entry === undefined) return;
    const bytes = Buffer.from(entry.member);
    const ref = createMember(this.arena, entry.score, bytes, 0, bytes.length);
    this.index.replace(entry.ref, ref);
    this.arena.free(entry.ref);
    entry.ref = ref;
  }

  memberOf(ref: number): string {
    const start = offsetOfMember(ref);
    const end = start + lengthOfMember(this.arena, ref);
    return Buffer.from(this.arena.bytes[ref >>> SLOT_SHIFT]?.subarray(start, end) ?? []).toString();
  }

  /** Compares all of the index with the model, both ways, with every rank. */
  check(random: Random): void {
    const { index, model } = this;
    expect(index.count).toBe(model.length);
    const forward: number[] = [];
    if (index.seekRank(0))
      do forward.push(index.ref);
      while (index.next());
    expect(forward).toEqual(model.map((entry) => entry.ref));
    const backward: number[] = [];
    if (index.seekRank(model.length - 1))
      do backward.push(index.ref);
      while (index.previous());
    expect(backward).toEqual(forward.reverse());
    for (const [rank, entry] of model.entries()) {
      if (model.length > 500 && random.below(16) !== 0) continue;
      expect(index.rankOf(entry.ref)).toBe(rank);
      expect(index.seekRank(rank)).toBe(true);
      expect(index.ref).toBe(entry.ref);
      expect(index.score).toBe(entry.score);
    }
    expect(index.seekRank(model.length)).toBe(false);
    expect(index.seekRank(-1)).toBe(false);
    for (let i = 0; i < 20; i++) this.checkScore(random.below(50) - 5, i % 2 === 0);
  }

  checkScore(score: number, above: boolean): void {
    const isBefore = (other: number): boolean => (above ? other <= score : other < score);
    const rank = this.model.filter((entry) => isBefore(entry.score)).length;
    expect(this.index.seekScore(score, above)).toBe(rank);
    expect(this.index.ref).toBe(this.model[rank]?.ref ?? 0);
  }

  finish(): void {
    while (this.index.freeSome(100, (ref) => this.arena.free(ref)));
    expect(this.index.count).toBe(0);
    this.arena.free(this.block);
    expect(this.arena.leaks()).toEqual([]);
  }
}

type Step = {
  readonly kind: 'up' | 'down' | 'random' | 'ties' | 'remove' | 'range' | 'pop' | 'change' | 'move';
  readonly size: number;
};

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      ...(['up', 'down', 'random', 'ties', 'remove', 'range', 'pop', 'change', 'move'] as const),
    ),
    size: fc.integer({ min: 1, max: 400 }),
  }),
  { maxLength: 14 },
);

function apply(pair: Pair, { kind, size }: Step, random: Random): void {
  const last = pair.model.at(-1)?.score ?? 0;
  const first = pair.model[0]?.score ?? 0;
  if (kind === 'range') {
    const from = random.below(pair.model.length + 1);
    pair.removeRange(from, Math.min(size, pair.model.length - from));
    return;
  }
  for (let i = 0; i < size; i++) {
    const rank = random.below(pair.model.length + 1);
    if (kind === 'up') pair.add(last + i);
    else if (kind === 'down') pair.add(first - i);
    else if (kind === 'random') pair.add(random.below(4000) / 100);
    else if (kind === 'ties') pair.add(7, `t${random.below(1e9)}`);
    else if (kind === 'remove') pair.removeAt(rank);
    else if (kind === 'pop') pair.removeAt(size % 2 === 0 ? 0 : pair.model.length - 1);
    else if (kind === 'move') pair.move(rank);
    else {
      const near = (pair.model[rank]?.score ?? 0) + (random.below(3) - 1) / 8;
      pair.changeScore(rank, random.below(2) === 0 ? near : random.below(40));
    }
  }
}

describe('SortedIndex', () => {
  it('agrees with a sorted array under random operations', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(steps, fc.integer(), (list, seed) => {
        const random = seededRandom(seed);
        const pair = new Pair(true);
        for (const step of list) {
          apply(pair, step, random);
          pair.check(random);
        }
        pair.finish();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its order through three levels of growing, thinning and emptying', () => {
    const random = seededRandom(5);
    const pair = new Pair(false);
    for (let i = 0; i < 12_000; i++) pair.add(random.below(3000));
    pair.check(random);
    for (let i = 0; i < 11_000; i++) pair.removeAt(random.below(pair.model.length));
    pair.check(random);
    // Joined nodes hold at least a third on average: sparse ones do not stay behind.
    const leaves = (3 * pair.model.length) / LEAF_CAPACITY;
    expect(pair.index.nodeBytes).toBeLessThan((leaves * 1.1 + 4) * NODE_BYTES);
    for (let i = 0; i < 3000; i++) pair.add(random.below(3000) - 1000);
    pair.removeRange(10, pair.model.length - 20);
    pair.check(random);
    while (pair.model.length > 0) pair.removeAt(0);
    pair.check(random);
    pair.add(1);
    pair.check(random);
  });

  it.each([1, -1])('leaves full leaves behind when scores come in order (%i)', (direction) => {
    const pair = new Pair(false);
    const count = LEAF_CAPACITY * 100;
    for (let i = 0; i < count; i++) pair.add(i * direction);
    expect(pair.index.nodeBytes).toBeLessThanOrEqual((100 + 5) * NODE_BYTES);
    pair.check(seededRandom(1));
  });

  it('finds members by their bytes when all scores are equal', () => {
    const pair = new Pair(true);
    const random = seededRandom(9);
    const members = [...new Set(Array.from({ length: 1000 }, () => `${random.below(99_999)}`))];
    for (const member of members) pair.add(0, member);
    for (const member of [...members.slice(0, 200), '', '5', '99999999', '4x']) {
      const bytes = Buffer.from(member);
      for (const above of [false, true]) {
        const rank = members.filter((m) => (above ? m <= member : m < member)).length;
        expect(pair.index.seekMember(bytes, 0, bytes.length, above)).toBe(rank);
        expect(pair.index.ref).toBe(pair.model[rank]?.ref ?? 0);
        if (pair.index.ref !== 0)
          expect(pair.memberOf(pair.index.ref)).toBe(pair.model[rank]?.member);
      }
    }
    pair.finish();
  });

  it('takes the two zeros for one score and orders infinities', () => {
    const pair = new Pair(true);
    for (const score of [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      pair.add(score);
    expect(pair.index.seekScore(0, false)).toBe(1);
    expect(pair.index.seekScore(-0, true)).toBe(3);
    expect(pair.index.seekScore(Number.POSITIVE_INFINITY, false)).toBe(3);
    expect(pair.index.seekScore(Number.NEGATIVE_INFINITY, true)).toBe(1);
    pair.finish();
  });

  it('pops from either end', () => {
    const pair = new Pair(true);
    for (let i = 0; i < 300; i++) pair.add(i);
    for (let i = 0; i < 300; i++) {
      const last = i % 3 === 0;
      const expected = last ? pair.model.pop() : pair.model.shift();
      const ref = pair.index.removeRank(last ? pair.index.count - 1 : 0);
      expect(ref).toBe(expected?.ref);
      pair.arena.free(ref);
    }
    expect(pair.index.count).toBe(0);
    pair.finish();
  });
});
