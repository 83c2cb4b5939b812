import { expect, it } from 'vitest';
import { MemoryFiles } from './testing/memory-files.ts';
import { PersistenceHarness } from './testing/persistence-harness.ts';

it('tells when a snapshot begins and when it has ended, in whatever way', async () => {
  const p = new PersistenceHarness({}, new MemoryFiles());
  await p.start();
  const told: boolean[] = [];
  p.persistence.background.onSnapshot = (isUnderWay) => void told.push(isUnderWay);
  p.run('SET', 'a', '1');
  expect(told).toEqual([]);
  p.run('BGSAVE');
  expect(told).toEqual([true]);
  p.settle();
  expect(told).toEqual([true, false]);
  p.run('BGSAVE');
  p.persistence.background.kill();
  expect(told).toEqual([true, false, true, false]);
  p.settle();
  expect(told).toEqual([true, false, true, false]);
});
