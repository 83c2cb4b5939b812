// Lists as queues. Every element bears its producer and its number there. Those who may be ended
// while they wait move elements (BLMOVE) to a list of their own, which is the record of what
// they took; steady ones pop, and what they were given is the record. At the end each element
// that was acknowledged is in exactly one place, and nothing is anywhere that was not sent.
import type { RespClient } from '../support/client.ts';
import type { Random } from '../support/random.ts';
import { type Reply, replyText } from '../support/resp.ts';
import { tokensOf } from './expect.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

/** Who pushes: numbers go on over connections, as long as each push was answered. */
export interface Producer {
  readonly name: string;
  lastNumber: number;
}

interface Moves {
  readonly moved: string[];
  /** Commands whose reply has not come: they may have moved something, or nothing. */
  openCount: number;
}

interface Queue {
  readonly key: string;
  readonly database: number;
  readonly sent: Set<string>;
  readonly acknowledged: Set<string>;
  readonly taken: Set<string>;
  /** The lists of those who move, each with what was acknowledged to them. */
  readonly records: Map<string, Moves>;
}

const NAMES = 4;

export class Queues {
  private readonly world: World;
  private readonly queues = new Map<string, Queue>();
  /** The last number that a session was given, by session, queue and producer. */
  private readonly lastGiven = new Map<string, number>();

  constructor(world: World) {
    this.world = world;
  }

  push(session: Session, random: Random, producer: Producer): void {
    const queue = this.queue(session, random.below(NAMES));
    const elements = Array.from({ length: random.between(1, 4) }, () => {
      return `${producer.name}.${++producer.lastNumber}`;
    });
    for (const element of elements) queue.sent.add(element);
    session.send('queues', ['RPUSH', queue.key, ...elements], (reply) => {
      for (const element of elements) queue.acknowledged.add(element);
      const isLong = reply.type === 'integer' && Number(reply.text) >= elements.length;
      return isLong ? undefined : `wants a length, got ${tokensOf(reply).join(' ')}`;
    });
  }

  /** Takes without waiting. */
  take(session: Session, random: Random): void {
    const queue = this.queue(session, random.below(NAMES));
    if (!session.isSteady) {
      this.sendMove(session, queue, ['LMOVE', queue.key, this.recordKey(queue, session)]);
      return;
    }
    const count = random.between(1, 5);
    session.send('queues', ['LPOP', queue.key, count], (reply) => {
      if (reply.type === 'null') return undefined;
      return this.given(session, queue, tokensOf(reply));
    });
  }

  /** Takes, and waits when there is nothing. Whoever is not answered by then is woken by others. */
  wait(session: Session, random: Random): void {
    const queue = this.queue(session, random.below(NAMES));
    const other = this.queue(session, random.below(NAMES));
    this.world.blocked.set(session.id, session);
    const timeout = random.pick(['0', '0.02', '0.2', '1']);
    if (!session.isSteady) {
      this.sendMove(session, queue, ['BLMOVE', queue.key, this.recordKey(queue, session)], timeout);
      return;
    }
    const isMany = random.chance(0.3);
    const keys = [queue.key, other.key];
    const args = isMany
      ? ['BLMPOP', timeout, 2, ...keys, 'LEFT', 'COUNT', 3]
      : ['BLPOP', ...keys, timeout];
    session.send('queues', args, (reply) => {
      this.awake(session);
      if (this.isInVain(session, reply)) return undefined;
      const [name, ...elements] = tokensOf(reply);
      const found = [queue, other].find(({ key }) => name === `$${key}`);
      if (found === undefined) return `from another list: ${name}`;
      return this.given(session, found, elements);
    });
  }

  /** Compares what was pushed with what was taken and what is left, when all clients have gone. */
  async verify(control: RespClient): Promise<void> {
    for (const queue of this.queues.values()) {
      await control.expectText('SELECT', queue.database);
      for (const [key, { moved, openCount }] of queue.records) {
        const list = await this.read(control, key);
        const isSame = moved.every((element, index) => list[index] === element);
        const surplus = list.length - moved.length;
        const isRight = isSame && surplus >= 0 && surplus <= openCount;
        const complaint = isRight ? undefined : `${key} has ${list.length}, told ${moved.length}`;
        this.world.ledger.check('queues', complaint, () => queue.key);
        this.checkOrder(queue, key, list, new Map());
        for (const element of list.slice(moved.length)) this.takeOnce(queue, element);
      }
      const left = await this.read(control, queue.key);
      this.checkOrder(queue, queue.key, left, highestOf(queue.taken));
      for (const element of left) this.takeOnce(queue, element);
      const lost = [...queue.acknowledged].filter((element) => !queue.taken.has(element));
      const complaint =
        lost.length === 0 ? undefined : `${queue.key} lost ${lost.length}: ${lost.slice(0, 5)}`;
      this.world.ledger.check('queues', complaint, () => 'at the end of the round');
    }
  }

