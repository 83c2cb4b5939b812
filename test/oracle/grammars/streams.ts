// Streams: small and large nodes, for the limits are changed in the middle; consumer groups. An ID
// of `*` is drawn for the streams of the far future alone, where it does not depend on the clock.
// Idle times are either nothing or minutes, so that the milliseconds between the servers do not
// count.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const FAR = '99999999999999';
/** Streams whose last ID is later than now; they are never deleted. */
const farKeys = ['s1', 's2', 's3'];
const nearKeys = ['n1', 'n2'];

const smallIds = ['0-1', '0-2', '1-0', '1-1', '1-2', '2-0', '2-5', '3', '5', '5-1', '7-3', '10'];
const edgeIds = [
  '0-0',
  '0',
  '0-18446744073709551615',
  '4294967295-4294967296',
  '9007199254740993-9007199254740993',
  '9223372036854775808-1',
  '18446744073709551615-0',
  '18446744073709551615-18446744073709551614',
  '18446744073709551615-18446744073709551615',
  '18446744073709551615',
];
const badIds = [
  '',
  'x',
  '-',
  '+',
  '1-',
  '-1',
  '1-1-1',
  '1--1',
  '1-+5',
  ' 5',
  '+5',
  '01-1',
  '1-01',
  '1- 3',
  '1-*',
  '1-1\u0000x',
  '18446744073709551616',
  '1-18446744073709551616',
  '1--9223372036854775809',
  '9'.repeat(130),
];

const farId = (draw: Draw): string => `${FAR}-${draw.between(1, 60)}`;

/** An ID that is in a stream or near one that is. */
function id(draw: Draw): string {
  const kind = draw.below(40);
  if (kind < 24) return farId(draw);
  if (kind < 36) return draw.pick(smallIds);
  return draw.pick(kind < 39 ? edgeIds : badIds);
}

const ids = (draw: Draw): string[] => Array.from({ length: draw.between(1, 5) }, () => id(draw));

const key = (draw: Draw): string => {
  const kind = draw.below(20);
  if (kind < 15) return draw.pick(farKeys);
  return kind < 19 ? draw.pick(nearKeys) : draw.key();
};

const group = (draw: Draw): string => draw.pick(['g', 'g', 'g', 'h', 'h', '', 'none', 'a\u0000b']);
const consumer = (draw: Draw): string =>
  draw.pick(['alice', 'alice', 'bob', 'bob', 'zoe', '', 'A']);

const value = (draw: Draw): string => {
  const kind = draw.below(20);
  if (kind < 16) return draw.pick(['', 'v', '1', '-7', '5000', '123456789', 'hello world']);
  return kind < 19 ? draw.value() : 'w'.repeat(draw.between(60, 5000));
};

/** Mostly the same fields, so that nodes can share them. */
function pairs(draw: Draw): string[] {
  const kind = draw.below(10);
  if (kind < 5) return ['field', value(draw)];
  if (kind < 8) return ['field', value(draw), '12', value(draw)];
  const count = draw.between(1, 6);
  return Array.from({ length: count }, () => [draw.value(), value(draw)]).flat();
}

const bound = (draw: Draw, edge: string): string => {
  if (draw.chance(0.4)) return edge;
  return draw.chance(0.2) ? `(${id(draw)}` : id(draw);
};

const count = (draw: Draw): string => {
  if (draw.chance(0.85)) return String(draw.between(1, 12));
  return draw.pick(['0', '-1', '1000', 'x', '', '9223372036854775807', '9223372036854775808']);
};

const withCount = (draw: Draw, chance = 0.5): string[] =>
  draw.chance(chance) ? [draw.cased('count'), count(draw)] : [];

/** MAXLEN or MINID with what belongs to it, and at times with what does not. */
function trimming(draw: Draw): string[] {
  const operator = draw.pick([[], ['='], ['~'], ['~']]);
  const byLength = draw.chance(0.6);
  const length = draw.chance(0.95) ? String(draw.below(20)) : draw.integer();
  const threshold = byLength ? length : id(draw);
  const limit = draw.chance(0.3)
    ? [draw.cased('limit'), draw.pick(['0', '1', '3', '10', '-1', 'x', '1000'])]
    : [];
  return [draw.cased(byLength ? 'maxlen' : 'minid'), ...operator, threshold, ...limit];
}

const minIdle = (draw: Draw): string => {
  const kind = draw.below(10);
  if (kind < 6) return '0';
  return kind < 9
    ? draw.pick(['100000', '500000', '-5'])
    : draw.pick(['x', '', '9223372036854775807']);
};

