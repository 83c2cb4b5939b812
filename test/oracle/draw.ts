// What the grammars draw from: few keys and few values, so that commands meet on the same ones, and
// the numbers at which servers go wrong. Seeded, so that a stream can be made again.
import { Random } from '../support/random.ts';

/** Keys of every kind: plain, empty, binary, with blanks, long. */
export const keyPool: readonly string[] = [
  'a',
  'b',
  'k1',
  'k2',
  'user:{1}:name',
  '',
  'bin\u0000\u00ff\r\n',
  'with blank',
  'K1',
  'long-key-'.repeat(12),
];

/** Where values of other types live, once both servers have such types. */
export const typedKeys: readonly string[] = ['list', 'hash', 'set', 'zset'];

/** Whole numbers at and around every limit. */
export const edgeIntegers: readonly string[] = [
  '0',
  '1',
  '-1',
  '2',
  '7',
  '8',
  '10',
  '63',
  '64',
  '100',
  '9999',
  '10000',
  '-10000',
  '2147483647',
  '2147483648',
  '-2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775806',
  '9223372036854775807',
  '-9223372036854775808',
  '-9223372036854775807',
];

/** Not whole numbers, or not in the form that Redis takes. */
export const badIntegers: readonly string[] = [
  '',
  ' 1',
  '1 ',
  '+1',
  '01',
  '-0',
  '00',
  '0x10',
  '1.0',
  '1e3',
  'abc',
  '-',
  '--1',
  '9223372036854775808',
  '-9223372036854775809',
  '18446744073709551616',
  '99999999999999999999999',
  '1\u0000',
  'nan',
  'inf',
];

export const floats: readonly string[] = [
  '0',
  '1',
  '-1',
  '0.1',
  '0.2',
  '-0.3',
  '1.5',
  '3.0e3',
  '5.0e-3',
  '1e10',
  '1e17',
  '-1e17',
  '1e18',
  '1.0000000000000001',
  '123456789.123456789',
  '0.00000000000000001',
  '10.5',
  '1e-17',
  '99999999999999999999',
];

export const badFloats: readonly string[] = [
  '',
  'abc',
  ' 1.5',
  '1.5 ',
  'nan',
  'inf',
  '-inf',
  '+inf',
  'infinity',
  '1e5000',
  '1,5',
  '0x1p3',
  '1.5\u0000',
  '--1',
];

const shortValues = [
  '',
  'x',
  'hello',
  'hello world',
  'foobar',
  'ohmytext',
  'mynewtext',
  '\u0000\u00ff',
];

/** Safe to put in the place of any argument: as a time to live it is none, past or far away. */
const junk = [
  '',
  'junk',
  '-1',
  '0',
  'NX',
  'GET',
  '9223372036854775807',
  '1.5',
  '\u0000',
  '4294967295999',
];

export class Draw extends Random {
  /** A key that mostly holds a string, at times a value of another type. */
  key(): string {
    if (this.otherTypes.length > 0 && this.chance(0.08)) return this.pick(this.otherTypes);
    return this.pick(this.chance(0.7) ? keyPool.slice(0, 4) : keyPool);
  }

  /** Keys that hold other types than strings; empty while the servers have none in common. */
  otherTypes: readonly string[] = [];

  keys(most: number): string[] {
    return Array.from({ length: this.between(1, most) }, () => this.key());
  }

  /** A value: short text, a number, bytes, and now and then a few thousand bytes. */
  value(): string {
    const kind = this.below(20);
    if (kind < 8) return this.pick(shortValues);
    if (kind < 13) return this.pick(edgeIntegers);
    if (kind < 14) return this.pick(badIntegers);
    if (kind < 16) return this.pick(floats);
    if (kind < 18) return this.bytes(this.below(24)).toString('latin1');
    // 44 bytes is where the embstr encoding ends.
    if (kind < 19) return 'v'.repeat(this.between(40, 48));
    return this.bytes(this.between(100, 4000)).toString('latin1');
  }

