import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { Listpacks } from './listpack.ts';
import { PackedElements } from './packed-elements.ts';
import { QuicklistPacker } from './quicklist-packing.ts';

const arena = new Arena({ debug: true });
const listpacks = new Listpacks(arena);
const elements = new PackedElements();
const packer = new QuicklistPacker(arena, listpacks);

function listpackOf(texts: readonly string[]): number {
  let listpack = listpacks.create();
  for (const text of texts) {
    listpack = listpacks.append(listpack, Buffer.from(text, 'latin1'), 0, text.length);
  }
  return listpack;
}

function bytesOf(listpack: number): string {
  const start = (listpack & GRANULE_MASK) << 3;
  const data = arena.bytes[listpack >>> SLOT_SHIFT] ?? new Uint8Array(0);
  const end = start + listpacks.byteLength(listpack);
  return Buffer.from(data.subarray(start, end)).toString('hex');
}

/** Packs and unpacks. @returns the bytes of the packed block, 0 when it was not worth it. */
function roundTrip(listpack: number): number {
  const content = packer.pack(listpack);
  if (content !== 0) {
    const unpacked = packer.unpack(content, listpacks.count(listpack));
    expect(bytesOf(unpacked)).toBe(bytesOf(listpack));
    elements.begin(arena, content);
    for (let at = listpacks.first(listpack); at !== 0; at = listpacks.next(listpack, at)) {
      listpacks.get(listpack, at);
      const { bytes, offset, length } = listpacks;
      const text = Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
      const isInteger = elements.next();
      expect(isInteger).toBe(listpacks.isInteger(listpack, at));
      const own = Buffer.from(elements.text.subarray(0, elements.length)).toString('latin1');
      expect(isInteger ? String(elements.integer) : own).toBe(text);
    }
    listpacks.free(unpacked);
  }
  const bytes = content === 0 ? 0 : arena.capacity(content);
  if (content !== 0) arena.free(content);
  listpacks.free(listpack);
  expect(arena.leaks()).toEqual([]);
  return bytes;
}

const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }).map(String),
  fc.integer({ min: -(2 ** 46), max: 2 ** 46 }).map(String),
  fc.nat(300).map((n) => `some prefix that is shared ${n}`),
  fc.nat(300).map((n) => `some prefix that is shared as well ${n}`),
  fc.tuple(fc.nat(300), fc.nat(9)).map(([size, last]) => `${'s'.repeat(size)}${last}`),
  fc.string({ unit: 'binary-ascii', maxLength: 8 }),
);

/** Kinds of texts that have much in common. */
const alike = fc.constantFrom<fc.Arbitrary<string>>(
  fc.nat(300).map((n) => `some prefix that is shared ${n}`),
  fc.tuple(fc.nat(300), fc.nat(9)).map(([size, last]) => `${'s'.repeat(size)}${last}`),
  fc.integer({ min: 5_000_000, max: 5_000_100 }).map(String),
  fc.integer({ min: -(2 ** 44) - 50, max: -(2 ** 44) }).map(String),
);

describe('QuicklistPacker', () => {
  it('gives back the very bytes', () => {
    let packed = 0;
    const texts = alike.chain((kind) =>
      fc.array(fc.oneof({ weight: 9, arbitrary: kind }, { weight: 1, arbitrary: textArbitrary }), {
        minLength: 60,
        maxLength: 200,
        size: 'max',
      }),
    );
    fc.assert(
      fc.property(texts, (elements) => {
        if (roundTrip(listpackOf(elements)) !== 0) packed++;
      }),
      { numRuns: 150 },
    );
    expect(packed).toBeGreaterThan(30);
  });

  it('makes little of what is alike', () => {
    const jobs = Array.from({ length: 500 }, (_, i) => `job:${1_000_000 + i}`);
    expect(roundTrip(listpackOf(jobs))).toBeLessThan(500 * 3.6);
    const integers = Array.from({ length: 1500 }, (_, i) => String(1_000_000 + i));
    expect(roundTrip(listpackOf(integers))).toBe(1536);
    expect(roundTrip(listpackOf(new Array<string>(900).fill('xxx')))).toBe(1024);
  });

  it('leaves what it cannot make smaller, or not bring back', () => {
    const noise = Array.from({ length: 400 }, (_, i) => ((i * 2654435761) >>> 0).toString(36));
    expect(roundTrip(listpackOf(noise))).toBe(0);
    expect(roundTrip(listpackOf(['a', 'a', 'a']))).toBe(0);
    expect(roundTrip(listpackOf(new Array<string>(200).fill('9007199254740993')))).toBe(0);
    expect(roundTrip(listpackOf(new Array<string>(3).fill('z'.repeat(5000))))).toBe(0);
    // An integer in a longer form than it needs, as another server may leave it.
    const elements = 'f1050003'.repeat(300);
    const bytes = Buffer.from(`b70400002c01${elements}ff`, 'hex');
    expect(bytes.length).toBe(0x4b7);
    expect(roundTrip(listpacks.fromBytes(bytes, 0, bytes.length))).toBe(0);
  });
});