function streamsAndIds(draw: Draw, special: readonly string[]): string[] {
  const keys = Array.from({ length: draw.between(1, 3) }, () => key(draw));
  const wanted = keys.map(() =>
    draw.chance(0.5) ? draw.pick(special) : draw.pick(['0', '0-0', id(draw)]),
  );
  if (draw.chance(0.03)) wanted.pop();
  // `+` is the last entry since 7.4, which disgo knows, and no ID before.
  const ids = wanted.map((word) => (word === '+' ? '0' : word));
  return [draw.cased('streams'), ...keys, ...ids];
}

/** Over at once, or refused. Never for ever. */
const blocking = (draw: Draw): string[] => [
  draw.cased('block'),
  draw.pick(['1', '2', '3', '-1', 'x', '']),
];

function readGroup(draw: Draw, options: readonly string[]): string[] {
  const noAck = draw.chance(0.15) ? [draw.cased('noack')] : [];
  const names = [draw.cased('group'), draw.chance(0.9) ? 'g' : group(draw), consumer(draw)];
  const special = ['>', '>', '>', '>', '>', '$', edgeIds.at(-2) ?? ''];
  return [...names, ...withCount(draw, 0.8), ...options, ...noAck, ...streamsAndIds(draw, special)];
}

export const streams: Grammar = {
  group: 'streams',
  before: [
    ['CONFIG', 'SET', 'stream-node-max-entries', '100', 'stream-node-max-bytes', '4096'],
    ...farKeys.flatMap((name) => [
      ['XADD', name, `${FAR}-1`, 'field', 'first'],
      ['XADD', name, `${FAR}-2`, 'field', '2', '12', 'second'],
      ['XGROUP', 'CREATE', name, 'g', '0'],
    ]),
  ],
  commands: [
    {
      name: 'XADD',
      weight: 14,
      // A mutated one could make a stream at the clock's time.
      mutable: false,
      args: (d) => {
        const options = d.chance(0.2) ? trimming(d) : [];
        const noMake = d.chance(0.05) ? [d.cased('nomkstream')] : [];
        return [d.pick(farKeys), ...noMake, ...options, '*', ...pairs(d)];
      },
    },
    {
      name: 'XADD',
      weight: 6,
      args: (d) => {
        const options = d.chance(0.25) ? trimming(d) : [];
        const noMake = d.chance(0.1) ? [d.cased('nomkstream')] : [];
        const open = d.pick([
          `${FAR}-*`,
          '0-*',
          '7-*',
          `${d.below(50)}-*`,
          '18446744073709551615-*',
        ]);
        const wanted = d.chance(0.4) ? open : d.chance(0.9) ? id(d) : d.pick(badIds);
        return [key(d), ...d.shuffle([noMake, options]).flat(), wanted, ...pairs(d)];
      },
    },
    { name: 'XLEN', weight: 2, args: (d) => [key(d)] },
    {
      name: 'XRANGE',
      weight: 5,
      args: (d) => [key(d), bound(d, '-'), bound(d, '+'), ...withCount(d)],
    },
    {
      name: 'XREVRANGE',
      weight: 4,
      args: (d) => [key(d), bound(d, '+'), bound(d, '-'), ...withCount(d)],
    },
    {
      name: 'XREAD',
      weight: 4,
      args: (d) => [...withCount(d), ...streamsAndIds(d, ['$', '$', '>', '0'])],
    },
    {
      name: 'XREAD',
      mutable: false,
      args: (d) => [...withCount(d), ...blocking(d), ...streamsAndIds(d, ['$', '$', '>', '0'])],
    },
    { name: 'XREADGROUP', weight: 9, args: (d) => readGroup(d, []) },
    { name: 'XREADGROUP', mutable: false, args: (d) => readGroup(d, blocking(d)) },
    {
      name: 'XGROUP',
      weight: 5,
      args: (d) => {
        const read = [d.cased('entriesread'), d.pick(['0', '3', '-1', '-2', 'x', d.integer()])];
        const start = d.pick(['0', '$', '-', '+', id(d), id(d)]);
        const make = d.chance(0.5) ? [d.cased('mkstream')] : [];
        const options = d.chance(0.4) ? read : [];
        return d.pick([
          [d.cased('create'), key(d), group(d), start, ...d.shuffle([make, options]).flat()],
          [d.cased('create'), d.pick(farKeys), 'g', '0'],
          [d.cased('setid'), key(d), group(d), start, ...options],
          [d.cased('destroy'), key(d), group(d)],
          [d.cased('createconsumer'), key(d), group(d), consumer(d)],
          [d.cased('delconsumer'), key(d), group(d), consumer(d)],
          [d.cased('help')],
        ]);
      },
    },
    { name: 'XACK', weight: 4, args: (d) => [key(d), d.chance(0.8) ? 'g' : group(d), ...ids(d)] },
    {
      name: 'XPENDING',
      weight: 4,
      args: (d) => {
        const names = [key(d), d.chance(0.8) ? 'g' : group(d)];
        if (d.chance(0.3)) return names;
        const idle = d.chance(0.3) ? [d.cased('idle'), minIdle(d)] : [];
        const whose = d.chance(0.4) ? [consumer(d)] : [];
        return [...names, ...idle, bound(d, '-'), bound(d, '+'), count(d), ...whose];
      },
    },
    {
      name: 'XCLAIM',
      weight: 5,
      args: (d) => {
        const times = ['200000', '1000000', '0', '-1', 'x', '9223372036854775807'];
        const options = d.options(
          ['idle', d.pick(times)],
          ['time', d.pick(['0', '-1', '99999999999999', 'x'])],
          ['retrycount', d.pick(['0', '5', '-3', 'x', d.integer()])],
          ['force'],
          ['justid'],
          ['lastid', id(d)],
        );
        const names = [key(d), d.chance(0.9) ? 'g' : group(d), consumer(d)];
        return [...names, minIdle(d), ...ids(d), ...options];
      },
    },
    {
      name: 'XAUTOCLAIM',
      weight: 4,
      args: (d) => {
        const most = d.pick(['1', '2', '3', '100', '0', '-1', 'x', '9223372036854775807']);
        const options = d.options(['count', most], ['justid']);
        const names = [key(d), d.chance(0.9) ? 'g' : group(d), consumer(d)];
        return [...names, minIdle(d), bound(d, '-'), ...options];
      },
    },
    { name: 'XDEL', weight: 5, args: (d) => [key(d), ...ids(d)] },
    { name: 'XTRIM', weight: 4, args: (d) => [key(d), ...trimming(d)] },
    {
      name: 'XSETID',
      weight: 2,
      // Not of streams with deleted entries: 7.0 lets the last ID fall below those.
      mutable: false,
      args: (d) => {
        const added = ['entriesadded', d.chance(0.7) ? String(d.below(100)) : d.integer()];
        const deleted = d.pick(['0-0', '0-1', 'x', '', edgeIds.at(-2) ?? '']);
        const last = d.pick(d.chance(0.9) ? smallIds : badIds);
        const wanted = d.chance(0.2) ? d.pick(edgeIds.slice(2, -2)) : last;
        return [
          d.pick(['x1', 'x2', 'none']),
          wanted,
          ...d.options(added, ['maxdeletedid', deleted]),
        ];
      },
    },
    { name: 'XTRIM', args: (d) => [d.pick(['x1', 'x2']), ...trimming(d)] },
    {
      name: 'XADD',
      weight: 2,
      args: (d) => [d.pick(['x1', 'x2']), `${d.below(12)}-*`, ...pairs(d)],
    },
    { name: 'XINFO', args: (d) => [d.cased('stream'), d.pick(['x1', 'x2'])] },
    {
      name: 'XINFO',
      weight: 6,
      args: (d) => {
        const full = d.chance(0.7) ? [d.cased('full'), ...withCount(d)] : [];
        return d.pick([
          [d.cased('stream'), key(d), ...full],
          [d.cased('stream'), key(d)],
          [d.cased('groups'), key(d)],
          [d.cased('consumers'), key(d), d.chance(0.8) ? 'g' : group(d)],
          [d.cased('help')],
        ]);
      },
    },
    {
      name: 'CONFIG',
      weight: 2,
      mutable: false,
      args: (d) =>
        d.chance(0.5)
          ? ['SET', 'stream-node-max-entries', d.pick(['0', '1', '2', '5', '100', '200'])]
          : ['SET', 'stream-node-max-bytes', d.pick(['0', '4096'])],
    },
    { name: 'DEL', args: (d) => [d.pick(nearKeys)] },
    { name: 'COPY', args: (d) => [key(d), d.pick(nearKeys), ...d.options(['replace'])] },
    { name: 'TYPE', args: (d) => [key(d)] },
    { name: 'OBJECT', args: (d) => [d.cased('encoding'), key(d)] },
  ],
};
