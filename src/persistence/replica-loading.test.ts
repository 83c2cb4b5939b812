// A snapshot that a replica takes by way of a file, on a disk that does not take it: the link must
// hear of it, or it would wait for ever for bytes that nobody reads.

import { describe, expect, it } from 'vitest';
import { PersistenceHarness } from './testing/persistence-harness.ts';

async function transfer(prepare: (p: PersistenceHarness) => void) {
  const p = new PersistenceHarness();
  await p.start();
  prepare(p);
  const told: string[] = [];
  const snapshot = { isSameHistory: false, usesMark: false, totalBytes: 2000 };
  const sink = p.persistence.fromMaster.begin(snapshot, {
    onReplace: () => told.push('replace'),
    onRoom: () => told.push('room'),
    onFailed: ({ message }) => told.push(message),
  });
  const finish = (): void => sink.finish((error) => told.push(`done: ${error?.message}`));
  return { p, sink, told, finish };
}

const FULL =
  'Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA ' +
  'synchronization: No space left on device';

describe('a disk that is full', () => {
  it('is told of, once, and nothing is left on it', async () => {
    const { p, sink, told } = await transfer(({ files }) => {
      files.roomBytes = 1500;
    });
    const bytes = new Uint8Array(1000);
    expect(sink.write(bytes, 0, 1000)).toBe(true);
    expect(sink.write(bytes, 0, 1000)).toBe(false);
    expect(sink.write(bytes, 0, 1000)).toBe(false);
    expect(told).toEqual([]);
    p.settle();
    expect(told).toEqual([FULL]);
    sink.abort();
    expect([...p.files.files.keys()]).toEqual([]);
  });

  it('at the last bytes is told of where the end is waited for', async () => {
    const { p, sink, told, finish } = await transfer(({ files }) => {
      files.roomBytes = 1500;
    });
    sink.write(new Uint8Array(2000), 0, 2000);
    finish();
    p.settle();
    expect(told).toEqual([`done: ${FULL}`]);
    expect([...p.files.files.keys()]).toEqual([]);
  });

  it('at the last bytes is told of no more when the transfer has been given up', async () => {
    const { p, sink, told, finish } = await transfer(({ files }) => {
      files.roomBytes = 1500;
    });
    sink.write(new Uint8Array(2000), 0, 2000);
    finish();
    sink.abort();
    p.settle();
    expect(told).toEqual([]);
  });

  it('is told of no more when the transfer has been given up', async () => {
    const { p, sink, told } = await transfer(({ files }) => {
      files.roomBytes = 0;
    });
    sink.write(new Uint8Array(100), 0, 100);
    sink.abort();
    p.settle();
    expect(told).toEqual([]);
  });
});

it('a file that cannot be made is told of', async () => {
  const { p, sink, told } = await transfer(({ files }) => {
    files.failing = 'open';
    files.failingCode = 'EACCES';
  });
  expect(sink.write(new Uint8Array(100), 0, 100)).toBe(false);
  p.settle();
  expect(told).toEqual([
    'Opening the temp file needed for MASTER <-> REPLICA synchronization: Permission denied',
  ]);
});

describe('the append-only files of a replica that cannot be opened', () => {
  async function failing(): Promise<PersistenceHarness> {
    const p = new PersistenceHarness({ appendonly: true });
    await p.start();
    p.persistence.aof.stop();
    p.files.failing = 'open';
    p.persistence.restartAof();
    return p;
  }

  it('are tried again', async () => {
    const p = await failing();
    expect(p.persistence.aof.state).toBe('off');
    p.turn();
    p.files.failing = null;
    p.settle();
    expect(p.persistence.aof.state).toBe('on');
    expect(p.exitCode).toBe(0);
  });

  it('end the server when they still cannot be after ten seconds', async () => {
    const p = await failing();
    p.settle();
    expect(p.exitCode).toBe(1);
    expect(p.logged.filter((line) => line.startsWith('Failed enabling the AOF'))).toHaveLength(10);
    expect(p.logged.at(-1)).toMatch(/^FATAL: .* the AOF can't be turned on\. Exiting now\.$/);
  });

  it('are left alone while the next data set comes', async () => {
    const p = await failing();
    p.files.failing = null;
    p.h.engine.isLoadingAside = true;
    p.settle();
    expect(p.persistence.aof.state).toBe('off');
  });
});
