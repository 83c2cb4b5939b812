// The short way at the ends leaves the very bytes that the general one does.

import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { seededRandom } from '../runtime/random.ts';
import { Listpacks } from './listpack.ts';
import { dropShortText, pushShortText, readShortText } from './listpack-ends.ts';

const text = (words: string): Uint8Array => new Uint8Array(Buffer.from(words, 'latin1'));

/** The bytes of a listpack. */
function bytesOf(arena: Arena, listpacks: Listpacks, lp: number): string {
  const start = (lp & GRANULE_MASK) << 3;
  const end = start + listpacks.byteLength(lp);
  return Buffer.from(arena.bytes[lp >>> SLOT_SHIFT]!.subarray(start, end)).toString('hex');
}

describe('short texts at the ends of listpacks', () => {
  it('are pushed and dropped as by the general way', () => {
    const arena = new Arena({ debug: true });
    const listpacks = new Listpacks(arena);
    const { below } = seededRandom(7);
    const lengths = [0, 1, 5, 16, 62, 63, 64, 200];
    let short = listpacks.create(2000);
    let general = listpacks.create(2000);
    let taken = 0;
    for (let i = 0; i < 3000; i++) {
      const atHead = below(2) === 0;
      const count = listpacks.count(general);
      if (count > 0 && below(listpacks.byteLength(general) > 1500 ? 2 : 3) === 0) {
        const position = atHead ? listpacks.first(general) : listpacks.last(general);
        const into = { bytes: text(''), offset: 0, length: 0 };
        listpacks.get(general, position);
        const { bytes, offset, length } = listpacks;
        const wanted = Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
        if (readShortText(arena, short, atHead, into)) {
          const found = into.bytes.subarray(into.offset, into.offset + into.length);
          expect(Buffer.from(found).toString('latin1')).toBe(wanted);
        }
        const isDropped = dropShortText(arena, short, atHead);
        if (isDropped) taken++;
        else
          short = listpacks.delete(short, atHead ? listpacks.first(short) : listpacks.last(short));
        general = listpacks.delete(general, position);
      } else {
        const length = lengths[below(lengths.length)]!;
        const kinds = ['-', '7', 'x', ':', '12', '-3', ' '];
        const element = text(kinds[below(kinds.length)]!.padEnd(length, String(below(3))));
        if (listpacks.byteLength(general) + element.length > 1900) continue;
        if (pushShortText(arena, short, atHead, element, 0, element.length)) taken++;
        else if (atHead) short = listpacks.prepend(short, element, 0, element.length);
        else short = listpacks.append(short, element, 0, element.length);
        general = atHead
          ? listpacks.prepend(general, element, 0, element.length)
          : listpacks.append(general, element, 0, element.length);
      }
      expect(bytesOf(arena, listpacks, short)).toBe(bytesOf(arena, listpacks, general));
    }
    expect(taken).toBeGreaterThan(500);
    listpacks.free(short);
    listpacks.free(general);
    expect(arena.leaks()).toEqual([]);
  });

  it('refuse what is long, an integer, or has no room', () => {
    const arena = new Arena({ debug: true });
    const lp = new Listpacks(arena).create();
    const into = { bytes: text(''), offset: 0, length: 0 };
    for (const element of ['', '7', '-1', 'y'.repeat(64), 'z'.repeat(20)]) {
      expect(pushShortText(arena, lp, false, text(element), 0, element.length)).toBe(false);
    }
    expect(readShortText(arena, lp, true, into)).toBe(false);
    expect(readShortText(arena, lp, false, into)).toBe(false);
    expect(dropShortText(arena, lp, true)).toBe(false);
    arena.free(lp);
  });
});
