// The link of a replica to its master: connects, introduces itself, asks to go on from where it was
// (PSYNC), and takes either the rest of the stream or a snapshot and then the stream. What it knew
// of the stream when the link was lost is kept (`position`), so that it can ask for the rest. One
// object for each master; Replication makes and ends them.
//
//   connect --> connecting --> handshake --> psync --> transfer --> connected
//      ^            |              |           |          |             |
//      +------------+--------------+-----------+----------+-------------+   when anything fails

import type { Duplex } from 'node:stream';
import { Client } from '../engine/client.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { encodeCommand, Handshake } from './handshake.ts';
import type { ReplicationHost, StreamPosition } from './host.ts';
import { endsOf } from './link-ends.ts';
import { MasterStream } from './master-stream.ts';
import { readPsyncReply } from './psync-reply.ts';
import { SnapshotTransfer, type TransferOwner } from './snapshot-transfer.ts';

export type LinkState = 'connect' | 'connecting' | 'handshake' | 'psync' | 'transfer' | 'connected';

/** What the link asks of, and tells, replication as a whole. */
export interface MasterLinkOwner {
  /** The master's answer says that the history goes on, perhaps under another name. */
  onContinued(id: string): void;
  /** The data set is about to be replaced by another. */
  onReplacing(): void;
  /** It has been: this is where it stands. */
  onReplaced(position: StreamPosition): void;
  /** Bytes of the stream were applied. */
  onApplied(bytes: Uint8Array, start: number, end: number): void;
  /** Set while this server hands its role over: PSYNC ... FAILOVER. */
  readonly isFailingOver: boolean;
  /** What came of that. */
  onFailoverAnswer(isAccepted: boolean): void;
  /** The state of the link has changed. */
  onState(): void;
  /** What the data set of this server is called. */
  readonly history: { readonly id: string };
  /** Offset up to which the own AOF is on disk, or -1. */
  readonly aofOffset: number;
}

const LINE_MAX_BYTES = 1024;
const NEWLINE = 10;
const MS_PER_SECOND = 1000;

export class MasterLink {
  readonly host: string;
  readonly port: number;
  state: LinkState = 'connect';
  /** The client for which the master's commands run; null while there is no stream. */
  client: Client | null = null;
  /** Where this server stands in its master's stream, or null when it knows nothing of it. */
  position: StreamPosition | null;
  /** Time of the last byte of the master, ms of the Unix epoch. */
  lastIoMs: number;
  /** Since when the link is down, ms of the Unix epoch; 0 while it is up or never was. */
  downSinceMs = 0;
  /** The snapshot that comes or is loaded, perhaps still that of a connection which was lost. */
  transfer: SnapshotTransfer | null = null;
  readonly #server: ReplicationHost;
  readonly #owner: MasterLinkOwner;
  #socket: Duplex | null = null;
  #handshake: Handshake | null = null;
  #line = '';
  #isEnded = false;
  #stream: MasterStream | null = null;
  /** The stream from which the snapshot goes on, once it is loaded. */
  #next: StreamPosition | null = null;
  #lastNewlineMs = 0;
  #owesAck = false;
  /** The master speaks SYNC only. */
  #isOld = false;

  constructor(
    server: ReplicationHost,
    owner: MasterLinkOwner,
    host: string,
    port: number,
    position: StreamPosition | null,
  ) {
    this.#server = server;
    this.#owner = owner;
    this.host = host;
    this.port = port;
    this.position = position;
    this.lastIoMs = server.clock.nowMs();
  }

  /** Offset of what was applied; -1 without a stream. */
  get offset(): number {
    return this.position?.offset ?? -1;
  }

