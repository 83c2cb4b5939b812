// Keys that only one client touches, and a model of them: each draw is a command and what the
// server has to answer, and changes the model as the command changes the data. Small alphabets
// make fields and members meet again; now and then a value is long enough to change the
// encoding. No clock: what expires is in manners.ts.
import type { Random } from '../support/random.ts';
import type { Arg } from '../support/resp.ts';
import { type Check, is, isBag, isBulk, isError, isInteger, isList, isOk } from './expect.ts';
import { OwnStream } from './own-stream.ts';

export type Draw = readonly [args: readonly Arg[], check: Check];

/** One key's model. */
export interface OwnKey {
  draw(random: Random): Draw;
}

const ALPHABET = 'abcdefghijklmnop';

function letter(random: Random): string {
  return ALPHABET[random.below(ALPHABET.length)] as string;
}

/** Mostly short; sometimes past 64 bytes, where hashes and sets leave their listpacks. */
function value(random: Random): string {
  if (random.chance(0.03)) return letter(random).repeat(random.between(65, 3000));
  return `${letter(random)}${random.below(1000)}`;
}

class OwnString implements OwnKey {
  private held: string | undefined;
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  draw(random: Random): Draw {
    const { key, held } = this;
    const text = value(random);
    switch (random.below(8)) {
      case 0:
        this.held = text;
        return [['SET', key, text], isOk];
      case 1: {
        this.held = text;
        return [['SET', key, text, 'GET'], isBulk(held)];
      }
      case 2:
        this.held = held ?? text;
        return [['SETNX', key, text], isInteger(held === undefined ? 1 : 0)];
      case 3:
        if ((held?.length ?? 0) > 20_000) return this.remove();
        this.held = (held ?? '') + text;
        return [['APPEND', key, text], isInteger(this.held.length)];
      case 4:
        return [['STRLEN', key], isInteger(held?.length ?? 0)];
      case 5:
        return [['GETRANGE', key, 1, 5], isBulk((held ?? '').slice(1, 6))];
      case 6:
        if (held !== undefined && random.chance(0.5)) {
          return [['LPUSH', key, 'x'], isError('WRONGTYPE')];
        }
        return this.remove();
      default:
        return [['GET', key], isBulk(held)];
    }
  }

  private remove(): Draw {
    const count = this.held === undefined ? 0 : 1;
    this.held = undefined;
    return [['DEL', this.key], isInteger(count)];
  }
}

class OwnHash implements OwnKey {
  private readonly fields = new Map<string, string>();
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  draw(random: Random): Draw {
    const { key, fields } = this;
    const field = letter(random);
    const text = value(random);
    switch (random.below(8)) {
      case 0:
      case 1: {
        const other = letter(random);
        const added = new Set([field, other]);
        const count = [...added].filter((name) => !fields.has(name)).length;
        fields.set(field, text);
        fields.set(other, 'second');
        return [['HSET', key, field, text, other, 'second'], isInteger(count)];
      }
      case 2:
        return [['HDEL', key, field], isInteger(fields.delete(field) ? 1 : 0)];
      case 3: {
        const other = letter(random);
        const found = [fields.get(field), fields.get(other)];
        return [
          ['HMGET', key, field, other],
          is(...found.map((one) => (one === undefined ? '_' : `$${one}`))),
        ];
      }
      case 4:
        return [['HGETALL', key], isBag([...fields].flat(), 2)];
      case 5:
        return [['HLEN', key], isInteger(fields.size)];
      case 6: {
        if (!random.chance(0.3))
          return [['HEXISTS', key, field], isInteger(fields.has(field) ? 1 : 0)];
        const count = fields.size === 0 ? 0 : 1;
        fields.clear();
        return [['UNLINK', key], isInteger(count)];
      }
      default:
        return [['HGET', key, field], isBulk(fields.get(field))];
    }
  }
}

class OwnList implements OwnKey {
  private items: string[] = [];
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  draw(random: Random): Draw {
    const { key, items } = this;
    const text = value(random);
    if (items.length > 300) {
      this.items = items.slice(0, 10);
      return [['LTRIM', key, 0, 9], isOk];
    }
    switch (random.below(8)) {
      case 0:
        items.push(text, 'tail');
        return [['RPUSH', key, text, 'tail'], isInteger(items.length)];
      case 1:
        items.unshift(text);
        return [['LPUSH', key, text], isInteger(items.length)];
      case 2:
        return [['LPOP', key], isBulk(items.shift())];
      case 3:
        return [['RPOP', key], isBulk(items.pop())];
      case 4:
        return [['LLEN', key], isInteger(items.length)];
      case 5: {
        const at = random.below(12);
        return [['LINDEX', key, at], isBulk(items[at])];
      }
      case 6: {
        const moved = items.pop();
        if (moved !== undefined) items.unshift(moved);
        return [['LMOVE', key, key, 'RIGHT', 'LEFT'], isBulk(moved)];
      }
      default:
        return [['LRANGE', key, 0, 20], isList(items.slice(0, 21))];
    }
  }
}

