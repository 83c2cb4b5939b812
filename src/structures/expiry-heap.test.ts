import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../memory/arena.ts';
import { ExpiryHeap } from './expiry-heap.ts';

describe('ExpiryHeap', () => {
  it('gives the soonest entry under random additions, changes and removals', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'update', 'remove', 'move', 'pop'),
      time: fc.integer({ min: 0, max: 50 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const arena = new Arena({ debug: true });
        const heap = new ExpiryHeap(arena, 1);
        const model = new Map<number, number>();
        for (const { kind, time, pick } of steps) {
          const refs = [...model.keys()];
          const ref = refs[pick % Math.max(1, refs.length)];
          if (kind === 'add' || ref === undefined) {
            const added = arena.alloc(16);
            heap.add(added, time);
            model.set(added, time);
          } else if (kind === 'update') {
            heap.update(ref, time);
            model.set(ref, time);
          } else if (kind === 'move') {
            const target = arena.alloc(16);
            heap.moved(ref, target);
            arena.free(ref);
            model.set(target, model.get(ref)!);
            model.delete(ref);
          } else {
            const gone = kind === 'pop' ? heap.refAt(0) : ref;
            heap.remove(gone);
            model.delete(gone);
            arena.free(gone);
          }
          expect(heap.count).toBe(model.size);
          if (model.size > 0) expect(heap.timeAt(0)).toBe(Math.min(...model.values()));
          for (const [known, knownTime] of model) expect(heap.timeOf(known)).toBe(knownTime);
        }
      }),
    );
  });

  it('gives blocks back when it shrinks', () => {
    const arena = new Arena();
    const heap = new ExpiryHeap(arena, 1);
    const refs = Array.from({ length: 40_000 }, (_, i) => {
      const ref = arena.alloc(16);
      heap.add(ref, i);
      return ref;
    });
    const full = heap.blockBytes;
    expect(arena.heapBytes).toBe(40_000 * 12);
    for (const ref of refs) heap.remove(ref);
    expect(heap.count).toBe(0);
    expect(heap.blockBytes).toBeLessThan(full / 2);
    expect(arena.heapBytes).toBe(0);
  });
});
