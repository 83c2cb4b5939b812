// Publishers number their messages, for each channel apart; a subscriber sees each publisher's
// numbers without gap or change of order. From the confirmation of its subscription on it sees
// all that is published later, and before the end of it all that was acknowledged to the
// publisher earlier.
import type { Random } from '../support/random.ts';
import { integerOf } from './expect.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

interface Progress {
  sent: number;
  acknowledged: number;
}

type Kind = 'subscribe' | 'psubscribe' | 'ssubscribe';

interface Subscription {
  readonly kind: Kind;
  readonly name: string;
  isConfirmed: boolean;
  isEnding: boolean;
  /** What was sent when it was confirmed, and acknowledged when its end was asked for. */
  from: ReadonlyMap<string, number>;
  until: ReadonlyMap<string, number>;
  readonly first: Map<string, number>;
  readonly last: Map<string, number>;
}

const CHANNELS = 20;
const KIND_OF_MESSAGE: Readonly<Record<string, Kind>> = {
  message: 'subscribe',
  pmessage: 'psubscribe',
  smessage: 'ssubscribe',
};

export class Channels {
  private readonly world: World;
  /** By channel (shard channels have their own names), then by publisher. */
  private readonly published = new Map<string, Map<string, Progress>>();

  constructor(world: World) {
    this.world = world;
  }

  /** A few messages in one pipeline. A publisher has few channels, so that snapshots stay small. */
  publish(session: Session, random: Random, publisher: string, person: number): void {
    const index = (person + random.below(2)) % CHANNELS;
    const isShard = random.chance(0.2);
    const channel = isShard ? `shard:${index}` : `news:${index % 10}:${index}`;
    const progress = this.progress(channel, publisher);
    for (let left = random.between(1, 5); left > 0; left--) {
      const number = ++progress.sent;
      const args = [isShard ? 'SPUBLISH' : 'PUBLISH', channel, `${publisher}.${number}`];
      session.send('channels', args, (reply) => {
        progress.acknowledged = number;
        return integerOf(reply) === undefined ? 'wants a number' : undefined;
      });
    }
  }

  /** Subscribes, listens while others come some way, and leaves off. */
  async listen(session: Session, random: Random): Promise<void> {
    const subscriptions = this.draw(random);
    session.isSubscriber = true;
    session.onPush = (words) => this.receive(session, subscriptions, words);
    for (const { kind, name } of subscriptions) session.sendSilent([kind.toUpperCase(), name]);
    await session.flush(() => subscriptions.every(({ isConfirmed }) => isConfirmed));
    for (let left = random.between(1, 6); left > 0 && !this.world.isOver; left--) {
      if (random.chance(0.2)) await this.pause(session);
      else await this.world.progress(random.between(50, 2000));
      if (session.isClosed) return;
      if (session.protocol === 3) session.echo();
      await session.flush();
    }
    for (const subscription of subscriptions) {
      subscription.until = this.snapshot(subscription, 'acknowledged');
      subscription.isEnding = true;
      session.sendSilent([ending(subscription.kind).toUpperCase(), subscription.name]);
    }
    const isOpen = ({ isConfirmed }: Subscription): boolean => isConfirmed;
    await session.flush(() => !subscriptions.some(isOpen));
    session.isSubscriber = false;
    session.onPush = undefined;
    session.echo();
    await session.flush();
  }

  /** Reads nothing for a while; what waits stays far below the limit of the class. */
  private async pause(session: Session): Promise<void> {
    session.socket.pause();
    await this.world.progress(500);
    session.socket.resume();
  }

  private draw(random: Random): Subscription[] {
    const found = new Map<string, Subscription>();
    for (let left = random.between(1, 3); left > 0; left--) {
      const index = random.below(CHANNELS);
      const kind = random.pick<Kind>(['subscribe', 'psubscribe', 'ssubscribe']);
      const names = {
        subscribe: `news:${index % 10}:${index}`,
        psubscribe: `news:${index % 10}:*`,
        ssubscribe: `shard:${index}`,
      };
      found.set(kind + names[kind], {
        kind,
        name: names[kind],
        isConfirmed: false,
        isEnding: false,
        from: new Map(),
        until: new Map(),
        first: new Map(),
        last: new Map(),
      });
    }
    return [...found.values()];
  }

  private receive(
    session: Session,
    subscriptions: readonly Subscription[],
    words: readonly string[],
  ): void {
    const [word = '', name = ''] = words;
    const kind = KIND_OF_MESSAGE[word];
    const found = subscriptions.find(
      (one) => one.name === name && (one.kind === (kind ?? word) || ending(one.kind) === word),
    );
    const complain = (complaint: string | undefined): void =>
      this.world.ledger.check('channels', complaint, () => `${words} at ${session.describe()}`);
    if (found === undefined) {
      complain('a message of no subscription');
    } else if (kind !== undefined) {
      complain(this.message(found, words.at(-2) ?? '', words.at(-1) ?? ''));
    } else if (word === found.kind) {
      found.isConfirmed = true;
      found.from = this.snapshot(found, 'sent');
    } else {
      found.isConfirmed = false;
      complain(found.isEnding ? this.missing(found) : 'ended unasked');
    }
  }

  private message(one: Subscription, channel: string, payload: string): string | undefined {
    if (!one.isConfirmed) return 'a message outside of the subscription';
    const at = payload.lastIndexOf('.');
    const key = `${channel} ${payload.slice(0, at)}`;
    const number = Number(payload.slice(at + 1));
    const last = one.last.get(key);
    one.last.set(key, number);
    if (last === undefined) {
      one.first.set(key, number);
      const sent = one.from.get(key) ?? 0;
      return number <= sent + 1 ? undefined : `begins with ${number}, ${sent} were sent before`;
    }
    return number === last + 1 ? undefined : `${number} after ${last}`;
  }

  /** What was acknowledged before the end was asked for, and has not come. */
  private missing(one: Subscription): string | undefined {
    for (const [key, acknowledged] of one.until) {
      if (acknowledged <= (one.from.get(key) ?? 0)) continue;
      const last = one.last.get(key) ?? 0;
      if (last < acknowledged) return `${key}: ${acknowledged} was published, the last is ${last}`;
    }
    return undefined;
  }

  private snapshot(one: Subscription, field: keyof Progress): Map<string, number> {
    const found = new Map<string, number>();
    for (const [channel, publishers] of this.published) {
      const isMatch =
        one.kind === 'psubscribe'
          ? channel.startsWith(one.name.slice(0, -1))
          : channel === one.name;
      if (!isMatch) continue;
      for (const [name, progress] of publishers) found.set(`${channel} ${name}`, progress[field]);
    }
    return found;
  }

  private progress(channel: string, publisher: string): Progress {
    let publishers = this.published.get(channel);
    if (publishers === undefined) this.published.set(channel, (publishers = new Map()));
    let progress = publishers.get(publisher);
    if (progress === undefined) {
      progress = { sent: 0, acknowledged: 0 };
      publishers.set(publisher, progress);
    }
    return progress;
  }
}

function ending(kind: Kind): string {
  return kind.replace('subscribe', 'unsubscribe');
}
