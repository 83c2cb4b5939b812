import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_LIST,
  valueWordOf,
} from '../structures/entry.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from './encoding-limits.ts';
import { Lists } from './list.ts';
import { Strings } from './string.ts';

/** A list in an entry of its own, with the calls that commands make. */
class OneList {
  readonly arena = new Arena({ debug: true });
  readonly limits = new EncodingLimits();
  readonly lists = new Lists(this.arena, new Listpacks(this.arena), this.limits);
  readonly ref: number;

  constructor(listMaxListpackSize: number) {
    this.limits.listMaxListpackSize = listMaxListpackSize;
    this.ref = this.entryFor(this.lists.create(), ENCODING_LISTPACK);
  }

  entryFor(root: number, encoding: number): number {
    const ref = new Strings(this.arena).createEmpty(Buffer.from('key'), 0, 3, -1, false);
    setTypeAndEncoding(this.arena, ref, TYPE_LIST, encoding);
    setValueWord(this.arena, ref, root);
    return ref;
  }

  push(atHead: boolean, ...texts: string[]): void {
    const { lists, ref } = this;
    for (const text of texts) {
      const total = lists.pushAtEnd(ref, atHead, Buffer.from(text), 0, text.length);
      if (total > 0) {
        expect(total).toBe(lists.count(ref));
        continue;
      }
      lists.makeRoom(ref, text.length, 1);
      lists.push(ref, atHead, Buffer.from(text), 0, text.length);
    }
  }

  pop(atHead: boolean): string {
    this.lists.pop(this.ref, atHead);
    const { popped, poppedLength } = this.lists;
    this.lists.shrunk(this.ref);
    return Buffer.from(popped.subarray(0, poppedLength)).toString();
  }

  texts(ref = this.ref): string[] {
    const { cursor } = this.lists;
    const texts: string[] = [];
    for (let more = this.lists.seek(ref, 0); more; more = cursor.next()) {
      cursor.get();
      const { bytes, offset, length } = cursor;
      texts.push(Buffer.from(bytes.subarray(offset, offset + length)).toString());
    }
    return texts;
  }

  get encoding(): number {
    return encodingOf(this.arena, this.ref);
  }

  finish(): void {
    this.lists.free(this.ref);
    this.arena.free(this.ref);
    expect(this.arena.leaks()).toEqual([]);
  }
}

type Change = readonly [
  'push' | 'pop' | 'insert' | 'replace' | 'delete' | 'range',
  boolean,
  number,
  number,
];

const changeArbitrary: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('push', 'push', 'push', 'pop', 'insert', 'replace', 'delete', 'range'),
  fc.boolean(),
  fc.nat(1000),
  fc.nat(40),
);

function change(list: OneList, model: string[], [kind, flag, at, size]: Change): void {
  const { lists, ref } = list;
  const text = size > 30 ? 'v'.repeat(size * 20) : String(at * size);
  if (kind === 'push') {
    list.push(flag, text, 'x');
    if (flag) model.unshift('x', text);
    else model.push(text, 'x');
    return;
  }
  if (model.length === 0) return;
  const index = at % model.length;
  if (kind === 'pop') {
    expect(list.pop(flag)).toBe(flag ? model.shift() : model.pop());
    return;
  }
  if (kind === 'insert' || kind === 'replace') lists.makeRoom(ref, text.length, 1);
  expect(lists.seek(ref, flag ? index : index - model.length)).toBe(true);
  if (kind === 'insert') {
    lists.insertAt(ref, Buffer.from(text), 0, text.length, flag);
    model.splice(flag ? index + 1 : index, 0, text);
  } else if (kind === 'replace') {
    lists.replaceAt(ref, Buffer.from(text), 0, text.length);
    model[index] = text;
  } else if (kind === 'delete') {
    lists.deleteAt(ref, flag);
    model.splice(index, 1);
  } else {
    lists.deleteRange(ref, index, size);
    model.splice(index, size);
  }
  lists.shrunk(ref);
}

