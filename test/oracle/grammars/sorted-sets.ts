// Sorted sets in both encodings: the limits are small at first and changed in the middle of a
// stream. Few members and scores, so that commands meet, with the scores at which text and numbers
// go wrong. Ranges of members are asked only of sets in which all scores are equal, or of
// listpacks: what the real server's skiplist answers otherwise hangs on chance.
import type { Draw } from '../draw.ts';
import type { CommandGrammar, Grammar } from '../grammar.ts';

const setKeys = ['z1', 'z2', 'z3', 'z4'];
/** All scores are 0 here. */
const lexKeys = ['lex1', 'lex2'];
const members = ['a', 'b', 'c', 'd', 'e', 'f', 'aa', 'ab', 'B', '1', '2', '10', '007', '-5', ''];
const plainScores = ['0', '1', '2', '3', '-1', '1.5', '2.25', '0.1', '-0.3', '10', '100', '7'];
// Not -0: where 7.0 still keeps a listpack, which forgets its sign, 7.2 may not.
const oddScores = [
  ...['inf', '-inf', '+inf', 'Infinity', '1e10', '1e17', '1e20', '-1e22', '1e300', '3.0e3'],
  ...['9007199254740993', '4611686018427387904', '9223372036854775807', '1e-7', '5e-324', '0x1p3'],
  ...[
    '0.30000000000000004',
    '123456789.123456789',
    '1.7976931348623157e308',
    '1000000',
    '.5',
    '5.',
  ],
];
const badScores = ['', 'nan', 'abc', ' 1', '1 ', '1e5000', '1,5', '1\u0000', '--1', '(1'];

const key = (draw: Draw): string => (draw.chance(0.93) ? draw.pick(setKeys) : draw.key());
const lexKey = (draw: Draw): string =>
  draw.pick(draw.chance(0.97) ? lexKeys : ['missing', 'str', 's1']);

function member(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 16) return draw.pick(members);
  if (kind < 18) return `m${draw.below(40)}`;
  if (kind < 19) return draw.bytes(draw.below(6)).toString('latin1');
  return draw.pick(['x', 'y']).repeat(draw.between(60, 68));
}

function score(draw: Draw): string {
  const kind = draw.below(20);
  if (kind < 14) return draw.pick(plainScores);
  return kind < 19 || draw.chance(0.5) ? draw.pick(oddScores) : draw.pick(badScores);
}

const pairs = (draw: Draw): string[] => {
  const most = draw.chance(0.1) ? 30 : 4;
  return Array.from({ length: draw.between(1, most) }, () => [score(draw), member(draw)]).flat();
};

const addOptions = (draw: Draw): string[] =>
  draw.chance(0.6) ? [] : draw.options(['NX'], ['XX'], ['GT'], ['LT'], ['CH'], ['INCR']);

const scoreBound = (draw: Draw): string => {
  if (draw.chance(0.04)) {
    return draw.pick([...badScores, '((1', '(', '( 1', 'x', '(nan', '1e999', '(-1e999', '\t2']);
  }
  const exclusive = draw.chance(0.3) ? '(' : '';
  if (draw.chance(0.3)) return exclusive + draw.pick(['-inf', '+inf', 'inf', '-INF']);
  return exclusive + score(draw);
};

const lexBound = (draw: Draw): string => {
  if (draw.chance(0.04)) return draw.pick(['', 'a', '++', '+x', '--', '-\u0000', ' [a']);
  if (draw.chance(0.3)) return draw.pick(['-', '+']);
  return draw.pick(['[', '(', '[']) + (draw.chance(0.9) ? member(draw) : '');
};

const rank = (draw: Draw): string =>
  draw.chance(0.9) ? String(draw.between(-8, 12)) : draw.integer();

const limit = (draw: Draw): string[] =>
  draw.chance(0.5) ? [] : [draw.cased('limit'), smallCount(draw), smallCount(draw)];

const smallCount = (draw: Draw): string =>
  draw.chance(0.9) ? String(draw.between(-2, 6)) : draw.integer();

const withScores = (draw: Draw): string[] => (draw.chance(0.5) ? [draw.cased('withscores')] : []);

const count = (draw: Draw): string =>
  draw.chance(0.85) ? String(draw.below(6)) : draw.smallInteger();

const both = (draw: Draw, one: string[], other: string[]): string[] =>
  draw.chance(0.5) ? [...one, ...other] : [...other, ...one];

