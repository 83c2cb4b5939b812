// Which snapshot is for whom whatever comes late, files for replicas that go, and who is silent.

import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Config } from '../config/config.ts';
import { Harness } from '../engine/testing/harness.ts';
import type { Timers } from '../runtime/clock.ts';
import { FullSync } from './full-sync.ts';
import type { ReplicationHost, SnapshotReceiver } from './host.ts';
import type { Replica } from './replica.ts';
import { lagSeconds, Replicas } from './replicas.ts';

const TIMEOUT_MS = 60_000;

/** Replication with nobody behind it: snapshots are what the test says. */
class Fixture {
  readonly h = new Harness(coreCommands);
  readonly config = new Config({ directory: '/', resolveDirectory: () => ({ error: 'none' }) });
  readonly receivers: SnapshotReceiver[] = [];
  aborted = 0;
  abandoned = 0;
  file: Readable = Readable.from([]);
  saved: (error: Error | null, path: string) => void = () => {};
  readonly replicas: Replicas;
  readonly fullSync: FullSync;
  #lastId = 10;

  constructor() {
    const timers: Timers = { after: () => ({ stop: () => {} }), soon: () => {} };
    const host = {
      config: this.config,
      clock: this.h.clock,
      random: this.h.random,
      timers,
      log: () => {},
      snapshots: {
        isBusy: false,
        stream: (_request: unknown, receiver: SnapshotReceiver) => {
          this.receivers.push(receiver);
          return { resume: () => {}, abort: () => this.aborted++ };
        },
        save: (_position: unknown, done: Fixture['saved']) => {
          this.saved = done;
        },
        abandonSave: () => this.abandoned++,
      },
      openFile: () => ({ byteCount: 3, stream: () => this.file }),
    } as unknown as ReplicationHost;
    this.replicas = new Replicas(host);
    this.fullSync = new FullSync(host, this.replicas, {
      buffer: null,
      beginHistory: () => ({ id: 'x', offset: 0, dbId: 0 }),
      onAck: () => {},
    });
  }

  set(name: string, value: string): void {
    expect(this.config.set([[name, value]], { local: true, loading: false })).toBeNull();
  }

  /** A replica that can read a snapshot without a length asks for one. */
  ask(): Replica {
    const client = this.h.newClient(this.#lastId++);
    this.replicas.traitsOf(client).readsToMark = true;
    const replica = this.replicas.attach(client, false);
    this.fullSync.add(replica);
    return replica;
  }

  leave(replica: Replica): void {
    replica.client.closed = true;
    replica.client.closing = true;
    this.replicas.detach(replica.client);
    this.fullSync.onGone(replica);
  }
}

it('does not take the end of a snapshot that was given up for the end of the next', () => {
  const f = new Fixture();
  f.set('repl-diskless-sync-delay', '0');
  f.leave(f.ask());
  expect(f.aborted).toBe(1);
  const second = f.ask();
  expect(f.receivers).toHaveLength(2);
  f.receivers[0]?.end(new Error('given up'));
  expect(second.client.closing).toBe(false);
  expect(second.state).toBe('snapshot');
  f.receivers[1]?.end(null);
  expect(second.state).toBe('online');
});

it('begins the snapshot of those who wait when one that was given up has ended', () => {
  const f = new Fixture();
  f.set('repl-diskless-sync-delay', '0');
  const first = f.ask();
  const second = f.ask();
  expect(second.state).toBe('waiting');
  f.leave(first);
  f.receivers[0]?.end(new Error('given up'));
  expect(second.state).toBe('snapshot');
});

it('gives a save up when the last who wanted it has gone, unless the file is wanted anyway', () => {
  const f = new Fixture();
  f.set('repl-diskless-sync', 'no');
  f.leave(f.ask());
  expect(f.abandoned).toBe(0);
  f.saved(null, 'dump.rdb');
  f.set('save', '');
  const first = f.ask();
  const second = f.ask();
  f.leave(first);
  expect(f.abandoned).toBe(0);
  f.leave(second);
  expect(f.abandoned).toBe(1);
});

it('stops reading the file for a replica that has gone', async () => {
  const f = new Fixture();
  f.set('repl-diskless-sync', 'no');
  const replica = f.ask();
  let pieces = 0;
  f.file = new Readable({
    read() {
      pieces++;
      this.push(Buffer.alloc(3));
      if (pieces === 3) f.leave(replica);
    },
  });
  f.saved(null, 'dump.rdb');
  expect(replica.state).toBe('file');
  const ended = new Promise((resolve) => f.file.on('close', resolve));
  await ended;
  expect(f.file.destroyed).toBe(true);
  expect(replica.state).toBe('file');
});

it('hears of a replica that loads by the newlines that it sends', () => {
  const f = new Fixture();
  const replica = f.ask();
  replica.state = 'online';
  f.h.clock.advance(TIMEOUT_MS + 1000);
  replica.client.lastInteractionMs = f.h.clock.nowMs();
  expect(lagSeconds(replica, f.h.clock.nowMs())).toBe(0);
  f.replicas.closeSilent(TIMEOUT_MS);
  expect(replica.client.closing).toBe(false);
  f.h.clock.advance(TIMEOUT_MS + 1000);
  f.replicas.closeSilent(TIMEOUT_MS);
  expect(replica.client.closing).toBe(true);
});
