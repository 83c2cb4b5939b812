// Strings: SET and its family, counters, ranges, LCS.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const expiry = (draw: Draw): string[][] => [
  ['EX', draw.ttlSeconds()],
  ['PX', draw.ttlMilliseconds()],
  ['EXAT', draw.unixSeconds()],
  ['PXAT', draw.unixMilliseconds()],
];

const pairs = (draw: Draw): string[] =>
  Array.from({ length: draw.between(1, 4) }, () => [draw.key(), draw.value()]).flat();

export const strings: Grammar = {
  group: 'strings',
  commands: [
    { name: 'APPEND', weight: 2, args: (d) => [d.key(), d.value()] },
    { name: 'DECR', args: (d) => [d.key()] },
    { name: 'DECRBY', args: (d) => [d.key(), d.integer()] },
    { name: 'GET', weight: 4, args: (d) => [d.key()] },
    { name: 'GETDEL', args: (d) => [d.key()] },
    { name: 'GETEX', weight: 2, args: (d) => [d.key(), ...d.options(...expiry(d), ['PERSIST'])] },
    { name: 'GETRANGE', weight: 2, args: (d) => [d.key(), d.smallInteger(), d.smallInteger()] },
    { name: 'GETSET', args: (d) => [d.key(), d.value()] },
    { name: 'INCR', weight: 2, args: (d) => [d.key()] },
    { name: 'INCRBY', weight: 2, args: (d) => [d.key(), d.integer()] },
    { name: 'INCRBYFLOAT', weight: 2, args: (d) => [d.key(), d.float()] },
    {
      name: 'LCS',
      args: (d) => {
        const length = d.chance(0.8) ? String(d.below(6)) : d.integer();
        const options = d.options(['LEN'], ['IDX'], ['MINMATCHLEN', length], ['WITHMATCHLEN']);
        return [d.key(), d.key(), ...options];
      },
    },
    { name: 'MGET', args: (d) => d.keys(5) },
    { name: 'MSET', args: pairs },
    { name: 'MSETNX', args: pairs },
    { name: 'PSETEX', args: (d) => [d.key(), d.ttlMilliseconds(), d.value()] },
    {
      name: 'SET',
      weight: 8,
      args: (d) => {
        const options = d.chance(0.6)
          ? d.options(...expiry(d), ['KEEPTTL'], ['NX'], ['XX'], ['GET'])
          : [];
        return [d.key(), d.value(), ...options];
      },
    },
    { name: 'SETEX', args: (d) => [d.key(), d.ttlSeconds(), d.value()] },
    { name: 'SETNX', args: (d) => [d.key(), d.value()] },
    {
      name: 'SETRANGE',
      weight: 2,
      args: (d) => [
        d.key(),
        d.chance(0.05) ? d.pick(['536870912', '2147483647']) : d.offset(),
        d.chance(0.2) ? '' : d.pick(['ab', 'xyz', 'longer value', '\u0000\u0001']),
      ],
    },
    { name: 'STRLEN', args: (d) => [d.key()] },
    { name: 'SUBSTR', args: (d) => [d.key(), d.smallInteger(), d.smallInteger()] },
    { name: 'OBJECT', args: (d) => [d.cased('encoding'), d.key()] },
    { name: 'TTL', args: (d) => [d.key()] },
    { name: 'DEL', args: (d) => d.keys(2) },
  ],
};
