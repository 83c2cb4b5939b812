// Clients that cache. In the default mode, a value that was read and not called invalid since is
// still the present one: when a later reply differs, the invalidation must have come before it.
// In broadcasting mode the messages leave at the end of the server's turn, so what is held there
// is that a change acknowledged to its writer is told before a later command is answered.
import type { Random } from '../support/random.ts';
import { replyText } from '../support/resp.ts';
import { isOk } from './expect.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

const NAMES = 12;

export class Caching {
  private readonly world: World;
  private readonly writes = new Map<string, { sent: number; acknowledged: number }>();

  constructor(world: World) {
    this.world = world;
  }

  /** Changes a key that others may have cached. */
  change(session: Session, random: Random): void {
    const key = this.prefix(session) + random.below(NAMES);
    const write = this.write(key);
    const number = ++write.sent;
    const args = ['SET', key, `version${this.world.nextSerial()}`];
    session.send('caching', args, (reply) => {
      write.acknowledged = Math.max(write.acknowledged, number);
      return isOk(reply);
    });
  }

  async readWithCache(session: Session, random: Random): Promise<void> {
    const cached = new Map<string, string | undefined>();
    session.onPush = ([word, ...keys]) => {
      const complaint = word === 'invalidate' ? undefined : `a push that is none: ${word}`;
      this.world.ledger.check('caching', complaint, () => session.describe());
      for (const key of keys) cached.delete(key);
    };
    session.send('caching', ['CLIENT', 'TRACKING', 'ON'], isOk);
    for (let left = random.between(3, 20); left > 0 && !this.world.isOver; left--) {
      for (let reads = random.between(1, 6); reads > 0; reads--) {
        const key = this.prefix(session) + random.below(NAMES);
        session.send('caching', ['GET', key], (reply) => {
          const value = replyText(reply);
          const held = cached.get(key);
          const isRight = !cached.has(key) || held === value;
          cached.set(key, value);
          return isRight ? undefined : `${key} was ${held}, is ${value}, and nothing was told`;
        });
      }
      session.echo();
      await session.flush();
      await this.world.progress(random.between(1, 500));
    }
    await this.stop(session);
  }

  async hearBroadcasts(session: Session, random: Random): Promise<void> {
    const told = new Set<string>();
    const prefix = this.prefix(session);
    session.onPush = ([, ...keys]) => {
      for (const key of keys) told.add(key);
    };
    session.send('caching', ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix], isOk);
    await session.flush();
    for (let left = random.between(1, 8); left > 0 && !this.world.isOver; left--) {
      const before = new Map([...this.writes].map(([key, { sent }]) => [key, sent]));
      told.clear();
      await this.world.progress(random.between(50, 1000));
      const changed = [...this.writes].filter(
        ([key, { acknowledged }]) =>
          key.startsWith(prefix) && acknowledged > (before.get(key) ?? 0),
      );
      session.echo();
      await session.flush();
      for (const [key] of changed) {
        const complaint = told.has(key) ? undefined : `${key} was changed, and nothing was told`;
        this.world.ledger.check('caching', complaint, () => session.describe());
      }
    }
    await this.stop(session);
  }

  private async stop(session: Session): Promise<void> {
    session.send('caching', ['CLIENT', 'TRACKING', 'OFF'], isOk);
    await session.flush();
    session.onPush = undefined;
    session.echo();
    await session.flush();
  }

  private prefix(session: Session): string {
    return this.world.sharedKey(`d${session.database}:cached:`);
  }

  private write(key: string): { sent: number; acknowledged: number } {
    let write = this.writes.get(key);
    if (write === undefined) this.writes.set(key, (write = { sent: 0, acknowledged: 0 }));
    return write;
  }
}
