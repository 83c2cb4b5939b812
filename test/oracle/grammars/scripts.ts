// Lua programs: the language, its libraries and those that Redis ships, each line protected, so
// that results and error texts are compared. Tables are shown in the order of pairs.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';
import { wholeProgram } from './script-programs.ts';

/** `P` notes values, `T` runs a function and notes what it gives or why it failed. */
const PROLOGUE = `local out = {}
local function show(v, depth)
  if type(v) ~= 'table' then
    if type(v) == 'string' then return string.format('%q', v) end
    if v == 0 then return '0' end
    if type(v) == 'number' or type(v) == 'boolean' or v == nil then return tostring(v) end
    return type(v)
  end
  if depth > 4 then return '...' end
  local parts, objects = {}, false
  for k, x in pairs(v) do
    parts[#parts + 1] = show(k, depth + 1) .. '=' .. show(x, depth + 1)
    if type(k) == 'table' or type(k) == 'function' then objects = true end
  end
  -- The order of such keys is that of their addresses.
  if objects then table.sort(parts) end
  return '{' .. table.concat(parts, ',') .. '}#' .. #v
end
local function P(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...)), 0) end
  local line = table.concat(parts, ' '):gsub('%-nan', 'nan'):gsub(': 0x%x+', ''):gsub('builtin', '')
  out[#out + 1] = line
end
local function T(f) P(pcall(f)) end
local a, b, c, s, n, t, u = 1, 2.5, nil, 'abc', 10, {1, 2, 3}, {x = 1, y = {z = 's'}}
local mt = setmetatable({v = 7}, {
  __index = function(_, k) return k end, __add = function(l, r) return 'add' end,
  __concat = function() return 'cat' end, __call = function(self, x) return x end,
  __eq = function() return true end, __lt = function() return true end,
  __unm = function() return 'unm' end, __tostring = function() return 'mt' end,
})
`;

const atoms = [
  ...[
    'a',
    'b',
    'c',
    's',
    'n',
    't',
    'u',
    'mt',
    't[1]',
    't[4]',
    'u.x',
    'u.y',
    'u.y.z',
    'u.q',
    'u.q.r',
  ],
  ...[
    'nil',
    'true',
    'false',
    '0',
    '1',
    '-1',
    '2',
    '3',
    '0.5',
    '1e15',
    '2^53',
    '1e100',
    '100',
    '255',
  ],
  ...[
    "''",
    "'x'",
    "'10'",
    "'0x1F'",
    "' 5 '",
    "'abc'",
    "'a\\0b'",
    "'1e2'",
    '"\\255\\1"',
    '[[long]]',
  ],
  ...['{}', '{1,2,3}', '{n=1}', '{1,nil,3}', '#t', '#s', 'mt.zzz', 'mt()', '(...)', 'print', 'f'],
];
const numbers = [
  '0',
  '1',
  '-1',
  '2',
  '3',
  '-2',
  '7',
  '10',
  '100',
  '0.5',
  '-0.5',
  '1e10',
  '2^31',
  '-2^31',
];
const texts = [
  "''",
  "'abc'",
  "'hello world'",
  "'a,b,,c'",
  "'key=value'",
  "'  x  '",
  "'%d'",
  "'ABC'",
];
const moreTexts = ["'f(a(b)c)'", "'\\0\\1\\255'", "('ab'):rep(20)", "'x1y22z333'", "'[a-c]+'"];
const patterns = [
  ...["'l+'", "'(%w+)=(%w+)'", "'%s*'", "'.'", "'^a'", "'c$'", "'[a-c]+'", "'%b()'", "'%f[%w]%w+'"],
  ...[
    "'()b()'",
    "'(a*(.)b)'",
    "'[^,]*'",
    "'%d?%d'",
    "'.-b'",
    "'%'",
    "'[a'",
    "'('",
    "'%1'",
    "'(%w)%1'",
  ],
  ...["''", "'[%a_][%w_]*'", "'[]]'", "'[^]]'", "'%z'", "'a-'", "'[a-]'", "'%g'", "'((((a))))'"],
];
const operators = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '..',
  '==',
  '~=',
  '<',
  '<=',
  '>',
  '>=',
  'and',
  'or',
];
const formats = [
  ...[
    "'%d'",
    "'%5d|'",
    "'%-5d|'",
    "'%05d'",
    "'%+d'",
    "'%x'",
    "'%X'",
    "'%o'",
    "'%c'",
    "'%e'",
    "'%g'",
  ],
  ...[
    "'%.3f'",
    "'%10.2f|'",
    "'%s'",
    "'%q'",
    "'%5s|'",
    "'%.2s'",
    "'%i'",
    "'%u'",
    "'%%'",
    "'%'",
    "'%y'",
  ],
  ...["'%.14g'", "'%#x'", "'% d'", "'%.0f'", "'%.20e'", "'%123d'", "'%-+ #05d'", "'%G'", "'%E'"],
];
const packings = [
  "'>I2'",
  "'<i4'",
  "'bBhH'",
  "'>lL'",
  "'fd'",
  "'c3'",
  "'s'",
  "'!4bi4'",
  "'xx'",
  "'i33'",
  "'z'",
];
const jsons = [
  ...[
    "'[1,2,3]'",
    `'{"a":1}'`,
    `'{"a":{"b":[null]}}'`,
    "'[1,'",
    "'{'",
    `'"\\\\u00e9"'`,
    "'nul'",
    "'1e5'",
  ],
  ...["'[]'", "'{}'", "' true '", "'0x10'", "'-'", "'[01]'", `'{"a" 1}'`, "'1 2'", "''"],
];

