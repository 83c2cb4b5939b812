// Geo: places by which distances, boxes and the edges of the grid are met. Each member has a place
// of its own that most commands give it again, so that no two are equally far from a third and the
// order is never left to chance. What STOREDIST stores is compared without its last digits
// (compare.ts), which hang on the machine's mathematics, and is deleted before the digest.
import type { Draw } from '../draw.ts';
import type { CommandGrammar, Grammar } from '../grammar.ts';

const geoKeys = ['g1', 'g2', 'g3'];
/** Where distances are stored. */
const distanceKey = 'dist1';

const members = Array.from({ length: 40 }, (_, i) => `p${i}`);

/** The place of a member: spread over the earth, with many in one region. */
function placeOf(member: string): [string, string] {
  const n = Number(member.slice(1));
  if (n < 25)
    return [(13 + ((n * 37) % 50) / 17).toFixed(6), (37 + ((n * 29) % 50) / 19).toFixed(6)];
  return [String(((n * 9973) % 3590) / 10 - 179), String(((n * 7919) % 1690) / 10 - 84.3)];
}

const edgePlaces: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['180', '0'],
  ['-180', '0'],
  ['179.999999', '85.05112878'],
  ['-180', '-85.05112878'],
  ['180', '85.05112878'],
  ['1e-7', '-1e-9'],
  ['0.1', '-0.3'],
  ['15.087269', '37.502669'],
];
const badPlaces: readonly (readonly [string, string])[] = [
  ['180.0001', '0'],
  ['0', '85.06'],
  ['-200.0078125', '1e22'],
  ['inf', '0'],
  ['x', '0'],
  ['0', ''],
  ['nan', 'nan'],
  ['', '91'],
];

const key = (draw: Draw): string =>
  draw.chance(0.95) ? draw.pick(geoKeys) : draw.pick(['missing', 'str', 'plain']);
const member = (draw: Draw): string =>
  draw.chance(0.96) ? draw.pick(members) : draw.pick(['', 'nobody', 'p1 ']);

function place(draw: Draw): readonly [string, string] {
  const kind = draw.below(20);
  if (kind < 16)
    return [(13 + draw.below(3000) / 1000).toFixed(4), (37 + draw.below(3000) / 999).toFixed(4)];
  if (kind < 18) return [String(draw.between(-179, 179)), String(draw.between(-85, 85))];
  return kind < 19 ? draw.pick(edgePlaces) : draw.pick(badPlaces);
}

const added = (draw: Draw): string[] => {
  const name = member(draw);
  if (!members.includes(name)) return [...place(draw), name];
  return [...(draw.chance(0.02) ? draw.pick(badPlaces) : placeOf(name)), name];
};

const unit = (draw: Draw): string =>
  draw.chance(0.97)
    ? draw.cased(draw.pick(['m', 'km', 'ft', 'mi']))
    : draw.pick(['', 'meter', 'x']);

const distance = (draw: Draw): string => {
  const kind = draw.below(20);
  if (kind < 6) return String(draw.between(1, 300));
  if (kind < 11) return String(draw.between(1000, 500_000));
  if (kind < 15) return String(draw.between(500_000, 30_000_000));
  if (kind < 18) return draw.pick(['0', '0.5', '1.5e2', '1e7', '1e300', 'inf', '5000']);
  return draw.pick(['-1', 'x', '', 'nan', '-0.5']);
};

const radius = (draw: Draw): string[] => [distance(draw), unit(draw)];

const count = (draw: Draw): string =>
  draw.chance(0.9)
    ? String(draw.between(1, 12))
    : draw.pick(['0', '-1', 'x', '', '9223372036854775807']);

const limits = (draw: Draw): string[][] => [
  [draw.cased('count'), count(draw), ...(draw.chance(0.3) ? [draw.cased('any')] : [])],
  [draw.cased(draw.pick(['asc', 'desc']))],
];

const extras = (draw: Draw): string[][] => [
  [draw.cased('withdist')],
  [draw.cased('withhash')],
  [draw.cased('withcoord')],
];

const some = (draw: Draw, choices: readonly string[][]): string[] =>
  draw.shuffle(choices.filter(() => draw.chance(0.4))).flat();

const storing = (draw: Draw): string[][] => {
  if (draw.chance(0.7)) return [];
  if (draw.chance(0.5)) return [[draw.cased('store'), draw.pick(geoKeys)]];
  return [[draw.cased('storedist'), distanceKey]];
};

const origin = (draw: Draw): string[] => {
  if (draw.chance(0.02)) return [];
  if (draw.chance(0.5)) return [draw.cased('frommember'), member(draw)];
  return [draw.cased('fromlonlat'), ...place(draw)];
};