  integer(): string {
    return this.chance(0.9) ? this.pick(edgeIntegers) : this.pick(badIntegers);
  }

  smallInteger(): string {
    return this.chance(0.95) ? String(this.between(-12, 12)) : this.integer();
  }

  float(): string {
    return this.chance(0.85) ? this.pick(floats) : this.pick(badFloats);
  }

  junk(): string {
    return this.pick(junk);
  }

  /** A byte or bit offset: near, or beyond every limit; never one that fills half a gigabyte. */
  offset(): string {
    const kind = this.below(10);
    if (kind < 7) return String(this.below(40));
    if (kind < 8) return String(this.below(20_000));
    if (kind < 9) return this.pick(['-1', '4294967296', '4294967297', '9223372036854775807']);
    return this.pick(badIntegers);
  }

  /** A time to live in seconds: far away, none, past, or not valid. Never about to end. */
  ttlSeconds(): string {
    const kind = this.below(12);
    if (kind < 8) return String(this.between(1000, 100_000));
    if (kind < 9) return this.pick(['0', '-1', '-100']);
    if (kind < 10) {
      const edges = ['9223372036854775807', '9223372036854775', '-9223372036854775808'];
      return this.pick([...edges, '9223372036854776', '-9223372036854776']);
    }
    // No time is drawn twice: GT and LT on one that is sent again would depend on the millisecond.
    const far = String(2_147_483_648 + this.below(1_000_000));
    return this.chance(0.5) ? far : this.pick(badIntegers.filter((n) => n !== '-0'));
  }

  ttlMilliseconds(): string {
    const kind = this.below(12);
    if (kind < 8) return String(this.between(1_000_000, 100_000_000));
    if (kind < 9) return this.pick(['0', '-1', '-100']);
    if (kind < 10) return this.pick(['9223372036854775807', '-9223372036854775808']);
    const far = (
      4_611_686_018_427_387_904n +
      BigInt(this.below(1_000_000)) * 1_000_000n
    ).toString();
    return this.chance(0.5) ? far : this.pick(badIntegers);
  }

  /** A moment in Unix seconds: far ahead or long past. */
  unixSeconds(): string {
    const kind = this.below(12);
    if (kind < 8) return String(4_000_000_000 + this.below(1000));
    if (kind < 10) return this.pick(['1', '0', '-1', '1000000000']);
    return this.chance(0.5) ? '9223372036854775807' : this.pick(badIntegers);
  }

  unixMilliseconds(): string {
    const kind = this.below(12);
    if (kind < 8) return String(4_000_000_000_000 + this.below(1000));
    if (kind < 10) return this.pick(['1', '0', '-1', '1000000000000']);
    return this.chance(0.5) ? '9223372036854775807' : this.pick(badIntegers);
  }

  /** A word in capitals, small letters or a mixture. */
  cased(word: string): string {
    const kind = this.below(3);
    if (kind === 0) return word.toUpperCase();
    if (kind === 1) return word.toLowerCase();
    return [...word].map((c) => (this.chance(0.5) ? c.toUpperCase() : c.toLowerCase())).join('');
  }

  /**
   * Some of the options, in any order. Each is a list of words; the first is cased at random.
   * Mostly few at a time, so that valid combinations are common; all of them at times.
   */
  options(...choices: readonly (readonly string[])[]): string[] {
    const most = this.chance(0.1) ? choices.length : 2;
    const chosen = this.shuffle(choices).slice(0, this.below(Math.min(most, choices.length) + 1));
    if (this.chance(0.03) && chosen[0] !== undefined) chosen.push(chosen[0]);
    return chosen.flatMap(([word = '', ...rest]) => [this.cased(word), ...rest]);
  }

  pattern(): string {
    const patterns = [
      '*',
      'k*',
      'k?',
      '[a-b]',
      '[^a]',
      'k[12]',
      '\\a',
      '*:*',
      'user:*',
      '',
      '[',
      'K1',
    ];
    return this.pick([...patterns, '**', '?', '[a-', '[b-a]', 'a\\', '*\u00ff*']);
  }
}
