import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from './arena.ts';
import {
  CLASS_BYTES,
  MAX_SMALL_BYTES,
  PAGE_BYTES,
  SLAB_BLOCKS,
  SLAB_PAGES,
} from './size-classes.ts';

function fill(arena: Arena, ref: number, size: number, byte: number): void {
  const start = (ref & GRANULE_MASK) << 3;
  arena.bytes[ref >>> SLOT_SHIFT]!.fill(byte, start, start + size);
}

function holds(arena: Arena, ref: number, size: number, byte: number): boolean {
  const start = (ref & GRANULE_MASK) << 3;
  const bytes = arena.bytes[ref >>> SLOT_SHIFT]!.subarray(start, start + size);
  return bytes.every((value) => value === byte);
}

const sizeArbitrary = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: MAX_SMALL_BYTES }),
  fc.integer({ min: MAX_SMALL_BYTES, max: 300_000 }),
  fc.constantFrom(2 * 1024 * 1024, 2 * 1024 * 1024 + 1, 5_000_000),
);

describe('Arena', () => {
  it('keeps blocks apart, counts them exactly and gives all memory back', () => {
    const step = fc.record({ size: sizeArbitrary, free: fc.boolean(), pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const arena = new Arena({ debug: true });
        const live: { ref: number; size: number; byte: number }[] = [];
        let serial = 0;
        for (const { size, free, pick } of steps) {
          if (free && live.length > 0) {
            const [block] = live.splice(pick % live.length, 1);
            expect(holds(arena, block!.ref, block!.size, block!.byte)).toBe(true);
            arena.free(block!.ref);
          } else {
            const ref = arena.alloc(size);
            expect(ref).not.toBe(0);
            expect(arena.capacity(ref)).toBe(Arena.capacityFor(size));
            expect(arena.capacity(ref)).toBeGreaterThanOrEqual(size);
            const byte = ++serial & 0xff;
            fill(arena, ref, size, byte);
            live.push({ ref, size, byte });
          }
          const used = live.reduce((sum, block) => sum + Arena.capacityFor(block.size), 0);
          expect(arena.usedBytes === used, `${arena.usedBytes} of ${used}`).toBe(true);
          expect(arena.blockCount).toBe(live.length);
        }
        for (const block of live) {
          expect(holds(arena, block.ref, block.size, block.byte)).toBe(true);
          arena.free(block.ref);
        }
        const mapped = arena.mappedBytes;
        expect(arena.leaks()).toEqual([]);
        expect(arena.trim()).toBe(mapped);
        expect(arena.mappedBytes).toBe(0);
        expect(arena.droppedBytes).toBeGreaterThanOrEqual(mapped);
      }),
      { numRuns: 60 },
    );
  });

  it('zeroes recycled blocks on demand', () => {
    const arena = new Arena();
    for (const size of [8, 100, 20_000, 3_000_000]) {
      const first = arena.alloc(size);
      fill(arena, first, size, 0xff);
      arena.free(first);
      const second = arena.allocZeroed(size);
      expect(holds(arena, second, size, 0)).toBe(true);
      arena.free(second);
    }
  });

  it('keeps the buffer of a huge block for the next of its size, until it is trimmed', () => {
    const arena = new Arena();
    const size = 3_000_000;
    const first = arena.alloc(size);
    fill(arena, first, size, 7);
    const { buffer } = arena.bytes[first >>> SLOT_SHIFT]!;
    const mapped = arena.mappedBytes;
    arena.free(first);
    expect([arena.mappedBytes < mapped, arena.droppedBytes]).toEqual([true, 0]);
    const other = arena.alloc(2 * size);
    const second = arena.alloc(size);
    expect(arena.bytes[second >>> SLOT_SHIFT]!.buffer).toBe(buffer);
    arena.free(second);
    arena.free(other);
    arena.trim();
    expect(arena.droppedBytes).toBeGreaterThanOrEqual(3 * size);
    expect(arena.mappedBytes).toBe(0);
    const third = arena.alloc(size);
    expect(arena.bytes[third >>> SLOT_SHIFT]!.buffer).not.toBe(buffer);
    arena.free(third);
  });

  it('finds a second free, a write after free and a leak in debug mode', () => {
    const arena = new Arena({ debug: true });
    const leaked = arena.alloc(24);
    const ref = arena.alloc(24);
    arena.free(ref);
    expect(() => arena.free(ref)).toThrow('not in use');
    fill(arena, ref, 24, 7);
    expect(() => arena.alloc(24)).toThrow('was written to');
    expect(arena.leaks()).toHaveLength(1);
    expect(arena.leaks()[0]).toContain(String(leaked));
  });

  it('says which blocks to move so that sparse slabs empty', () => {
    const arena = new Arena();
    const refs = Array.from({ length: 20_000 }, () => arena.alloc(64));
    const kept: number[] = [];
    refs.forEach((ref, i) => {
      if (i % 10 === 0) kept.push(ref);
      else arena.free(ref);
    });
    const wasted = arena.wastedBytes;
    for (let pass = 0; pass < 20; pass++) {
      kept.forEach((ref, i) => {
        if (!arena.shouldMove(ref)) return;
        kept[i] = arena.alloc(64);
        arena.free(ref);
      });
    }
    expect(arena.wastedBytes).toBeLessThan(wasted / 5);
    expect(arena.blockCount).toBe(kept.length);
  });

  it('wastes little of a slab in any class', () => {
    CLASS_BYTES.forEach((size, sizeClass) => {
      const slab = SLAB_PAGES[sizeClass]! * PAGE_BYTES;
      const waste = slab - SLAB_BLOCKS[sizeClass]! * size;
      expect(waste / slab).toBeLessThanOrEqual(1 / 8);
    });
  });
});
