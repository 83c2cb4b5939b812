// Full synchronization: replicas that cannot go on from where they are get a snapshot of the data
// set, then the stream from there. Replicas that ask at about the same time share one snapshot; it
// goes straight to their sockets as it is made (repl-diskless-sync), or to the dump file and from
// there to each. What changes meanwhile gathers in the stream's buffer, once for all.

import type { Readable } from 'node:stream';
import type { Client } from '../engine/client.ts';
import type { ReplicationHost, SnapshotHandle, StreamPosition } from './host.ts';
import type { Replica, ReplicaTraits } from './replica.ts';
import type { Replicas } from './replicas.ts';
import type { StreamBuffer } from './stream-buffer.ts';

const MARK_LENGTH = 40;
/** Bytes that may wait for a replica before the snapshot waits for it. */
const AHEAD_BYTES = 4 * 1024 * 1024;
const NEWLINE = Uint8Array.of(10);

/** What the synchronization asks of replication as a whole. */
export interface FullSyncHost {
  /** Where the stream stands; from here on it begins with a SELECT. */
  beginHistory(): StreamPosition;
  readonly buffer: StreamBuffer | null;
  /** A replica is online now. */
  onAck(): void;
}

export class FullSync {
  /** Set while a snapshot goes to sockets. */
  #handle: SnapshotHandle | null = null;
  #receivers: Set<Replica> = new Set();
  /** Where the snapshot under way began. */
  #position: StreamPosition | null = null;
  /** Replicas that a save to disk is for. */
  #isSaving = false;
  readonly #host: ReplicationHost;
  readonly #replicas: Replicas;
  readonly #sync: FullSyncHost;

  constructor(host: ReplicationHost, replicas: Replicas, sync: FullSyncHost) {
    this.#host = host;
    this.#replicas = replicas;
    this.#sync = sync;
  }

  /** True while a snapshot is made for replicas. */
  get isRunning(): boolean {
    return this.#handle !== null || this.#isSaving;
  }

