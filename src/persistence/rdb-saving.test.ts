// What saves beside the server count and answer: changes, signals, snapshots for replicas.

import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../runtime/files.ts';
import type { WriterResult, WriterTask } from './snapshot-writer.ts';
import { PersistenceHarness } from './testing/persistence-harness.ts';
import { writerProcesses } from './writer-process.ts';

async function started(): Promise<PersistenceHarness> {
  const p = new PersistenceHarness();
  await p.start();
  return p;
}

describe('BGSAVE', () => {
  it.each([
    ['SIGUSR1', true],
    ['SIGTERM', false],
  ] as const)('whose child is ended by %s', async (signal, isOk) => {
    const p = await started();
    let end: (result: WriterResult) => void = () => {};
    p.writers = (_, onEnd) => {
      end = onEnd;
      return { id: 7, isFull: false, onRoom() {}, write() {}, end() {}, kill() {} };
    };
    p.run('SET', 'k', '1');
    expect(p.run('BGSAVE')).toBe('Background saving started');
    end({ isDone: false, signal: constants.signals[signal], text: '' });
    expect(p.persistence.rdb.lastOk).toBe(isOk);
    expect(p.persistence.rdb.isInProgress).toBe(false);
    expect(p.h.engine.dirty).toBe(1);
  });

  it.each([['SAVE'], ['BGSAVE'], ['BGSAVE', 'SCHEDULE']])(
    '%s %s is refused while replicas are sent a snapshot',
    async (...command) => {
      const p = await started();
      const { background } = p.persistence;
      const sink = { isFull: true, beginKey: () => true, writeMore: () => true } as never;
      background.start('replicas', sink);
      const refusal = { error: 'ERR Background save already in progress' };
      expect(p.run(...command)).toEqual(refusal);
      expect(p.persistence.rdb.isScheduled).toBe(false);
    },
  );
});

describe('flushing', () => {
  it('counts the keys that were there, and is told to others where none was', async () => {
    const p = await started();
    const { engine, journal } = p.h;
    p.run('MSET', 'a', '1', 'b', '2');
    p.run('FLUSHDB');
    expect(engine.dirty).toBe(4);
    journal.length = 0;
    p.run('FLUSHDB', 'SYNC');
    p.run('FLUSHALL');
    expect(engine.dirty).toBe(4);
    expect(journal.map((parts) => parts.join(' '))).toEqual(['0 FLUSHDB SYNC', '0 FLUSHALL']);
  });
});

it('a child that Node cannot begin at all is an error, not an exception', () => {
  const start = writerProcesses('no such\0program', nodeFiles);
  const made = start({} as WriterTask, () => {});
  expect('error' in made && made.error).toContain('null bytes');
});