const shape = (draw: Draw): string[] => {
  if (draw.chance(0.02)) return [];
  if (draw.chance(0.5)) return [draw.cased('byradius'), ...radius(draw)];
  return [draw.cased('bybox'), distance(draw), ...radius(draw)];
};

const commands: CommandGrammar[] = [
  {
    name: 'GEOADD',
    weight: 8,
    args: (d) => {
      const most = d.chance(0.2) ? 20 : 4;
      const places = Array.from({ length: d.between(1, most) }, () => added(d)).flat();
      return [key(d), ...some(d, [['NX'], ['XX'], ['ch']]), ...places];
    },
    mutable: false,
  },
  {
    name: 'GEODIST',
    weight: 2,
    args: (d) => [key(d), member(d), member(d), ...(d.chance(0.6) ? [unit(d)] : [])],
  },
  { name: 'GEOHASH', args: (d) => [key(d), member(d), member(d)] },
  { name: 'GEOPOS', weight: 2, args: (d) => [key(d), member(d), member(d)] },
  {
    name: 'GEOSEARCH',
    weight: 6,
    args: (d) => [
      key(d),
      ...d.shuffle([origin(d), shape(d), some(d, [...limits(d), ...extras(d)])]).flat(),
    ],
  },
  {
    name: 'GEOSEARCHSTORE',
    weight: 2,
    args: (d) => {
      const storesDistance = d.chance(0.3);
      const wrong = d.chance(0.05) ? d.pick(extras(d)) : [];
      const options = [...some(d, limits(d)), ...wrong, ...(storesDistance ? ['STOREDIST'] : [])];
      const target = storesDistance ? distanceKey : d.pick(geoKeys);
      return [target, key(d), ...d.shuffle([origin(d), shape(d), options]).flat()];
    },
    mutable: false,
  },
  {
    name: 'GEORADIUS',
    weight: 3,
    args: (d) => [
      key(d),
      ...place(d),
      ...radius(d),
      ...some(d, [...limits(d), ...extras(d)]),
      ...storing(d).flat(),
    ],
    mutable: false,
  },
  {
    name: 'GEORADIUSBYMEMBER',
    weight: 2,
    args: (d) => [
      key(d),
      member(d),
      ...radius(d),
      ...some(d, [...limits(d), ...extras(d)]),
      ...storing(d).flat(),
    ],
    mutable: false,
  },
  {
    name: 'GEORADIUS_RO',
    args: (d) => [key(d), ...place(d), ...radius(d), ...some(d, [...limits(d), ...extras(d)])],
  },
  {
    name: 'GEORADIUSBYMEMBER_RO',
    args: (d) => [key(d), member(d), ...radius(d), ...some(d, [...limits(d), ...extras(d)])],
  },
  { name: 'ZRANGE', args: (d) => [d.pick(geoKeys), '0', '-1', 'WITHSCORES'], mutable: false },
  { name: 'ZRANGE', args: () => [distanceKey, '0', '-1', 'WITHSCORES'], mutable: false },
  { name: 'ZREM', args: (d) => [d.pick(geoKeys), member(d)], mutable: false },
  // Scores that no place has: they are read as some place all the same.
  {
    name: 'ZADD',
    weight: 0.5,
    args: (d) => {
      const odd = ['0', '1', '-1', '-4503599627370496', '4503599627370495', '4503599627370496'];
      const far = ['9007199254740992', '1e18', '1.5e19', '1e30', '-1e30', 'inf', '-inf', '12.75'];
      return ['plain', d.pick([...odd, ...far]), d.pick(members)];
    },
    mutable: false,
  },
  { name: 'GEOPOS', args: (d) => ['plain', member(d), member(d)], mutable: false },
  { name: 'GEOHASH', args: (d) => ['plain', member(d), member(d)], mutable: false },
  { name: 'OBJECT', args: (d) => ['ENCODING', d.pick(geoKeys)] },
  {
    name: 'CONFIG',
    weight: 0.4,
    args: (d) => ['SET', 'zset-max-listpack-entries', d.pick(['0', '4', '128'])],
    mutable: false,
  },
];

export const geo: Grammar = {
  group: 'geo',
  before: [
    ['SET', 'str', 'text'],
    ['CONFIG', 'SET', 'zset-max-listpack-entries', '128'],
  ],
  commands,
  after: [
    ['DEL', distanceKey],
    ['CONFIG', 'SET', 'zset-max-listpack-entries', '128'],
  ],
};
