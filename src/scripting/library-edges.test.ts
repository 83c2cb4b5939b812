// Edges of Lua's libraries as scripts see them: what redis-server 7.0.15 has answered, recorded and
// never written by hand.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import type { Timers } from '../runtime/clock.ts';
import { Scripting, scriptingCommands } from './index.ts';

const RECORDED: readonly (readonly [values: string, shown: string])[] = [
  ["xpcall(function() error('x') end, function() error('y') end)", 'false|error in error handling'],
  [
    "xpcall(function() error('x') end, function() return nil + 1 end)",
    'false|error in error handling',
  ],
  ["xpcall(function() error('x') end, 1)", 'false|error in error handling'],
  ["pcall(function() table.sort({3, 1, 'x'}) end)", 'false|attempt to compare string with number'],
  ["pcall(table.sort, {3, 1, 'x'})", 'false|attempt to compare string with number'],
  [
    'pcall(function() table.sort({3, 1, 2}, function(a, b) return a.x < b.x end) end)',
    "false|user_script:1: attempt to index local 'a' (a number value)",
  ],
  [
    'pcall(function() return tostring(setmetatable({}, {__tostring = 1})) end)',
    'false|attempt to call a number value',
  ],
  [
    "pcall(function() return tostring(setmetatable({}, {__tostring = function() error('q') end})) end)",
    'false|user_script:1: q',
  ],
  ['pcall(coroutine.create, 1)', "false|bad argument #1 to '?' (Lua function expected)"],
  ['pcall(coroutine.create)', "false|bad argument #1 to '?' (Lua function expected)"],
  ["pcall(coroutine.wrap, 'x')", "false|bad argument #1 to '?' (Lua function expected)"],
  ["pcall(struct.pack, 'i')", "false|bad argument #2 to '?' (number expected, got nil)"],
  ["pcall(struct.pack, 'if', 1)", "false|bad argument #3 to '?' (number expected, got nil)"],
  ["pcall(struct.pack, 's')", "false|bad argument #2 to '?' (string expected, got nil)"],
  ["pcall(struct.pack, 'd', 'x')", "false|bad argument #2 to '?' (number expected, got string)"],
  ['math.modf(-5)', '-5|-0'],
  ['math.modf(-1/0)', '-inf|-0'],
  ['math.modf(1/0)', 'inf|0'],
  ['math.modf(-0.5)', '-0|-0.5'],
  ['math.modf(3.25)', '3|0.25'],
  ["tonumber(' 12 ')", '12'],
  ["tonumber('1.')", '1'],
  ["tonumber('-.5')", '-0.5'],
  ["tonumber('--1')", 'nil'],
  ["tonumber('1 2')", 'nil'],
  ["tonumber('12345678901234567890')", '1.2345678901235e+19'],
  ["tonumber('-0')", '-0'],
  [
    "string.format('%.2f|%.0f|%d|%08x|%5.1f', 2.675, 0.5, -3.9, 255, 3.14159)",
    '2.67|0|-3|000000ff|  3.1',
  ],
  [
    "tostring(1/3)..'|'..tostring(-1e-5)..'|'..tostring(99999999999999.9)..'|'..12345678901234.5",
    '0.33333333333333|-1e-05|1e+14|12345678901234',
  ],
  ["string.upper('heLLo'), string.lower('HeLLo'), string.reverse('abc')", 'HELLO|hello|cba'],
  ["#string.format('%c', 2^31 - 191), string.format('%c', -191)", '1|A'],
  [
    "#string.format('%c', 2^31 + 65), #string.format('%c', 2^32 + 65), #string.format('%c', 0/0)",
    '0|0|0',
  ],
  ["pcall(string.find, 'x', '[')", "false|malformed pattern (missing ']')"],
  ["pcall(string.gsub, 'x', '[^]', 'y', 0)", 'true|x|0'],
  ["string.gsub('hello world', 'o', '<%0>', 1)", 'hell<o> world|1'],
  ["string.gsub('abc', '', '-')", '-a-b-c-|4'],
  ["string.gsub('abc', '^a', 'x')", 'xbc|1'],
  ["string.find('hello', '(l)(l)')", '3|4|l|l'],
  ["string.gsub('hello', 'l*', 'x')", 'xhxexxox|5'],
  ["string.find('a.b', '.', 1, true)", '2|2'],
  ["string.match('key:123', '(%a+):(%d+)')", 'key|123'],
  ["redis.error_reply('a\\0b c').err, redis.error_reply('-a b\\0c').err", 'ERR a|a b'],
  ["redis.error_reply('\\0').err, redis.error_reply('-\\0a b').err", 'ERR |ERR '],
  ["string.gsub('x', '%1', '')", 'ERR user_script:1: invalid capture index'],
];

const SHOW =
  "local function show(...) local t = {...} for i = 1, select('#', ...) do t[i] = tostring(t[i]) end " +
  "return table.concat(t, '|') end ";

/** What a script answers, which may give way, as those with coroutines do. */
function answer(script: string): string {
  const planned: (() => void)[] = [];
  const timers: Timers = { after: () => ({ stop: () => {} }), soon: (run) => planned.push(run) };
  const scripting = new Scripting();
  const h = new Harness([...coreCommands, ...scriptingCommands(scripting)]);
  scripting.attach(h.engine, timers, { write: () => {}, writes: () => false });
  const reply = h.run('EVAL', script, 0);
  h.keyspace.destroy();
  const text = typeof reply === 'string' ? reply : (reply as { error: string }).error;
  return text.replace(/ script: .*/, '');
}

it.each(RECORDED)('%s', (values, shown) => {
  expect(answer(`${SHOW}return show(${values})`)).toBe(shown);
});
