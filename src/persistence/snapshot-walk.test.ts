import { describe, expect, it } from 'vitest';
import { grammars } from '../../test/oracle/grammars/index.ts';
import { drawStream } from '../../test/oracle/stream.ts';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import { contentDigests } from '../introspection/debug/content-digests.ts';
import { Digest } from '../introspection/debug/digest-state.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import { colourOf, copyKey, typeOf } from '../structures/entry.ts';
import { type SnapshotSink, SnapshotWalk } from './snapshot-walk.ts';
import { writeAllKeys } from './write-all-keys.ts';

/** Keeps what it gets as texts: database and key, and what the value and its time amount to. */
class MapSink implements SnapshotSink {
  readonly keys: Map<string, string> = new Map();
  isFull = false;
  /** Every so many keys are written in two steps. */
  stepEvery = 0;
  #count = 0;
  #open: (() => void) | null = null;
  readonly #h: Harness;

  constructor(h: Harness) {
    this.#h = h;
  }

  beginDatabase(): void {}

  beginKey(databaseId: number, ref: number, expiryMs: number): boolean {
    expect(this.#open).toBeNull();
    this.#count++;
    if (this.stepEvery === 0 || this.#count % this.stepEvery !== 0) {
      this.#take(databaseId, ref, expiryMs);
      return true;
    }
    this.#open = () => this.#take(databaseId, ref, expiryMs);
    return false;
  }

  writeMore(): boolean {
    this.#open?.();
    this.#open = null;
    return true;
  }

  writeAside(databaseId: number, ref: number, expiryMs: number): void {
    this.#take(databaseId, ref, expiryMs);
  }

  #take(databaseId: number, ref: number, expiryMs: number): void {
    const { arena } = this.#h.keyspace;
    const key = `${databaseId} ${Buffer.from(copyKey(arena, ref)).toString('latin1')}`;
    expect(this.keys.has(key), `written twice: ${key}`).toBe(false);
    const digest = new Digest();
    const type = typeOf(arena, ref);
    contentDigests[type]?.(digest, this.#h.keyspace, ref);
    this.keys.set(key, `${type} ${expiryMs} ${digest.hex}`);
  }
}

function contentOf(h: Harness): Map<string, string> {
  const sink = new MapSink(h);
  writeAllKeys(h.keyspace, sink);
  return sink.keys;
}

function hasOneColour(h: Harness): boolean {
  const { keyspace } = h;
  let isEqual = true;
  for (const { dict } of keyspace.databases) {
    dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
      if (colourOf(keyspace.arena, ref) !== keyspace.strings.colour) isEqual = false;
    });
  }
  return isEqual;
}

const GROUPS = ['strings', 'bitmaps', 'keys', 'hashes', 'sets', 'hyperloglogs', 'sort', 'lists'];
const MORE_GROUPS = ['sorted-sets', 'geo', 'streams', 'mixed', 'transactions'];

/** Commands that end the connection, wait, or change nothing of keys. */
const LEFT_OUT = /^(quit|reset|shutdown|debug|client|monitor|subscribe|psubscribe|hello|auth)$/i;

function steps(group: string, seed: number, length: number): (readonly string[])[] {
  const grammar = grammars.find((each) => each.group === group);
  if (grammar === undefined) throw new Error(`no grammar ${group}`);
  const { steps } = drawStream(grammar, { seed, resp: 2, length, otherTypes: true });
  return steps.flatMap((step) =>
    'args' in step && !LEFT_OUT.test(step.args[0] ?? '') ? [step.args] : [],
  );
}

/** Commands of all kinds that move, flush, exchange and let expire. */
function disturb(h: Harness, i: number): void {
  if (i % 37 === 5) h.run('SWAPDB', '0', '1');
  if (i % 101 === 50) h.run('SELECT', '1');
  if (i % 101 === 60) h.run('FLUSHDB');
  if (i % 101 === 70) h.run('SELECT', '0');
  if (i % 53 === 20) {
    h.clock.advance(1500);
    h.keyspace.setNow(h.clock.ms);
    h.keyspace.expireDue(() => true);
  }
  if (i % 61 === 30) h.keyspace.rehash(() => true);
}

