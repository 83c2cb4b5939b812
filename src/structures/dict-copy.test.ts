import { afterEach, describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { copyBlock } from './dict-copy.ts';
import { FieldTable } from './field-table.ts';
import { MemberTable } from './member-table.ts';

const arena = new Arena({ debug: true });
const seed = { low: 3, high: 4 };
const members = new MemberTable(arena, seed);
const fields = new FieldTable(arena, seed);

afterEach(() => {
  expect(arena.leaks()).toEqual([]);
});

const bytesOf = (text: string): Buffer => Buffer.from(text);
const has = (table: number, text: string): boolean =>
  members.has(table, bytesOf(text), 0, text.length);
const add = (table: number, text: string): boolean =>
  members.add(table, bytesOf(text), 0, text.length);

function valueOfField(table: number, name: string): string | null {
  const field = fields.find(table, bytesOf(name), 0, name.length);
  if (field === NULL_REF) return null;
  fields.loadValue(field);
  return Buffer.from(
    fields.bytes.subarray(fields.offset, fields.offset + fields.length),
  ).toString();
}

function setField(table: number, name: string, value: string): void {
  fields.set(table, bytesOf(name), 0, name.length, bytesOf(value), 0, value.length, true);
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `m${i}${'x'.repeat(i % 40)}`);

describe('copies of tables', () => {
  it('have all members, whatever moves between two tables', () => {
    const rehashing = new Set<boolean>();
    for (let count = 1; count < 150; count += count > 60 && count < 70 ? 1 : 7) {
      const table = members.create();
      const all = names(count);
      for (const name of all) add(table, name);
      members.dict.open(table);
      rehashing.add(members.dict.isRehashing);
      const copy = members.copy(table);
      expect(members.count(copy)).toBe(count);
      for (const name of all) members.remove(table, bytesOf(name), 0, name.length);
      expect(members.count(table)).toBe(0);
      for (const name of all) expect(has(copy, name)).toBe(true);
      expect(has(copy, 'other')).toBe(false);
      for (const name of all) expect(add(copy, name)).toBe(false);
      for (const name of all) expect(add(copy, `${name}'`)).toBe(true);
      for (const name of all) expect(has(copy, name) && has(copy, `${name}'`)).toBe(true);
      members.destroy(table);
      members.destroy(copy);
    }
    expect([...rehashing].sort()).toEqual([false, true]);
  });

  it('have all fields with values, long ones too, and their times', () => {
    const table = fields.create();
    const all = names(90);
    for (const [i, name] of all.entries()) setField(table, name, 'v'.repeat(i * 20));
    for (const [i, name] of all.entries()) {
      if (i % 3 !== 0) continue;
      fields.setExpiryFound(table, fields.find(table, bytesOf(name), 0, name.length), 1000 + i);
    }
    const lost = fields.find(table, bytesOf(all[3] ?? ''), 0, 5);
    expect(lost).not.toBe(NULL_REF);
    expect(fields.clearExpiryOf(table, lost)).toBe(true);
    const copy = fields.copy(table);
    for (const name of all) fields.remove(table, bytesOf(name), 0, name.length);
    for (const [i, name] of all.entries()) {
      expect(valueOfField(copy, name)).toBe('v'.repeat(i * 20));
      const field = fields.find(copy, bytesOf(name), 0, name.length);
      expect(fields.expiryOf(copy, field)).toBe(i % 3 === 0 && i !== 3 ? 1000 + i : -1);
    }
    expect(fields.heap.firstTimeMs(copy)).toBe(1000);
    for (const name of all) setField(copy, name, 'changed');
    for (const name of all) expect(valueOfField(copy, name)).toBe('changed');
    fields.destroy(table);
    fields.destroy(copy);
  });

  it('have blocks of the same bytes, short or long', () => {
    for (const size of [4, 5, 8, 31, 127, 128, 129, 5000]) {
      const block = arena.alloc(size);
      const start = (block & GRANULE_MASK) << 3;
      const view = arena.bytes[block >>> SLOT_SHIFT]?.subarray(start, start + size);
      for (let i = 0; i < size; i++) view?.fill(i % 251, i, i + 1);
      const copy = copyBlock(arena, block, size);
      const at = (copy & GRANULE_MASK) << 3;
      expect(arena.bytes[copy >>> SLOT_SHIFT]?.subarray(at, at + size)).toEqual(view);
      arena.free(block);
      arena.free(copy);
    }
  });
});
