// One client of the test, over its whole life: it connects, does what its seed draws, leaves in
// one of several ways, and comes again, until the round is over. Its own keys, its numbers as a
// producer and as a publisher outlive a connection as long as every reply has come; after that
// it takes new names.
import { Random } from '../support/random.ts';
import { Caching } from './caching.ts';
import { Channels } from './channels.ts';
import { Counters } from './counters.ts';
import { is, isOk, isTransaction } from './expect.ts';
import {
  beQuiet,
  dribble,
  err,
  expire,
  kill,
  leaveInTheMiddle,
  readSlowly,
  unblock,
} from './manners.ts';
import { OwnKeys } from './own-keys.ts';
import { type Producer, Queues } from './queues.ts';
import { Session, SessionEnded } from './session.ts';
import type { World } from './world.ts';

const DATABASES = 4;

/** What the clients of a round share, and the keepers of what it must add up to. */
export class Round {
  readonly world: World;
  readonly counters: Counters;
  readonly queues: Queues;
  readonly channels: Channels;
  readonly caching: Caching;

  constructor(world: World) {
    this.world = world;
    this.counters = new Counters(world);
    this.queues = new Queues(world);
    this.channels = new Channels(world);
    this.caching = new Caching(world);
  }
}

export class Person {
  private readonly round: Round;
  private readonly index: number;
  private readonly random: Random;
  private own: OwnKeys;
  private producer: Producer;

  constructor(round: Round, index: number, seed: number) {
    this.round = round;
    this.index = index;
    this.random = new Random(seed);
    const name = this.newName();
    this.own = new OwnKeys(`own:${name}`);
    this.producer = { name, lastNumber: 0 };
  }

  /** Comes and goes until the round is over. */
  async live(): Promise<void> {
    const { world } = this.round;
    while (!world.isOver) {
      const session = await Session.open(world, this.newName());
      session.isSteady = this.random.chance(0.6);
      let isClean = false;
      try {
        isClean = await this.visit(session);
      } catch (error) {
        if (!(error instanceof SessionEnded)) throw error;
      }
      if (!isClean) this.rename();
      if (!session.isClosed) await session.close();
    }
  }

  /** One connection. @returns false when it was left with replies open. */
  private async visit(session: Session): Promise<boolean> {
    const { random } = this;
    const { world, caching, channels } = this.round;
    await session.greet(random.chance(0.5) ? 3 : 2, this.index % DATABASES, random.chance(0.3));
    if (!session.isSteady) world.killable.set(session.id, session);
    for (let left = random.between(1, 40); left > 0 && !world.isOver; left--) {
      const kind = random.below(100);
      if (kind < 3) await channels.listen(session, random);
      else if (kind < 5 && session.protocol === 3) await caching.readWithCache(session, random);
      else if (kind < 6 && session.protocol === 3) await caching.hearBroadcasts(session, random);
      else if (kind < 8) await readSlowly(session, random);
      else if (kind < 11) await dribble(session, random, this.own);
      else if (kind < 18) await this.waitForElement(session);
      else if (kind < 22) await this.round.counters.watch(session, random);
      else this.drawBatch(session);
      await session.flush();
    }
    return this.leave(session);
  }

  private drawBatch(session: Session): void {
    const { random } = this;
    for (let left = random.between(1, 6); left > 0; left--) {
      this.drawPart(session, random.below(100));
      if (random.chance(0.3)) session.echo();
    }
    session.echo();
  }

  private drawPart(session: Session, kind: number): void {
    const { random, own } = this;
    const { world, counters, queues, channels, caching } = this.round;
    if (kind < 40) this.useOwnKeys(session);
    else if (kind < 48) this.useOwnKeysTogether(session);
    else if (kind < 56) counters.increment(session, random);
    else if (kind < 62) counters.transact(session, random);
    else if (kind < 74) queues.push(session, random, this.producer);
    else if (kind < 80) queues.take(session, random);
    else if (kind < 87) channels.publish(session, random, this.producer.name, this.index);
    else if (kind < 91) caching.change(session, random);
    else if (kind < 94) beQuiet(session, random, own);
    else if (kind < 96) expire(session, random);
    else if (kind < 98) err(session, random);
    else if (kind < 99) {
      const victim = world.pickOther(random, world.killable, session);
      if (victim !== undefined) kill(session, victim, random);
    } else {
      const sleeper = world.pickOther(random, world.blocked, session);
      if (sleeper !== undefined) unblock(session, sleeper, random);
    }
  }

  private useOwnKeys(session: Session): void {
    for (let left = this.random.between(1, 12); left > 0; left--) {
      const [args, check] = this.own.draw(this.random);
      session.send('own keys', args, check);
    }
  }

  private useOwnKeysTogether(session: Session): void {
    const { random, own } = this;
    session.send('transactions', ['MULTI'], isOk);
    if (random.chance(0.2)) {
      session.send(
        'transactions',
        ['SET', `own:${this.producer.name}:string`, 'no'],
        is('+QUEUED'),
      );
      session.send('transactions', ['DISCARD'], isOk);
      return;
    }
    const draws = Array.from({ length: random.between(0, 6) }, () => own.draw(random));
    for (const [args] of draws) session.send('transactions', args, is('+QUEUED'));
    const checks = draws.map(([, check]) => check);
    session.send('transactions', ['EXEC'], isTransaction(checks));
  }

  private async waitForElement(session: Session): Promise<void> {
    const { random } = this;
    this.round.queues.wait(session, random);
    session.echo();
    if (!session.isSteady && random.chance(0.2)) {
      session.write();
      await this.round.world.progress(random.below(200));
      await session.close();
    }
    await session.flush();
  }

  /** @returns false when replies may be open. */
  private async leave(session: Session): Promise<boolean> {
    const { random } = this;
    if (!session.isSteady && random.chance(0.4)) {
      await leaveInTheMiddle(session, random, this.own);
      return false;
    }
    const kind = random.below(3);
    session.mayEnd = true;
    if (kind === 0) session.send('connections', ['QUIT'], isOk);
    session.write();
    if (kind === 1) session.socket.end();
    if (kind === 2) await session.close();
    else await session.waitForClose();
    return true;
  }

  private rename(): void {
    const name = this.newName();
    this.own = new OwnKeys(`own:${name}`);
    this.producer = { name, lastNumber: 0 };
  }

  private newName(): string {
    return `r${this.round.world.round}p${this.index}n${this.round.world.nextSerial()}`;
  }
}
