// Whole Lua programs for the group scripts: nested control flow over local variables, closures,
// varargs, metatables, coroutines, errors with levels and tables, commands with their conversions
// in RESP2 and RESP3. Each is a function whose values or error are noted by `T`.
import type { Draw } from '../draw.ts';

const variables = ['x', 'y', 'z', 'w'];
const simple = ["'abc'", "'10'", '3', '0.5', '-7', 'nil', 'true', 'false', '{}', '{4, 5, nil, 6}'];
const operators = ['+', '-', '*', '..', '==', '~=', '<', 'and', 'or', '%', '/'];

function value(d: Draw, depth: number): string {
  if (depth <= 0 || d.chance(0.3)) return d.pick(d.chance(0.6) ? variables : simple);
  const inner = (): string => value(d, depth - 1);
  const shapes: (() => string)[] = [
    () => `(${inner()} ${d.pick(operators)} ${inner()})`,
    () => `{${inner()}, k = ${inner()}, ${inner()}}`,
    () => `count(${inner()}, ${inner()}, ${d.pick(['...', inner()])})`,
    () => `pick(${inner()}, ...)`,
    () => `counter(${inner()})()`,
    () => `obj:get(${inner()})`,
    () => `obj.${d.pick(['v', 'missing', 'get'])}`,
    () => `obj ${d.pick(['+', '..', '<', '=='])} ${d.pick(['obj', inner()])}`,
    () => `(${inner()}).k`,
    () => `select('#', ${inner()}, ...)`,
    () => `tostring(${d.pick(['x', "'s'", '1', 'nil', 'obj'])})`,
    () => `#(${inner()})`,
    () => `(pcall(${d.pick(['error', 'count', 'pick', 'type'])}, ${inner()}))`,
    () => `string.format('%s|%5.1f', ${d.pick(["'q'", 'x'])}, ${d.pick(['2', 'y'])})`,
    () =>
      `(('a1b22c'):gsub('%d+', function(m) return ${d.pick(['m', 'm .. m', 'nil', inner()])} end))`,
    () => `table.concat({'a', 1, ${inner()}}, '-')`,
  ];
  return d.pick(shapes)();
}

function block(d: Draw, depth: number): string {
  const count = d.between(1, 4);
  return Array.from({ length: count }, () => statement(d, depth)).join('\n');
}

function statement(d: Draw, depth: number): string {
  const v = (): string => value(d, 2);
  const name = (): string => d.pick(variables);
  const flat: (() => string)[] = [
    () => `${name()} = ${v()}`,
    () => `${name()}, ${name()} = ${v()}, ${v()}`,
    () => `${name()}, ${name()} = pick(${v()}, ...)`,
    () => `local ${name()}, ${name()} = ${v()}`,
    () => `log[#log + 1] = type(${v()})`,
    () => `if type(${name()}) == 'table' then ${name()}.k = ${v()} end`,
    () =>
      `local ok, e = pcall(function() ${d.chance(0.5) ? `error(${v()}, ${d.below(3)})` : `return ${v()}`} end) x = e`,
    () => `y = select(2, pcall(error, ${d.pick(["'lost'", '{1}', 'nil', '12'])}, ${d.below(2)}))`,
    () => `z = {xpcall(function() return ${v()} end, function(m) return {type(m), m} end)}`,
    () => `w = cjson.decode(cjson.encode({${d.pick(variables)} ~= nil, 'a/b', 1.5, {k = 'v'}}))`,
    () => `w = {cmsgpack.unpack(cmsgpack.pack(1, 'two', {3}, ${d.pick(['x', '-1', '1e300'])}))}`,
    () => `w = {struct.unpack('>I2<i4', struct.pack('>I2<i4', ${d.below(70000)}, -${d.below(9)}))}`,
    () => `z = bit.band(${d.below(4096)}, bit.bnot(${d.below(64)}))`,
    () => command(d),
    () => coroutines(d),
  ];
  if (depth <= 0 || d.chance(0.5)) return d.pick(flat)();
  const inner = (): string => block(d, depth - 1);
  const nested: (() => string)[] = [
    () => `if ${v()} then\n${inner()}\nelseif ${v()} then\n${inner()}\nelse\n${inner()}\nend`,
    () => `for i = ${d.below(3)}, ${d.below(5)} do\n${inner()}\n${leave(d, 'i > 2')}end`,
    () => `for k, e in ${d.pick(['pairs', 'ipairs'])}({1, ${v()}, a = 2}) do\n${inner()}\nend`,
    () => `do local n = 0 while n < ${d.below(4)} do n = n + 1\n${inner()}\nend end`,
    () =>
      `do local n = 0 repeat n = n + 1 local last = n\n${inner()}\nuntil last >= ${d.below(4)} end`,
    () =>
      `local function f(a, ...)\n${inner()}\nreturn a, ${v()}, ...\nend\nx, y = f(${v()}, ${v()})`,
    () => `do local x = ${v()} obj.set = function(n) x = n return x end\n${inner()}\nend`,
  ];
  return d.pick(nested)();
}