class OwnSet implements OwnKey {
  private readonly members = new Set<string>();
  private readonly key: string;
  private readonly isOfNumbers: boolean;

  /** Numbers lie in an intset until a word comes. */
  constructor(key: string, isOfNumbers: boolean) {
    this.key = key;
    this.isOfNumbers = isOfNumbers;
  }

  draw(random: Random): Draw {
    const { key, members } = this;
    const isNumber = this.isOfNumbers && !random.chance(0.01);
    const member = isNumber ? String(random.below(700)) : letter(random);
    switch (random.below(7)) {
      case 0:
      case 1: {
        const isNew = !members.has(member);
        members.add(member);
        return [['SADD', key, member], isInteger(isNew ? 1 : 0)];
      }
      case 2:
        return [['SREM', key, member], isInteger(members.delete(member) ? 1 : 0)];
      case 3:
        return [['SISMEMBER', key, member], isInteger(members.has(member) ? 1 : 0)];
      case 4:
        return [['SMEMBERS', key], isBag([...members])];
      case 5: {
        if (!random.chance(0.1))
          return [['SMISMEMBER', key, member], isInteger(members.has(member) ? 1 : 0)];
        const count = members.size === 0 ? 0 : 1;
        members.clear();
        return [['DEL', key], isInteger(count)];
      }
      default:
        return [['SCARD', key], isInteger(members.size)];
    }
  }
}

class OwnSortedSet implements OwnKey {
  private readonly scores = new Map<string, number>();
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  draw(random: Random): Draw {
    const { key, scores } = this;
    const member = random.chance(0.05) ? value(random) : letter(random);
    const score = random.between(-50, 50);
    switch (random.below(8)) {
      case 0:
      case 1: {
        const isNew = !scores.has(member);
        scores.set(member, score);
        return [['ZADD', key, score, member], isInteger(isNew ? 1 : 0)];
      }
      case 2:
        return [['ZREM', key, member], isInteger(scores.delete(member) ? 1 : 0)];
      case 3: {
        const sum = (scores.get(member) ?? 0) + score;
        scores.set(member, sum);
        return [['ZINCRBY', key, score, member], isBulk(String(sum))];
      }
      case 4:
        return [['ZRANGE', key, 0, -1, 'WITHSCORES'], isList(this.inOrder().flat())];
      case 5: {
        const rank = this.inOrder().findIndex(([name]) => name === member);
        return [['ZRANK', key, member], is(rank < 0 ? '_' : `:${rank}`)];
      }
      case 6: {
        const within = this.inOrder().filter(([, text]) => Number(text) >= score);
        return [['ZCOUNT', key, score, '+inf'], isInteger(within.length)];
      }
      default: {
        const first = this.inOrder()[0];
        if (!random.chance(0.3)) {
          const held = scores.get(member);
          return [['ZSCORE', key, member], isBulk(held === undefined ? undefined : String(held))];
        }
        if (first !== undefined) scores.delete(first[0]);
        return [['ZPOPMIN', key], isList(first ?? [])];
      }
    }
  }

  private inOrder(): [member: string, score: string][] {
    const compare = ([a, x]: [string, number], [b, y]: [string, number]): number =>
      x - y || (a < b ? -1 : a > b ? 1 : 0);
    return [...this.scores].sort(compare).map(([member, score]) => [member, String(score)]);
  }
}

/** All the keys of one client; names are new after it has left without waiting for replies. */
export class OwnKeys {
  private readonly keys: readonly OwnKey[];

  constructor(prefix: string) {
    this.keys = [
      new OwnString(`${prefix}:string`),
      new OwnHash(`${prefix}:hash`),
      new OwnList(`${prefix}:list`),
      new OwnSet(`${prefix}:set`, false),
      new OwnSet(`${prefix}:numbers`, true),
      new OwnSortedSet(`${prefix}:zset`),
      new OwnStream(`${prefix}:stream`),
    ];
  }

  draw(random: Random): Draw {
    return random.pick(this.keys).draw(random);
  }
}
