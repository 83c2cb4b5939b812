import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { Listpacks } from './listpack.ts';

/** A listpack with the calls of a user who keeps its reference up to date. */
class Pack {
  readonly arena: Arena;
  readonly packs: Listpacks;
  ref: number;

  constructor(arena = new Arena({ debug: true }), packs = new Listpacks(arena)) {
    this.arena = arena;
    this.packs = packs;
    this.ref = packs.create();
  }

  append(text: string): this {
    const bytes = Buffer.from(text, 'latin1');
    this.ref = this.packs.append(this.ref, bytes, 0, bytes.length);
    return this;
  }

  textAt(position: number): string {
    const { packs } = this;
    packs.get(this.ref, position);
    const { bytes, offset, length } = packs;
    return Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
  }

  forward(): string[] {
    const texts: string[] = [];
    for (let at = this.packs.first(this.ref); at !== 0; at = this.packs.next(this.ref, at)) {
      texts.push(this.textAt(at));
    }
    return texts;
  }

  backward(): string[] {
    const texts: string[] = [];
    for (let at = this.packs.last(this.ref); at !== 0; at = this.packs.previous(this.ref, at)) {
      texts.push(this.textAt(at));
    }
    return texts;
  }

  hex(): string {
    const start = (this.ref & GRANULE_MASK) << 3;
    const bytes = this.arena.bytes[this.ref >>> SLOT_SHIFT] ?? new Uint8Array(0);
    const length = this.packs.byteLength(this.ref);
    return Buffer.from(bytes.subarray(start, start + length)).toString('hex');
  }
}

const EDGES = [
  ...['', 'a', '0', '127', '128', '-1', '-4096', '4095', '4096', '-32768', '32767', '32768'],
  ...['8388607', '-8388608', '8388608', '2147483647', '-2147483648', '2147483648'],
  ...['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808'],
  ...['9223372036854775808', '007', '-0', '+1'],
];

const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: -5000, max: 5000 }).map(String),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.constantFrom(62, 63, 64, 126, 4095, 4096, 16377, 16378).map((size) => 'y'.repeat(size)),
);

type Of<K extends string, Rest> = K extends string ? { readonly kind: K } & Rest : never;
type Step =
  | Of<'append' | 'prepend', { readonly text: string }>
  | Of<'before' | 'after' | 'replace', { readonly at: number; readonly text: string }>
  | Of<'delete' | 'range', { readonly at: number; readonly count: number }>
  | Of<'integer', { readonly at: number; readonly value: number }>;

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('append' as const, 'prepend' as const),
    text: textArbitrary,
  }),
  fc.record({
    kind: fc.constantFrom('before' as const, 'after' as const, 'replace' as const),
    at: fc.nat(1000),
    text: textArbitrary,
  }),
  fc.record({
    kind: fc.constantFrom('delete' as const, 'range' as const),
    at: fc.nat(1000),
    count: fc.nat(4),
  }),
  fc.record({
    kind: fc.constant('integer' as const),
    at: fc.nat(1000),
    value: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  }),
);

/** Makes one step on the model and on the listpack; `at` is folded into the elements there are. */
function take(pack: Pack, model: string[], step: Step): void {
  const { packs } = pack;
  if (step.kind === 'append' || step.kind === 'prepend') {
    const bytes = Buffer.from(`<${step.text}>`, 'latin1');
    pack.ref = packs[step.kind](pack.ref, bytes, 1, bytes.length - 2);
    if (step.kind === 'append') model.push(step.text);
    else model.unshift(step.text);
    expect(pack.textAt(packs.at)).toBe(step.text);
    return;
  }
  if (model.length === 0) return;
  const index = step.at % model.length;
  const position = packs.seek(pack.ref, index);
  if (step.kind === 'delete') {
    model.splice(index, step.count);
    pack.ref = packs.delete(pack.ref, position, step.count);
    if (index < model.length) expect(pack.textAt(packs.at)).toBe(model[index]);
    else expect(packs.at).toBe(0);
  } else if (step.kind === 'range') {
    const fromEnd = index - model.length;
    model.splice(index, step.count);
    pack.ref = packs.deleteRange(pack.ref, step.at % 2 === 0 ? index : fromEnd, step.count);
  } else if (step.kind === 'integer') {
    model[index] = String(step.value);
    pack.ref = packs.replaceInteger(pack.ref, position, step.value);
  } else {
    const bytes = Buffer.from(step.text, 'latin1');
    const method = { before: 'insertBefore', after: 'insertAfter', replace: 'replace' } as const;
    pack.ref = packs[method[step.kind]](pack.ref, position, bytes, 0, bytes.length);
    const target = step.kind === 'after' ? index + 1 : index;
    model.splice(target, step.kind === 'replace' ? 1 : 0, step.text);
    expect(pack.textAt(packs.at)).toBe(step.text);
  }
}

