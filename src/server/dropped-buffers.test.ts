import { expect, it } from 'vitest';
import { COLLECT_FROM_BYTES } from '../runtime/memory.ts';
import { DroppedBuffers } from './dropped-buffers.ts';

it('buffers are worth collecting when they are many bytes and no more come', () => {
  const dropped = new DroppedBuffers();
  expect(dropped.areWorthCollecting()).toBe(false);
  dropped.count(COLLECT_FROM_BYTES - 1);
  expect([dropped.areWorthCollecting(), dropped.areWorthCollecting()]).toEqual([false, false]);
  dropped.count(1);
  expect([dropped.areWorthCollecting(), dropped.areWorthCollecting()]).toEqual([false, true]);
  dropped.count(COLLECT_FROM_BYTES);
  expect([dropped.areWorthCollecting(), dropped.areWorthCollecting()]).toEqual([false, true]);
  dropped.reset();
  expect([dropped.areWorthCollecting(), dropped.areWorthCollecting()]).toEqual([false, false]);
});
