// Counters that all clients of a database share: plain ones, pairs that only change together in a
// transaction, and one that is changed under WATCH. Steady clients (whom nobody ends) have keys of
// their own, where the sum at the end is exactly what was acknowledged; on the keys of the others a
// command that was sent and never answered may or may not have run.
import type { RespClient } from '../support/client.ts';
import type { Random } from '../support/random.ts';
import { replyText } from '../support/resp.ts';
import { integerOf, is, isError, isInteger, isOk, isTransaction } from './expect.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

interface Counter {
  readonly database: number;
  /** What the commands that were sent add up to, and those that were answered. */
  sent: number;
  acknowledged: number;
  /** Conditional writes so far, and those whose end is not known. */
  attempts: number;
  openAttempts: number;
  /** The values that were given: none twice. */
  readonly given: Set<number>;
}

const NAMES = 5;

export class Counters {
  private readonly world: World;
  private readonly counters = new Map<string, Counter>();

  constructor(world: World) {
    this.world = world;
  }

  /** A pipeline of increments; each value is above the one before. */
  increment(session: Session, random: Random): void {
    const key = this.key(session, `count${random.below(NAMES)}`);
    const counter = this.counter(key, session);
    let previous = 0;
    for (let left = random.between(1, 8); left > 0; left--) {
      const step = random.between(1, 5);
      counter.sent += step;
      session.send('counters', ['INCRBY', key, step], (reply) => {
        const value = integerOf(reply);
        if (value === undefined) return 'wants a number';
        counter.acknowledged += step;
        const before = previous;
        previous = value;
        if (value < before + step) return `${value} after ${before}`;
        if (counter.given.has(value)) return `${value} was given twice`;
        counter.given.add(value);
        return undefined;
      });
    }
  }

  /** Two keys that are equal whenever one looks. */
  transact(session: Session, random: Random): void {
    const name = `pair${random.below(NAMES)}`;
    const keys = [this.key(session, `${name}:a`), this.key(session, `${name}:b`)] as const;
    const isAborted = random.chance(0.1);
    const isDiscarded = !isAborted && random.chance(0.15);
    session.send('transactions', ['MULTI'], isOk);
    for (const key of keys) session.send('transactions', ['INCR', key], is('+QUEUED'));
    if (isAborted) session.send('transactions', ['INCR'], isError('ERR wrong number'));
    session.send('transactions', ['MGET', ...keys], is('+QUEUED'));
    if (isDiscarded) {
      session.send('transactions', ['DISCARD'], isOk);
      return;
    }
    if (isAborted) {
      session.send('transactions', ['EXEC'], isError('EXECABORT'));
      return;
    }
    const counters = keys.map((key) => this.counter(key, session));
    for (const counter of counters) counter.sent++;
    session.send('transactions', ['EXEC'], (reply) => {
      if (reply.type !== 'array' || reply.items.length !== 3) return 'wants three replies of EXEC';
      for (const counter of counters) counter.acknowledged++;
      const [a, b, both] = reply.items;
      const value = a === undefined ? undefined : integerOf(a);
      if (value === undefined || b === undefined || both === undefined) return 'wants numbers';
      return isInteger(value)(b) ?? is(`$${value}`, `$${value}`)(both);
    });
  }

  /** Reads, and writes one more if nobody else has. */
  async watch(session: Session, random: Random): Promise<void> {
    const key = this.key(session, `watched${random.below(NAMES)}`);
    const counter = this.counter(key, session);
    let value = 0;
    const isQuiet = counter.openAttempts === 0;
    const attemptsBefore = counter.attempts;
    session.send('transactions', ['WATCH', key], isOk);
    session.send('transactions', ['GET', key], (reply) => {
      value = Number(replyText(reply) ?? 0);
      return Number.isSafeInteger(value) ? undefined : 'wants a number';
    });
    await session.flush();
    if (random.chance(0.1)) {
      session.send('transactions', ['UNWATCH'], isOk);
      return;
    }
    counter.sent++;
    counter.attempts++;
    counter.openAttempts++;
    session.send('transactions', ['MULTI'], isOk);
    session.send('transactions', ['SET', key, value + 1], is('+QUEUED'));
    session.send('transactions', ['EXEC'], (reply) => {
      counter.openAttempts--;
      if (reply.type === 'null') {
        counter.sent--;
        // No write was on its way when the key was watched, and none has been sent since.
        const isAlone = isQuiet && counter.attempts === attemptsBefore + 1;
        return isAlone ? 'EXEC failed though nobody has written' : undefined;
      }
      counter.acknowledged++;
      if (counter.given.has(value + 1)) return `two have written ${value + 1} over ${value}`;
      counter.given.add(value + 1);
      return isTransaction([isOk])(reply);
    });
  }

  /** Compares the sums, when all clients have gone. */
  async verify(control: RespClient): Promise<void> {
    for (const [key, counter] of this.counters) {
      await control.expectText('SELECT', counter.database);
      const value = Number(replyText(await control.command('GET', key)) ?? 0);
      const { sent, acknowledged } = counter;
      const topic = key.includes(':count') ? 'counters' : 'transactions';
      const isRight = value >= acknowledged && value <= sent;
      const complaint = isRight
        ? undefined
        : `${key} is ${value}; acknowledged ${acknowledged}, sent ${sent}`;
      this.world.ledger.check(topic, complaint, () => 'at the end of the round');
    }
  }

  private key(session: Session, name: string): string {
    const kind = session.isSteady ? 'steady' : 'doubtful';
    return this.world.sharedKey(`d${session.database}:${kind}:${name}`);
  }

  private counter(key: string, session: Session): Counter {
    let counter = this.counters.get(key);
    if (counter === undefined) {
      counter = {
        database: session.database,
        sent: 0,
        acknowledged: 0,
        attempts: 0,
        openAttempts: 0,
        given: new Set(),
      };
      this.counters.set(key, counter);
    }
    return counter;
  }
}