  /** Offset of what has come. */
  get readOffset(): number {
    return this.offset + (this.#stream?.waitingBytes ?? 0);
  }

  /** Opens the connection. */
  connect(): void {
    const { host, port } = this;
    this.#log('notice', `Connecting to MASTER ${host}:${port}`);
    this.#setState('connecting');
    this.lastIoMs = this.#server.clock.nowMs();
    const socket = this.#server.connect(host, port, () => {
      if (socket === this.#socket) this.#onConnect(socket);
    });
    this.#socket = socket;
    this.#line = '';
    // Errors of a connection that was given up are of no interest.
    socket.on('error', (error) => this.#onError(socket, error));
    socket.on('data', (bytes: Buffer) => {
      if (socket === this.#socket) this.#onBytes(bytes);
    });
    socket.on('close', () => {
      if (socket === this.#socket) this.#onClosed();
    });
    this.#log('notice', 'MASTER <-> REPLICA sync started');
  }

  #onConnect(socket: Duplex): void {
    this.#log('notice', 'Non blocking connect for SYNC fired the event.');
    this.#setState('handshake');
    const { values } = this.#server.config;
    const { masteruser, masterauth } = values;
    const password = masterauth ?? null;
    this.#handshake = new Handshake(
      {
        user: masteruser ?? '',
        password: password === null || password === '' ? null : Buffer.from(password, 'latin1'),
        port: values['replica-announce-port'] || this.#server.port,
        address: values['replica-announce-ip'] ?? '',
      },
      (bytes) => void socket.write(bytes),
      (text) => this.#log('notice', text),
    );
  }

  #onError(socket: Duplex, error: Error): void {
    if (socket !== this.#socket) return;
    if (this.state === 'connecting') {
      this.#log('warning', `Error condition on socket for SYNC: ${error.message}`);
    } else if (this.state === 'transfer') {
      this.#log('warning', `I/O error trying to sync with MASTER: ${error.message}`);
    }
  }

  #onClosed(): void {
    const { state } = this;
    if (state === 'transfer' && !this.#isLoading()) {
      this.#log('warning', 'I/O error trying to sync with MASTER: connection lost');
    } else if (state === 'handshake' || state === 'psync') {
      this.#log('warning', 'Master did not respond to command during SYNC handshake');
    }
    if (state === 'connected') this.#log('warning', 'Connection with master lost.');
    if (state === 'psync' && this.#owner.isFailingOver) this.#owner.onFailoverAnswer(false);
    else this.#fail(state === 'connected' || state === 'transfer');
  }

  #onBytes(bytes: Buffer): void {
    this.lastIoMs = this.#server.clock.nowMs();
    let rest = bytes;
    while (rest.length > 0 && (this.state === 'handshake' || this.state === 'psync')) {
      const end = rest.indexOf(NEWLINE);
      this.#line += rest.toString('latin1', 0, end < 0 ? rest.length : end);
      if (this.#line.length > LINE_MAX_BYTES) {
        this.#giveUp('Master did not respond to command during SYNC handshake');
        return;
      }
      if (end < 0) return;
      rest = rest.subarray(end + 1);
      const line = this.#line.replace(/\r$/, '');
      this.#line = '';
      this.#onLine(line);
    }
    if (rest.length === 0) return;
    this.#server.onMasterBytes(rest.length);
    if (this.state === 'transfer') this.transfer?.feed(rest);
    else if (this.state === 'connected') this.#onStreamBytes(rest, 0, rest.length);
  }

