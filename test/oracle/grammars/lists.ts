// Lists: both encodings and nodes of every limit, for the limits are changed in the middle of a
// stream. Blocking commands wait for a few milliseconds only; who wakes whom is tested elsewhere.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const listKeys = ['l1', 'l2', 'l3', 'l4'];
/** Few, so that searches find something; texts and integers that look alike among them. */
const elements = ['a', 'b', 'c', '1', '2', '-5', '0', '007', '100', '5000', '9007199254740993'];

const key = (draw: Draw): string => (draw.chance(0.9) ? draw.pick(listKeys) : draw.key());

function element(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 14) return draw.pick(elements);
  if (kind < 18) return draw.value();
  return draw.pick(['m', 'n']).repeat(draw.between(60, kind < 19 ? 300 : 5000));
}

const several = (draw: Draw): string[] => {
  const count = draw.chance(0.1) ? draw.between(10, 60) : draw.between(1, 4);
  return Array.from({ length: count }, () => element(draw));
};

const index = (draw: Draw): string =>
  draw.chance(0.85) ? String(draw.between(-30, 30)) : draw.integer();

const count = (draw: Draw): string => {
  const kind = draw.below(10);
  if (kind < 8) return String(draw.below(6));
  return kind < 9 ? String(draw.below(100)) : draw.integer();
};

const side = (draw: Draw): string =>
  draw.chance(0.97) ? draw.cased(draw.pick(['left', 'right'])) : draw.junk();

/** Seconds: over at once, or refused. Never for ever. */
const timeout = (draw: Draw): string => {
  if (draw.chance(0.8)) return draw.pick(['0.001', '0.003', '1e-3', '0.0000001']);
  return draw.pick(['-1', '-0.01', 'x', '', 'nan', 'inf', '1e300', '9223372036854775807', ' 1']);
};

const keyCount = (draw: Draw, keys: readonly string[]): string => {
  if (draw.chance(0.95)) return String(keys.length);
  return draw.pick(['0', '-1', 'x', '1', '2', '3', '100']);
};

const severalKeys = (draw: Draw): string[] =>
  Array.from({ length: draw.between(1, 3) }, () => key(draw));

const popSeveral = (draw: Draw): string[] => {
  const keys = severalKeys(draw);
  const options = draw.chance(0.6) ? [draw.cased('count'), count(draw)] : [];
  return [keyCount(draw, keys), ...keys, side(draw), ...options];
};

export const lists: Grammar = {
  group: 'lists',
  before: [['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0']],
  commands: [
    { name: 'RPUSH', weight: 7, args: (d) => [key(d), ...several(d)] },
    { name: 'LPUSH', weight: 5, args: (d) => [key(d), ...several(d)] },
    { name: 'RPUSHX', args: (d) => [key(d), ...several(d)] },
    { name: 'LPUSHX', args: (d) => [key(d), ...several(d)] },
    { name: 'LPOP', weight: 2, args: (d) => [key(d), ...(d.chance(0.5) ? [count(d)] : [])] },
    { name: 'RPOP', weight: 2, args: (d) => [key(d), ...(d.chance(0.5) ? [count(d)] : [])] },
    { name: 'LLEN', args: (d) => [key(d)] },
    { name: 'LINDEX', weight: 2, args: (d) => [key(d), index(d)] },
    { name: 'LSET', weight: 3, args: (d) => [key(d), index(d), element(d)] },
    { name: 'LRANGE', weight: 4, args: (d) => [key(d), index(d), index(d)] },
    { name: 'LTRIM', args: (d) => [key(d), index(d), index(d)] },
    {
      name: 'LINSERT',
      weight: 4,
      args: (d) => [key(d), d.cased(d.pick(['before', 'after'])), element(d), element(d)],
    },
    { name: 'LREM', weight: 2, args: (d) => [key(d), d.smallInteger(), element(d)] },
    {
      name: 'LPOS',
      weight: 3,
      args: (d) => {
        const rank = d.smallInteger();
        const options = d.options(['RANK', rank], ['COUNT', count(d)], ['MAXLEN', count(d)]);
        return [key(d), element(d), ...options];
      },
    },
    { name: 'LMOVE', weight: 3, args: (d) => [key(d), key(d), side(d), side(d)] },
    { name: 'RPOPLPUSH', args: (d) => [key(d), key(d)] },
    { name: 'LMPOP', weight: 2, args: popSeveral },
    // Another argument could make these wait for ever.
    { name: 'BLPOP', weight: 0.5, mutable: false, args: (d) => [...severalKeys(d), timeout(d)] },
    { name: 'BRPOP', weight: 0.5, mutable: false, args: (d) => [...severalKeys(d), timeout(d)] },
    { name: 'BRPOPLPUSH', weight: 0.5, mutable: false, args: (d) => [key(d), key(d), timeout(d)] },
    {
      name: 'BLMOVE',
      weight: 0.5,
      mutable: false,
      args: (d) => [key(d), key(d), side(d), side(d), timeout(d)],
    },
    { name: 'BLMPOP', weight: 0.5, mutable: false, args: (d) => [timeout(d), ...popSeveral(d)] },
    { name: 'OBJECT', args: (d) => [d.cased('encoding'), key(d)] },
    { name: 'TYPE', args: (d) => [key(d)] },
    { name: 'COPY', weight: 0.5, args: (d) => [key(d), key(d), ...d.options(['REPLACE'])] },
    { name: 'RENAME', weight: 0.5, args: (d) => [key(d), key(d)] },
    { name: 'DEL', weight: 0.5, args: (d) => [key(d)] },
    { name: 'SET', weight: 0.2, args: (d) => [key(d), d.value()] },
    {
      name: 'CONFIG',
      weight: 0.5,
      mutable: false,
      args: (d) => {
        const size = d.pick(['-2', '-1', '-5', '0', '1', '2', '4', '16', '128']);
        return ['SET', 'list-max-listpack-size', size];
      },
    },
    {
      name: 'DEBUG',
      weight: 0.3,
      mutable: false,
      args: (d) => ['QUICKLIST-PACKED-THRESHOLD', d.pick(['0', '70b', '1kb', '4kb'])],
    },
  ],
  after: [['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0']],
};
