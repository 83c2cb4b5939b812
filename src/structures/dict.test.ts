import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { collectHeap } from '../runtime/memory.ts';
import { seededRandom } from '../runtime/random.ts';
import { Dict } from './dict.ts';

const LAYOUT = { lengthWord: 1, headerBytes: 8 };
const SEED = { low: 11, high: 22 };

/** A dict of bare keys with its entries, and the calls a user makes of it. */
class Keys {
  readonly arena: Arena;
  readonly dict: Dict;

  constructor(debug: boolean) {
    this.arena = new Arena({ debug });
    this.dict = new Dict(this.arena, SEED, LAYOUT);
  }

  #find(key: string): number {
    const bytes = Buffer.from(key);
    return this.dict.find(bytes, 0, bytes.length);
  }

  has(key: string): boolean {
    return this.#find(key) !== 0;
  }

  add(key: string): boolean {
    if (this.#find(key) !== 0) return false;
    this.dict.insert(this.#newEntry(key));
    return true;
  }

  replace(key: string): boolean {
    const old = this.#find(key);
    if (old === 0) return false;
    const entry = this.#newEntry(key);
    this.dict.replaceFound(old, entry);
    this.arena.free(old);
    return true;
  }

  remove(key: string): boolean {
    const ref = this.#find(key);
    if (ref === 0) return false;
    this.dict.removeFound(ref);
    this.arena.free(ref);
    return true;
  }

  #newEntry(key: string): number {
    const bytes = Buffer.from(key);
    const ref = this.arena.alloc(8 + bytes.length);
    const words = this.arena.words[ref >>> SLOT_SHIFT]!;
    words[((ref & GRANULE_MASK) << 1) + 1] = bytes.length;
    this.arena.bytes[ref >>> SLOT_SHIFT]!.set(bytes, ((ref & GRANULE_MASK) << 3) + 8);
    return ref;
  }

  keyOf(ref: number): string {
    const words = this.arena.words[ref >>> SLOT_SHIFT]!;
    const length = words[((ref & GRANULE_MASK) << 1) + 1]!;
    const start = ((ref & GRANULE_MASK) << 3) + 8;
    return Buffer.from(
      this.arena.bytes[ref >>> SLOT_SHIFT]!.subarray(start, start + length),
    ).toString();
  }

  destroy(): void {
    this.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => this.arena.free(ref));
    this.dict.destroy();
  }
}

type Step = {
  readonly kind: 'add' | 'remove' | 'replace' | 'has' | 'rehash';
  readonly key: number;
};

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'remove', 'replace', 'has', 'rehash'),
  key: fc.nat(60),
});