  #onLine(line: string): void {
    if (this.state === 'psync') {
      // Newlines before the answer only say that the master is alive.
      if (line !== '') this.#onPsyncReply(line);
      return;
    }
    const result = this.#handshake?.onLine(line) ?? 'more';
    if (result === 'more') return;
    if (result === 'ready') this.#askForStream();
    else this.#giveUp(result.failure);
  }

  #askForStream(): void {
    const { position } = this;
    const words = ['PSYNC', '?', '-1'];
    if (position !== null) {
      words[1] = position.id;
      words[2] = String(position.offset + 1);
      this.#log('notice', `Trying a partial resynchronization (request ${words[1]}:${words[2]}).`);
    } else {
      this.#log('notice', 'Partial resynchronization not possible (no cached master)');
    }
    if (this.#owner.isFailingOver) words.push('FAILOVER');
    this.#socket?.write(encodeCommand(words));
    this.#setState('psync');
  }

  #onPsyncReply(line: string): void {
    const reply = readPsyncReply(line, (level, text) => this.#log(level, text));
    if (this.#owner.isFailingOver) {
      const isAccepted = reply.kind === 'snapshot' || reply.kind === 'rest';
      this.#owner.onFailoverAnswer(isAccepted);
      if (!isAccepted) return;
    }
    if (reply.kind === 'later') this.#fail(false);
    else if (reply.kind === 'rest') this.#goOn(reply.id);
    else if (reply.kind === 'snapshot') {
      this.#isOld = false;
      this.#beginTransfer(reply.position);
    } else {
      this.#log('notice', 'Retrying with SYNC...');
      this.#isOld = true;
      this.#socket?.write('SYNC\r\n');
      this.#beginTransfer(null);
    }
  }

  #goOn(id: string): void {
    this.#log('notice', 'Successful partial resynchronization with master.');
    const { position } = this;
    if (position !== null && id.length === position.id.length && id !== position.id) {
      this.#log('notice', `Master replication ID changed to ${id}`);
      this.position = { ...position, id };
      this.#owner.onContinued(id);
    } else this.#owner.onContinued('');
    this.#log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
    this.#beginStream();
  }

  #beginTransfer(next: StreamPosition | null): void {
    this.#next = next;
    this.#setState('transfer');
    const socket = this.#socket;
    const isSameHistory = next !== null && next.id === this.#owner.history.id;
    const owner: TransferOwner = {
      onReplacing: () => {
        // Until the new data is there, nothing can go on from where the old was.
        this.position = null;
        this.#owner.onReplacing();
      },
      onRoom: () => {
        // While nothing could be read the master was not silent.
        this.lastIoMs = this.#server.clock.nowMs();
        socket?.resume();
      },
      onFull: () => socket?.pause(),
      onRefused: (reason) => {
        this.#log('warning', reason);
        this.#fail(true);
      },
      onFailed: ({ message }) => {
        this.#log('warning', message);
        this.#fail(true);
      },
      onLoaded: (error, position) => {
        if (this.#isEnded) return;
        this.transfer = null;
        if (error === null) this.#onLoaded(position);
        // The connection was lost: the next goes on from what was loaded.
        if (socket === null || socket !== this.#socket) this.#reconnect();
        else if (error === null) this.#onSynchronized(socket, transfer);
        else {
          const text = `Failed trying to load the MASTER synchronization DB, check server logs. ${error.message}`;
          this.#log('warning', text);
          this.#fail(true);
        }
      },
    };
    const transfer = new SnapshotTransfer(this.#server, owner, isSameHistory);
    this.transfer = transfer;
  }

  #onLoaded(loaded: StreamPosition | null): void {
    const next = this.#next ?? { id: '', offset: -1, dbId: 0 };
    this.position = { ...next, dbId: loaded?.dbId ?? 0 };
    this.#owner.onReplaced(this.position);
  }

  #onSynchronized(socket: Duplex, { receiver, rest }: SnapshotTransfer): void {
    this.#log('notice', 'MASTER <-> REPLICA sync: Finished with success');
    this.#beginStream();
    if (receiver.usesMark) this.sendAck();
    socket.resume();
    for (const bytes of rest) this.#onStreamBytes(bytes, 0, bytes.length);
  }

  /** From here on the master's commands are applied. */
  #beginStream(): void {
    const { engine, clock } = this.#server;
    const socket = this.#socket;
    const dbId = this.position?.dbId ?? 0;
    const client = new Client({
      id: engine.clients.takeId(),
      db: engine.keyspace.databases[dbId] ?? engine.keyspace.databases[0]!,
      transport: {
        ...NO_TRANSPORT,
        ...endsOf(socket, `${this.host}:${this.port}`),
        isLocal: false,
        resume: () => this.#stream?.run(),
        close: () => socket?.destroy(),
      },
      nowMs: clock.nowMs(),
    });
    client.isMaster = true;
    client.mayBlock = false;
    this.client = client;
    engine.clients.add(client);
    this.#stream = new MasterStream(
      {
        engine,
        onApplied: (bytes, start, end) => this.#onApplied(bytes, start, end),
        onBroken: (text) => {
          this.#log('warning', `Protocol error from master: ${text}`);
          socket?.destroy();
        },
        onFailed: (error, failed) => this.#server.onUnexpectedError('master', failed, error),
      },
      client,
    );
    this.downSinceMs = 0;
    this.#setState('connected');
  }

  #onStreamBytes(bytes: Uint8Array, start: number, end: number): void {
    const { client } = this;
    if (client === null) return;
    client.totalBytesIn += end - start;
    client.lastInteractionMs = this.lastIoMs;
    this.#stream?.feed(bytes, start, end);
  }

  #onApplied(bytes: Uint8Array, start: number, end: number): void {
    const { position, client } = this;
    if (position !== null) {
      const dbId = client?.db.id ?? position.dbId;
      this.position = { id: position.id, offset: position.offset + (end - start), dbId };
    }
    this.#owner.onApplied(bytes, start, end);
    if (this.#owesAck) this.sendAck();
  }

  /** The master asks how far this server is: told when what came with the question is applied. */
  requestAck(): void {
    this.#owesAck = true;
  }

  /** Tells the master how far this server is. */
  sendAck(): void {
    const { position } = this;
    this.#owesAck = false;
    if (this.state !== 'connected' || position === null || this.#isOld) return;
    const words = ['REPLCONF', 'ACK', String(Math.max(0, position.offset))];
    const { aofOffset } = this.#owner;
    if (aofOffset >= 0) words.push('FACK', String(aofOffset));
    this.#socket?.write(encodeCommand(words));
  }

  /** Looks at the clock: to be called once a second. */
  tick(): void {
    const { clock, config } = this.#server;
    const timeoutMs = config.values['repl-timeout'] * MS_PER_SECOND;
    const isSilent = clock.nowMs() - this.lastIoMs > timeoutMs;
    if (this.state === 'connect') {
      if (!this.#isBusy()) this.connect();
    } else if (this.state === 'connected') {
      if (isSilent) {
        this.#log('warning', 'MASTER timeout: no data nor PING received...');
        this.#fail(true);
      } else this.sendAck();
    } else if (isSilent && this.state === 'transfer') {
      if (this.#isLoading() || this.transfer?.isFull === true) this.#keepAlive();
      else {
        this.#log(
          'warning',
          "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.",
        );
        this.#fail(true);
      }
    } else if (isSilent) {
      this.#log('warning', 'Timeout connecting to the MASTER...');
      this.#fail(true);
    } else if (this.#isLoading() || this.transfer?.loadsAsItComes === true) this.#keepAlive();
  }

  /** While it loads, the master hears that this server is alive. */
  #keepAlive(): void {
    const nowMs = this.#server.clock.nowMs();
    if (nowMs - this.#lastNewlineMs < MS_PER_SECOND) return;
    this.#lastNewlineMs = nowMs;
    this.#socket?.write('\n');
  }

  #giveUp(reason: string): void {
    this.#log('warning', reason);
    this.#fail(false);
  }

  /** The link is down. @param atOnce it is tried again now, and not at the next tick. */
  #fail(atOnce: boolean): void {
    const wasConnected = this.state === 'connected';
    this.#drop();
    if (wasConnected) this.downSinceMs = this.#server.clock.nowMs();
    this.#setState('connect');
    if (atOnce) this.#reconnect();
  }

  /** What has come must be loaded before more of it can come. */
  #isBusy(): boolean {
    return this.#isLoading() || this.#server.loading.isBusy;
  }

  #isLoading(): boolean {
    return this.transfer?.isLoading ?? false;
  }

  #reconnect(): void {
    if (this.#isBusy()) return;
    this.#log('notice', `Reconnecting to MASTER ${this.host}:${this.port}`);
    this.connect();
  }

  /** Ends the link for good; what it knew of the stream stays in `position`. */
  end(): void {
    this.#isEnded = true;
    this.#drop();
    this.state = 'connect';
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
    this.#handshake = null;
    // A snapshot that is here as a whole is loaded, though the connection is lost.
    if (!this.#isLoading() || this.#isEnded) {
      this.transfer?.abort();
      this.transfer = null;
    }
    this.#stream = null;
    const { client } = this;
    this.client = null;
    if (client === null) return;
    this.#log('notice', 'Caching the disconnected master state.');
    client.closing = true;
    client.closed = true;
    const { engine } = this.#server;
    engine.release(client);
    engine.clients.remove(client);
  }

  #setState(state: LinkState): void {
    this.state = state;
    this.#owner.onState();
  }

  #log(level: 'notice' | 'warning', text: string): void {
    this.#server.log(level, text);
  }
}