/** ZRANGE's arguments after the key, in each of its forms. */
function range(draw: Draw, stores: boolean): { lex: boolean; args: string[] } {
  const kind = draw.below(10);
  const reverse = draw.chance(0.4) ? [draw.cased('rev')] : [];
  const scores = !stores || draw.chance(0.03) ? withScores(draw) : [];
  if (kind < 4) {
    const wrong = draw.chance(0.05) ? ['LIMIT', '0', draw.pick(['-1', '1'])] : [];
    return { lex: false, args: [rank(draw), rank(draw), ...both(draw, reverse, scores), ...wrong] };
  }
  if (kind < 8) {
    const options = both(draw, [draw.cased('byscore'), ...reverse], [...limit(draw), ...scores]);
    return { lex: false, args: [scoreBound(draw), scoreBound(draw), ...options] };
  }
  const wrong = draw.chance(0.05) ? ['WITHSCORES'] : [];
  const options = both(draw, [draw.cased('bylex'), ...reverse], [...limit(draw), ...wrong]);
  return { lex: true, args: [lexBound(draw), lexBound(draw), ...options] };
}

const side = (draw: Draw): string =>
  draw.chance(0.97) ? draw.cased(draw.pick(['min', 'max'])) : draw.junk();

const sources = (draw: Draw): string[] => {
  const pool = [...setKeys, ...setKeys, ...lexKeys, 's1', 's2', 'missing', 'str'];
  const chosen = Array.from({ length: draw.between(1, 4) }, () => draw.pick(pool));
  return chosen.filter((name) => name !== 'str' || draw.chance(0.1));
};

const keyCount = (draw: Draw, keys: readonly string[]): string =>
  draw.chance(0.95) ? String(keys.length) : draw.pick(['0', '-1', 'x', '1', '2', '3', '100']);

const weights = (draw: Draw, keys: readonly string[]): string[] => {
  const most = draw.chance(0.95) ? keys.length : keys.length + draw.between(-1, 1);
  const values = Array.from({ length: Math.max(0, most) }, () => score(draw));
  return [draw.cased('weights'), ...values];
};

const aggregate = (draw: Draw): string[] => [
  draw.cased('aggregate'),
  draw.chance(0.95) ? draw.cased(draw.pick(['sum', 'min', 'max'])) : draw.junk(),
];

function combination(name: string, stores: boolean): CommandGrammar {
  return {
    name,
    args: (d) => {
      const keys = sources(d);
      const options: string[][] = [];
      if (!name.startsWith('ZDIFF') || d.chance(0.03)) {
        if (d.chance(0.4)) options.push(weights(d, keys));
        if (d.chance(0.4)) options.push(aggregate(d));
      }
      if ((!stores || d.chance(0.03)) && d.chance(0.5)) options.push([d.cased('withscores')]);
      const target = stores ? [key(d)] : [];
      return [...target, keyCount(d, keys), ...keys, ...d.shuffle(options).flat()];
    },
  };
}

const popSeveral = (draw: Draw): string[] => {
  const keys = Array.from({ length: draw.between(1, 3) }, () => key(draw));
  const options = draw.chance(0.6) ? [draw.cased('count'), count(draw)] : [];
  return [keyCount(draw, keys), ...keys, side(draw), ...options];
};

/** Seconds: over at once, or refused. Never for ever. */
const timeout = (draw: Draw): string =>
  draw.chance(0.8)
    ? draw.pick(['0.001', '0.003', '1e-3'])
    : draw.pick(['-1', 'x', '', 'nan', ' 1']);

const lexPairs = (draw: Draw): string[] =>
  Array.from({ length: draw.between(1, 6) }, () => ['0', member(draw)]).flat();

const reading: CommandGrammar[] = [
  { name: 'ZCARD', args: (d) => [key(d)] },
  { name: 'ZCOUNT', weight: 2, args: (d) => [key(d), scoreBound(d), scoreBound(d)] },
  { name: 'ZLEXCOUNT', weight: 2, args: (d) => [lexKey(d), lexBound(d), lexBound(d)] },
  { name: 'ZSCORE', weight: 2, args: (d) => [key(d), member(d)] },
  { name: 'ZMSCORE', args: (d) => [key(d), member(d), member(d), member(d)] },
  {
    name: 'ZRANGE',
    weight: 5,
    args: (d) => {
      const { lex, args } = range(d, false);
      return [lex ? lexKey(d) : key(d), ...args];
    },
  },
  { name: 'ZREVRANGE', args: (d) => [key(d), rank(d), rank(d), ...withScores(d)] },
  {
    name: 'ZRANGEBYSCORE',
    weight: 3,
    args: (d) => [key(d), scoreBound(d), scoreBound(d), ...both(d, limit(d), withScores(d))],
  },
  {
    name: 'ZREVRANGEBYSCORE',
    weight: 2,
    args: (d) => [key(d), scoreBound(d), scoreBound(d), ...both(d, limit(d), withScores(d))],
  },
  {
    name: 'ZRANGEBYLEX',
    weight: 3,
    args: (d) => [lexKey(d), lexBound(d), lexBound(d), ...limit(d)],
  },
  {
    name: 'ZREVRANGEBYLEX',
    weight: 2,
    args: (d) => [lexKey(d), lexBound(d), lexBound(d), ...limit(d)],
  },
  // Members in no order that both servers share, unless all are asked for.
  {
    name: 'ZRANDMEMBER',
    args: (d) => {
      const all = d.pick(['1000', '0', '9223372036854775807', '-9223372036854775808', 'x', '0']);
      return [d.chance(0.8) ? key(d) : 'missing', all, ...withScores(d)];
    },
    mutable: false,
  },
  {
    name: 'ZSCAN',
    args: (d) => [key(d), '0', ...d.options(['COUNT', '1000'], ['MATCH', d.pattern()])],
    mutable: false,
  },
  combination('ZUNION', false),
  combination('ZINTER', false),
  combination('ZDIFF', false),
  {
    name: 'ZINTERCARD',
    args: (d) => {
      const keys = sources(d);
      return [keyCount(d, keys), ...keys, ...d.options(['LIMIT', smallCount(d)])];
    },
  },
  { name: 'OBJECT', weight: 2, args: (d) => [d.cased('encoding'), key(d)] },
];