describe('Dict', () => {
  it('agrees with a Set under random operations', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 400 }), (steps) => {
        const keys = new Keys(true);
        const model = new Set<string>();
        for (const { kind, key: number } of steps) {
          const key = `k${number}`;
          if (kind === 'add') {
            expect(keys.add(key)).toBe(!model.has(key));
            model.add(key);
          } else if (kind === 'remove') expect(keys.remove(key)).toBe(model.delete(key));
          else if (kind === 'replace') expect(keys.replace(key)).toBe(model.has(key));
          else if (kind === 'rehash') keys.dict.rehashBuckets(1);
          else expect(keys.has(key)).toBe(model.has(key));
          expect(keys.dict.count).toBe(model.size);
        }
        for (const key of model) expect(keys.has(key)).toBe(true);
        keys.destroy();
        expect(keys.arena.leaks()).toEqual([]);
      }),
    );
  });

  it('returns each key that stays at least once from a SCAN while the table grows and shrinks', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 400 }), (seed, stay) => {
        const random = seededRandom(seed);
        const keys = new Keys(false);
        for (let i = 0; i < stay; i++) keys.add(`stay${i}`);
        const seen = new Set<string>();
        let cursor = 0;
        let others = 0;
        do {
          const refs: number[] = [];
          cursor = keys.dict.scan(cursor, refs);
          for (const ref of refs) seen.add(keys.keyOf(ref));
          const growing = others < 500 && random.below(3) > 0;
          for (let i = random.below(40); i > 0; i--) {
            if (growing) keys.add(`other${others++}`);
            else if (others > 0) keys.remove(`other${--others}`);
          }
        } while (cursor !== 0);
        for (let i = 0; i < stay; i++) expect(seen.has(`stay${i}`)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  it.each([0, 3, 60, 1000, 20_000])(
    'finds the same with and without a list of the keys to come: %i keys',
    (count) => {
      const keys = new Keys(false);
      for (let i = 0; i < count; i++) keys.add(`key-${i}`);
      while (keys.dict.isRehashing) keys.dict.rehashBuckets(100);
      const random = seededRandom(3);
      for (let round = 0; round < 300; round++) {
        const names = Array.from({ length: 12 }, () => `key-${random.below(count * 2 + 1)}`);
        const bytes = Buffer.from(names.join(''));
        const places = names.map((name, i) => ({
          name,
          offset: names.slice(0, i).join('').length,
        }));
        keys.dict.expectBegin(bytes);
        for (const { name, offset } of places) keys.dict.expect(offset, name.length);
        keys.dict.expectEnd();
        for (const { name, offset } of places) {
          // Some commands look other keys up in between, or the same key twice.
          if (random.below(4) === 0) keys.has(`key-${random.below(count + 1)}`);
          if (random.below(50) === 0) keys.add(`new-${round}-${offset}`);
          const ref = keys.dict.find(bytes, offset, name.length);
          expect(ref !== 0).toBe(Number(name.slice(4)) < count);
          if (ref !== 0) expect(keys.keyOf(ref)).toBe(name);
          if (random.below(4) === 0) expect(keys.dict.find(bytes, offset, name.length)).toBe(ref);
          if (random.below(20) === 0) break;
        }
        keys.dict.expectNothing();
        bytes.fill(0);
      }
    },
  );

  it('grows by one step an operation and shrinks after deletions', () => {
    const keys = new Keys(false);
    for (let i = 0; i < 5000; i++) keys.add(`k${i}`);
    expect(keys.dict.bucketCount).toBeGreaterThanOrEqual(4096);
    for (let i = 0; i < 4990; i++) keys.remove(`k${i}`);
    while (keys.dict.isRehashing) keys.dict.rehashBuckets(100);
    keys.remove('k4990');
    while (keys.dict.isRehashing) keys.dict.rehashBuckets(100);
    expect(keys.dict.bucketCount).toBeLessThanOrEqual(64);
    for (let i = 4991; i < 5000; i++) expect(keys.has(`k${i}`)).toBe(true);
  });

  it('chooses random entries uniformly, also while it rehashes', () => {
    const keys = new Keys(false);
    const count = 300;
    for (let i = 0; i < count; i++) keys.add(`k${i}`);
    const random = seededRandom(7);
    const draws = count * 200;
    const seen = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const key = keys.keyOf(keys.dict.randomEntry((bound) => random.below(bound)));
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    const expected = draws / count;
    let chiSquare = 0;
    for (let i = 0; i < count; i++)
      chiSquare += ((seen.get(`k${i}`) ?? 0) - expected) ** 2 / expected;
    // 299 degrees of freedom: 99.99 % of uniform samples lie under 397.
    expect(chiSquare).toBeLessThan(397);
  });

  it('chooses uniformly among what is left when nearly all was removed in the order of SCAN', () => {
    const keys = new Keys(false);
    const count = 300;
    for (let i = 0; i < 20_000; i++) keys.add(`k${i}`);
    const found: number[] = [];
    for (let cursor = 0; keys.dict.count > count; found.length = 0) {
      cursor = keys.dict.scan(cursor, found);
      const names = found.map((ref) => keys.keyOf(ref));
      for (const name of names) if (keys.dict.count > count) keys.remove(name);
    }
    const random = seededRandom(9);
    const draw = (): string => keys.keyOf(keys.dict.randomEntry((bound) => random.below(bound)));
    for (const isRehashing of [true, false]) {
      expect(keys.dict.isRehashing).toBe(isRehashing);
      // Long chains must be met before they are known.
      for (let i = 0; i < 1000; i++) draw();
      const seen = new Map<string, number>();
      for (let i = 0; i < count * 100; i++) {
        const key = draw();
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      expect(seen.size).toBe(count);
      const chiSquare = [...seen.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
      expect(chiSquare).toBeLessThan(397);
      while (keys.dict.isRehashing) keys.dict.rehashBuckets(100);
    }
  });

  it('takes out what was chosen at random, also while it rehashes, down to the last', () => {
    const keys = new Keys(true);
    const random = seededRandom(8);
    const left = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      keys.add(`k${i}`);
      left.add(`k${i}`);
    }
    while (left.size > 0) {
      const ref = keys.dict.randomEntry((bound) => random.below(bound));
      expect(left.delete(keys.keyOf(ref))).toBe(true);
      keys.dict.removeFound(ref);
      keys.arena.free(ref);
      if (left.size % 100 !== 0) continue;
      for (const key of left) expect(keys.has(key)).toBe(true);
    }
    expect(keys.dict.count).toBe(0);
    keys.destroy();
    expect(keys.arena.leaks()).toEqual([]);
  });

  it('finds keys of every length again and again, among short ones', () => {
    const keys = new Keys(true);
    const names = [1, 3, 4, 1020, 1023, 1024, 1025, 1028, 5000, 70_000].map((n) => 'k'.repeat(n));
    for (const name of names) expect(keys.add(name)).toBe(true);
    for (let round = 0; round < 3; round++) {
      for (const name of names) {
        expect([name.length, keys.has(name), keys.has(name)]).toEqual([name.length, true, true]);
      }
    }
    keys.destroy();
    expect(keys.arena.leaks()).toEqual([]);
  });

  it('lets go of its tables when it is destroyed', async () => {
    const keys = new Keys(false);
    for (let i = 0; i < 100_000; i++) keys.add(`k${i}`);
    const { words } = keys.arena;
    const buffers = words
      .filter(({ length }) => length > 0)
      .map(({ buffer }) => new WeakRef(buffer));
    expect(buffers).not.toHaveLength(0);
    keys.destroy();
    keys.arena.trim();
    await new Promise((resolve) => setImmediate(resolve));
    collectHeap();
    expect(buffers.filter((buffer) => buffer.deref() !== undefined)).toHaveLength(0);
    expect(keys.dict.count).toBe(0);
  });
});
