import { expect, it } from 'vitest';
import { Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { DictWalk } from './dict-walk.ts';
import { MemberTable } from './member-table.ts';

/** Members of a table as the walk finds them. */
function walked(arena: Arena, table: MemberTable, state: number): string[] {
  const walk = new DictWalk(arena);
  walk.begin(state);
  const found: string[] = [];
  for (let ref = walk.next(); ref !== NULL_REF; ref = walk.next()) {
    const bytes = arena.bytes[ref >>> SLOT_SHIFT] ?? new Uint8Array(0);
    const offset = table.offsetOf(ref);
    const member = bytes.slice(offset, offset + table.lengthOf(ref));
    found.push(Buffer.from(member).toString('latin1'));
  }
  return found;
}

it('returns every entry once, whatever the state of the tables', () => {
  const arena = new Arena({ debug: true });
  const table = new MemberTable(arena, { low: 1, high: 2 });
  const state = table.create();
  expect(walked(arena, table, state)).toEqual([]);
  const all: string[] = [];
  let sawBothTables = false;
  for (let i = 0; i < 200; i++) {
    const member = `member:${i}`;
    all.push(member);
    table.add(state, Buffer.from(member), 0, member.length);
    table.dict.open(state);
    sawBothTables ||= table.dict.isRehashing;
    expect(walked(arena, table, state).sort()).toEqual([...all].sort());
  }
  expect(sawBothTables).toBe(true);
  table.destroy(state);
  expect(arena.leaks()).toEqual([]);
});
