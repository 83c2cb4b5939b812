// Keys and databases: expiry, renaming, copying, scanning, OBJECT, SELECT, SWAPDB, FLUSH*.
import type { Draw } from '../draw.ts';
import type { CommandGrammar, Grammar } from '../grammar.ts';

const database = (draw: Draw): string =>
  draw.chance(0.85) ? String(draw.below(3)) : draw.pick(['15', '16', '-1', 'x', '', '9999999999']);

const expireFlags = (draw: Draw): string[] =>
  draw.chance(0.5) ? [] : draw.options(['NX'], ['XX'], ['GT'], ['LT'], ['ZZ']);

const expire = (name: string, when: (draw: Draw) => string): CommandGrammar => ({
  name,
  weight: 2,
  args: (draw) => [draw.key(), when(draw), ...expireFlags(draw)],
});

const flushMode = (draw: Draw): string[] => {
  if (draw.chance(0.5)) return [];
  return [draw.cased(draw.pick(['SYNC', 'ASYNC', 'LATER']))];
};

/** Payloads that the real server has made of a string and a list, and one that is damaged. */
const PAYLOADS = [
  '0001610a00bffeef9b8f367db4',
  '1201020c0c00000002008161020101ff0a0094962b23ac17aa85',
  '00c0010a00',
];

const restoreArguments = (draw: Draw): string[] => [
  draw.key(),
  draw.chance(0.7) ? draw.pick(['0', '0', '100000', '-1', 'x']) : draw.ttlMilliseconds(),
  Buffer.from(draw.pick(PAYLOADS), 'hex').toString('latin1'),
  ...draw.options(['REPLACE'], ['ABSTTL'], ['IDLETIME', draw.pick(['1', '-1', 'x'])], ['ZZ']),
  ...draw.options(['FREQ', draw.pick(['1', '256', '-1'])]),
];

export const keys: Grammar = {
  group: 'keys',
  commands: [
    { name: 'SET', weight: 8, args: (d) => [d.key(), d.value(), ...d.options(['KEEPTTL'])] },
    { name: 'SETEX', weight: 2, args: (d) => [d.key(), d.ttlSeconds(), d.value()] },
    { name: 'GET', weight: 2, args: (d) => [d.key()] },
    {
      name: 'COPY',
      weight: 3,
      args: (d) => [d.key(), d.key(), ...d.options(['DB', database(d)], ['REPLACE'])],
    },
    { name: 'DUMP', weight: 2, args: (d) => [d.key()] },
    { name: 'RESTORE', weight: 3, args: restoreArguments },
    { name: 'DEL', args: (d) => d.keys(3) },
    { name: 'UNLINK', args: (d) => d.keys(3) },
    { name: 'EXISTS', args: (d) => d.keys(4) },
    { name: 'TOUCH', args: (d) => d.keys(4) },
    expire('EXPIRE', (d) => d.ttlSeconds()),
    expire('PEXPIRE', (d) => d.ttlMilliseconds()),
    expire('EXPIREAT', (d) => d.unixSeconds()),
    expire('PEXPIREAT', (d) => d.unixMilliseconds()),
    { name: 'TTL', weight: 2, args: (d) => [d.key()] },
    { name: 'PTTL', weight: 2, args: (d) => [d.key()] },
    { name: 'EXPIRETIME', weight: 2, args: (d) => [d.key()] },
    { name: 'PEXPIRETIME', weight: 2, args: (d) => [d.key()] },
    { name: 'PERSIST', args: (d) => [d.key()] },
    { name: 'KEYS', args: (d) => [d.pattern()] },
    { name: 'MOVE', weight: 2, args: (d) => [d.key(), database(d)] },
    {
      name: 'OBJECT',
      weight: 2,
      args: (d) => {
        const words = ['ENCODING', 'ENCODING', 'REFCOUNT', 'IDLETIME', 'FREQ', 'SHAPE'];
        return [d.cased(d.pick(words)), d.key()];
      },
    },
    { name: 'RANDOMKEY', args: () => [] },
    { name: 'RENAME', weight: 2, args: (d) => [d.key(), d.key()] },
    { name: 'RENAMENX', weight: 2, args: (d) => [d.key(), d.key()] },
    {
      name: 'SCAN',
      weight: 2,
      args: (d) => {
        const cursor = d.chance(0.9) ? '0' : d.pick(['x', '', '-1', '1', '18446744073709551616']);
        const count = d.chance(0.8) ? '1000' : d.integer();
        const type = d.pick(['string', 'list', 'STRING', 'nosuchtype', '']);
        return [cursor, ...d.options(['MATCH', d.pattern()], ['COUNT', count], ['TYPE', type])];
      },
    },
    { name: 'TYPE', weight: 2, args: (d) => [d.key()] },
    { name: 'SELECT', weight: 2, args: (d) => [database(d)] },
    { name: 'SWAPDB', args: (d) => [database(d), database(d)] },
    { name: 'FLUSHDB', weight: 0.3, args: flushMode },
    { name: 'FLUSHALL', weight: 0.2, args: flushMode },
    { name: 'DBSIZE', args: () => [] },
    {
      name: 'DEBUG',
      args: (d) => ['DIGEST-VALUE', ...d.keys(3)],
      mutable: false,
    },
  ],
};
