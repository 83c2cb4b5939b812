import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import {
  type Compiled,
  CompiledScripts,
  MAX_COMPILED,
  MAX_COMPILED_CHARS,
} from './compiled-scripts.ts';
import { Scripting, scriptingCommands } from './index.ts';

class FakeScript implements Compiled {
  usedAt = 0;
  isHeld = true;
  readonly length: number;

  constructor(length: number) {
    this.length = length;
  }

  letGo(): void {
    this.isHeld = false;
  }
}

function made(compiled: CompiledScripts, count: number, length: number): FakeScript[] {
  return Array.from({ length: count }, () => {
    const script = new FakeScript(length);
    compiled.add(script);
    return script;
  });
}

it('lets go of those that ran longest ago, down to half of what it may hold', () => {
  const compiled = new CompiledScripts();
  const scripts = made(compiled, MAX_COMPILED, 10);
  expect(scripts.every((script) => script.isHeld)).toBe(true);
  for (let i = 0; i < 20; i++) scripts[i]!.usedAt = compiled.now;
  scripts.push(...made(compiled, 1, 10));
  const held = scripts.flatMap((script, i) => (script.isHeld ? [i] : []));
  expect(held).toHaveLength(MAX_COMPILED / 2);
  expect(held.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(held[20]).toBe(MAX_COMPILED / 2 + 21);
});

it('counts their texts, and keeps the latest however long it is', () => {
  const compiled = new CompiledScripts();
  const scripts = made(compiled, 20, MAX_COMPILED_CHARS / 20);
  expect(scripts.every((script) => script.isHeld)).toBe(true);
  const [large] = made(compiled, 1, MAX_COMPILED_CHARS * 2);
  expect(large!.isHeld).toBe(true);
  expect(scripts.some((script) => script.isHeld)).toBe(false);
  const [next] = made(compiled, 1, 10);
  expect([large!.isHeld, next!.isHeld]).toEqual([false, true]);
});

it('scripts whose forms were let go run as before', () => {
  const scripting = new Scripting();
  const h = new Harness([...coreCommands, ...scriptingCommands(scripting)]);
  const timers = { after: () => ({ stop: () => {} }), soon: () => {} };
  scripting.attach(h.engine, timers, { write: () => {}, writes: () => false });
  const text = (i: number): string => `return redis.call('incrby', KEYS[1], ${i})`;
  for (let i = 1; i <= MAX_COMPILED + 1; i++) h.run('SCRIPT', 'LOAD', text(i));
  const { scripts } = scripting;
  expect(scripts.count).toBe(MAX_COMPILED + 1);
  expect(scripts.findSource(text(1))!.isHeld).toBe(false);
  expect(scripts.findSource(text(MAX_COMPILED))!.isHeld).toBe(true);
  expect(h.run('EVAL', text(1), 1, 'k')).toBe(1);
  expect(h.run('EVAL', text(MAX_COMPILED), 1, 'k')).toBe(1 + MAX_COMPILED);
  expect(h.run('EVAL', text(1), 1, 'k')).toBe(2 + MAX_COMPILED);
  expect(scripts.findSource(text(1))!.isHeld).toBe(true);
  h.keyspace.destroy();
});
