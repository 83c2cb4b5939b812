// The command line of disgo-rdb: what is to be done with which file, or what is wrong with the
// words.

import { parseArgs } from 'node:util';
import { argumentBytes } from '../config/command-line.ts';
import { MAX_TARGET_VERSION, MIN_TARGET_VERSION } from '../rdb-tool/converter.ts';
import { ALL_KEYS, type KeyFilter } from '../rdb-tool/key-filter.ts';

export const RDB_HELP: string = `Usage: disgo-rdb keys <file> [--values] [filters]
       disgo-rdb memory <file> [--depth <n>] [--separator <text>] [--in memory|file]
                               [--limit <n>] [--json] [filters]
       disgo-rdb info <file> [--json]
       disgo-rdb convert <file> <new-file> --rdb-version <n> [--drop] [filters]
       disgo-rdb --help
       disgo-rdb --version

Filters, of which all must hold:
       --db <n>          of this database; may be given more than once
       --type <name>     string, list, set, zset, hash, stream or module; more than once
       --pattern <glob>  of which the key matches this pattern, as KEYS takes it
       --expired         that have expired
       --not-expired     that have not

keys     prints a line of JSON for each key; --values with its value. Keys and values that are
         not UTF-8 stand there as {"base64": "..."}.
memory   prints how many keys and bytes there are of each prefix, and the largest keys. Bytes are
         what they take in disgo's memory, or with --in file in the file.
info     prints version, fields, functions, and the number of keys of each type.
convert  writes the dump as version ${MIN_TARGET_VERSION} to ${MAX_TARGET_VERSION} of the format. What a version cannot hold is an
         error that names the key; with --drop it is left out: times of fields below version 12,
         streams below 9. Functions are left out below 10, and modules' data has to be dropped.

Exit codes: 0 done, 1 the dump is not sound or a file cannot be read or written, 2 wrong usage.
`;

const TYPES = new Set(['string', 'list', 'set', 'zset', 'hash', 'stream', 'module']);
const MAX_DATABASE = 16383;
const MAX_DEPTH = 1000;
const MAX_LIMIT = 10_000;

export type RdbTask =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | {
      readonly kind: 'keys';
      readonly path: string;
      readonly filter: KeyFilter;
      readonly hasValues: boolean;
    }
  | {
      readonly kind: 'memory';
      readonly path: string;
      readonly filter: KeyFilter;
      readonly depth: number;
      readonly separator: string;
      readonly inMemory: boolean;
      readonly limit: number;
      readonly isJson: boolean;
    }
  | { readonly kind: 'info'; readonly path: string; readonly isJson: boolean }
  | {
      readonly kind: 'convert';
      readonly path: string;
      readonly target: string;
      readonly filter: KeyFilter;
      readonly version: number;
      readonly drops: boolean;
    };

/** What is wrong with the command line. */
class UsageError extends Error {}

const FILTERS = {
  db: { type: 'string', multiple: true },
  type: { type: 'string', multiple: true },
  pattern: { type: 'string' },
  expired: { type: 'boolean' },
  'not-expired': { type: 'boolean' },
} as const;

const MEMORY = {
  depth: { type: 'string' },
  separator: { type: 'string' },
  in: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Reads the command line without the names of the programs. */
export function readRdbTask(words: readonly string[]): RdbTask {
  const [name, ...rest] = words;
  if (words.includes('--help') || words.includes('-h')) return { kind: 'help' };
  if (name === '--version' || name === '-v') return { kind: 'version' };
  try {
    if (name === 'keys') return readKeys(rest);
    if (name === 'memory') return readMemory(rest);
    if (name === 'info') return readInfo(rest);
    if (name === 'convert') return readConvert(rest);
    throw new UsageError(name === undefined ? 'what is to be done?' : `unknown command '${name}'`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The first sentence says it; parseArgs adds advice that is of no use here.
    return { kind: 'wrong', problem: error.message.split('. ')[0] ?? error.message };
  }
}

function readKeys(words: string[]): RdbTask {
  const options = { ...FILTERS, values: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  const [path] = paths(positionals, 1);
  return { kind: 'keys', path: path!, filter: filterOf(values), hasValues: values.values === true };
}

function readMemory(words: string[]): RdbTask {
  const options = { ...FILTERS, ...MEMORY };
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  const [path] = paths(positionals, 1);
  const where = values.in ?? 'memory';
  if (where !== 'memory' && where !== 'file') throw new UsageError('--in is memory or file');
  const separator = values.separator ?? ':';
  if (separator === '') throw new UsageError('--separator must not be empty');
  return {
    kind: 'memory',
    path: path!,
    filter: filterOf(values),
    depth: number('depth', values.depth ?? '1', 1, MAX_DEPTH),
    separator,
    inMemory: where === 'memory',
    limit: number('limit', values.limit ?? '20', 1, MAX_LIMIT),
    isJson: values.json === true,
  };
}

function readInfo(words: string[]): RdbTask {
  const options = { json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  const [path] = paths(positionals, 1);
  return { kind: 'info', path: path!, isJson: values.json === true };
}

function readConvert(words: string[]): RdbTask {
  const options = {
    ...FILTERS,
    'rdb-version': { type: 'string' },
    drop: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  const [path, target] = paths(positionals, 2);
  const version = values['rdb-version'];
  if (version === undefined) throw new UsageError('--rdb-version is missing');
  return {
    kind: 'convert',
    path: path!,
    target: target!,
    filter: filterOf(values),
    version: number('rdb-version', version, MIN_TARGET_VERSION, MAX_TARGET_VERSION),
    drops: values.drop === true,
  };
}

function paths(words: readonly string[], count: number): string[] {
  if (words.length < count) throw new UsageError('the name of a file is missing');
  if (words.length > count) throw new UsageError(`unexpected word '${words[count]}'`);
  return words.map(argumentBytes);
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) {
    throw new UsageError(`--${name} is a number from ${least} to ${most}, not '${text}'`);
  }
  return value;
}

interface FilterValues {
  readonly db?: readonly string[] | undefined;
  readonly type?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly expired?: boolean | undefined;
  readonly 'not-expired'?: boolean | undefined;
}

function filterOf(values: FilterValues): KeyFilter {
  const isExpired = values.expired === true;
  const isAlive = values['not-expired'] === true;
  if (isExpired && isAlive) throw new UsageError('--expired and --not-expired exclude each other');
  const types = values.type ?? [];
  const unknown = types.find((type) => !TYPES.has(type));
  if (unknown !== undefined) throw new UsageError(`unknown type '${unknown}'`);
  const databases = (values.db ?? []).map((text) => number('db', text, 0, MAX_DATABASE));
  const isAll = databases.length + types.length === 0 && values.pattern === undefined;
  if (isAll && !isExpired && !isAlive) return ALL_KEYS;
  return {
    databases: new Set(databases),
    types: new Set(types),
    pattern: values.pattern === undefined ? null : Buffer.from(values.pattern),
    expired: isExpired ? true : isAlive ? false : null,
  };
}
