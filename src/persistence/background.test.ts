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

it('lets a value go on into a sink that is full, where somebody waits for it, and nothing else', async () => {
  const p = new PersistenceHarness();
  await p.start();
  p.run('MSET', 'a', '1', 'b', '2');
  const { background } = p.persistence;
  let begun = 0;
  let parts = 0;
  const sink = {
    isFull: false,
    onRoom: () => {},
    beginDatabase() {},
    beginKey() {
      begun++;
      this.isFull = true;
      return false;
    },
    writeMore: () => ++parts === 3,
    writeAside() {},
    end() {},
    kill() {},
  };
  background.start('replicas', sink);
  for (let i = 0; i < 3; i++) p.turn();
  expect([begun, parts, background.walk?.openKey === null]).toEqual([1, 0, false]);
  background.walk?.hurry();
  for (let i = 0; i < 3; i++) p.turn();
  expect([begun, parts, background.walk?.openKey === null]).toEqual([1, 3, true]);
  background.kill();
});
