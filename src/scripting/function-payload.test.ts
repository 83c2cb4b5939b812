// What FUNCTION RESTORE says to payloads that are sound by their checksum and no further. Replies
// were recorded from redis-server 7.0.15 and 7.2.5, which agree.

import { beforeEach, expect, it } from 'vitest';
import { Crc64 } from '../bytes/crc64.ts';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import { dumpLibraries } from './function-payload.ts';
import { Scripting, scriptingCommands } from './index.ts';

const GOOD = "#!lua name=good\nredis.register_function('f', function() return 1 end)";
const FOOTER_BYTES = 10;

let h: Harness;

beforeEach(() => {
  const scripting = new Scripting();
  h = new Harness([...coreCommands, ...scriptingCommands(scripting)]);
  const timers = { after: () => ({ stop: () => {} }), soon: () => {} };
  scripting.attach(h.engine, timers, { write: () => {}, writes: () => false });
});

/** The libraries, and behind them bytes of choice. */
function payload(codes: readonly string[], ...more: number[]): Buffer {
  const dump = dumpLibraries(codes, false);
  const body = Buffer.concat([dump.subarray(0, -FOOTER_BYTES), Buffer.from([...more, 10, 0])]);
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  const sum = Buffer.alloc(8);
  crc.write(sum, 0);
  return Buffer.concat([body, sum]);
}

function restore(bytes: Buffer): unknown {
  const reply = h.run('FUNCTION', 'RESTORE', bytes) as string | { error: string };
  return typeof reply === 'string' ? reply : reply.error;
}

it.each<[what: string, codes: string[], more: number[], told: string]>([
  ['a sound one', [GOOD], [], 'OK'],
  ['code without a shebang', [GOOD, 'return 1'], [], 'ERR Missing library metadata'],
  ['code that registers nothing', ['#!lua name=a\nreturn 1'], [], 'ERR No functions registered'],
  ['a library twice', [GOOD, GOOD], [], "ERR Library 'good' already exists"],
  ['the first problem', ['x', GOOD], [1], 'ERR Missing library metadata'],
  ['something else', [GOOD], [1], 'ERR given type is not a function'],
  ['a number as code', [], [0xf5, 0xc0, 7], 'ERR Missing library metadata'],
  ['an unknown string', [], [0xf5, 0xff], 'ERR Failed loading library payload'],
  ['bad compression', [], [0xf5, 0xc3, 1, 9, 0], 'ERR Failed loading library payload'],
  ['a string beyond the end', [], [0xf5, 63, 1], 'ERR Failed loading library payload'],
  ['a string that is too long', [], [0xf5, 11, 1], 'ERR Missing library metadata'],
])('%s', (_, codes, more, told) => {
  expect(restore(payload(codes, ...more))).toBe(told);
  expect(h.run('FUNCTION', 'LIST')).toHaveLength(told === 'OK' ? 1 : 0);
});

it('a NUL in the first line is the end of it', () => {
  for (const command of [
    ['EVAL', '#!lua\0\nreturn 1', 0],
    ['SCRIPT', 'LOAD', '#!lua flags=no-writes\0\nreturn 1'],
  ]) {
    expect(h.run(...command)).toMatchObject({ error: 'ERR Invalid script shebang' });
  }
  expect(h.run('FUNCTION', 'LOAD', GOOD.replace('\n', '\0\n'))).toEqual({
    error: 'ERR Invalid library metadata',
  });
});
