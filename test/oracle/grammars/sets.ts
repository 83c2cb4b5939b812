// Sets in all three encodings: the limit of intsets is small and changed in the middle of a stream;
// tables come from many members at once. SPOP takes all or nothing, because what it takes otherwise
// is chance.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const setKeys = ['s1', 's2', 's3', 's4'];
/** Few, so that sets have members in common; integers of every width and what looks like one. */
const members = [
  ...['a', 'b', 'c', '1', '2', '3', '-5', '0', '007', '100', '32768', '-32769', '70000'],
  ...['2147483648', '-9223372036854775808', '9223372036854775807', '9223372036854775808', ''],
];

const key = (draw: Draw): string => (draw.chance(0.93) ? draw.pick(setKeys) : draw.key());

function member(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 15) return draw.pick(members);
  if (kind < 18) return String(draw.between(-300, 300));
  return kind < 19 ? draw.value() : 'm'.repeat(draw.between(60, 70));
}

const several = (draw: Draw): string[] => {
  const kind = draw.below(20);
  if (kind === 0) return Array.from({ length: 140 }, (_, i) => `x${i}`);
  if (kind === 1) return Array.from({ length: draw.between(5, 140) }, (_, i) => String(i));
  return Array.from({ length: draw.between(1, 5) }, () => member(draw));
};

const keys = (draw: Draw): string[] => Array.from({ length: draw.between(1, 4) }, () => key(draw));

const keyCount = (draw: Draw, names: readonly string[]): string => {
  if (draw.chance(0.93)) return String(names.length);
  return draw.pick(['0', '-1', 'x', '1', '2', '3', '100', '9223372036854775808']);
};

const count = (draw: Draw): string => {
  if (draw.chance(0.8)) return String(draw.between(-8, 8));
  return draw.pick(['200', '-200', 'x', '', '1.5', '-9223372036854775808', '9223372036854775807']);
};

export const sets: Grammar = {
  group: 'sets',
  before: [['CONFIG', 'SET', 'set-max-intset-entries', '6']],
  after: [['CONFIG', 'SET', 'set-max-intset-entries', '512']],
  commands: [
    { name: 'SADD', weight: 8, args: (d) => [key(d), ...several(d)] },
    { name: 'SREM', weight: 3, args: (d) => [key(d), ...several(d)] },
    { name: 'SCARD', args: (d) => [key(d)] },
    { name: 'SISMEMBER', args: (d) => [key(d), member(d)] },
    { name: 'SMISMEMBER', args: (d) => [key(d), ...several(d)] },
    { name: 'SMEMBERS', weight: 2, args: (d) => [key(d)] },
    { name: 'SMOVE', weight: 2, args: (d) => [key(d), key(d), member(d)] },
    {
      name: 'SPOP',
      mutable: false,
      args: (d) => [key(d), d.pick(['0', '1000', '-1', 'x', '1.5'])],
    },
    {
      name: 'SRANDMEMBER',
      weight: 2,
      args: (d) => (d.chance(0.3) ? [key(d)] : [key(d), count(d)]),
    },
    { name: 'SUNION', args: keys },
    { name: 'SINTER', args: keys },
    { name: 'SDIFF', args: keys },
    { name: 'SUNIONSTORE', args: (d) => [key(d), ...keys(d)] },
    { name: 'SINTERSTORE', weight: 2, args: (d) => [key(d), ...keys(d)] },
    { name: 'SDIFFSTORE', args: (d) => [key(d), ...keys(d)] },
    {
      name: 'SINTERCARD',
      weight: 2,
      args: (d) => {
        const names = keys(d);
        const limit = d.chance(0.4) ? [d.cased('limit'), count(d)] : [];
        return [keyCount(d, names), ...names, ...limit];
      },
    },
    {
      name: 'SSCAN',
      args: (d) => [
        key(d),
        d.chance(0.9) ? '0' : d.pick(['x', '-1', '', '18446744073709551616']),
        'COUNT',
        d.chance(0.9) ? '1000' : count(d),
        ...(d.chance(0.3) ? ['MATCH', d.pick(['*', 'x1*', '?', '[0-9]', '-*'])] : []),
      ],
    },
    { name: 'OBJECT', args: (d) => ['ENCODING', d.pick(setKeys)] },
    { name: 'DEL', args: (d) => [key(d)] },
    { name: 'SET', mutable: false, args: (d) => [d.pick(setKeys), 'string'] },
    { name: 'COPY', args: (d) => [key(d), key(d), ...d.options(['REPLACE'])] },
    { name: 'RENAME', args: (d) => [key(d), key(d)] },
    { name: 'TYPE', args: (d) => [key(d)] },
    {
      name: 'CONFIG',
      mutable: false,
      args: (d) => ['SET', 'set-max-intset-entries', d.pick(['0', '6', '100', '512'])],
    },
  ],
};
