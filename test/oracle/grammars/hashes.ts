// Hashes in both encodings: the limits are small and changed in the middle of a stream. The times
// of fields came after the oracle's version; unit tests have them.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const hashKeys = ['h1', 'h2', 'h3'];
const fields = ['a', 'b', 'c', 'd', '1', '2', '-5', '007', '', 'field'];
const numbers = ['0', '1', '-1', '10', '3.0e3', '1.5', '-0.25', '9223372036854775807', '1e400'];

const key = (draw: Draw): string => (draw.chance(0.93) ? draw.pick(hashKeys) : draw.key());

function field(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 16) return draw.pick(fields);
  return kind < 19 ? `f${draw.below(30)}` : draw.value();
}

function value(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 9) return draw.pick(numbers);
  if (kind < 18) return draw.value();
  return 'v'.repeat(draw.pick([7, 8, 9, 64, 65, 1020, 1030, 3000]));
}

const pairs = (draw: Draw): string[] => {
  const count = draw.chance(0.1) ? draw.between(5, 40) : draw.between(1, 3);
  const list = Array.from({ length: count }, () => [field(draw), value(draw)]).flat();
  return draw.chance(0.03) ? list.slice(1) : list;
};

const severalFields = (draw: Draw): string[] =>
  Array.from({ length: draw.between(1, 4) }, () => field(draw));

const count = (draw: Draw): string => {
  if (draw.chance(0.75)) return String(draw.between(-8, 8));
  const odd = ['200', 'x', '', '1.5', '-9223372036854775808', '-9223372036854775807'];
  return draw.pick([...odd, '4611686018427387905', '-4611686018427387905']);
};

/** A negative count draws with repetition: not one that asks for billions. */
const randomCount = (draw: Draw): string => {
  const drawn = count(draw);
  return drawn === '-9223372036854775807' || drawn === '-4611686018427387905' ? '-3' : drawn;
};

export const hashes: Grammar = {
  group: 'hashes',
  before: [
    ['CONFIG', 'SET', 'hash-max-listpack-entries', '6'],
    ['CONFIG', 'SET', 'hash-max-listpack-value', '64'],
  ],
  after: [['CONFIG', 'SET', 'hash-max-listpack-entries', '128']],
  commands: [
    { name: 'HSET', weight: 8, args: (d) => [key(d), ...pairs(d)] },
    { name: 'HMSET', args: (d) => [key(d), ...pairs(d)] },
    { name: 'HSETNX', args: (d) => [key(d), field(d), value(d)] },
    { name: 'HGET', weight: 3, args: (d) => [key(d), field(d)] },
    { name: 'HMGET', weight: 2, args: (d) => [key(d), ...severalFields(d)] },
    { name: 'HGETALL', weight: 2, args: (d) => [key(d)] },
    { name: 'HKEYS', args: (d) => [key(d)] },
    { name: 'HVALS', args: (d) => [key(d)] },
    { name: 'HLEN', args: (d) => [key(d)] },
    { name: 'HSTRLEN', args: (d) => [key(d), field(d)] },
    { name: 'HEXISTS', args: (d) => [key(d), field(d)] },
    { name: 'HDEL', weight: 3, args: (d) => [key(d), ...severalFields(d)] },
    {
      name: 'HINCRBY',
      weight: 2,
      args: (d) => [key(d), field(d), d.chance(0.7) ? d.smallInteger() : d.integer()],
    },
    { name: 'HINCRBYFLOAT', weight: 2, args: (d) => [key(d), field(d), d.float()] },
    {
      name: 'HRANDFIELD',
      weight: 2,
      args: (d) => {
        if (d.chance(0.3)) return [key(d)];
        return [key(d), randomCount(d), ...(d.chance(0.4) ? [d.cased('withvalues')] : [])];
      },
      mutable: false,
    },
    {
      name: 'HSCAN',
      args: (d) => [
        key(d),
        d.chance(0.9) ? '0' : d.pick(['x', '-1', '']),
        'COUNT',
        d.chance(0.9) ? '1000' : d.pick(['0', '-1', 'x']),
        ...(d.chance(0.3) ? ['MATCH', d.pick(['*', 'f1*', '?', '[a-b]', '-*'])] : []),
      ],
    },
    { name: 'OBJECT', args: (d) => ['ENCODING', d.pick(hashKeys)] },
    { name: 'DEL', args: (d) => [key(d)] },
    { name: 'SET', mutable: false, args: (d) => [d.pick(hashKeys), 'string'] },
    { name: 'COPY', args: (d) => [key(d), key(d), ...d.options(['REPLACE'])] },
    { name: 'RENAME', args: (d) => [key(d), key(d)] },
    {
      name: 'CONFIG',
      mutable: false,
      args: (d) =>
        d.chance(0.5)
          ? ['SET', 'hash-max-listpack-entries', d.pick(['0', '3', '6', '128'])]
          : ['SET', 'hash-max-listpack-value', d.pick(['0', '8', '64'])],
    },
  ],
};
