// The tables themselves: that every declaration means something, and that names are unique.
import { expect, test } from 'vitest';
import { boundValue } from './kinds/scalar.ts';
import type { Option } from './option.ts';
import { optionTable } from './options/index.ts';

const COMMON = [
  'type',
  'about',
  'alias',
  'immutable',
  'guarded',
  'hidden',
  'secret',
  'notWhileLoading',
  'volatile',
  'inCrashReport',
  'check',
];

const OWN: { readonly [type: string]: readonly string[] } = {
  bool: ['default'],
  integer: ['default', 'min', 'max', 'clamp'],
  memory: ['default', 'min', 'max', 'clamp'],
  percent: ['default', 'min', 'max'],
  octal: ['default', 'min', 'max'],
  string: ['default', 'binary'],
  enum: ['default', 'values', 'same'],
  flags: ['values'],
};

const options = Object.entries(optionTable) as [string, Option][];

test('an option has no field that nothing reads', () => {
  for (const [name, option] of options) {
    const known = [...COMMON, ...(OWN[option.type] ?? [])];
    expect(
      Object.keys(option).filter((key) => !known.includes(key)),
      name,
    ).toEqual([]);
  }
});

test('names and aliases are unique', () => {
  const names = options.flatMap(([name, { alias }]) =>
    alias === undefined ? [name] : [name, alias],
  );
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(names.filter((name) => !/^[a-z_-]+$/.test(name))).toEqual([]);
});

test('a default lies within its limits or words', () => {
  for (const [name, option] of options) {
    if ('min' in option) {
      expect(BigInt(option.default) >= boundValue(option.min), name).toBe(true);
      expect(BigInt(option.default) <= boundValue(option.max), name).toBe(true);
    }
    if (option.type === 'enum') expect(option.values, name).toContain(option.default);
  }
});

test('every option is explained in one sentence', () => {
  for (const [name, { about }] of options) expect(about, name).toMatch(/^[A-Z].{8,}\.$/);
});
