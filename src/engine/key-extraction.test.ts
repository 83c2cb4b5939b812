// Key specs of every kind against calls, good and broken.

import { describe, expect, it } from 'vitest';
import { Args } from '../protocol/args.ts';
import type { CommandSpec, KeySpec } from './command-spec.ts';
import {
  canHaveKeys,
  findKeys,
  KeyList,
  type KeySearch,
  legacyKeyRange,
} from './key-extraction.ts';

function command(keys: readonly KeySpec[], getKeys?: CommandSpec['getKeys']): CommandSpec {
  return {
    name: 'x',
    group: 'generic',
    since: '1.0.0',
    summary: '',
    complexity: '',
    arity: -1,
    flags: [],
    keys,
    ...(getKeys === undefined ? {} : { getKeys }),
  };
}

function keysOf(spec: CommandSpec, call: string, search?: KeySearch): number[] | null {
  const args = new Args();
  args.set(call.split(' '));
  const list = new KeyList();
  return findKeys(spec, args, list, search) ? list.indexes : null;
}

function range(index: number, lastKey: number, step = 1, limit = 0): KeySpec {
  return { flags: ['RO'], begin: { index }, find: { lastKey, step, limit } };
}

const COUNTED: KeySpec = {
  flags: ['RW'],
  begin: { index: 2 },
  find: { keynumIndex: 0, firstKey: 1, step: 1 },
};
/** As XREAD: the first half of what follows STREAMS. */
const STREAMS: KeySpec = {
  flags: ['RO'],
  begin: { keyword: 'STREAMS', startFrom: 1 },
  find: { lastKey: -1, step: 1, limit: 2 },
};
/** As MIGRATE: everything behind KEYS, looked for from the end. */
const FROM_END: KeySpec = {
  flags: ['RW'],
  begin: { keyword: 'KEYS', startFrom: -2 },
  find: { lastKey: -1, step: 1, limit: 0 },
};

describe('findKeys', () => {
  it('follows ranges, to the end and in steps', () => {
    expect(keysOf(command([range(1, 0)]), 'get k')).toEqual([1]);
    expect(keysOf(command([range(1, -1)]), 'del a b c')).toEqual([1, 2, 3]);
    expect(keysOf(command([range(1, -2)]), 'blpop a b 0')).toEqual([1, 2]);
    expect(keysOf(command([range(1, -1, 2)]), 'mset a 1 b 2')).toEqual([1, 3]);
  });

  it('finds none where the range ends before it begins', () => {
    expect(keysOf(command([range(1, -1)]), 'del')).toBeNull();
    expect(keysOf(command([range(1, 1)]), 'rename a')).toBeNull();
  });

  it('counts keys', () => {
    expect(keysOf(command([COUNTED]), 'eval s 2 a b c')).toEqual([3, 4]);
    for (const count of ['0', '-1', 'x', '9', '']) {
      expect(keysOf(command([COUNTED]), `eval s ${count} a b`), count).toBeNull();
    }
    expect(keysOf(command([COUNTED]), 'eval s')).toBeNull();
  });

  it('finds keywords in any case, forwards and from the end', () => {
    const read = command([STREAMS]);
    expect(keysOf(read, 'xread count 1 streams a b 0 0')).toEqual([4, 5]);
    expect(keysOf(read, 'xread count 1 a b')).toBeNull();
    const migrate = command([FROM_END]);
    expect(keysOf(migrate, 'migrate h p  0 10 KEYS a b')).toEqual([7, 8]);
    expect(keysOf(migrate, 'migrate h p keys 0 10 auth keys')).toEqual([4, 5, 6, 7]);
  });

  it('skips what is not a key unless asked', () => {
    const channel: KeySpec = { ...range(1, 0), flags: ['not_key'] };
    expect(canHaveKeys(command([channel]))).toBe(false);
    expect(keysOf(command([channel]), 'spublish c m')).toBeNull();
    const both = command([channel, range(2, 0)]);
    expect(keysOf(both, 'x c k')).toEqual([2]);
    expect(keysOf(both, 'x c k', { includeNotKeys: true })).toEqual([1, 2]);
  });

  it('asks the command itself where the specs do not tell', () => {
    const unknown: KeySpec = { flags: ['RO'], begin: { unknown: true }, find: { unknown: true } };
    const own = command([range(1, 0), unknown], (args, out) => {
      out.add(args.count - 1, ['OW']);
      return true;
    });
    expect(keysOf(own, 'sort a b c')).toEqual([3]);
    expect(keysOf(own, 'sort a b c', { partial: true })).toEqual([1]);
    const varies = command([{ ...range(1, 0), flags: ['RW', 'variable_flags'] }], (_, out) => {
      out.add(1, ['RO']);
      return true;
    });
    expect(keysOf(varies, 'bitfield k get u8 0')).toEqual([1]);
  });

  it('keeps what was in the list before when it fails', () => {
    const args = new Args();
    args.set(['eval', 's', 'x']);
    const list = new KeyList();
    list.add(7, ['RO']);
    expect(findKeys(command([range(1, 0), COUNTED]), args, list)).toBe(false);
    expect(list.indexes).toEqual([7]);
  });
});

describe('legacyKeyRange', () => {
  it('joins specs that follow one another', () => {
    expect(legacyKeyRange([range(1, 0), range(2, 0)])).toEqual({
      first: 1,
      last: 2,
      step: 1,
      isIncomplete: false,
    });
    expect(legacyKeyRange([range(1, 0), range(2, -1)]).last).toBe(-1);
    expect(legacyKeyRange([range(2, -1, 2)])).toMatchObject({ first: 2, last: -1, step: 2 });
  });

  it('marks what it cannot tell', () => {
    expect(legacyKeyRange([range(1, 0), COUNTED])).toMatchObject({ first: 1, isIncomplete: true });
    expect(legacyKeyRange([COUNTED])).toMatchObject({ first: 0, step: 0, isIncomplete: true });
    expect(legacyKeyRange([range(1, 0), range(3, 0)])).toMatchObject({
      last: 1,
      isIncomplete: true,
    });
    expect(legacyKeyRange([{ ...range(1, 0), flags: ['RO', 'incomplete'] }]).isIncomplete).toBe(
      true,
    );
    expect(legacyKeyRange(undefined).isIncomplete).toBe(false);
  });
});
