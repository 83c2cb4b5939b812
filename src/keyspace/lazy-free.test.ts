// Freeing in slices: what waits, what is counted, that all of it is given back in the end.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { databaseCommands } from '../commands/database/index.ts';
import { keyCommands } from '../commands/keys/index.ts';
import { setCommands } from '../commands/set/index.ts';
import { streamCommands } from '../commands/stream/index.ts';
import { Harness } from '../engine/testing/harness.ts';

let h: Harness;

beforeEach(() => {
  h = new Harness([...setCommands, ...keyCommands, ...streamCommands, ...databaseCommands]);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

function fill(name: string, count: number): void {
  const members = Array.from({ length: count }, (_, i) => `${name}:${i}`);
  h.run('SADD', name, ...members);
}

it('values wait in the order in which they came, and each slice frees some of the first', () => {
  const { lazyFree, arena } = h.keyspace;
  for (let i = 0; i < 5; i++) fill(`s${i}`, 600);
  const full = arena.usedBytes;
  for (let i = 0; i < 5; i++) h.run('UNLINK', `s${i}`);
  expect(h.keyspace.keyCount).toBe(0);
  expect(lazyFree.pendingObjects).toBe(5);
  const pending: number[] = [];
  let last = full;
  let slices = 0;
  while (lazyFree.step(() => false)) {
    expect(arena.usedBytes).toBeLessThan(last);
    last = arena.usedBytes;
    pending.push(lazyFree.pendingObjects);
    slices++;
  }
  expect(slices).toBeGreaterThanOrEqual(10);
  expect(pending).toEqual([...pending].sort((a, b) => b - a));
  expect([lazyFree.pendingObjects, lazyFree.freedObjects]).toEqual([0, 5]);
});

it('a small value is freed at once', () => {
  fill('small', 10);
  h.run('UNLINK', 'small');
  expect(h.keyspace.lazyFree.pendingObjects).toBe(0);
});

it('a very large value is freed in slices by DEL too, which is not counted', () => {
  const { lazyFree } = h.keyspace;
  for (let part = 0; part < 6; part++) {
    const members = Array.from({ length: 10_000 }, (_, i) => `${part}:${i}`);
    h.run('SADD', 'large', ...members);
  }
  h.run('DEL', 'large');
  expect([h.run('EXISTS', 'large'), lazyFree.pendingObjects]).toEqual([0, 1]);
  let slices = 1;
  while (lazyFree.step(() => false)) slices++;
  expect(slices).toBeGreaterThan(100);
  expect([lazyFree.pendingObjects, lazyFree.freedObjects]).toEqual([0, 0]);
});

it('what a consumer has not acknowledged is freed in slices too', () => {
  const { lazyFree } = h.keyspace;
  for (let i = 1; i <= 1000; i++) h.run('XADD', 'x', `${i}-1`, 'f', 'v');
  h.run('XGROUP', 'CREATE', 'x', 'g', '0');
  h.run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'x', '>');
  h.run('UNLINK', 'x');
  let slices = 1;
  while (lazyFree.step(() => false)) slices++;
  expect(slices).toBeGreaterThanOrEqual(4);
});

it('FLUSHALL ASYNC: keys wait as objects, new ones are untouched', () => {
  const { lazyFree } = h.keyspace;
  for (let i = 0; i < 2000; i++) h.run('SADD', `k${i}`, 'm');
  h.run('FLUSHALL', 'ASYNC');
  expect(lazyFree.pendingObjects).toBe(2000);
  h.run('SADD', 'new', 'm');
  lazyFree.step(() => false);
  expect(lazyFree.pendingObjects).toBeLessThan(2000);
  expect(lazyFree.pendingObjects).toBeGreaterThan(0);
  lazyFree.finish();
  expect([lazyFree.pendingObjects, h.run('EXISTS', 'new')]).toEqual([0, 1]);
});
