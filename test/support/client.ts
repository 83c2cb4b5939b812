// A small raw client: sends commands or bytes as they are, hands back typed replies in order.
// No retry, no reconnect, no decoding: what the server sent is what a test sees.
// RESP3 pushes are kept apart from replies (`pushes`), as they belong to no command.
// Owned by test/support; used by tests, the oracle, the benchmark and the fuzzers.
import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import { type Arg, encodeCommand, type Reply, ReplyParser, replyText } from './resp.ts';

/** Where to connect: a TCP port (host 127.0.0.1 unless given) or a unix socket's path. */
export interface Address {
  readonly port?: number;
  readonly host?: string;
  readonly path?: string;
}

/** The connection ended before the reply came. */
export class ConnectionClosed extends Error {
  readonly code = 'ERR_CONNECTION_CLOSED';
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class RespClient {
  /** Pushes (RESP3 `>` frames) received so far, oldest first. */
  readonly pushes: Reply[] = [];
  readonly socket: Socket;
  private readonly parser = new ReplyParser();
  private readonly ready: Reply[] = [];
  private readonly waiters: Waiter[] = [];
  private failure: Error | undefined;
  private pushWaiters: (() => void)[] = [];

  /** Takes over a connected socket (or any duplex that behaves like one). */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new ConnectionClosed('the server closed the connection')));
  }

  /** Opens a connection. Rejects with the socket's error when nobody listens. */
  static async connect(address: Address): Promise<RespClient> {
    const socket =
      address.path === undefined
        ? netConnect({ port: address.port ?? 6379, host: address.host ?? '127.0.0.1' })
        : netConnect({ path: address.path });
    socket.setNoDelay(true);
    await once(socket, 'connect');
    return new RespClient(socket);
  }

  /** True once the connection has ended, whoever ended it. */
  get closed(): boolean {
    return this.failure !== undefined;
  }

  /** Sends one command and waits for its reply; an error reply is a value, not a rejection. */
  async command(...args: Arg[]): Promise<Reply> {
    this.socket.write(encodeCommand(args));
    return this.read();
  }

  /** Like `command`, for set-up: rejects on an error reply and returns the reply's text. */
  async expectText(...args: Arg[]): Promise<string> {
    const reply = await this.command(...args);
    const text = replyText(reply);
    if (reply.type === 'error' || text === undefined) {
      throw new Error(`${args.map(String).join(' ')}: ${text ?? reply.type}`);
    }
    return text;
  }

  /** Sends commands in one write and waits for as many replies. */
  async pipeline(commands: readonly (readonly Arg[])[]): Promise<Reply[]> {
    this.socket.write(Buffer.concat(commands.map(encodeCommand)));
    return this.readMany(commands.length);
  }

  /** Sends bytes as they are. Resolves to false when the socket's buffer is full. */
  write(bytes: Uint8Array | string): boolean {
    return this.socket.write(bytes);
  }

  /** The next reply. Rejects when the connection ends first. */
  read(): Promise<Reply> {
    const first = this.ready.shift();
    if (first !== undefined) return Promise.resolve(first);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  async readMany(count: number): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (let i = 0; i < count; i++) replies.push(await this.read());
    return replies;
  }

  /** Waits until at least `count` pushes are in `pushes`. */
  async waitForPushes(count: number): Promise<void> {
    while (this.pushes.length < count) {
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => this.pushWaiters.push(resolve));
    }
  }

  /** Ends the connection and waits until it is gone. */
  async close(): Promise<void> {
    if (this.socket.destroyed && this.failure !== undefined) return;
    const closed = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    this.socket.destroy();
    await closed;
  }

  /** Waits until the server has closed the connection; unread replies are dropped. */
  async waitForClose(): Promise<void> {
    if (this.failure !== undefined) return;
    await new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private receive(chunk: Buffer): void {
    try {
      this.parser.push(chunk);
      for (;;) {
        const reply = this.parser.next();
        if (reply === undefined) return;
        if (reply.type === 'push') {
          this.pushes.push(reply);
          this.wakePushWaiters();
        } else {
          const waiter = this.waiters.shift();
          if (waiter === undefined) this.ready.push(reply);
          else waiter.resolve(reply);
        }
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      this.socket.destroy();
    }
  }

  private wakePushWaiters(): void {
    const waiters = this.pushWaiters;
    this.pushWaiters = [];
    for (const wake of waiters) wake();
  }

  private fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
    this.wakePushWaiters();
  }
}
