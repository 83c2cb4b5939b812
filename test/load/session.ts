// One connection of the test. What is sent is written down with the check of its reply, and
// every reply is looked at in the moment in which it is parsed, together with the pushes around
// it, so that their order is what the server sent. A connection that ends without leave is a
// failure.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Arg, encodeCommand, type Reply, ReplyParser, replyText } from '../support/resp.ts';
import { type Check, is, isInteger, isOk, tokensOf } from './expect.ts';
import type { Topic, World } from './world.ts';

/** The connection has ended; whether it was allowed to is already in the ledger. */
export class SessionEnded extends Error {
  readonly code = 'ERR_SESSION_ENDED';
}

interface Expected {
  readonly args: readonly Arg[];
  readonly topic: Topic;
  readonly check: Check;
}

const MESSAGE_WORDS = new Set([
  'message',
  'pmessage',
  'smessage',
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'unsubscribe',
  'punsubscribe',
  'sunsubscribe',
]);

/** How many commands a failure shows. */
const HISTORY = 6;

export class Session {
  readonly socket: Socket;
  readonly world: World;
  readonly label: string;
  protocol: 2 | 3 = 2;
  /** The client's number at the server, once it is known. */
  id = '';
  /** Somebody of the test may have ended it: no complaint when it closes. */
  mayEnd = false;
  /** In RESP2 an array that begins with a word of pub/sub is a message while this is set. */
  isSubscriber = false;
  isClosed = false;
  /** Nobody ends it, and it leaves only when all is answered. */
  isSteady = false;
  /** It left, or was ended, with replies open. */
  isEndedEarly = false;
  /** Another client has sent CLIENT UNBLOCK for it. */
  wasUnblocked = false;
  database = 0;
  onPush: ((words: readonly string[]) => void) | undefined;
  private readonly parser = new ReplyParser();
  private out: Buffer[] = [];
  private expected: Expected[] = [];
  private expectedAt = 0;
  private readonly history: string[] = [];
  private waiter: { resolve(): void; reject(error: Error): void } | undefined;
  private isReady: () => boolean = () => true;
  private readonly closing: Promise<void>;

  private constructor(world: World, socket: Socket, label: string) {
    this.world = world;
    this.socket = socket;
    this.label = label;
    world.sessions.add(this);
    world.connectionCount++;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // A reset is what a killed client sees; `close` comes after it.
    socket.on('error', () => undefined);
    this.closing = new Promise((resolve) => {
      socket.on('close', () => {
        this.ended();
        resolve();
      });
    });
  }

  static async open(world: World, label: string): Promise<Session> {
    const socket = connect({ port: world.port, host: '127.0.0.1' });
    socket.setNoDelay(true);
    await once(socket, 'connect');
    return new Session(world, socket, label);
  }

  /** Adds a command to what the next flush sends. */
  send(topic: Topic, args: readonly Arg[], check: Check): void {
    this.out.push(encodeCommand(args));
    this.expected.push({ args, topic, check });
    this.world.commandCount++;
  }

  /** Adds a command that is not answered. */
  sendSilent(args: readonly Arg[]): void {
    this.out.push(encodeCommand(args));
    this.world.commandCount++;
  }

  /** Adds a numbered word: a lost or foreign reply is found at the next one. */
  echo(): void {
    const word = `${this.label}#${this.world.nextSerial()}`;
    this.send('order', ['ECHO', word], is(`$${word}`));
  }

  /** Writes what was added. Does not wait. */
  write(): void {
    if (this.out.length === 0) return;
    if (!this.isClosed) this.socket.write(Buffer.concat(this.out));
    this.out = [];
  }

  /** The bytes of what was added, for who writes them otherwise. */
  takeBytes(): Buffer {
    const bytes = Buffer.concat(this.out);
    this.out = [];
    return bytes;
  }

  /**
   * Writes, and waits until all is answered and `isReady` holds (which is asked after each reply
   * and push).
   * @throws SessionEnded
   */
  async flush(isReady: () => boolean = () => true): Promise<void> {
    this.write();
    this.isReady = isReady;
    if (this.isDone()) return;
    if (this.isClosed) throw new SessionEnded(this.label);
    await new Promise<void>((resolve, reject) => {
      this.waiter = { resolve, reject };
    });
  }

