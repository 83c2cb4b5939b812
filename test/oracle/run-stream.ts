// Sends one stream to one server and collects what comes back: the replies in order, how the
// connection ended, and the digest of all data afterwards. The server is emptied first, so that a
// stream's outcome depends on nothing but its steps.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RespClient } from '../support/client.ts';
import { encodeCommand, type Reply, ReplyParser } from '../support/resp.ts';
import { password } from './grammars/connection.ts';
import { NotificationListener } from './notifications.ts';
import { endsConnection, type Step, type Stream, stepBytes } from './stream.ts';

export interface Outcome {
  readonly replies: readonly Reply[];
  /** `done`: the last step was answered; `closed`: the server ended it; `silent`: nothing came. */
  readonly end: 'done' | 'closed' | 'silent' | 'not RESP';
  /** The dataset's digest after the stream. */
  readonly digest: string;
  /** Keyspace notifications, where somebody listened. */
  readonly notifications: readonly string[];
}

export interface RunOptions {
  /** CONFIG SET arguments that put back what a stream may change. */
  readonly restore: readonly string[];
  /** False where a server has no DEBUG DIGEST: the data afterwards is then not compared. */
  readonly withDigest: boolean;
}

const SILENCE_MS = 3000;
const SENTINEL = 'the-last-step-of-the-stream';

/** Runs a stream. Rejects only when the server cannot be reached at all. */
export async function runStream(
  port: number,
  stream: Stream,
  options: RunOptions,
): Promise<Outcome> {
  await withControl(port, (control) => control.expectText('FLUSHALL'));
  // No other connection stays open meanwhile: a stream may count or kill connections.
  // Notifications go to one that only listens.
  const listener = NotificationListener.mayListenTo(stream.group)
    ? await NotificationListener.start(port)
    : undefined;
  const { replies, end } = await converse(port, stream);
  const notifications = (await listener?.finish()) ?? [];
  return withControl(port, async (control) => {
    // What was changed without being put back, for example by a stream that was cut short.
    await control.command('AUTH', 'default', password);
    await control.expectText('CONFIG', 'SET', 'requirepass', '', ...options.restore);
    const digest = options.withDigest ? await control.expectText('DEBUG', 'DIGEST') : '';
    return { replies, end, digest, notifications };
  });
}

async function withControl<T>(port: number, use: (client: RespClient) => Promise<T>): Promise<T> {
  const control = await RespClient.connect({ port });
  try {
    return await use(control);
  } finally {
    await control.close();
  }
}

async function converse(port: number, stream: Stream): Promise<Pick<Outcome, 'replies' | 'end'>> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const listener = new Listener(socket);
  const isRaw = stream.steps.some((step) => 'raw' in step);
  const head = stream.resp === 3 ? [encodeCommand(['HELLO', '3'])] : [];
  const frames = [...head, ...stream.steps.map(stepBytes)];
  const last = stream.steps.at(-1);
  const closes = last !== undefined && 'args' in last && endsConnection(last.args);
  const asksSentinel = !isRaw && !closes;
  if (asksSentinel) {
    // A stream may have switched replies off; ON is always answered.
    frames.push(encodeCommand(['CLIENT', 'REPLY', 'ON']), encodeCommand(['ECHO', SENTINEL]));
  }
  if (stream.sending === 'lockstep') {
    const expected = [...head.map(() => true), ...repliesExpected(stream.steps), true, true];
    for (const [index, frame] of frames.entries()) {
      if (listener.ended) break;
      socket.write(frame);
      if (expected[index] === true) await listener.next();
    }
  } else if (stream.sending === 'pieces') {
    await writeInPieces(socket, Buffer.concat(frames), stream.seed);
  } else socket.write(Buffer.concat(frames));
  // A kill need not hit this connection: the end of input closes it in any case.
  if (!asksSentinel) socket.end();
  const end = await listener.wait();
  socket.destroy();
  const replies = listener.replies.slice(head.length);
  return { replies: end === 'done' ? replies.slice(0, -2) : replies, end };
}

/** Cuts anywhere, also inside a length; a turn of the event loop between the pieces. */
async function writeInPieces(socket: Socket, bytes: Buffer, seed: number): Promise<void> {
  let size = 1 + (seed % 97);
  for (let at = 0; at < bytes.length && !socket.destroyed; ) {
    socket.write(bytes.subarray(at, at + size));
    at += size;
    size = 1 + ((size * 31 + 17) % 1361);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Which steps are answered: all but empty inline lines and what follows CLIENT REPLY OFF or SKIP.
 * Known only for commands sent as frames; raw steps count as answered.
 */
export function repliesExpected(steps: readonly Step[]): boolean[] {
  let muted = false;
  let skipNext = false;
  return steps.map((step) => {
    const args = 'args' in step ? step.args.map((arg) => arg.toLowerCase()) : [];
    const isReply = args.length === 3 && args[0] === 'client' && args[1] === 'reply';
    const skipped = skipNext;
    skipNext = false;
    if (isReply && args[2] === 'on') {
      muted = false;
      return true;
    }
    if (isReply && args[2] === 'off') {
      muted = true;
      return false;
    }
    if (isReply && args[2] === 'skip') {
      if (!muted) skipNext = true;
      return false;
    }
    // RESET takes back REPLY OFF before it answers, but not a SKIP that is upon it.
    if (args.length === 1 && args[0] === 'reset') {
      muted = false;
      return !skipped;
    }
    return !muted && !skipped;
  });
}

class Listener {
  readonly replies: Reply[] = [];
  ended: Outcome['end'] | undefined;
  private readonly parser = new ReplyParser();
  private wake: (() => void) | undefined;
  private progress = 0;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.progress++;
      try {
        this.parser.push(chunk);
        for (let reply = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
          this.replies.push(reply);
          if (reply.type === 'bulk' && reply.bytes.equals(sentinelBytes)) this.ended = 'done';
        }
      } catch {
        this.ended = 'not RESP';
      }
      this.wake?.();
    });
    const closed = (): void => {
      this.ended ??= 'closed';
      this.wake?.();
    };
    // A reset is an ending like any other: whoever closes with unread input causes one.
    socket.on('error', closed);
    socket.on('end', closed);
    socket.on('close', closed);
  }

  /** Waits for one more reply than there are, or the end. */
  async next(): Promise<void> {
    const wanted = this.replies.length + 1;
    while (this.replies.length < wanted && this.ended === undefined) await this.step();
  }

  async wait(): Promise<Outcome['end']> {
    while (this.ended === undefined) await this.step();
    return this.ended;
  }

  /** Waits for any news; a long silence is an end too. */
  private async step(): Promise<void> {
    const before = this.progress;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SILENCE_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
    if (this.progress === before) this.ended ??= 'silent';
  }
}

const sentinelBytes = Buffer.from(SENTINEL);
