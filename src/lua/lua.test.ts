// The language and its libraries in both forms against what lua5.1 has printed; what only this
// implementation has: giving way, running again, limits.

import { describe, expect, it } from 'vitest';
import { Execution } from './coroutine.ts';
import { LuaError, NeedsCompiling, NeedsGivingWay, ScriptKilled } from './errors.ts';
import { openLibraries } from './lib/open.ts';
import { loadChunk, loadForOnce } from './load.ts';
import type { LuaHost } from './machine.ts';
import { Runtime } from './runtime.ts';
import { recordedPrograms } from './testing/recorded-programs.ts';
import type { Value } from './value.ts';

const IDLE: LuaHost = { onBudget: () => false };

function makeRuntime(givesWay: boolean, host: LuaHost, printed: string[] = []): Runtime {
  const runtime = new Runtime(givesWay, host);
  openLibraries(runtime);
  runtime.globals.set('print', (...values: Value[]) => {
    printed.push(`${values.map((value) => runtime.textOf(value)).join('\t')}\n`);
    return [];
  });
  runtime.reset();
  return runtime;
}

type Form = 'tree' | 'plain' | 'giving way';

/** What a program prints; null where the form hands over to another. */
function outputOf(program: string, form: Form): string | null {
  const printed: string[] = [];
  const runtime = makeRuntime(form === 'giving way', IDLE, printed);
  try {
    const load = form === 'tree' ? loadForOnce : loadChunk;
    const start = load(runtime, program, '@prog');
    if (form === 'giving way') {
      const execution = new Execution(runtime, start, []);
      while (!execution.step());
    } else start();
  } catch (error) {
    const raised = runtime.asLuaError(error);
    if (raised instanceof NeedsGivingWay || raised instanceof NeedsCompiling) return null;
    if (!(raised instanceof LuaError)) throw error;
    printed.push(`ERR ${runtime.textOf(raised.value)}`);
  }
  return printed.join('').trim();
}

describe.each(['tree', 'plain', 'giving way'] as const)('as %s', (form) => {
  it.each(recordedPrograms)('%s', (program, output) => {
    const printed = outputOf(program, form);
    if (printed === null) expect(form).not.toBe('giving way');
    else expect(printed).toBe(output);
  });
});

/** Ends a program as soon as it asks. */
const KILLING: LuaHost = {
  onBudget: () => {
    throw new ScriptKilled('killed');
  },
};

describe('giving way', () => {
  it('leaves a loop without end, and goes on with it', () => {
    let asked = 0;
    const runtime = makeRuntime(true, { onBudget: () => ++asked > 0 });
    const start = loadChunk(
      runtime,
      'local n = 0 while n < 100000 do n = n + 1 end return n',
      '@p',
    );
    const execution = new Execution(runtime, start, []);
    let turns = 0;
    while (!execution.step()) turns++;
    expect(execution.results).toEqual([100000]);
    expect(turns).toBe(asked);
    expect(turns).toBeGreaterThan(3);
  });

  it('ends a killed program inside pcall, with its line', () => {
    const runtime = makeRuntime(true, KILLING);
    const start = loadChunk(runtime, 'pcall(function()\n while true do end end)', '@p');
    const execution = new Execution(runtime, start, []);
    expect(() => execution.step()).toThrow(expect.objectContaining({ reason: 'killed', line: 2 }));
  });

  it('tells the line of a killed program that calls in the place of a return', () => {
    const runtime = makeRuntime(true, KILLING);
    const start = loadChunk(runtime, 'local function f() return f() end\nreturn f()', '@p');
    const execution = new Execution(runtime, start, []);
    expect(() => execution.step()).toThrow(expect.objectContaining({ line: 1 }));
  });

  it.each([
    ['unpack', 'unpack({}, 1, 7000)'],
    ['byte', "('x'):rep(7000):byte(1, -1)"],
    ['insert', 'table.insert(t, 1, 0)'],
    ['remove', 'table.remove(t, 1)'],
    ['concat', 'table.concat(t)'],
    ['maxn', 'table.maxn(t)'],
    ['upper', 's:upper()'],
  ])('asks its host while %s does long work', (_, call) => {
    let asked = 0;
    const runtime = makeRuntime(true, { onBudget: () => ++asked < 0 });
    const setUp = "local s, t = ('x'):rep(200000), {} for i = 1, 5000 do t[i] = 1 end ";
    const start = loadChunk(runtime, `${setUp}for i = 1, 500 do ${call} end`, '@p');
    while (!new Execution(runtime, start, []).step());
    expect(asked).toBeGreaterThan(20);
  });

  it('takes over deep calls: the plain form hands them on, the other has the depth of Lua', () => {
    const program =
      'local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end print(f(15000))';
    expect(outputOf(program, 'plain')).toBeNull();
    expect(outputOf(program, 'giving way')).toBe('15000');
    const endless = 'local function f() return 1 + f() end print(pcall(f))';
    expect(outputOf(endless, 'giving way')).toBe('false\tprog:1: stack overflow');
  });
});

describe('what lies between a coroutine and its yield', () => {
  const inside = (body: string): string =>
    `print(coroutine.resume(coroutine.create(function() ${body} end)))`;
  const refused = 'false\tattempt to yield across metamethod/C-call boundary';

  it.each([
    ['sort', 'table.sort({2, 1}, function() coroutine.yield() end)', refused],
    [
      'a metamethod',
      'return setmetatable({}, {__index = function(_, k) coroutine.yield(k) end}).x',
      refused,
    ],
    ['an iterator', 'for x in function() return coroutine.yield() end do end', refused],
    ['pcall', 'return pcall(coroutine.yield)', `true\t${refused}`],
    ['a function of its own', "local function f() coroutine.yield('out') end f()", 'true\tout'],
  ])('%s', (_, body, expected) => {
    expect(outputOf(inside(body), 'giving way')).toBe(expected);
  });
});

describe('limits of the parser', () => {
  const names = (count: number): string =>
    Array.from({ length: count }, (_, i) => `v${i}`).join(', ');

  it('knows 200 local variables and 60 upvalues', () => {
    expect(outputOf(`local ${names(200)}`, 'plain')).toBe('');
    expect(outputOf(`local ${names(201)}`, 'plain')).toBe(
      'ERR prog:1: main function has more than 200 local variables',
    );
    const uses = Array.from({ length: 61 }, (_, i) => `v${i}`).join(' + ');
    expect(outputOf(`local ${names(61)}\nlocal function f() return ${uses} end`, 'plain')).toBe(
      'ERR prog:2: function at line 2 has more than 60 upvalues',
    );
  });

  it.each([
    ['[=x', '[='],
    ['[==', '[=='],
  ])('shows all of what begins no long string: %s', (text, shown) => {
    const message = `ERR prog:1: invalid long string delimiter near '${shown}'`;
    expect(outputOf(`x = ${text}`, 'plain')).toBe(message);
  });

  it('knows 200 levels', () => {
    const nested = (depth: number): string => `return ${'('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(outputOf(nested(190), 'plain')).toBe('');
    expect(outputOf(nested(210), 'plain')).toBe('ERR prog:1: chunk has too many syntax levels');
  });
});

describe('the sandbox of the language', () => {
  it('reaches no prototype of JavaScript', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(outputOf(`local t = {} print(t.${name}, ('x').${name}, _G.${name})`, 'plain')).toBe(
        'nil\tnil\tnil',
      );
    }
    expect(outputOf('print(pcall(function() return print.constructor end))', 'plain')).toMatch(
      /attempt to index global 'print' \(a function value\)/,
    );
  });
});