const number = (d: Draw): string => d.pick(d.chance(0.9) ? numbers : atoms);
const text = (d: Draw): string => d.pick(d.chance(0.9) ? [...texts, ...moreTexts] : atoms);

function expression(d: Draw, depth: number): string {
  if (depth <= 0 || d.chance(0.25)) return d.pick(atoms);
  const inner = (): string => expression(d, depth - 1);
  switch (d.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `${inner()} ${d.pick(operators)} ${inner()}`;
    case 4:
      return `(${inner()})`;
    case 5:
      return `${d.pick(['not ', '-', '#'])}${d.chance(0.5) ? d.pick(atoms) : `(${inner()})`}`;
    case 6:
      return `{${inner()}, ${inner()}, ${d.pick(['k', 'x'])} = ${inner()}, [${inner()}] = ${inner()}}`;
    case 7:
      return `(${inner()})[${inner()}]`;
    case 8:
      return `(function(...) return ${inner()}, ... end)(${inner()}, ${inner()})`;
    default:
      return library(d, inner);
  }
}

function library(d: Draw, inner: () => string): string {
  const any = (): string => (d.chance(0.5) ? d.pick(atoms) : inner());
  const calls: (() => string)[] = [
    () => `string.find(${text(d)}, ${d.pick(patterns)}, ${number(d)})`,
    () => `string.match(${text(d)}, ${d.pick(patterns)})`,
    () =>
      `string.gsub(${text(d)}, ${d.pick(patterns)}, ${d.pick(["'<%0>'", "'%1'", "'%'", 'u', 'string.upper', any()])})`,
    () => `string.sub(${text(d)}, ${number(d)}, ${number(d)})`,
    () => `string.byte(${text(d)}, ${number(d)}, ${number(d)})`,
    () => `string.char(${number(d)}, ${number(d)})`,
    () => `string.rep(${text(d)}, ${d.below(5) - 1})`,
    () => `string.format(${d.pick(formats)}, ${any()})`,
    () => `(${text(d)}):${d.pick(['upper', 'lower', 'len', 'reverse', 'nope'])}()`,
    () => `math.${d.pick(['floor', 'ceil', 'abs', 'sqrt', 'modf', 'frexp'])}(${number(d)})`,
    () => `math.${d.pick(['fmod', 'max', 'min', 'pow', 'ldexp'])}(${number(d)}, ${number(d)})`,
    () => `tonumber(${any()}${d.chance(0.3) ? `, ${number(d)}` : ''})`,
    // Of tables it tells an address.
    () => `tostring(${d.pick(atoms.slice(15, 26))})`,
    () => `select(${number(d)}, ${any()}, ${any()})`,
    () => `unpack(${any()}, ${number(d)}, ${d.below(6)})`,
    () => `table.concat(${any()}, ${text(d)})`,
    () => `rawget(${any()}, ${any()})`,
    () => `next(${any()}, ${any()})`,
    () => `type(${any()})`,
    () => `rawequal(${any()}, ${any()})`,
    () => `getmetatable(${any()})`,
    () =>
      `bit.${d.pick(['band', 'bor', 'bxor', 'lshift', 'rshift', 'arshift', 'rol', 'ror'])}(${number(d)}, ${number(d)})`,
    () => `bit.${d.pick(['tobit', 'bnot', 'bswap', 'tohex'])}(${any()})`,
    () => `struct.pack(${d.pick(packings)}, ${any()}, ${number(d)}, ${number(d)}, ${number(d)})`,
    () => `struct.unpack(${d.pick(packings)}, ${text(d)})`,
    () => `struct.size(${d.pick(packings)})`,
    () => `cjson.decode(${d.pick(jsons)})`,
    () => `cjson.encode(${any()})`,
    () => `cmsgpack.unpack(cmsgpack.pack(${any()}))`,
    () => `cmsgpack.pack(${any()})`,
    () => `cmsgpack.unpack(${text(d)})`,
    () => `loadstring(${d.pick(["'return 1'", "'return'", "'x = = 1'", "'return ...'", text(d)])})`,
    () => `redis.sha1hex(${d.pick(texts)})`,
    () => `error(${any()}, ${d.below(3)})`,
    () => `assert(${any()}, ${any()})`,
    () => `setmetatable(${any()}, ${any()})`,
  ];
  return d.pick(calls)();
}