describe('a snapshot while commands run', () => {
  it.each([...GROUPS, ...MORE_GROUPS])('shows %s as they were at its start', (group) => {
    const known = grammars.some((grammar) => grammar.group === group);
    expect(known, group).toBe(true);
    for (let seed = 1; seed <= 3; seed++) {
      const h = new Harness(coreCommands);
      for (const args of steps(group, seed, 300)) h.run(...args);
      for (let i = 0; i < 200; i++) h.run('SET', `filler:${i}`, 'x', 'PX', 1000 + i * 20);
      h.run('SELECT', '0');
      h.keyspace.setNow(h.clock.ms);
      const before = contentOf(h);
      const sink = new MapSink(h);
      sink.stepEvery = seed % 3;
      const walk = new SnapshotWalk(h.keyspace, sink);
      walk.keysPerLook = 1;
      for (const [i, args] of steps(group, seed + 1000, 300).entries()) {
        disturb(h, i);
        h.run(...args);
        if (i % 3 === 0) walk.step(() => false);
      }
      walk.step(() => true);
      expect(walk.state).toBe('done');
      expect(Object.fromEntries(sink.keys), `seed ${seed}`).toEqual(Object.fromEntries(before));
      expect(h.keyspace.guard).toBeNull();
      expect(hasOneColour(h)).toBe(true);
      expect(h.leaks()).toEqual([]);
    }
  });

  it('writes all kinds of changes that no command makes before they are made', () => {
    const h = new Harness(coreCommands);
    for (let i = 0; i < 100; i++) h.run('SET', `k${i}`, 'v', 'PX', 100);
    h.run('HSET', 'hash', 'a', '1', 'b', '2');
    h.run('HPEXPIRE', 'hash', '100', 'FIELDS', '1', 'a');
    const before = contentOf(h);
    const sink = new MapSink(h);
    const walk = new SnapshotWalk(h.keyspace, sink);
    h.clock.advance(200);
    h.keyspace.setNow(h.clock.ms);
    // Readers find some of them expired, the cron the others.
    expect(h.run('GET', 'k1')).toBeNull();
    expect(h.run('HGET', 'hash', 'a')).toBeNull();
    h.keyspace.expireDue(() => true);
    walk.step(() => true);
    expect(Object.fromEntries(sink.keys)).toEqual(Object.fromEntries(before));
    expect(h.leaks()).toEqual([]);
  });

  it('lets the next one begin after it was aborted half-way, with flushed tables', () => {
    const h = new Harness(coreCommands);
    for (let i = 0; i < 500; i++) h.run('SET', `k${i}`, `v${i}`);
    h.run('SELECT', '3');
    for (let i = 0; i < 500; i++) h.run('RPUSH', `l${i}`, `v${i}`);
    const first = new SnapshotWalk(h.keyspace, new MapSink(h));
    for (let i = 0; i < 20; i++) first.step(() => false);
    h.run('FLUSHDB');
    h.run('RPUSH', 'new', 'x');
    first.abort();
    first.step(() => false);
    const before = contentOf(h);
    const sink = new MapSink(h);
    const second = new SnapshotWalk(h.keyspace, sink);
    expect(first.state).toBe('done');
    h.run('FLUSHALL');
    h.run('SET', 'k1', 'after');
    second.step(() => true);
    expect(Object.fromEntries(sink.keys)).toEqual(Object.fromEntries(before));
    expect(hasOneColour(h)).toBe(true);
    expect(h.leaks()).toEqual([]);
  });

  it('lets whoever changes a large value that is being written wait, and nobody else', async () => {
    const h = new Harness(coreCommands);
    h.run('RPUSH', 'big', 'a', 'b');
    h.run('SET', 'small', '1');
    const before = contentOf(h);
    const sink = new MapSink(h);
    sink.stepEvery = 1;
    const walk = new SnapshotWalk(h.keyspace, sink);
    walk.keysPerLook = 1;
    while (Buffer.from(walk.openKey ?? '').toString() !== 'big') walk.step(() => false);
    const changing = h.connect();
    const resumed = new Promise<void>((resolve) => {
      Object.assign(changing.client.transport, { resume: () => resolve() });
    });
    changing.send('RPUSH', 'big', 'c');
    expect(changing.replies).toEqual([]);
    expect(changing.client.hold).toBe('paused');
    expect(h.run('LLEN', 'big')).toBe(2);
    expect(h.run('SET', 'small', '2')).toBe('OK');
    expect(h.keyspace.isValueOpen).toBe(true);
    walk.step(() => true);
    expect(h.keyspace.isValueOpen).toBe(false);
    await resumed;
    const writer = new ReplyWriter(h.engine);
    h.engine.executeHeld(changing.client, writer);
    expect(Buffer.from(writer.bytes.subarray(0, writer.position)).toString()).toBe(':3\r\n');
    expect(Object.fromEntries(sink.keys)).toEqual(Object.fromEntries(before));
    h.keyspace.destroy();
  });

  /** A walk that is in the middle of the list `big`, and a client that wants to add to it. */
  function waitingClient(h: Harness, sink: MapSink) {
    h.run('RPUSH', 'big', 'a', 'b');
    sink.stepEvery = 1;
    const walk = new SnapshotWalk(h.keyspace, sink);
    walk.keysPerLook = 1;
    while (walk.openKey === null) walk.step(() => false);
    const changing = h.connect();
    const resumed = new Promise<void>((resolve) => {
      Object.assign(changing.client.transport, { resume: () => resolve() });
    });
    return { walk, changing, resumed };
  }

  it('lets nobody wait for who does not take the snapshot: the value goes on', async () => {
    const h = new Harness(coreCommands);
    const sink = new MapSink(h);
    const { walk, changing, resumed } = waitingClient(h, sink);
    sink.isFull = true;
    walk.onHurry = () => void walk.step(() => true);
    changing.send('RPUSH', 'big', 'c');
    expect(changing.client.hold).toBe('paused');
    await resumed;
    expect(walk.openKey).toBeNull();
    sink.isFull = false;
    expect(walk.step(() => true)).toBe(false);
    expect(sink.keys.size).toBe(1);
    h.keyspace.destroy();
  });

  it('lets those go on who wait for a value that somebody else has ended, or exchanged', async () => {
    const h = new Harness(coreCommands);
    const sink = new MapSink(h);
    const { walk, changing, resumed } = waitingClient(h, sink);
    changing.send('RPUSH', 'big', 'c');
    expect(changing.client.hold).toBe('paused');
    h.run('SWAPDB', '0', '1');
    // The key of this name in the database that came in its place is another.
    const other = h.connect();
    other.send('RPUSH', 'big', 'x');
    expect(other.replies).toEqual([1]);
    h.run('SELECT', '1');
    h.run('MULTI');
    h.run('RPUSH', 'big', 'd');
    expect(h.run('EXEC')).toEqual([3]);
    await resumed;
    walk.step(() => true);
    h.keyspace.destroy();
  });

  it('does not hold the link to a master', () => {
    const h = new Harness(coreCommands);
    const sink = new MapSink(h);
    const { walk, changing } = waitingClient(h, sink);
    changing.client.isMaster = true;
    changing.send('RPUSH', 'big', 'c');
    expect(changing.replies).toEqual([3]);
    expect(walk.openKey).toBeNull();
    walk.step(() => true);
    h.keyspace.destroy();
  });

  it('writes a key out of turn for who may change it, and not for who only reads', () => {
    const h = new Harness(coreCommands);
    h.run('SET', 'k', '1');
    const sink = new MapSink(h);
    const walk = new SnapshotWalk(h.keyspace, sink);
    h.run('GET', 'k');
    expect(sink.keys.size).toBe(0);
    // Outside of commands nobody only reads.
    expect(h.keyspace.onlyReads).toBe(false);
    h.run('APPEND', 'k', '2');
    expect(sink.keys.size).toBe(1);
    walk.step(() => true);
    h.keyspace.destroy();
  });

  it('writes a large value to its end where nobody can wait: in a transaction', () => {
    const h = new Harness(coreCommands);
    h.run('RPUSH', 'big', 'a', 'b');
    const before = contentOf(h);
    const sink = new MapSink(h);
    sink.stepEvery = 1;
    const walk = new SnapshotWalk(h.keyspace, sink);
    walk.keysPerLook = 1;
    while (walk.openKey === null) walk.step(() => false);
    h.run('MULTI');
    h.run('RPUSH', 'big', 'c');
    expect(h.run('EXEC')).toEqual([3]);
    expect(walk.openKey).toBeNull();
    walk.step(() => true);
    expect(Object.fromEntries(sink.keys)).toEqual(Object.fromEntries(before));
    h.keyspace.destroy();
  });

  it('stops while the sink is full', () => {
    const h = new Harness(coreCommands);
    h.run('SET', 'a', '1');
    const sink = new MapSink(h);
    sink.isFull = true;
    const walk = new SnapshotWalk(h.keyspace, sink);
    expect(walk.step(() => true)).toBe(true);
    expect(sink.keys.size).toBe(0);
    sink.isFull = false;
    expect(walk.step(() => true)).toBe(false);
    expect(sink.keys.size).toBe(1);
    h.keyspace.destroy();
  });
});