function leave(d: Draw, condition: string): string {
  return d.chance(0.3) ? `if ${condition} then ${d.pick(['break', 'return x, y'])} end\n` : '';
}

function coroutines(d: Draw): string {
  const calls = Array.from({ length: d.between(1, 4) }, () => {
    return `z = {coroutine.resume(co, ${value(d, 1)})} log[#log + 1] = coroutine.status(co)`;
  });
  const body = d.pick([
    'local q = a while true do q = coroutine.yield(q, ...) end',
    'for i = 1, 2 do coroutine.yield(i, a) end return a, ...',
    'coroutine.yield(1) error({code = a})',
    "pcall(coroutine.yield, 'p') error('late', 2)",
    'local inner = coroutine.wrap(function(b) coroutine.yield(b) return b end) return inner(a), inner()',
    'table.sort({3, 1, 2}, function(l, r) return l < r end) return coroutine.yield(a)',
  ]);
  return `do local co = coroutine.create(function(a, ...) ${body} end)\n${calls.join('\n')}\nend`;
}

function command(d: Draw): string {
  const call = d.pick(['call', 'pcall']);
  const commands = [
    "'set', 'st', 'v'",
    "'get', 'st'",
    "'hset', 'hh', 'f', '1', 'g', '2'",
    "'hgetall', 'hh'",
    "'zadd', 'zz', '1.5', 'm'",
    "'zscore', 'zz', 'm'",
    "'zrange', 'zz', 0, -1, 'withscores'",
    "'sadd', 'se', 'a'",
    "'smembers', 'se'",
    "'smismember', 'se', 'a', 'b'",
    "'incrbyfloat', 'n', 0.5",
    "'lpush', 'hh', 'x'",
    "'mget', 'st', 'none'",
    "'get', {}",
    "'nope', 1",
    "'ping'",
    "'exists', 'st', 'hh'",
  ];
  const resp = d.chance(0.3) ? `redis.setresp(${d.pick(['2', '3', '3'])}) ` : '';
  return `${resp}${d.pick(variables)} = redis.${call}(${d.pick(commands)})`;
}

/** A function of some ten statements, protected and noted. */
export function wholeProgram(d: Draw): string {
  return `T(function()
local log, x, y, z, w = {}, 1, 'two', {3, k = 'v'}, nil
local function count(...) return select('#', ...) end
local function pick(n, ...) if type(n) == 'number' and n > 0 then return select(n, ...) end return n, ... end
local function counter(n) local c = 0 return function() c = c + 1 return n, c end end
local obj = setmetatable({v = 1}, {__index = {get = function(self, k) return self.v, k end},
  __add = function(l, r) return 'sum' end, __concat = function(l, r) return 'joined' end,
  __lt = function(l, r) return true end, __tostring = function() return 'obj' end})
local function main(...)
${block(d, 3)}
return x, y, z, w
end
local result = {pcall(main, 'p', 2, {})}
P(log)
return unpack(result, 1, 5)
end)`;
}
