import { describe, expect, it } from 'vitest';
import { Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { TYPE_STREAM } from '../structures/entry.ts';
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from '../values/encoding-limits.ts';
import { createLoose } from '../values/loose-value.ts';
import { Streams } from '../values/stream.ts';
import { StreamCursor } from '../values/stream-cursor.ts';
import { NODE_PREFIX_BYTES, StreamNodes } from '../values/stream-nodes.ts';
import { isSoundIntset, soundStreamNodeCount } from './packed-checks.ts';

class Bench {
  readonly arena = new Arena({ debug: true });
  readonly streams = new Streams(this.arena, new Listpacks(this.arena), new EncodingLimits());
  stream = this.streams.create();

  append(seq: number, ...texts: string[]): void {
    const id = new StreamId();
    id.set(0, 5, 0, seq);
    const buffers = texts.map((text) => Buffer.from(text));
    const bytes = Buffer.concat(buffers);
    const lengths = Int32Array.from(buffers, (buffer) => buffer.length);
    const offsets = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
    const fields = texts.length / 2;
    this.streams.append(this.stream, id, bytes, offsets, lengths, 0, fields, bytes.length);
  }

  /** The listpack of the last node. */
  get listpack(): Uint8Array {
    const place = new IdTreeCursor();
    this.streams.ids.last(this.stream, place);
    const node = this.streams.ids.valueAt(place);
    const start = StreamNodes.startOf(node);
    const length = this.streams.nodes.byteLength(node);
    return this.arena.bytes[node >>> SLOT_SHIFT]!.slice(start, start + length);
  }

  load(ms: number, listpack: Uint8Array): void {
    const node = this.arena.alloc(NODE_PREFIX_BYTES + listpack.length);
    this.arena.bytes[node >>> SLOT_SHIFT]!.set(listpack, StreamNodes.startOf(node));
    const id = new StreamId();
    id.set(0, ms, 0, 7);
    this.streams.appendNode(this.stream, id, node);
  }

  /** Texts of all entries in a direction, each of which must lie in the node. */
  walk(isReverse: boolean, limit: number): string[] {
    const cursor = new StreamCursor(this.arena, this.streams.ids);
    const found: string[] = [];
    cursor.startAll(this.stream, isReverse, false);
    while (cursor.next()) {
      let entry = '';
      for (let i = 0; i < cursor.fieldCount; i++) {
        cursor.readField();
        expect(cursor.length).toBeLessThanOrEqual(limit);
        const field = cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length);
        cursor.readValue();
        expect(cursor.length).toBeLessThanOrEqual(limit);
        const value = cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length);
        entry += `${Buffer.from(field).toString('hex')}=${Buffer.from(value).toString('hex')} `;
      }
      found.push(entry);
    }
    return found;
  }

  /** Frees the stream and begins another. */
  renew(): void {
    const own = createLoose(this.arena, TYPE_STREAM, 10, this.stream);
    this.streams.free(own);
    this.arena.free(own);
    expect(this.arena.leaks()).toEqual([]);
    this.stream = this.streams.create();
  }
}

/** An intset with these members, as they are given, behind `before` other bytes. */
function intsetOf(width: 2 | 4 | 8, members: readonly bigint[], before: number): Uint8Array {
  const bytes = new Uint8Array(before + 8 + members.length * width).fill(0xff);
  const view = new DataView(bytes.buffer, before);
  view.setUint32(0, width, true);
  view.setUint32(4, members.length, true);
  members.forEach((member, i) => {
    const at = 8 + i * width;
    if (width === 2) view.setInt16(at, Number(member), true);
    else if (width === 4) view.setInt32(at, Number(member), true);
    else view.setBigInt64(at, member, true);
  });
  return bytes;
}

describe('the check of an intset', () => {
  const isSound = (width: 2 | 4 | 8, members: readonly bigint[]): boolean => {
    const bytes = intsetOf(width, members, 5);
    return isSoundIntset(bytes, 5, bytes.length - 5);
  };

  it.each([2, 4, 8] as const)('takes members of %i bytes in ascending order alone', (width) => {
    const bits = BigInt(width * 8);
    const edges = [0n, 1n, -1n, 255n, 256n, -256n, 0x7fffn, -0x8000n];
    for (const power of [16n, 31n, 32n, 33n, 63n]) {
      for (const near of [-1n, 0n, 1n]) edges.push((1n << power) + near, -(1n << power) + near);
    }
    const values = edges.filter((value) => BigInt.asIntN(Number(bits), value) === value);
    for (const a of values) {
      expect(isSound(width, [a])).toBe(true);
      for (const b of values) {
        expect(isSound(width, [a, b]), `${a} ${b}`).toBe(a < b);
        for (const c of values) expect(isSound(width, [a, b, c])).toBe(a < b && b < c);
      }
    }
  });

  it('refuses other widths, counts and lengths', () => {
    const bytes = intsetOf(4, [1n, 2n], 0);
    expect(isSoundIntset(bytes, 0, 16)).toBe(true);
    for (const length of [0, 7, 8, 12, 15]) expect(isSoundIntset(bytes, 0, length)).toBe(false);
    for (let at = 0; at < 8; at++) {
      for (const value of [0, 1, 2, 3, 4, 8, 128, 255]) {
        const changed = bytes.slice();
        if (changed[at] === value) continue;
        changed[at] = value;
        expect(isSoundIntset(changed, 0, 16), `${at} ${value}`).toBe(false);
      }
    }
    expect(isSoundIntset(intsetOf(2, [], 0), 0, 8)).toBe(false);
  });
});

describe('the check of a stream node', () => {
  const bench = new Bench();
  bench.append(7, 'field', '1', '12', 'hello');
  bench.append(8, 'field', '-70000', '12', '9223372036854775807');
  bench.append(900, 'other', 'x'.repeat(70));
  bench.append(901, 'field', '', '12', 'help');
  const sound = bench.listpack;

  it('counts what is there', () => {
    expect(soundStreamNodeCount(sound, 0, sound.length)).toBe(4);
    expect(soundStreamNodeCount(sound, 0, sound.length - 1)).toBe(-1);
    expect(soundStreamNodeCount(Uint8Array.of(7, 0, 0, 0, 0, 0, 0xff), 0, 7)).toBe(-1);
  });

  it('lets only pass what can be walked, in both forms', () => {
    const loaded = new Bench();
    let passed = 0;
    let refused = 0;
    for (let at = 0; at < sound.length; at++) {
      for (const value of [0, 2, 5, 0x7f, 0x85, 0xc0, 0xf1, 0xff]) {
        const damaged = sound.slice();
        damaged[at] = value;
        const live = soundStreamNodeCount(damaged, 0, damaged.length);
        if (live < 0) {
          refused++;
          continue;
        }
        passed++;
        loaded.load(5, damaged);
        const entries = loaded.walk(false, damaged.length);
        expect(entries).toHaveLength(live);
        expect(loaded.walk(true, damaged.length)).toEqual([...entries].reverse());
        // The first node is full now, and is packed if it can be.
        loaded.load(6, sound);
        expect(loaded.walk(false, damaged.length).slice(0, live)).toEqual(entries);
        expect(loaded.walk(true, damaged.length).slice(4)).toEqual([...entries].reverse());
        loaded.renew();
      }
    }
    expect(passed).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(500);
  });
});
