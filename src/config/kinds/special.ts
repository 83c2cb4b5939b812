// The types of options with a syntax of their own: bind, dir, save, client-output-buffer-limit,
// oom-score-adj-values, notify-keyspace-events, replicaof, latency-tracking-info-percentiles.
// Defaults, formats and error texts are those of Redis's config.c.
import {
  cutAtNul,
  formatDouble,
  formatMemoryUnit,
  lowerAscii,
  parseDouble,
  parseLeadingInteger,
  parseMemory,
} from '../number-text.ts';
import type { BufferLimits, MasterAddress, OomScores, SavePoint } from '../option.ts';
import { quoteWord } from '../words.ts';
import type { Kind, ReadResult } from './kind.ts';
import { formatNotifyLetters, parseNotifyLetters } from './notify.ts';

const WRONG_COUNT = { error: 'wrong number of arguments' } as const;
const MAX_BIND_ADDRESSES = 16;
const DEFAULT_BIND: readonly string[] = ['*', '-::*'];

export function bindKind(): Kind<readonly string[], readonly string[]> {
  return {
    many: true,
    initial: () => DEFAULT_BIND,
    read(words): ReadResult<readonly string[]> {
      if (words.length > MAX_BIND_ADDRESSES) return { error: 'Too many bind addresses specified.' };
      return { raw: words.length === 1 && words[0] === '' ? [] : words.map(cutAtNul) };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: (raw) => raw.join(' '),
    lines(name, raw) {
      if (raw.length === 2 && raw.every((address, i) => address === DEFAULT_BIND[i])) return [];
      return [{ text: `${name} ${raw.length === 0 ? '""' : raw.join(' ')}`, force: true }];
    },
  };
}

/**
 * The working folder. Its default is what the server says it is: the constructor of Config takes
 * it.
 */
export function directoryKind(initial: string): Kind<string, string> {
  return {
    many: false,
    initial: () => initial,
    read(words, current, context): ReadResult<string> {
      if (words.length !== 1) return WRONG_COUNT;
      const found = context.resolveDirectory(cutAtNul(words[0] ?? ''), current);
      return 'error' in found ? found : { raw: found.path };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: (raw) => raw,
    lines: (name, raw) => [{ text: `${name} ${quoteWord(raw)}`, force: true }],
  };
}

interface RawSavePoint {
  readonly seconds: bigint;
  readonly changes: bigint;
}

const DEFAULT_SAVE: readonly RawSavePoint[] = [
  { seconds: 3600n, changes: 1n },
  { seconds: 300n, changes: 100n },
  { seconds: 60n, changes: 10000n },
];

function readSavePoints(words: readonly string[]): RawSavePoint[] | null {
  if (words.length % 2 !== 0) return null;
  const numbers = words.map((word) => parseLeadingInteger(word, 10));
  const valid = numbers.every((n, i) => n.complete && n.value >= (i % 2 === 0 ? 1n : 0n));
  if (!valid) return null;
  const points: RawSavePoint[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    const changes = BigInt.asIntN(32, numbers[i + 1]?.value ?? 0n);
    points.push({ seconds: numbers[i]?.value ?? 0n, changes });
  }
  return points;
}

export function saveKind(): Kind<readonly RawSavePoint[], readonly SavePoint[]> {
  const text = (point: RawSavePoint): string => `${point.seconds} ${point.changes}`;
  return {
    many: true,
    initial: () => DEFAULT_SAVE,
    read(words, current, context): ReadResult<readonly RawSavePoint[]> {
      if (words.length === 1 && cutAtNul(words[0] ?? '') === '') return { raw: [] };
      const points = readSavePoints(words);
      if (points === null) return { error: 'Invalid save parameters' };
      return { raw: context.addSavePoints ? [...current, ...points] : points };
    },
    wrap: (value) =>
      value.map(({ seconds, changes }) => ({ seconds: BigInt(seconds), changes: BigInt(changes) })),
    expose: (raw) =>
      raw.map(({ seconds, changes }) => ({ seconds: Number(seconds), changes: Number(changes) })),
    format: (raw) => raw.map(text).join(' '),
    lines(name, raw) {
      if (raw.length === 0) return [{ text: `${name} ""`, force: true }];
      return raw.map((point) => ({ text: `${name} ${text(point)}`, force: true }));
    },
  };
}

interface RawLimit {
  readonly hard: bigint;
  readonly soft: bigint;
  readonly seconds: bigint;
}

interface RawLimits {
  readonly normal: RawLimit;
  readonly replica: RawLimit;
  readonly pubsub: RawLimit;
}

type LimitClass = keyof RawLimits;
const LIMIT_CLASSES: readonly LimitClass[] = ['normal', 'replica', 'pubsub'];

const LIMIT_NAMES: ReadonlyMap<string, LimitClass> = new Map<string, LimitClass>([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
]);

const DEFAULT_LIMITS: RawLimits = {
  normal: { hard: 0n, soft: 0n, seconds: 0n },
  replica: { hard: 268435456n, soft: 67108864n, seconds: 60n },
  pubsub: { hard: 33554432n, soft: 8388608n, seconds: 60n },
};

function readLimit(words: readonly string[]): RawLimit | null {
  const hard = parseMemory(words[0] ?? '');
  const soft = parseMemory(words[1] ?? '');
  const { value, complete } = parseLeadingInteger(words[2] ?? '', 10);
  const seconds = BigInt.asIntN(32, value);
  return hard === null || soft === null || !complete || seconds < 0n
    ? null
    : { hard, soft, seconds };
}

function limitText({ hard, soft, seconds }: RawLimit): string {
  return `${hard} ${soft} ${seconds}`;
}

export function bufferLimitsKind(): Kind<RawLimits, BufferLimits> {
  const expose = ({ hard, soft, seconds }: RawLimit): BufferLimits['normal'] => ({
    hardBytes: Number(hard),
    softBytes: Number(soft),
    softSeconds: Number(seconds),
  });
  const wrap = (limit: BufferLimits['normal']): RawLimit => ({
    hard: BigInt(limit.hardBytes),
    soft: BigInt(limit.softBytes),
    seconds: BigInt(limit.softSeconds),
  });
  return {
    many: true,
    initial: () => DEFAULT_LIMITS,
    read(words, current): ReadResult<RawLimits> {
      if (words.length % 4 !== 0) {
        return { error: 'Wrong number of arguments in buffer limit configuration.' };
      }
      let raw = current;
      for (let i = 0; i < words.length; i += 4) {
        const limitClass = LIMIT_NAMES.get(lowerAscii(cutAtNul(words[i] ?? '')));
        if (limitClass === undefined) {
          return { error: 'Invalid client class specified in buffer limit configuration.' };
        }
        const limit = readLimit(words.slice(i + 1, i + 4));
        if (limit === null) {
          return {
            error: 'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
          };
        }
        raw = { ...raw, [limitClass]: limit };
      }
      return { raw };
    },
    wrap: ({ normal, replica, pubsub }) => ({
      normal: wrap(normal),
      replica: wrap(replica),
      pubsub: wrap(pubsub),
    }),
    expose: ({ normal, replica, pubsub }) => ({
      normal: expose(normal),
      replica: expose(replica),
      pubsub: expose(pubsub),
    }),
    format: ({ normal, replica, pubsub }) =>
      `normal ${limitText(normal)} slave ${limitText(replica)} pubsub ${limitText(pubsub)}`,
    lines: (name, raw) =>
      LIMIT_CLASSES.map((limitClass) => {
        const { hard, soft, seconds } = raw[limitClass];
        const sizes = `${formatMemoryUnit(hard)} ${formatMemoryUnit(soft)}`;
        return {
          text: `${name} ${limitClass} ${sizes} ${seconds}`,
          force: limitText(raw[limitClass]) !== limitText(DEFAULT_LIMITS[limitClass]),
        };
      }),
  };
}

const OOM_SCORES_WARNING =
  'The oom-score-adj-values configuration may not work for non-privileged processes! ' +
  'Please consult the documentation.';
const DEFAULT_OOM_SCORES: OomScores = { master: 0, replica: 200, child: 800 };

export function oomScoresKind(): Kind<OomScores, OomScores> {
  const text = ({ master, replica, child }: OomScores): string => `${master} ${replica} ${child}`;
  return {
    many: true,
    initial: () => DEFAULT_OOM_SCORES,
    read(words, _current, context): ReadResult<OomScores> {
      if (words.length !== 3) return WRONG_COUNT;
      const numbers = words.map((word) => parseLeadingInteger(word, 10));
      if (!numbers.every((n) => n.complete && n.value >= -2000n && n.value <= 2000n)) {
        return {
          error: 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
        };
      }
      const [master = 0, replica = 0, child = 0] = numbers.map((n) => Number(n.value));
      if (replica < master || child < replica) context.warn(OOM_SCORES_WARNING);
      return { raw: { master, replica, child } };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: text,
    lines: (name, raw) => [
      { text: `${name} ${text(raw)}`, force: text(raw) !== text(DEFAULT_OOM_SCORES) },
    ],
  };
}

export function notifyKind(): Kind<number, number> {
  return {
    many: false,
    initial: () => 0,
    read(words): ReadResult<number> {
      if (words.length !== 1) return WRONG_COUNT;
      const bits = parseNotifyLetters(cutAtNul(words[0] ?? ''));
      return bits === null
        ? { error: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." }
        : { raw: bits };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: formatNotifyLetters,
    lines: (name, raw) => [
      { text: `${name} ${quoteWord(formatNotifyLetters(raw))}`, force: raw !== 0 },
    ],
  };
}

export function replicaOfKind(): Kind<MasterAddress | null, MasterAddress | null> {
  const text = (raw: MasterAddress | null): string =>
    raw === null ? '' : `${raw.host} ${raw.port}`;
  return {
    many: true,
    initial: () => null,
    read(words): ReadResult<MasterAddress | null> {
      if (words.length !== 2) return WRONG_COUNT;
      const [host = '', port = ''] = words;
      if (lowerAscii(host) === 'no' && lowerAscii(port) === 'one') return { raw: null };
      const number = parseLeadingInteger(port, 10);
      return !number.complete || number.value < 0n || number.value > 65535n
        ? { error: 'Invalid master port' }
        : { raw: { host, port: Number(number.value) } };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: text,
    lines: (name, raw) => (raw === null ? [] : [{ text: `${name} ${text(raw)}`, force: true }]),
  };
}

export function percentilesKind(): Kind<readonly number[], readonly number[]> {
  const text = (raw: readonly number[]): string => raw.map(formatDouble).join(' ');
  return {
    many: true,
    initial: () => [50, 99, 99.9],
    read(words): ReadResult<readonly number[]> {
      if (words.length === 1 && words[0] === '') return { raw: [] };
      const raw: number[] = [];
      for (const word of words) {
        const value = parseDouble(word);
        if (value === null)
          return { error: 'Invalid latency-tracking-info-percentiles parameters' };
        if (value > 100 || value < 0) {
          return {
            error: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
          };
        }
        raw.push(value);
      }
      return { raw };
    },
    wrap: (value) => value,
    expose: (raw) => raw,
    format: text,
    lines: (name, raw) => [{ text: `${name} ${raw.length === 0 ? '""' : text(raw)}`, force: true }],
  };
}
