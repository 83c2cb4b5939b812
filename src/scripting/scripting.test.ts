// Scripts and functions in process: effects as one unit of the journal, what a script may do, busy
// scripts beside other clients, payloads of functions. Replies at large are compared with the real
// server by the oracle's group scripts and Redis's own suite.

import { beforeEach, describe, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import type { Timers } from '../runtime/clock.ts';
import { dumpLibraries, readLibraries } from './function-payload.ts';
import { Scripting, scriptingCommands } from './index.ts';

let h: Harness;
let scripting: Scripting;
let turn: (() => void)[];
let logged: string[];

const timers: Timers = {
  after: () => ({ stop: () => {} }),
  soon: (run) => void turn.push(run),
};

/** One turn of the event loop for the script that has given way. */
function nextTurn(): void {
  for (const run of turn.splice(0)) run();
}

beforeEach(() => {
  turn = [];
  logged = [];
  scripting = new Scripting();
  h = new Harness([...coreCommands, ...scriptingCommands(scripting)]);
  scripting.attach(h.engine, timers, {
    write: (_, text) => void logged.push(text),
    writes: () => false,
  });
});

const LIBRARY = `#!lua name=lib
local calls = 0
redis.register_function('count', function(keys, args) calls = calls + 1 return calls end)
redis.register_function{
  function_name = 'reads', callback = function(keys) return redis.call('get', keys[1]) end,
  flags = {'no-writes'}
}`;

describe('effects', () => {
  it('are one unit, of the commands that changed something', () => {
    const script =
      "redis.call('set', KEYS[1], '1') redis.call('get', KEYS[1]) redis.call('incr', KEYS[1])";
    h.run('EVAL', script, 1, 'k');
    expect(h.journal).toEqual([['MULTI'], [0, 'set', 'k', '1'], [0, 'incr', 'k'], ['EXEC']]);
  });

  it('go where redis.set_repl says', () => {
    h.run(
      'EVAL',
      "redis.set_repl(redis.REPL_NONE) redis.call('set', 'a', '1') " +
        "redis.set_repl(redis.REPL_ALL) redis.call('set', 'b', '2')",
      0,
    );
    expect(h.journal).toEqual([[0, 'set', 'b', '2']]);
  });

  it('of redis.set_repl do not hold back keys that expire meanwhile', () => {
    h.run('SET', 'a', '1', 'PXAT', h.clock.ms + 1);
    h.clock.advance(2);
    h.journal.length = 0;
    h.run('EVAL', "redis.set_repl(redis.REPL_NONE) return redis.call('append', 'a', '2')", 0);
    expect(h.journal).toEqual([[0, 'DEL', 'a']]);
  });

  it('of loading and deleting libraries are told, those of SCRIPT LOAD are not', () => {
    h.run('FUNCTION', 'LOAD', LIBRARY);
    h.run('SCRIPT', 'LOAD', 'return 1');
    h.run('FUNCTION', 'DELETE', 'lib');
    h.run('FUNCTION', 'DELETE', 'lib');
    expect(h.journal).toEqual([
      [0, 'FUNCTION', 'LOAD', LIBRARY],
      [0, 'FUNCTION', 'DELETE', 'lib'],
    ]);
  });
});

describe('rights', () => {
  it('on a stale replica end with that, before what the script and its user may not', () => {
    h.engine.role = {
      name: 'replica',
      isStale: true,
      writeRefusal: null,
      refusal: () => null,
      onUnwritable: () => {},
      onChanged: () => {},
    };
    const script = "#!lua flags=no-writes,allow-stale\nreturn redis.pcall('set', 'a', '1')";
    expect(h.run('EVAL', script, 0)).toEqual({
      error: 'ERR Can not execute the command on a stale replica',
    });
  });

  it('of a script that only reads', () => {
    const denied = /^ERR Write commands are not allowed from read-only scripts/;
    const error = (reply: unknown): string => (reply as { error: string }).error;
    expect(error(h.run('EVAL_RO', "return redis.call('set', 'a', '1')", 0))).toMatch(denied);
    const script = "#!lua flags=no-writes\nreturn redis.call('set', 'a', '1')";
    expect(error(h.run('EVAL', script, 0))).toMatch(denied);
    expect(h.run('EVAL_RO', "return redis.call('get', 'a')", 0)).toBeNull();
  });

  it('of the globals: nothing is kept from one script to the next', () => {
    for (const script of [
      'x = 1',
      'string.x = 1',
      'rawset(_G, "x", 1)',
      'KEYS.x = 1 redis.x = 1',
    ]) {
      expect(h.run('EVAL', script, 0)).toMatchObject({ error: /readonly table/ });
    }
    const changes = [
      'ARGV[1] = "changed"',
      'ARGV[2] = "more"',
      'ARGV[9] = 1',
      'ARGV.x = 1',
      'ARGV[1] = nil',
      'setmetatable(ARGV, {__index = function() return "meta" end})',
      'table.insert(ARGV, "more") table.insert(ARGV, "more")',
    ];
    const seen =
      'local n = 0 for _ in pairs(ARGV) do n = n + 1 end return {#ARGV, n, ARGV[1], ARGV[2], ARGV.x}';
    for (const change of changes) {
      h.run('EVAL', change, 0, 'a');
      expect(h.run('EVAL', seen, 0, 'b')).toEqual([1, 1, 'b']);
      h.run('EVAL', change, 0, 'a', 'b', 'c');
      expect(h.run('EVAL', seen, 0, 'b', 'c', 'd')).toEqual([3, 3, 'b', 'c']);
    }
  });
});

describe('functions', () => {
  it('keep their variables, and outlive FLUSHALL', () => {
    h.run('FUNCTION', 'LOAD', LIBRARY);
    expect(h.run('FCALL', 'count', 0)).toBe(1);
    h.run('FLUSHALL');
    expect(h.run('FCALL', 'COUNT', 0)).toBe(2);
  });

  it('a library that fails leaves the old one', () => {
    h.run('FUNCTION', 'LOAD', LIBRARY);
    expect(h.run('FUNCTION', 'LOAD', 'REPLACE', '#!lua name=lib\nreturn x.y')).toHaveProperty(
      'error',
    );
    expect(h.run('FCALL', 'count', 0)).toBe(1);
  });

  it('of a library that loads slowly are refused, but not when a master or the file brings it', () => {
    const wait = 'local n = 0 for i = 1, 200000 do n = n + i end ';
    const slow = `#!lua name=lib\n${wait}redis.register_function('f', function() return 1 end)`;
    h.clock.monotonicMs = () => (h.clock.ms += 200);
    expect(h.run('FUNCTION', 'LOAD', slow)).toMatchObject({
      error: expect.stringMatching(/FUNCTION LOAD timeout/),
    });
    for (const who of ['isMaster', 'isAof'] as const) {
      const client = h.newClient(2);
      client[who] = true;
      expect(h.runAs(client, 'FUNCTION', 'LOAD', 'REPLACE', slow)).toBe('lib');
    }
  });

  function codesOf(payload: Buffer): string | string[] {
    const codes: string[] = [];
    const failure = readLibraries(payload, (code) => {
      codes.push(code);
      return null;
    });
    return failure ?? codes;
  }

  it('are packed in a payload with rdbcompression', () => {
    const code = `#!lua name=a\nredis.register_function('f', function() return 1 end)${' '.repeat(99)}`;
    const payload = dumpLibraries([code], true);
    expect(payload.length).toBeLessThan(code.length);
    expect(payload.subarray(0, 2).toString('hex')).toBe('f5c3');
    expect(codesOf(payload)).toEqual([code]);
    payload[10] = 0xff;
    expect(codesOf(payload)).toBe('DUMP payload version or checksum are wrong');
    payload.fill(0, payload.length - 8);
    expect(codesOf(payload)).toBe('DUMP payload version or checksum are wrong');
  });

  it('go through a payload that the format freezes', () => {
    // Recorded from redis-server 7.0.15 without compression.
    const code = "#!lua name=a\nredis.register_function('f', function() return 1 end)";
    const payload = dumpLibraries([code], false);
    expect(payload.toString('hex')).toBe(
      'f5404223216c7561206e616d653d610a72656469732e72656769737465725f66756e6374696f6e28' +
        '2766272c2066756e6374696f6e28292072657475726e203120656e64290a00e3d1b98319f4e384',
    );
    expect(codesOf(payload)).toEqual([code]);
    payload[3] = 0;
    expect(codesOf(payload)).toBe('DUMP payload version or checksum are wrong');
  });
});

describe('the first run of a script', () => {
  const loop = (count: number): string =>
    "redis.call('select', 1) local n = redis.call('incr', 'n') local pair = redis.call('mget', 'n')" +
    ` local x = math.random() for i = 1, ${count} do x = x + 1 end pair[2] = redis.call('incr', 'n')` +
    " redis.call('set', 'seen', x) return {n, pair[1], pair[2]}";

  it('that takes long begins again as compiled code, and does nothing twice', () => {
    for (const [i, count] of [10, 20_000].entries()) {
      const first = i * 4 + 1;
      expect(h.run('EVAL', loop(count), 0)).toEqual([first, `${first}`, first + 1]);
      expect(h.run('EVAL', loop(count), 0)).toEqual([first + 2, `${first + 2}`, first + 3]);
    }
    expect(h.run('DBSIZE')).toBe(0);
    h.run('SELECT', 1);
    expect(h.run('GET', 'n')).toBe('8');
  });

  it('that goes deep begins again too', () => {
    const deep =
      "redis.call('incr', 'n') local function f(i) if i == 0 then return redis.call(" +
      "'incr', 'n') end return (f(i - 1)) end return f(1000)";
    expect(h.run('EVAL', deep, 0)).toBe(2);
    const wide = `redis.call('incr', 'n') return ${'1 + '.repeat(500)}redis.call('incr', 'n')`;
    expect(h.run('EVAL', wide, 0)).toBe(504);
  });

  it('fails as the second does', () => {
    const script = 'local t = {}\nlocal function f()\n  return t.x.y\nend\nreturn 1 + f()';
    const first = h.run('EVAL', script, 0);
    expect(first).toMatchObject({
      error: /user_script:3: attempt to index field 'x' \(a nil value\)/,
    });
    expect(h.run('EVAL', script, 0)).toEqual(first);
  });
});

describe('a busy script', () => {
  const LOOP = "redis.call('incr', 'n') local i = 0 while i < 200000 do i = i + 1 end return 'end'";

  it('gives way, is one unit, and does nothing twice', () => {
    scripting.thresholdMs = 1;
    const busy = h.connect();
    const other = h.connect();
    const begun = h.clock.ms;
    h.clock.monotonicMs = () => (h.clock.ms += 10);
    busy.send('EVAL', LOOP, '0');
    expect(busy.replies).toEqual([]);
    other.send('GET', 'n');
    expect(other.replies).toEqual([
      {
        error:
          'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
      },
    ]);
    expect(h.keyspace.nowMs).toBe(begun);
    other.send('SCRIPT', 'KILL');
    expect(other.replies[1]).toMatchObject({ error: /^UNKILLABLE/ });
    expect(h.journal).toEqual([]);
    for (let i = 0; i < 1000 && h.engine.suspended !== null; i++) nextTurn();
    expect(h.engine.suspended).toBeNull();
    expect(h.journal).toEqual([[0, 'incr', 'n']]);
    expect(h.run('GET', 'n')).toBe('1');
  });

  it('is killed, and the log says so', () => {
    scripting.thresholdMs = 1;
    const busy = h.connect();
    const other = h.connect();
    h.clock.monotonicMs = () => (h.clock.ms += 10);
    busy.send('EVAL', 'while true do end', '0');
    other.send('SCRIPT', 'KILL');
    nextTurn();
    expect(h.engine.suspended).toBeNull();
    expect(logged.at(-1)).toBe('Lua script killed by user with SCRIPT KILL.');
  });
});

describe('errors', () => {
  it('of commands that a script hands on count as its own, each of them', () => {
    h.run('SET', 's', 'v');
    const script = "local e = redis.pcall('LPUSH', 's', '1') return {e, {e}, e.err}";
    h.run('EVAL', script, 0);
    expect(h.engine.commands.lookup(Buffer.from('eval'), 0, 4)?.failedCalls).toBe(2);
  });

  it('of a table that may not be changed have no position where a library changes it', () => {
    for (const call of ['table.insert(_G, 1)', 'table.insert(_G, 1, 1)']) {
      expect(h.run('EVAL', call, 0)).toMatchObject({
        error: expect.stringMatching(/^ERR Attempt to modify a readonly table script: /),
      });
    }
  });
});

it('names the keys that a script means, whatever it has named before', () => {
  // Two keys share a place; the value makes the buffer larger, which shrinks again then.
  const script = `
    local large = ('x'):rep(2000000)
    for round = 1, 3 do
      redis.call('APPEND', 'first:k', 'a')
      redis.call('APPEND', 'other:k', 'b')
      redis.call('APPEND', 'other:k', 'c')
      redis.call('SET', 'large', large)
      redis.call('APPEND', 'other:k', 'd')
    end
    return {redis.call('GET', 'first:k'), redis.call('GET', 'other:k')}`;
  for (let i = 0; i < 3; i++) {
    expect(h.run('EVAL', script, 0)).toEqual(['aaa', 'bcdbcdbcd']);
    h.run('FLUSHALL');
  }
});

describe('functions', () => {
  const busy = `#!lua name=busy
local LIMIT = 2
local function add(a, b) return a + b end
redis.register_function('spins', function(keys, args)
  local seen = redis.call('incr', keys[1])
  local sum = 0
  for i = 1, tonumber(args[1]) do sum = add(sum, LIMIT) end
  return {seen, sum, args[2]}
end)`;

  it('that keep nothing run as plain functions, and begin again when they become busy', () => {
    h.run('FUNCTION', 'LOAD', busy);
    expect(scripting.libraries.findFunction('spins')?.plain()).not.toBeNull();
    expect(h.run('FCALL', 'spins', 1, 'k', 10, 'x')).toEqual([1, 20, 'x']);
    scripting.thresholdMs = 1;
    const ticking = h.clock;
    const still = ticking.monotonicMs.bind(ticking);
    ticking.monotonicMs = () => {
      ticking.advance(1);
      return still();
    };
    const client = h.connect();
    client.send('FCALL', 'spins', 1, 'k', 200_000, 'y');
    expect(client.replies).toEqual([]);
    for (let i = 0; i < 1000 && client.replies.length === 0; i++) nextTurn();
    // The key was incremented once, though the function ran in two forms.
    expect(client.replies).toEqual([[2, 400_000, 'y']]);
    expect(h.run('GET', 'k')).toBe('2');
  });

  it('that keep variables run in the form that gives way', () => {
    h.run('FUNCTION', 'LOAD', LIBRARY);
    expect(scripting.libraries.findFunction('count')?.plain()).toBeNull();
    expect(h.run('FCALL', 'count', 0)).toBe(1);
    expect(h.run('FCALL', 'count', 0)).toBe(2);
  });
});

it('struct.pack takes numbers out of range as C on x86 casts them', () => {
  const pack = (number: string): unknown =>
    h.run('EVAL', `return struct.size('>l') .. ':' .. struct.pack('>L', ${number})`, 0);
  const bytes = (first: number, last: number): string =>
    `8:${String.fromCharCode(first)}${'\0'.repeat(6)}${String.fromCharCode(last)}`;
  // Recorded from redis-server 7.0.15.
  for (const number of ['1e100', '2^64', '3e19', '1/0']) expect(pack(number)).toEqual(bytes(0, 0));
  for (const number of ['2^63', '-1e100', '0/0']) expect(pack(number)).toEqual(bytes(128, 0));
  expect(pack('-2^63 + 2048')).toEqual(`8:\x80${'\0'.repeat(5)}\x08\0`);
});

it('SCRIPT EXISTS takes capitals as EVALSHA does', () => {
  const sha = String(h.run('SCRIPT', 'LOAD', 'return 1'));
  expect(h.run('SCRIPT', 'EXISTS', sha.toUpperCase(), sha, 'x')).toEqual([1, 1, 0]);
});

it('an error ends at its NUL, and where it was raised stands behind that', () => {
  // Recorded from redis-server 7.0.15.
  const { error } = h.run('EVAL', "error('a'..string.char(0)..'b')", 0) as { error: string };
  expect(error).toMatch(/^ERR user_script:1: a script: [0-9a-f]{40}, on @user_script:1\.$/);
});

it('nests calls of C as deep as Redis, and takes bytecode for text', () => {
  const nested = `local function f(n) return (pcall(function() return n == 0 or assert(f(n - 1)) end)) end
    return {tostring(f(197)), tostring(f(198))}`;
  const nestedLate = `coroutine.wrap(function() end)() ${nested}`;
  expect(h.run('EVAL', nestedLate, 0)).toEqual(['true', 'false']);
  for (let run = 0; run < 3; run++) expect(h.run('EVAL', nested, 0)).toEqual(['true', 'false']);
  expect(h.run('EVAL', "return (select(2, loadstring('\\27Lua', '=c')))", 0)).toBe(
    "c:1: unexpected symbol near 'char(27)'",
  );
});

it('a zero with a sign is an argument with one, and NaN has that of C', () => {
  expect(h.run('EVAL', "return redis.call('echo', -0)", 0)).toBe('-0');
  expect(h.run('EVAL', "local n = 0 return redis.call('echo', n * -1) .. n", 0)).toBe('-00');
  expect(h.run('EVAL', "return redis.call('echo', 0 / 0)", 0)).toBe('-nan');
  expect(h.run('EVAL', "return redis.call('echo', 0)", 0)).toBe('0');
});

describe('large scripts', () => {
  const large = `${'-'.repeat(4096)}\nreturn 1`;

  it('are told of once, when the first is compiled: at its second run', () => {
    let calls = 0;
    scripting.onLargeScript = () => void calls++;
    h.run('EVAL', 'return 1', 0);
    h.run('EVAL', 'return 1', 0);
    h.run('EVAL', large, 0);
    expect(calls).toBe(0);
    h.run('EVAL', large, 0);
    expect(calls).toBe(1);
    h.run('FUNCTION', 'LOAD', `${LIBRARY}\n${large}`);
    expect(calls).toBe(1);
  });

  it('are libraries, too', () => {
    let calls = 0;
    scripting.onLargeScript = () => void calls++;
    h.run('FUNCTION', 'LOAD', LIBRARY);
    expect(calls).toBe(0);
    h.run('FUNCTION', 'LOAD', 'REPLACE', `${LIBRARY}\n${large}`);
    expect(calls).toBe(1);
  });
});

it.each([
  ["error(setmetatable({}, {__index = {err = 'ERR of a class'}}))", 'ERR of a class'],
  [
    "local class = setmetatable({}, {__index = {err = 'MINE x'}}) class.__index = class " +
      'error(setmetatable({}, class))',
    'MINE x',
  ],
  ["error(setmetatable({err = 'own'}, {__index = {err = 'other'}}))", 'own'],
  ['error({err = 1e20})', '1e+20'],
])('answers what a thrown table has or inherits: %s', (script, text) => {
  expect(h.run('EVAL', script, 0)).toEqual({
    error: expect.stringMatching(
      new RegExp(`^${text.replace('+', '\\+')} script: [0-9a-f]{40}, on`),
    ),
  });
});