  /** Says who it is, and learns its number. */
  async greet(protocol: 2 | 3, database: number, withPassword: boolean): Promise<void> {
    this.protocol = protocol;
    this.database = database;
    if (withPassword) this.send('own keys', ['AUTH', 'loader', 'secret'], isOk);
    if (protocol === 3) {
      this.send('own keys', ['HELLO', '3', 'SETNAME', this.label], (reply) =>
        tokensOf(reply).join(' ').includes('$proto :3') ? undefined : 'is no greeting of RESP3',
      );
    }
    if (database !== 0) this.send('own keys', ['SELECT', database], isOk);
    this.send('own keys', ['CLIENT', 'ID'], (reply) => {
      this.id = replyText(reply) ?? '';
      return isInteger(Number(this.id))(reply);
    });
    await this.flush();
  }

  /** Closes from this side. */
  async close(): Promise<void> {
    this.mayEnd = true;
    this.socket.destroy();
    await this.closing;
  }

  /** Waits until the server has closed, after what makes it do so was sent. */
  async waitForClose(): Promise<void> {
    await this.closing;
  }

  /** What a failure shows of this client. */
  describe(): string {
    const waits = this.expected.length - this.expectedAt;
    const next = this.expected[this.expectedAt];
    const waitsFor = next === undefined ? '' : `, next of ${showArgs(next.args)}`;
    return `${this.label} id=${this.id} RESP${this.protocol}: ${waits} replies open${waitsFor}; before: ${this.history.join(' | ')}`;
  }

  private isDone(): boolean {
    return this.expectedAt === this.expected.length && this.isReady();
  }

  private receive(chunk: Buffer): void {
    try {
      this.parser.push(chunk);
      for (;;) {
        const reply = this.parser.next();
        if (reply === undefined) return;
        this.take(reply);
      }
    } catch (error) {
      this.complain('order', String(error));
      this.mayEnd = true;
      this.socket.destroy();
    }
  }

  private take(reply: Reply): void {
    this.world.countReply();
    if (this.isMessage(reply)) {
      this.onPush?.(tokensOf(reply).map((token) => token.slice(1)));
      if (this.onPush === undefined) this.complain('order', 'a push that nobody asked for');
    } else {
      const next = this.expected[this.expectedAt];
      if (next === undefined) {
        this.complain('order', `a reply to nothing: ${tokensOf(reply).join(' ').slice(0, 200)}`);
        return;
      }
      this.expectedAt++;
      this.note(next.args);
      const complaint = next.check(reply);
      const where = (): string => `${showArgs(next.args)} of ${this.describe()}`;
      this.world.ledger.check(next.topic, complaint, where);
      if (this.expectedAt === this.expected.length) {
        this.expected = [];
        this.expectedAt = 0;
      }
    }
    if (this.waiter !== undefined && this.isDone()) {
      const { resolve } = this.waiter;
      this.waiter = undefined;
      resolve();
    }
  }

  private isMessage(reply: Reply): boolean {
    if (reply.type === 'push') return true;
    if (!this.isSubscriber || this.protocol === 3 || reply.type !== 'array') return false;
    const first = reply.items[0];
    return first?.type === 'bulk' && MESSAGE_WORDS.has(first.bytes.toString('latin1'));
  }

  private note(args: readonly Arg[]): void {
    this.history.push(showArgs(args));
    if (this.history.length > HISTORY) this.history.shift();
  }

  private complain(topic: Topic, complaint: string): void {
    this.world.ledger.check(topic, complaint, () => this.describe());
  }

  private ended(): void {
    this.isClosed = true;
    this.isEndedEarly = this.expectedAt < this.expected.length;
    this.world.sessions.delete(this);
    this.world.killable.delete(this.id);
    this.world.blocked.delete(this.id);
    const complaint = this.mayEnd ? undefined : 'the server closed a connection that nobody ended';
    this.world.ledger.check('connections', complaint, () => this.describe());
    this.waiter?.reject(new SessionEnded(this.label));
    this.waiter = undefined;
  }
}

function showArgs(args: readonly Arg[]): string {
  const words = args.map((arg) => String(arg).slice(0, 60));
  return words.slice(0, 8).join(' ');
}
