// SORT over lists, sets and sorted sets, with patterns that lead to strings and to fields of
// hashes.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const sources = ['list', 'set', 'zset', 'words', 'missing', 'w_1'];
const numbers = ['1', '2', '3', '10', '-5', '2.5', '1e2', '0x10', '3', ' 7', 'inf', '-inf'];
const words = ['1', '2', '3', '10', 'a', 'b', 'B', 'aa', 'zy', ''];
const patterns = ['w_*', 'h_*->f', 'h_*->', 'no_*', 'w_', '#', '*', 'h_*->g*', 'x', '', '*->f'];

const source = (draw: Draw): string => draw.pick(sources);
const element = (draw: Draw): string => draw.pick(draw.chance(0.9) ? numbers.slice(0, 9) : words);

const limit = (draw: Draw): string => {
  if (draw.chance(0.9)) return String(draw.between(-3, 8));
  return draw.pick(['x', '', '9223372036854775807', '-9223372036854775808']);
};

/**
 * Elements with equal keys stay as they lie in memory, which for sets and sorted sets, and where
 * only a part is sorted, is chance: these are sorted by numbers, or as texts by themselves.
 */
const order = (draw: Draw, from: string): string[][] => {
  const withLimit = ['LIMIT', limit(draw), limit(draw)];
  if (draw.chance(0.3)) return [['ALPHA'], withLimit];
  if (from === 'set') return [['BY', draw.pick(['w_*', 'h_*->f'])], withLimit];
  if (from === 'zset') return [['BY', draw.pick(['w_*', 'h_*->f', 'w_', 'x'])], withLimit];
  return [['BY', draw.pick(patterns)], draw.chance(0.5) ? withLimit : ['ALPHA']];
};

const options = (draw: Draw, from: string, mayStore: boolean): string[] => [
  ...draw.options(
    ...order(draw, from),
    ['DESC'],
    ['ASC'],
    ['GET', draw.pick(patterns)],
    ['GET', '#'],
    ...(mayStore ? [['STORE', draw.pick(['dst', 'list'])]] : []),
  ),
];

export const sorting: Grammar = {
  group: 'sort',
  commands: [
    {
      name: 'RPUSH',
      weight: 3,
      mutable: false,
      args: (d) => [d.pick(['list', 'words']), element(d), element(d)],
    },
    { name: 'RPUSH', mutable: false, args: (d) => ['words', d.pick(words)] },
    { name: 'SADD', weight: 3, mutable: false, args: (d) => ['set', element(d), element(d)] },
    {
      name: 'ZADD',
      weight: 3,
      mutable: false,
      args: (d) => ['zset', String(d.below(5)), element(d)],
    },
    { name: 'SET', weight: 3, args: (d) => [`w_${element(d)}`, d.pick([...numbers, 'x', ''])] },
    { name: 'HSET', weight: 3, args: (d) => [`h_${element(d)}`, d.pick(['f', 'g']), element(d)] },
    {
      name: 'SORT',
      weight: 12,
      mutable: false,
      args: (d) => {
        const from = source(d);
        return [from, ...options(d, from, true)];
      },
    },
    {
      name: 'SORT_RO',
      weight: 3,
      mutable: false,
      args: (d) => {
        const from = source(d);
        return [from, ...options(d, from, false)];
      },
    },
    {
      name: 'SORT',
      weight: 2,
      mutable: false,
      args: (d) => ['words', 'ALPHA', ...d.options(['DESC'], ['STORE', 'dst'])],
    },
    { name: 'LRANGE', args: () => ['dst', '0', '-1'] },
    { name: 'OBJECT', args: (d) => ['ENCODING', d.pick(['list', 'set', 'zset', 'dst'])] },
    { name: 'DEL', args: (d) => [d.pick(['list', 'set', 'zset', 'dst', 'words'])] },
  ],
};
