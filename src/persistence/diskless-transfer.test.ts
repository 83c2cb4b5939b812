// Snapshots that are loaded as they come: whole, cut off at every kind of place, and broken.

import { describe, expect, it } from 'vitest';
import type { IncomingSnapshot, LoadedPosition } from './loaded-position.ts';
import { StreamSource } from './stream-source.ts';
import { PersistenceHarness } from './testing/persistence-harness.ts';

interface Outcome {
  error: Error | null | undefined;
  position: LoadedPosition | null;
  readonly told: string[];
}

/** The bytes of a snapshot with these keys in database 3. */
async function snapshotOf(keys: number): Promise<Uint8Array> {
  const source = new PersistenceHarness();
  await source.start();
  source.run('SELECT', '3');
  for (let i = 0; i < keys; i++) source.run('SET', `k${i}`, 'v'.repeat(20));
  source.run('HSET', 'h', ...Array.from({ length: 2000 }, (_, i) => `f${i}`));
  expect(source.run('SAVE')).toBe('OK');
  return Buffer.from(source.files.text('/data/dump.rdb'), 'latin1');
}

const BY_MARK: IncomingSnapshot = { isSameHistory: false, usesMark: true, totalBytes: 0 };

async function replica(mode: 'swapdb' | 'on-empty-db'): Promise<PersistenceHarness> {
  const p = new PersistenceHarness({ 'repl-diskless-load': mode });
  await p.start();
  return p;
}

function begin(p: PersistenceHarness, snapshot: IncomingSnapshot = BY_MARK) {
  const outcome: Outcome = { error: undefined, position: null, told: [] };
  const sink = p.persistence.fromMaster.begin(snapshot, {
    onReplace: () => outcome.told.push(`replace ${p.run('DBSIZE')}`),
    onRoom: () => outcome.told.push('room'),
    onFailed: (error) => {
      outcome.error = error;
    },
  });
  const done = (error: Error | null, position: LoadedPosition | null): void => {
    outcome.error = error;
    outcome.position = position;
  };
  return { sink, outcome, finish: () => sink.finish(done) };
}

async function settle(p: PersistenceHarness): Promise<void> {
  for (let i = 0; i < 4; i++) {
    p.settle();
    await Promise.resolve();
  }
}

