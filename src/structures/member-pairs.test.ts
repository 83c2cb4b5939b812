// What two tables share, against JavaScript's own sets: equal and different sizes, members that
// differ in their last bytes or in their length alone, tables whose size changes.

import { describe, expect, it } from 'vitest';
import { Arena } from '../memory/arena.ts';
import { MemberPairs } from './member-pairs.ts';
import { MemberTable } from './member-table.ts';

const arena = new Arena({ debug: true });
const tables = new MemberTable(arena, { low: 7, high: 11 });
const pairs = new MemberPairs(arena);

function tableOf(members: readonly string[], capacity = 0): number {
  const state = tables.create(capacity);
  for (const member of members) {
    // What lies behind a member in its block must not count.
    const bytes = Buffer.from(`${member}${'#'.repeat(member.length % 3)}`, 'latin1');
    tables.add(state, bytes, 0, member.length);
  }
  tables.settle(state);
  return state;
}

function textOf(member: number): string {
  const at = tables.offsetOf(member);
  const bytes = arena.bytes[member >>> 19]!;
  return Buffer.from(bytes.subarray(at, at + tables.lengthOf(member))).toString('latin1');
}

/** Members of which many begin alike, from a step of numbers. */
function members(count: number, step: number): string[] {
  return Array.from({ length: count }, (_, i) => 'member'.slice(i % 7) + String(i * step));
}

describe('MemberPairs', () => {
  it.each([
    [3000, 1, 3000, 2],
    [1000, 1, 3900, 3],
    [3900, 2, 1000, 1],
    [1, 1, 3, 1],
    [500, 7, 500, 7],
  ])('finds what %i members (step %i) and %i (step %i) share', (n, step, m, other) => {
    const [a, b] = [members(n, step), members(m, other)];
    const [first, second] = [tableOf(a), tableOf(b)];
    expect(pairs.begin(first, second)).toBe(true);
    const found: string[] = [];
    for (let ref = pairs.next(); ref !== 0; ref = pairs.next()) found.push(textOf(ref));
    const has = new Set(b);
    expect(found.sort()).toEqual([...new Set(a)].filter((text) => has.has(text)).sort());
    tables.destroy(first);
    tables.destroy(second);
  });

  it('leaves tables that are far apart in size, or change it, to who looks members up', () => {
    const small = tableOf(['a']);
    const large = tableOf([], 1000);
    expect(pairs.begin(small, large)).toBe(false);
    expect(pairs.begin(large, small)).toBe(true);
    const changing = tables.create();
    for (const text of members(33, 1)) tables.add(changing, Buffer.from(text), 0, text.length);
    tables.dict.open(changing);
    expect(tables.dict.isRehashing).toBe(true);
    expect(pairs.begin(changing, changing)).toBe(false);
    tables.settle(changing);
    expect(pairs.begin(changing, changing)).toBe(true);
    for (const state of [small, large, changing]) tables.destroy(state);
    expect(arena.leaks()).toEqual([]);
  });
});