const writing: CommandGrammar[] = [
  { name: 'ZADD', weight: 12, args: (d) => [key(d), ...addOptions(d), ...pairs(d)] },
  { name: 'ZADD', weight: 4, args: (d) => [d.pick(lexKeys), ...lexPairs(d)], mutable: false },
  { name: 'ZINCRBY', weight: 3, args: (d) => [key(d), score(d), member(d)] },
  {
    name: 'ZREM',
    weight: 3,
    args: (d) => [key(d), member(d), ...(d.chance(0.5) ? [member(d)] : [])],
  },
  { name: 'ZREMRANGEBYRANK', args: (d) => [key(d), rank(d), rank(d)] },
  { name: 'ZREMRANGEBYSCORE', args: (d) => [key(d), scoreBound(d), scoreBound(d)] },
  { name: 'ZREMRANGEBYLEX', args: (d) => [lexKey(d), lexBound(d), lexBound(d)] },
  { name: 'ZPOPMIN', weight: 1.5, args: (d) => [key(d), ...(d.chance(0.5) ? [count(d)] : [])] },
  { name: 'ZPOPMAX', weight: 1.5, args: (d) => [key(d), ...(d.chance(0.5) ? [count(d)] : [])] },
  { name: 'ZMPOP', weight: 2, args: popSeveral },
  // Another argument could make these wait for ever.
  { name: 'BZPOPMIN', weight: 0.5, mutable: false, args: (d) => [key(d), key(d), timeout(d)] },
  { name: 'BZPOPMAX', weight: 0.5, mutable: false, args: (d) => [key(d), timeout(d)] },
  { name: 'BZMPOP', weight: 0.5, mutable: false, args: (d) => [timeout(d), ...popSeveral(d)] },
  {
    name: 'ZRANGESTORE',
    weight: 2,
    args: (d) => {
      const { lex, args } = range(d, true);
      return [key(d), lex ? lexKey(d) : key(d), ...args];
    },
  },
  combination('ZUNIONSTORE', true),
  combination('ZINTERSTORE', true),
  combination('ZDIFFSTORE', true),
  { name: 'SADD', args: (d) => [d.pick(['s1', 's2']), member(d), member(d), member(d)] },
  { name: 'COPY', weight: 0.5, args: (d) => [key(d), key(d), ...d.options(['REPLACE'])] },
  { name: 'RENAME', weight: 0.3, args: (d) => [key(d), key(d)] },
  { name: 'DEL', weight: 0.5, args: (d) => [key(d)] },
  { name: 'SET', weight: 0.2, args: (d) => [key(d), d.value()] },
  {
    name: 'CONFIG',
    weight: 0.7,
    mutable: false,
    args: (d) => ['SET', 'zset-max-listpack-entries', d.pick(['0', '1', '4', '8', '16', '128'])],
  },
  {
    name: 'CONFIG',
    weight: 0.3,
    mutable: false,
    args: (d) => ['SET', 'zset-max-listpack-value', d.pick(['64', '64', '1', '0'])],
  },
];

const defaultLimits = ['zset-max-listpack-entries', '128', 'zset-max-listpack-value', '64'];

export const sortedSets: Grammar = {
  group: 'sorted-sets',
  before: [
    ['SET', 'str', 'text'],
    ['CONFIG', 'SET', 'zset-max-listpack-entries', '8', 'zset-max-listpack-value', '64'],
  ],
  commands: [...reading, ...writing],
  after: [['CONFIG', 'SET', ...defaultLimits]],
};