describe('Lists', () => {
  it('agrees with an array in both encodings and in between', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(-2, -1, 3, 16),
        fc.array(changeArbitrary, { minLength: 20, maxLength: 120, size: 'max' }),
        (limit, changes) => {
          const list = new OneList(limit);
          const model: string[] = [];
          for (const step of changes) {
            change(list, model, step);
            expect(list.lists.count(list.ref)).toBe(model.length);
          }
          expect(list.texts()).toEqual(model);
          const copy = list.entryFor(list.lists.copy(list.ref), list.encoding);
          expect(list.texts(copy)).toEqual(model);
          let root = valueWordOf(list.arena, copy);
          while (root !== 0) root = list.lists.freeSome(list.encoding, root, 2);
          list.arena.free(copy);
          list.finish();
        },
      ),
      { numRuns: 80 },
    );
  });

  it('is a listpack up to the limit, and again when half of it is enough', () => {
    const list = new OneList(8);
    for (let i = 0; i < 8; i++) list.push(false, String(i));
    expect(list.encoding).toBe(ENCODING_LISTPACK);
    list.push(false, '8');
    expect(list.encoding).toBe(ENCODING_QUICKLIST);
    expect(list.lists.nodeCount(list.ref)).toBe(2);
    // The ninth has a node of its own: while there are two, there is no going back.
    for (let i = 0; i < 4; i++) list.pop(true);
    expect(list.encoding).toBe(ENCODING_QUICKLIST);
    list.pop(false);
    expect(list.encoding).toBe(ENCODING_LISTPACK);
    expect(list.texts()).toEqual(['4', '5', '6', '7']);
    list.finish();
  });

  it('knows the limit in bytes', () => {
    const list = new OneList(-1);
    list.push(false, 'x'.repeat(4000));
    expect(list.encoding).toBe(ENCODING_LISTPACK);
    list.push(false, 'y'.repeat(200));
    expect(list.encoding).toBe(ENCODING_QUICKLIST);
    list.pop(true);
    expect(list.encoding).toBe(ENCODING_LISTPACK);
    list.finish();
  });

  it('settles a list that was built under other limits', () => {
    const list = new OneList(128);
    list.push(false, ...Array.from({ length: 100 }, (_, i) => String(i)));
    list.limits.listMaxListpackSize = 50;
    list.lists.settle(list.ref);
    expect(list.encoding).toBe(ENCODING_QUICKLIST);
    list.limits.listMaxListpackSize = 100;
    list.lists.shrunk(list.ref);
    expect(list.encoding).toBe(ENCODING_QUICKLIST);
    list.lists.settle(list.ref);
    expect(list.encoding).toBe(ENCODING_LISTPACK);
    expect(list.texts()).toHaveLength(100);
    list.finish();
  });

  it('tells its memory and how much work freeing it is', () => {
    const list = new OneList(16);
    const before = list.arena.usedBytes - list.lists.usedBytes(list.ref, 0);
    list.push(false, 'a');
    expect(list.lists.freeEffort(list.ref)).toBe(1);
    for (let i = 0; i < 1000; i++) list.push(false, 'some text');
    expect(list.lists.freeEffort(list.ref)).toBe(63);
    expect(list.lists.usedBytes(list.ref, 0)).toBe(list.arena.usedBytes - before);
    expect(list.lists.contentBytes(list.ref)).toBe(63 * 7 + 1000 * 11 + 3);
    list.finish();
  });

  it('pops elements of any size', () => {
    const list = new OneList(-2);
    list.push(false, 'x'.repeat(5000), 'small');
    expect(list.pop(true)).toBe('x'.repeat(5000));
    expect(list.lists.popped.length).toBe(5000);
    expect(list.pop(true)).toBe('small');
    expect(list.lists.popped.length).toBe(4096);
    list.finish();
  });
});
