// What all clients of the test share: the ledger of what was checked, who can be killed or woken
// by others, whether the round is over, and a way to wait until others have come some way. One
// World for each run; a round is told from another by its number, which stands in the names of
// shared keys.
import type { Random } from '../support/random.ts';
import type { Session } from './session.ts';

/** What the test holds the server to; each is counted as one test. */
export const properties = [
  'own keys: every reply is what the model says',
  'order: numbered words come back in their places',
  'counters: the sum is what was acknowledged, no number is given twice',
  'queues: every element is taken once, in order for each producer',
  'transactions: together or not at all; EXEC fails when a watched key has changed',
  'channels: no gap and no change of order from the confirmation on',
  'caching: an invalidation comes before the changed value',
  'expiry: what is gone stays gone, and goes unasked',
  'connections: closed only by whom and when it must be',
  'state: nothing is left when all have gone',
  'memory: flat',
  'log: no command failed inside',
] as const;

export type Property = (typeof properties)[number];

type FirstWord<Name> = Name extends `${infer Word}: ${string}` ? Word : never;

/** The word that a property's name begins with. */
export type Topic = FirstWord<Property>;

/** Failures that are kept in words; the others are only counted. */
const SHOWN_FAILURES = 20;

export class Ledger {
  readonly checks: Map<Topic, number> = new Map();
  readonly failures: Map<Topic, number> = new Map();
  commandCount = 0;
  private shown = 0;

  /** Counts a check, and prints what is wrong, if something is. */
  check(topic: Topic, complaint: string | undefined, where: () => string): void {
    this.checks.set(topic, (this.checks.get(topic) ?? 0) + 1);
    if (complaint === undefined) return;
    this.failures.set(topic, (this.failures.get(topic) ?? 0) + 1);
    if (this.shown++ < SHOWN_FAILURES) console.log(`FAILED ${topic}: ${complaint}\n  ${where()}`);
  }
}

export class World {
  readonly ledger: Ledger;
  readonly port: number;
  readonly round: number;
  /** Clients that others may end, by their number at the server. */
  readonly killable: Map<string, Session> = new Map();
  /** Clients that wait in a blocking command, by their number at the server. */
  readonly blocked: Map<string, Session> = new Map();
  /** Every open connection; what never ends is found here. */
  readonly sessions: Set<Session> = new Set();
  isOver = false;
  commandCount = 0;
  connectionCount = 0;
  replyCount = 0;
  private serial = 0;
  private waiting: { until: number; wake: () => void }[] = [];

  constructor(ledger: Ledger, port: number, round: number) {
    this.ledger = ledger;
    this.port = port;
    this.round = round;
  }

  /** A number that nobody else gets. */
  nextSerial(): number {
    return ++this.serial;
  }

  /** The name of something shared: another one in each round. */
  sharedKey(name: string): string {
    return `r${this.round}:${name}`;
  }

  countReply(): void {
    this.replyCount++;
    if (this.waiting.length > 0) this.wake(this.replyCount);
  }

  /** Ends the round: who waits for others goes on, everybody leaves after the present step. */
  finish(): void {
    this.isOver = true;
    this.wake(Number.POSITIVE_INFINITY);
  }

  /** Waits until so many replies have come to whomsoever, or the round is over. */
  progress(replies: number): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((wake) => this.waiting.push({ until: this.replyCount + replies, wake }));
  }

  /** Another session out of a list of candidates, or undefined. */
  pickOther(
    random: Random,
    sessions: ReadonlyMap<string, Session>,
    self: Session,
  ): Session | undefined {
    if (sessions.size === 0) return undefined;
    const found = random.pick([...sessions.values()]);
    return found === self ? undefined : found;
  }

  private wake(count: number): void {
    const ready = this.waiting.filter(({ until }) => until <= count);
    if (ready.length === 0) return;
    this.waiting = this.waiting.filter(({ until }) => until > count);
    for (const { wake } of ready) wake();
  }
}
