// The plain types of options: yes/no, numbers, texts, one word of a list, and a set of words. Error
// texts are those of Redis's config.c.
import {
  cutAtNul,
  formatMemoryUnit,
  INT64_MAX,
  lowerAscii,
  parseInteger,
  parseLeadingInteger,
  parseMemory,
  UINT64_MAX,
} from '../number-text.ts';
import type {
  BoolOption,
  Bound,
  EnumOption,
  FlagsOption,
  NumberOption,
  StringOption,
} from '../option.ts';
import { quoteWord } from '../words.ts';
import type { ConfigLine, Kind, ReadResult } from './kind.ts';

const BOUNDS: ReadonlyMap<Bound, bigint> = new Map<Bound, bigint>([
  ['INT32_MIN', -2147483648n],
  ['INT32_MAX', 2147483647n],
  ['UINT32_MAX', 4294967295n],
  ['INT64_MAX', INT64_MAX],
  ['UINT64_MAX', UINT64_MAX],
]);

/** The limit as an exact number. */
export function boundValue(bound: Bound): bigint {
  return typeof bound === 'number' ? BigInt(bound) : (BOUNDS.get(bound) ?? 0n);
}

export function boolKind(option: BoolOption): Kind<boolean, boolean> {
  const text = (raw: boolean): string => (raw ? 'yes' : 'no');
  return {
    many: false,
    initial: () => option.default,
    read(words): ReadResult<boolean> {
      const word = lowerAscii(cutAtNul(words[0] ?? ''));
      if (word === 'yes') return { raw: true };
      return word === 'no' ? { raw: false } : { error: "argument must be 'yes' or 'no'" };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: text,
    lines: (name, raw) => [{ text: `${name} ${text(raw)}`, force: raw !== option.default }],
  };
}

/** Reads the digits and the unit; the limits come afterwards. */
function readNumber(type: NumberOption['type'], word: string): ReadResult<bigint> {
  switch (type) {
    case 'memory': {
      const raw = parseMemory(word);
      return raw === null ? { error: 'argument must be a memory value' } : { raw };
    }
    case 'percent': {
      const bytes = parseMemory(word);
      if (bytes !== null) return { raw: BigInt.asIntN(64, bytes) };
      const percent = /.%$/s.test(word) ? parseInteger(word.slice(0, -1)) : null;
      return percent === null || percent < 0n
        ? { error: 'argument must be a memory or percent value' }
        : { raw: -percent };
    }
    case 'octal': {
      const { value, complete, overflow } = parseLeadingInteger(word, 8);
      return complete && !overflow
        ? { raw: value }
        : { error: "argument couldn't be parsed as an octal number" };
    }
    case 'integer': {
      const raw = parseInteger(word);
      return raw === null ? { error: "argument couldn't be parsed into an integer" } : { raw };
    }
  }
}

export function numberKind(option: NumberOption): Kind<bigint, number> {
  const min = boundValue(option.min);
  const max = boundValue(option.max);
  const radix = option.type === 'octal' ? 8 : 10;
  const isPercent = (raw: bigint): boolean => option.type === 'percent' && raw < 0n;
  const clamp = (raw: bigint): bigint => {
    if (option.clamp === undefined) return raw;
    const [low, high] = [boundValue(option.clamp[0]), boundValue(option.clamp[1])];
    if (raw < low) return low;
    return raw > high ? high : raw;
  };
  return {
    many: false,
    initial: () => BigInt(option.default),
    read(words): ReadResult<bigint> {
      const result = readNumber(option.type, words[0] ?? '');
      if ('error' in result) return result;
      const { raw } = result;
      if (isPercent(raw)) {
        if (raw >= min) return result;
        return { error: `percentage argument must be less or equal to ${-min}` };
      }
      if (raw < min || raw > max) {
        const range = `${min.toString(radix)} and ${max.toString(radix)}`;
        return { error: `argument must be between ${range} inclusive` };
      }
      return { raw: clamp(raw) };
    },
    wrap: (value) => BigInt(value),
    expose: (raw) => Number(raw),
    format: (raw) => (isPercent(raw) ? `${-raw}%` : raw.toString(radix)),
    lines(name, raw): readonly ConfigLine[] {
      let text = raw.toString(radix);
      if (isPercent(raw)) text = `${-raw}%`;
      else if (option.type === 'memory' || option.type === 'percent') text = formatMemoryUnit(raw);
      return [{ text: `${name} ${text}`, force: raw !== BigInt(option.default) }];
    },
  };
}

export function stringKind(option: StringOption): Kind<string, string> {
  return {
    many: false,
    initial: () => option.default ?? '',
    read: (words) => {
      const word = words[0] ?? '';
      return { raw: option.binary === true ? word : cutAtNul(word) };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: (raw) => raw,
    lines(name, raw): readonly ConfigLine[] {
      if (raw === '' && option.default === null) return [];
      return [{ text: `${name} ${quoteWord(raw)}`, force: raw !== option.default }];
    },
  };
}

function wordError(values: readonly string[]): { readonly error: string } {
  return { error: `argument(s) must be one of the following: ${values.join(', ')}` };
}

export function enumKind(option: EnumOption): Kind<string, string> {
  return {
    many: false,
    initial: () => option.default,
    read(words): ReadResult<string> {
      const word = lowerAscii(cutAtNul(words[0] ?? ''));
      if (!option.values.includes(word)) return wordError(option.values);
      return { raw: option.same?.[word] ?? word };
    },
    wrap: (value) => option.same?.[value] ?? value,
    expose: (raw) => raw,
    format: (raw) => raw,
    lines: (name, raw) => [{ text: `${name} ${raw}`, force: raw !== option.default }],
  };
}

export function flagsKind(option: FlagsOption): Kind<readonly string[], readonly string[]> {
  const [none, ...words] = option.values;
  const text = (raw: readonly string[]): string => (raw.length === 0 ? none : raw.join(' '));
  return {
    many: true,
    initial: () => [],
    read(args): ReadResult<readonly string[]> {
      const given = args.map((word) => lowerAscii(cutAtNul(word)));
      const known = given.every((word) => option.values.includes(word));
      if (given.length === 0 || !known) return wordError(option.values);
      return { raw: words.filter((word) => given.includes(word)) };
    },
    wrap: (value) => words.filter((word) => value.includes(word)),
    expose: (raw) => raw,
    format: text,
    lines: (name, raw) => [{ text: `${name} ${text(raw)}`, force: raw.length > 0 }],
  };
}