describe('Listpacks', () => {
  it('has the bytes of a real server for every encoding', () => {
    const pack = new Pack();
    for (const text of EDGES) pack.append(text);
    expect(pack.hex()).toBe(
      '9d0000001a00800181610200017f01c08002dfff02d00002cfff02f1001003f1008003f1ff7f03f200800004' +
        'f2ffff7f04f200008004f30000800005f3ffffff7f05f30000008005f4000000800000000009f401000000' +
        '0000200009f4ffffffffffffdfff09f4ffffffffffffff7f09f40000000000000080099339323233333732' +
        '303336383534373735383038148330303704822d3003822b3103ff',
    );
    pack.packs.free(pack.ref);
  });

  it.each([
    [63, '480000000100bf', '40ff'],
    [64, '4a0000000100e040', '42ff'],
    [125, '870000000100e07d', '7fff'],
    [126, '890000000100e07e', '0180ff'],
    [4095, '0a1000000100efff', '2081ff'],
    [4096, '0e1000000100f000100000', '2085ff'],
    [16377, '07400000' + '0100f0f93f0000', '7ffeff'],
    [16378, '094000000100f0fa3f0000', '00ffffff'],
    [16380, '0b4000000100f0fc3f0000', '018081ff'],
  ])('has the bytes of a real server for a text of %i bytes', (length, head, tail) => {
    const pack = new Pack().append('x'.repeat(length));
    expect(pack.hex()).toBe(head + '78'.repeat(length) + tail);
    expect(pack.backward()).toEqual(['x'.repeat(length)]);
    pack.packs.free(pack.ref);
  });

  it('agrees with an array under random changes, and stays canonical', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 60 }), (steps) => {
        const pack = new Pack();
        const model: string[] = [];
        for (const step of steps) {
          take(pack, model, step);
          expect(pack.packs.count(pack.ref)).toBe(model.length);
        }
        expect(pack.forward()).toEqual(model);
        expect(pack.backward()).toEqual([...model].reverse());
        const fresh = new Pack(pack.arena, pack.packs);
        for (const text of model) fresh.append(text);
        expect(pack.hex()).toBe(fresh.hex());
        const copy = pack.packs.copy(pack.ref);
        pack.packs.free(pack.ref);
        pack.ref = copy;
        expect(pack.hex()).toBe(fresh.hex());
        pack.packs.free(copy);
        pack.packs.free(fresh.ref);
        expect(pack.arena.leaks()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('finds and compares as the texts do', () => {
    fc.assert(
      fc.property(
        fc.array(textArbitrary, { maxLength: 12 }),
        textArbitrary,
        fc.nat(2),
        (texts, other, skip) => {
          const pack = new Pack();
          for (const text of texts) pack.append(text);
          for (const wanted of [...texts, other]) {
            const bytes = Buffer.from(`12${wanted}`, 'latin1');
            const { packs } = pack;
            const first = packs.first(pack.ref);
            const found = packs.find(pack.ref, first, bytes, 2, bytes.length - 2, skip);
            const index = texts.findIndex((text, i) => i % (skip + 1) === 0 && text === wanted);
            expect(found).toBe(index < 0 ? 0 : packs.seek(pack.ref, index));
            for (const [i, text] of texts.entries()) {
              const at = packs.seek(pack.ref, i);
              expect(packs.equals(pack.ref, at, bytes, 2, bytes.length - 2)).toBe(text === wanted);
            }
          }
          pack.packs.free(pack.ref);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('tells exact integers, and NaN for texts and integers beyond 2^53', () => {
    const pack = new Pack();
    const { packs } = pack;
    for (const text of EDGES) pack.append(text);
    for (const [i, text] of EDGES.entries()) {
      const at = packs.seek(pack.ref, i);
      const number = Number(text);
      const isCanonical = text !== '' && text === String(number) && Number.isSafeInteger(number);
      expect(packs.integerAt(pack.ref, at)).toBe(isCanonical ? number : Number.NaN);
    }
    expect(packs.isInteger(pack.ref, packs.seek(pack.ref, 20))).toBe(true);
    expect(packs.isInteger(pack.ref, packs.seek(pack.ref, 22))).toBe(false);
    packs.free(pack.ref);
  });

  it('measures an element before it is added', () => {
    fc.assert(
      fc.property(textArbitrary, (text) => {
        const pack = new Pack();
        const bytes = Buffer.from(text, 'latin1');
        const added = Listpacks.entryBytes(bytes, 0, bytes.length);
        pack.append(text);
        expect(pack.packs.byteLength(pack.ref)).toBe(7 + added);
        pack.packs.free(pack.ref);
      }),
    );
  });

  it('finds elements that are integers and yet stored as texts, as other servers may leave them', () => {
    const pack = new Pack();
    const { packs } = pack;
    const bytes = Buffer.from('0c000000020081350205' + '01ff', 'hex');
    packs.free(pack.ref);
    pack.ref = packs.fromBytes(bytes, 0, bytes.length);
    expect(pack.forward()).toEqual(['5', '5']);
    expect(packs.find(pack.ref, 6, Buffer.from('5'), 0, 1, 0)).toBe(6);
    expect(packs.find(pack.ref, 9, Buffer.from('5'), 0, 1, 0)).toBe(9);
    packs.free(pack.ref);
  });

  it('counts past the 65,534 that its header can hold', () => {
    const pack = new Pack();
    const { packs } = pack;
    for (let i = 0; i < 70_000; i++) pack.ref = packs.appendInteger(pack.ref, i & 63);
    expect(packs.count(pack.ref)).toBe(70_000);
    expect(pack.hex().slice(8, 12)).toBe('ffff');
    expect(pack.textAt(packs.seek(pack.ref, 69_999))).toBe(String(69_999 & 63));
    expect(packs.seek(pack.ref, 70_000)).toBe(0);
    pack.ref = packs.deleteRange(pack.ref, 10, 69_000);
    expect(packs.count(pack.ref)).toBe(1000);
    expect(pack.hex().slice(8, 12)).toBe('e803');
    packs.free(pack.ref);
    expect(pack.arena.leaks()).toEqual([]);
  });

  it('merges two into one', () => {
    fc.assert(
      fc.property(fc.array(textArbitrary), fc.array(textArbitrary), (left, right) => {
        const first = new Pack();
        const second = new Pack(first.arena, first.packs);
        for (const text of left) first.append(text);
        for (const text of right) second.append(text);
        first.ref = first.packs.merge(first.ref, second.ref);
        expect(first.forward()).toEqual([...left, ...right]);
        expect(first.packs.count(first.ref)).toBe(left.length + right.length);
        first.packs.free(first.ref);
        expect(first.arena.leaks()).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps little more room than it needs, growing and shrinking', () => {
    const pack = new Pack(new Arena());
    const { packs, arena } = pack;
    const check = (): void => {
      const total = packs.byteLength(pack.ref);
      if (total > 256) expect(arena.capacity(pack.ref)).toBeLessThan(total * 1.26 + 8192);
      if (total > 256 && total < 16384) {
        expect(arena.capacity(pack.ref)).toBeLessThanOrEqual(
          Arena.capacityFor(total + (total >> 3)),
        );
      }
    };
    for (let i = 0; i < 30_000; i++) {
      pack.ref = packs.appendInteger(pack.ref, i);
      if (i % 100 === 0) check();
    }
    while (packs.count(pack.ref) > 0) {
      pack.ref = packs.deleteRange(pack.ref, -40, 40);
      check();
    }
    pack.ref = packs.fit(pack.ref);
    expect(arena.capacity(pack.ref)).toBe(8);
  });

  it('makes no move for each append', () => {
    const pack = new Pack(new Arena());
    let moves = 0;
    for (let i = 0; i < 100_000; i++) {
      const before = pack.ref;
      pack.ref = pack.packs.appendInteger(pack.ref, 1000);
      if (pack.ref !== before) moves++;
    }
    expect(moves).toBeLessThan(100);
  });
});