  /** A replica waits for a snapshot. */
  add(replica: Replica): void {
    const { config, snapshots } = this.#host;
    if (this.#isSaving && this.#canJoin(replica)) {
      this.#host.log('notice', 'Waiting for end of BGSAVE for SYNC');
      this.#setUp(replica, this.#position!);
      return;
    }
    if (this.#isSaving) {
      this.#host.log(
        'notice',
        "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC",
      );
      return;
    }
    if (this.#handle !== null) {
      const text = 'Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC';
      this.#host.log('notice', text);
      return;
    }
    const { values } = config;
    const isDelayed = values['repl-diskless-sync'] && replica.traits.readsToMark;
    if (isDelayed && values['repl-diskless-sync-delay'] > 0) {
      this.#host.log('notice', 'Delay next BGSAVE for diskless SYNC');
    } else if (!snapshots.isBusy) {
      this.#start(replica.traits);
    } else {
      this.#host.log(
        'notice',
        'No BGSAVE in progress, but another BG operation is active. ' +
          'BGSAVE for replication delayed',
      );
    }
  }

  /** A save for replicas is under way: one more may wait for it if it can do what they can. */
  #canJoin(replica: Replica): boolean {
    for (const other of this.#receivers) {
      if (other.traits.wantsSnapshotOnly && !replica.traits.wantsSnapshotOnly) continue;
      return isSameRequest(other.traits, replica.traits);
    }
    return false;
  }

  /** Begins the snapshot that replicas wait for, when it is time: to be called once a second. */
  tick(): void {
    if (this.#host.snapshots.isBusy || this.isRunning) return;
    const { values } = this.#host.config;
    const nowMs = this.#host.clock.nowMs();
    let first: Replica | null = null;
    let waiting = 0;
    let longestMs = 0;
    for (const replica of this.#replicas.all) {
      if (replica.state !== 'waiting') continue;
      first ??= replica;
      if (!isSameRequest(first.traits, replica.traits)) continue;
      waiting++;
      longestMs = Math.max(longestMs, nowMs - replica.sinceMs);
    }
    if (first === null) return;
    const enough = values['repl-diskless-sync-max-replicas'];
    const isTime =
      !values['repl-diskless-sync'] ||
      (enough > 0 && waiting >= enough) ||
      Math.floor(longestMs / 1000) >= values['repl-diskless-sync-delay'];
    if (isTime) this.#start(first.traits);
  }

  /** Closes those that have not taken anything of a snapshot for `repl-timeout`. */
  closeStuck(timeoutMs: number): void {
    if (this.#handle === null) return;
    const nowMs = this.#host.clock.nowMs();
    for (const replica of [...this.#receivers]) {
      const { client, roomMs, name } = replica;
      if (client.transport.bufferSizes().outputBytes === 0) replica.roomMs = nowMs;
      else if (nowMs - roomMs > timeoutMs) {
        this.#host.log('warning', `Disconnecting timedout replica (full sync): ${name}`);
        client.transport.close(client, false);
      }
    }
  }

  /** Keeps the connections of replicas that wait alive. */
  keepAlive(): void {
    for (const { client, state } of this.#replicas.all) {
      const waits = state === 'waiting' || (state === 'snapshot' && this.#isSaving);
      if (waits) client.transport.push(client, NEWLINE);
    }
  }

  #start(request: ReplicaTraits): void {
    const group = [...this.#replicas.all].filter(
      (each) => each.state === 'waiting' && isSameRequest(each.traits, request),
    );
    const toSockets =
      (this.#host.config.values['repl-diskless-sync'] || isFiltered(request)) &&
      group.every(({ traits }) => traits.readsToMark);
    this.#host.log(
      'notice',
      `Starting BGSAVE for SYNC with target: ${toSockets ? 'replicas sockets' : 'disk'}`,
    );
    const position = this.#sync.beginHistory();
    this.#position = position;
    for (const replica of group) this.#setUp(replica, position);
    this.#receivers = new Set(group);
    if (toSockets) this.#stream(request, position);
    else this.#save(position);
  }

  /** A replica is told where the snapshot stands; the stream gathers for it from here on. */
  #setUp(replica: Replica, position: StreamPosition): void {
    const { client, traits } = replica;
    replica.state = 'snapshot';
    this.#receivers.add(replica);
    const { buffer } = this.#sync;
    if (buffer !== null && !traits.wantsSnapshotOnly) replica.follow(buffer, position.offset);
    if (replica.isOld) return;
    const line = `+FULLRESYNC ${position.id} ${position.offset}\r\n`;
    client.transport.push(client, Buffer.from(line));
  }

  #stream(request: ReplicaTraits, position: StreamPosition): void {
    const mark = Buffer.from(this.#host.random.hex(MARK_LENGTH));
    const head = Buffer.concat([Buffer.from('$EOF:'), mark, Buffer.from('\r\n')]);
    for (const { client } of this.#receivers) client.transport.push(client, head);
    const handle = this.#host.snapshots.stream(
      {
        position,
        excludesData: request.excludesData,
        excludesFunctions: request.excludesFunctions,
      },
      {
        write: (bytes) => this.#send(bytes),
        end: (error) => {
          // One that was given up says so when another may be under way.
          if (this.#handle === handle) this.#endStream(error, mark);
          else this.tick();
        },
      },
    );
    this.#handle = handle;
  }

  /** Sends a piece of the snapshot to all. @returns false when one of them has enough to do. */
  #send(bytes: Uint8Array): boolean {
    let mayGoOn = true;
    for (const { client } of this.#receivers) {
      if (client.closing) continue;
      client.transport.push(client, bytes);
      if (client.transport.bufferSizes().outputBytes > AHEAD_BYTES) mayGoOn = false;
    }
    if (!mayGoOn) this.#resumeWhenTaken();
    return mayGoOn;
  }

  #resumeWhenTaken(): void {
    this.#host.timers.after(1, () => {
      const isFull = [...this.#receivers].some(
        ({ client }) => !client.closing && client.transport.bufferSizes().outputBytes > AHEAD_BYTES,
      );
      if (isFull) this.#resumeWhenTaken();
      else this.#handle?.resume();
    });
  }

  #endStream(error: Error | null, mark: Uint8Array): void {
    this.#handle = null;
    const group = this.#takeReceivers();
    const left = [...group].filter(({ client }) => !client.closing).length;
    this.#host.log(
      'notice',
      `Diskless rdb transfer, done reading from pipe, ${left} replicas still up.`,
    );
    for (const replica of group) {
      const { client } = replica;
      if (client.closing) continue;
      if (error !== null) {
        this.#host.log('warning', 'SYNC failed. BGSAVE child returned an error');
        client.transport.close(client, false);
        continue;
      }
      client.transport.push(client, mark);
      this.#host.log(
        'notice',
        `Streamed RDB transfer with replica ${replica.name} succeeded (socket). ` +
          'Waiting for REPLCONF ACK from replica to enable streaming',
      );
      // What follows the mark would have to be looked through for it.
      if (this.#putOnline(replica)) replica.startsOnAck = true;
    }
    this.tick();
  }

  #save(position: StreamPosition): void {
    this.#isSaving = true;
    this.#host.snapshots.save(position, (error, path) => {
      this.#isSaving = false;
      for (const replica of this.#takeReceivers()) {
        if (replica.client.closing) continue;
        if (error === null) this.#sendFile(replica, path);
        else {
          this.#host.log('warning', 'SYNC failed. BGSAVE child returned an error');
          replica.client.transport.close(replica.client, false);
        }
      }
      this.tick();
    });
  }

  #takeReceivers(): Set<Replica> {
    const group = this.#receivers;
    this.#receivers = new Set();
    this.#position = null;
    return group;
  }

  #sendFile(replica: Replica, path: string): void {
    const { client } = replica;
    replica.state = 'file';
    const { transport } = client;
    const fail = (error: Error): void => {
      const text = `SYNC failed. Can't open/stat DB after BGSAVE: ${error.message}`;
      this.#host.log('warning', text);
      transport.close(client, false);
    };
    try {
      const file = this.#host.openFile(path);
      transport.push(client, Buffer.from(`$${file.byteCount}\r\n`));
      const stream = file.stream();
      stream.on('error', fail);
      stream.on('data', (bytes: Uint8Array) => {
        if (client.closed) {
          stream.destroy();
          return;
        }
        transport.push(client, bytes);
        if (transport.bufferSizes().outputBytes <= AHEAD_BYTES) return;
        stream.pause();
        this.#goOnWithFile(client, stream);
      });
      stream.on('end', () => {
        if (client.closed || !this.#putOnline(replica)) return;
        replica.streams = true;
        this.#replicas.plan();
      });
    } catch (error) {
      fail(error as Error);
    }
  }

  #goOnWithFile(client: Client, stream: Readable): void {
    this.#host.timers.after(1, () => {
      if (client.closed || client.transport.bufferSizes().outputBytes <= AHEAD_BYTES) {
        stream.resume();
      } else this.#goOnWithFile(client, stream);
    });
  }

  /** It has the snapshot. @returns false when that is all it wanted. */
  #putOnline(replica: Replica): boolean {
    const { client, traits, name } = replica;
    if (traits.wantsSnapshotOnly) {
      replica.state = 'done';
      this.#host.log(
        'notice',
        `RDB transfer completed, rdb only replica (${name}) should be disconnected asap`,
      );
      client.transport.close(client, true);
      return false;
    }
    replica.state = 'online';
    replica.ackMs = this.#host.clock.nowMs();
    this.#host.log('notice', `Synchronization with replica ${name} succeeded`);
    this.#sync.onAck();
    return true;
  }

  /** A replica has gone: a snapshot that nobody wants any more ends. */
  onGone(replica: Replica): void {
    if (!this.#receivers.delete(replica) || this.#receivers.size > 0) return;
    // With save points the file is of use whoever wanted it.
    const { values } = this.#host.config;
    if (this.#isSaving && values.save.length === 0) this.#host.snapshots.abandonSave();
    if (this.#handle === null) return;
    this.#host.log('warning', 'Diskless rdb transfer, last replica dropped, killing fork child.');
    const handle = this.#handle;
    this.#handle = null;
    handle.abort();
  }
}

function isFiltered({ excludesData, excludesFunctions }: ReplicaTraits): boolean {
  return excludesData || excludesFunctions;
}

function isSameRequest(a: ReplicaTraits, b: ReplicaTraits): boolean {
  return a.excludesData === b.excludesData && a.excludesFunctions === b.excludesFunctions;
}