function statement(d: Draw): string {
  const e = (): string => expression(d, 3);
  const statements: (() => string)[] = [
    () => `T(function(...) return ${e()} end)`,
    () => `T(function(...) return ${e()} end)`,
    () => `T(function(...) return ${e()} end)`,
    () => `T(function(...) local x, y = ${e()}, ${e()} return x, y end)`,
    () => `T(function(...) local q = {} q[${e()}] = ${e()} return q end)`,
    () => `T(function(...) t[${number(d)}] = ${d.pick(atoms)} return t, #t end)`,
    () =>
      `T(function() for i = ${number(d)}, ${d.below(9)}, ${d.pick(['1', '2', '0.5', '-1'])} do P(i) if #out > 40 then break end end end)`,
    () =>
      `T(function() for k, v in ${d.pick(['pairs', 'ipairs'])}(${d.pick(['t', 'u', '{}', 's', '{1,2,nil,4}'])}) do P(k, v) end end)`,
    () =>
      `T(function() for w in string.gmatch(${text(d)}, ${d.pick(patterns)}) do P(w) if #out > 40 then break end end end)`,
    () =>
      `T(function() local q = {${Array.from({ length: d.below(8) }, () => d.pick(numbers)).join(',')}} table.sort(q${d.pick(['', ', function(x, y) return x > y end'])}) return q end)`,
    () =>
      `T(function() local q = {} for i = 1, ${d.below(40)} do q[i * ${d.pick(['1', '2', '3', '7'])}] = i end return q end)`,
    () =>
      `T(function() local q = {} for i = 1, ${d.below(30)} do q['k' .. i] = i end for i = 1, 5 do q['k' .. i] = nil end q.new = 1 return q end)`,
    () =>
      `T(function() local q = {5,6,7} ${d.pick(['table.insert', 'table.remove', 'table.getn', 'table.maxn'])}(q, ${number(d)}) return q end)`,
    () =>
      `T(function() local co = coroutine.wrap(function(x) local y = coroutine.yield(x) error(y) end) P(co(${d.pick(atoms)})) return co(${d.pick(atoms)}) end)`,
    () =>
      `T(function() local function r(k) if k == 0 then return ${e()} end return r(k - 1) end return r(${d.below(5)}) end)`,
    () =>
      `T(function() return redis.pcall(${d.pick(["'SET', 'k', 'v'", "'GET', 'k'", "'LRANGE', 'k', 0, 1", "'NOPE'", "'GET'", `'SET', 'k', ${number(d)}`])}) end)`,
    () => `a, b = ${d.pick(atoms.slice(0, 10))}, a`,
    () => `if ${d.pick(atoms)} then P(1) elseif ${d.pick(atoms)} then P(2) else P(3) end`,
    () =>
      `P(xpcall(function() return ${d.pick(atoms)} + 1 end, function(m) return 'H' .. tostring(m) end))`,
  ];
  return d.pick(statements)();
}

function program(d: Draw): string {
  const isWhole = d.chance(0.4);
  const lines = Array.from({ length: isWhole ? d.between(1, 3) : d.between(3, 12) }, () =>
    isWhole ? wholeProgram(d) : statement(d),
  );
  const text = lines.join(d.chance(0.8) ? '\n' : '\n\n');
  return `${heat(d, 0.3)}${PROLOGUE}${text}\n${heat(d, 0.3)}return out`;
}

/** Nothing, or what makes the first run go over to compiled code, or begin again with it. */
function heat(d: Draw, probability: number): string {
  return d.chance(probability) ? 'for i = 1, 3000 do end ' : '';
}

/** A few words in the wrong place: what the parser says. */
function broken(d: Draw): string {
  const words = `${statement(d)}\n${statement(d)}`.split(/(?<=[\s(),=])/);
  const at = d.below(words.length);
  const junk = ['end', 'then', '=', ')', '(', ',', "'", '..', '...', '1x', '@', 'local', 'return'];
  words.splice(at, d.below(3), ...(d.chance(0.6) ? [d.pick(junk), ' '] : []));
  return words.join('');
}

/**
 * Programs of one expression, whose error or value is the reply. A table that is no error of a
 * command must not be thrown: redis-server crashes of it.
 */
function bare(d: Draw): string {
  let drawn = expression(d, 3);
  while (/\berror\(/.test(drawn)) drawn = expression(d, 3);
  return `local a, b, s, t, u, mt, f, c, n = 1, 2.5, 'abc', {1}, {}, {}\n${heat(d, 0.5)}return ${drawn}`;
}

export const scripts: Grammar = {
  group: 'scripts',
  // A stream of programs takes longer than a reply is waited for.
  lockstep: true,
  inTransactions: false,
  commands: [
    { name: 'EVAL', weight: 6, mutable: false, args: (d) => [program(d), '0'] },
    { name: 'EVAL', weight: 3, mutable: false, args: (d) => [broken(d), '0'] },
    { name: 'EVAL', weight: 3, mutable: false, args: (d) => [bare(d), '0'] },
  ],
};