describe('swapdb', () => {
  it('puts the new data in the place of the old when all is there', async () => {
    const bytes = await snapshotOf(500);
    const p = await replica('swapdb');
    p.run('SET', 'old', '1');
    const { sink, outcome, finish } = begin(p, { ...BY_MARK, isSameHistory: true });
    const { engine } = p.h;
    for (let at = 0; at < bytes.length; at += 1000) {
      sink.write(bytes, at, Math.min(bytes.length, at + 1000));
      await settle(p);
      expect([engine.isLoading, engine.isLoadingAside]).toEqual([false, true]);
      expect(p.run('GET', 'old')).toBe('1');
    }
    expect(p.persistence.fields()).toMatchObject({ loading: 0, async_loading: 1 });
    expect(outcome).toEqual({ error: undefined, position: null, told: [] });
    finish();
    await settle(p);
    expect(outcome.error).toBeNull();
    expect(outcome.told).toEqual(['replace 1']);
    expect(engine.isLoadingAside).toBe(false);
    expect(p.run('GET', 'old')).toBeNull();
    p.run('SELECT', '3');
    expect(p.run('DBSIZE')).toBe(501);
    expect(p.run('HLEN', 'h')).toBe(1000);
    p.h.engine.keyspace.destroy();
    expect(p.h.engine.keyspace.arena.usedBytes).toBe(0);
  });

  it('answers LOADING meanwhile when the history is another', async () => {
    const bytes = await snapshotOf(10);
    const p = await replica('swapdb');
    const { sink } = begin(p);
    sink.write(bytes, 0, 50);
    await settle(p);
    expect(p.run('GET', 'old')).toMatchObject({ error: expect.stringMatching(/^LOADING/) });
    sink.abort();
    expect(p.run('GET', 'old')).toBeNull();
  });

  it('leaves the old data and nothing else when the connection is lost', async () => {
    const bytes = await snapshotOf(300);
    for (const share of [0, 0.01, 0.3, 0.7, 0.999]) {
      const p = await replica('swapdb');
      p.run('SET', 'old', '1');
      const { keyspace } = p.h.engine;
      const before = keyspace.arena.usedBytes;
      const { sink, outcome } = begin(p);
      sink.write(bytes, 0, Math.floor(bytes.length * share));
      await settle(p);
      sink.abort();
      keyspace.lazyFree.finish();
      expect(keyspace.arena.usedBytes).toBe(before);
      expect(p.run('GET', 'old')).toBe('1');
      expect(outcome.told).toEqual([]);
      expect(p.logged.join('\n')).toMatch(/Internal error in RDB reading offset \d+ -> Unexpected/);
    }
  });

  it('says at once that what has come is no snapshot', async () => {
    const p = await replica('swapdb');
    p.run('SET', 'old', '1');
    const { sink, outcome } = begin(p);
    const bytes = Buffer.from('REDIS0011\xfe\x00\xfb\x01\x00\x55\x01k', 'latin1');
    sink.write(bytes, 0, bytes.length);
    await settle(p);
    expect(outcome.error?.message).toMatch(/^Failed trying to load the MASTER synchronization DB/);
    expect(p.h.engine.isLoading).toBe(false);
    expect(p.run('GET', 'old')).toBe('1');
  });

  it('does not take a snapshot with bytes between its end and the mark', async () => {
    const bytes = Buffer.concat([await snapshotOf(5), Buffer.from('x')]);
    const p = await replica('swapdb');
    p.run('SET', 'old', '1');
    const { sink, outcome, finish } = begin(p);
    sink.write(bytes, 0, bytes.length);
    finish();
    await settle(p);
    expect(outcome.error).toBeInstanceOf(Error);
    expect(p.logged).toContain('Replication stream EOF marker is broken');
    expect(p.run('GET', 'old')).toBe('1');
  });

  it('takes libraries of functions as a part of the data', async () => {
    const library = '#!lua name=l\n';
    const head = Buffer.from('REDIS0010\xf5', 'latin1');
    const bytes = Buffer.concat([
      head,
      Buffer.from([library.length]),
      Buffer.from(library),
      Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const p = await replica('swapdb');
    const { sink, finish } = begin(p);
    sink.write(bytes, 0, bytes.length);
    await settle(p);
    expect(p.spareCodes).toEqual([library]);
    expect(p.adoptedCodes).toBeNull();
    finish();
    await settle(p);
    expect(p.adoptedCodes).toEqual([library]);
  });

  it('touches what is watched', async () => {
    const bytes = await snapshotOf(5);
    const p = await replica('swapdb');
    p.run('SELECT', '3');
    p.run('WATCH', 'k1');
    const { sink, finish } = begin(p, { ...BY_MARK, isSameHistory: true });
    sink.write(bytes, 0, bytes.length);
    finish();
    await settle(p);
    p.run('MULTI');
    p.run('PING');
    expect(p.run('EXEC')).toBeNull();
  });
});

describe('on-empty-db', () => {
  it('loads as it comes when there is nothing, and has nothing when that fails', async () => {
    const bytes = await snapshotOf(100);
    const p = await replica('on-empty-db');
    const { sink, outcome } = begin(p);
    expect(sink.loadsAsItComes).toBe(true);
    expect(outcome.told).toEqual(['replace 0']);
    sink.write(bytes, 0, bytes.length - 20);
    await settle(p);
    expect(p.h.engine.isLoading).toBe(true);
    expect(p.h.engine.keyspace.keyCount).toBeGreaterThan(0);
    sink.abort();
    expect(p.h.engine.isLoading).toBe(false);
    expect(p.h.engine.keyspace.keyCount).toBe(0);
  });

  it('goes by way of a file when there is something', async () => {
    const p = await replica('on-empty-db');
    p.run('SET', 'old', '1');
    const { sink } = begin(p);
    expect(sink.loadsAsItComes).toBe(false);
    sink.abort();
  });
});

describe('what comes from a connection', () => {
  it('is enough from 1 MB on, and wanted again below 256 KB', () => {
    let roomCount = 0;
    const source = new StreamSource(() => roomCount++);
    const piece = new Uint8Array(65_536);
    for (let i = 1; i < 16; i++) expect(source.push(piece)).toBe(true);
    expect(source.push(piece)).toBe(false);
    for (let left = 15; left > 3; left--) {
      expect(roomCount).toBe(0);
      expect(source.more()).toBe(true);
    }
    source.more();
    expect(roomCount).toBe(1);
    expect(source.push(piece)).toBe(true);
  });
});
