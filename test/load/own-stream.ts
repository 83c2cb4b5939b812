// The model of a stream that only one client touches, with one consumer group: entries by IDs
// that the client gives, what the group has been given and not acknowledged.
import type { Random } from '../support/random.ts';
import { type Check, is, isBulk, isInteger, isOk } from './expect.ts';
import type { Draw, OwnKey } from './own-keys.ts';

const MAX_ENTRIES = 150;

export class OwnStream implements OwnKey {
  private readonly key: string;
  private entries: { id: string; text: string }[] = [];
  private lastNumber = 0;
  private hasGroup = false;
  private deliveredNumber = 0;
  private pending: string[] = [];

  constructor(key: string) {
    this.key = key;
  }

  draw(random: Random): Draw {
    const { key } = this;
    if (this.lastNumber === 0) return this.add(random);
    if (!this.hasGroup) {
      this.hasGroup = true;
      return [['XGROUP', 'CREATE', key, 'group', '0'], isOk];
    }
    if (this.entries.length > MAX_ENTRIES) return this.trim();
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
        return this.add(random);
      case 3:
        return [['XLEN', key], isInteger(this.entries.length)];
      case 4:
        return [['XRANGE', key, '-', '+', 'COUNT', 5], this.shown(this.entries.slice(0, 5))];
      case 5:
        return this.readGroup();
      case 6:
        return this.acknowledge(random);
      default:
        return this.remove(random);
    }
  }

  private shown(entries: readonly { id: string; text: string }[], ...before: string[]): Check {
    if (entries.length === 0) return is('[]');
    return is(...before, ...entries.flatMap(({ id, text }) => [`$${id}`, '$field', `$${text}`]));
  }

  private add(random: Random): Draw {
    this.lastNumber += random.between(1, 3);
    const id = `${this.lastNumber}-0`;
    const text = `entry${random.below(100_000)}`;
    this.entries.push({ id, text });
    return [['XADD', this.key, id, 'field', text], isBulk(id)];
  }

  private trim(): Draw {
    const count = this.entries.length - 20;
    this.entries = this.entries.slice(-20);
    return [['XTRIM', this.key, 'MAXLEN', '=', 20], isInteger(count)];
  }

  private readGroup(): Draw {
    const isNew = ({ id }: { id: string }): boolean =>
      Number(id.split('-')[0]) > this.deliveredNumber;
    const given = this.entries.filter(isNew).slice(0, 3);
    const args = ['XREADGROUP', 'GROUP', 'group', 'me', 'COUNT', 3, 'STREAMS', this.key, '>'];
    const last = given.at(-1);
    if (last === undefined) return [args, is('_')];
    this.deliveredNumber = Number(last.id.split('-')[0]);
    this.pending.push(...given.map(({ id }) => id));
    return [args, this.shown(given, `$${this.key}`)];
  }

  private acknowledge(random: Random): Draw {
    const id = this.pending[random.below(this.pending.length + 1)] ?? '999999999-0';
    const count = this.pending.includes(id) ? 1 : 0;
    this.pending = this.pending.filter((other) => other !== id);
    return [['XACK', this.key, 'group', id], isInteger(count)];
  }

  private remove(random: Random): Draw {
    const found = this.entries[random.below(this.entries.length + 1)];
    if (found === undefined) return [['XDEL', this.key, '999999999-0'], isInteger(0)];
    this.entries = this.entries.filter((entry) => entry !== found);
    return [['XDEL', this.key, found.id], isInteger(1)];
  }
}