  private sendMove(
    session: Session,
    queue: Queue,
    args: readonly string[],
    timeout?: string,
  ): void {
    const record = this.record(queue, session);
    record.openCount++;
    const all = [...args, 'LEFT', 'RIGHT', ...(timeout === undefined ? [] : [timeout])];
    session.send('queues', all, (reply) => {
      record.openCount--;
      if (timeout !== undefined) this.awake(session);
      if (this.isInVain(session, reply)) return undefined;
      const complaint = this.given(session, queue, tokensOf(reply));
      record.moved.push(replyText(reply) ?? '');
      return complaint;
    });
  }

  /** Nothing came within the time, or another client has ended the wait. */
  private isInVain(session: Session, reply: Reply): boolean {
    if (reply.type === 'null') return true;
    return reply.type === 'error' && reply.text.startsWith('UNBLOCKED') && session.wasUnblocked;
  }

  private awake(session: Session): void {
    this.world.blocked.delete(session.id);
  }

  private given(session: Session, queue: Queue, tokens: readonly string[]): string | undefined {
    for (const token of tokens) {
      const element = token.slice(1);
      if (!queue.sent.has(element)) return `${token} was never pushed to ${queue.key}`;
      if (queue.taken.has(element)) return `${element} was given twice`;
      queue.taken.add(element);
      const [producer, number] = split(element);
      const key = `${session.label} ${queue.key} ${producer}`;
      const last = this.lastGiven.get(key) ?? 0;
      if (number <= last) return `${element} came after ${last}`;
      this.lastGiven.set(key, number);
    }
    return undefined;
  }

  private takeOnce(queue: Queue, element: string): void {
    const isNew = queue.sent.has(element) && !queue.taken.has(element);
    queue.taken.add(element);
    const complaint = isNew ? undefined : `${element} is there though taken, or never pushed`;
    this.world.ledger.check('queues', complaint, () => queue.key);
  }

  /** In a list the numbers of each producer rise, and all are above what was taken before. */
  private checkOrder(
    queue: Queue,
    key: string,
    list: readonly string[],
    highest: Map<string, number>,
  ): void {
    for (const element of list) {
      const [producer, number] = split(element);
      const isRight = number > (highest.get(producer) ?? 0);
      highest.set(producer, number);
      const complaint = isRight ? undefined : `${element} is out of order in ${key}`;
      this.world.ledger.check('queues', complaint, () => queue.key);
    }
  }

  private async read(control: RespClient, key: string): Promise<string[]> {
    const reply = await control.command('LRANGE', key, 0, -1);
    return reply.type === 'array' ? reply.items.map((item) => replyText(item) ?? '') : [];
  }

  private recordKey(queue: Queue, session: Session): string {
    return `${queue.key}:taken-by:${session.label}`;
  }

  private record(queue: Queue, session: Session): Moves {
    const key = this.recordKey(queue, session);
    let record = queue.records.get(key);
    if (record === undefined) {
      record = { moved: [], openCount: 0 };
      queue.records.set(key, record);
    }
    return record;
  }

  private queue(session: Session, index: number): Queue {
    const key = this.world.sharedKey(`d${session.database}:queue${index}`);
    let queue = this.queues.get(key);
    if (queue === undefined) {
      const { database } = session;
      queue = {
        key,
        database,
        sent: new Set(),
        acknowledged: new Set(),
        taken: new Set(),
        records: new Map(),
      };
      this.queues.set(key, queue);
    }
    return queue;
  }
}

function split(element: string): [producer: string, number: number] {
  const at = element.lastIndexOf('.');
  return [element.slice(0, at), Number(element.slice(at + 1))];
}

function highestOf(elements: ReadonlySet<string>): Map<string, number> {
  const highest = new Map<string, number>();
  for (const element of elements) {
    const [producer, number] = split(element);
    highest.set(producer, Math.max(number, highest.get(producer) ?? 0));
  }
  return highest;
}
