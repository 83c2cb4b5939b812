// Options given by a program that embeds the server, as an object with typed fields: `{ port: 0,
// maxmemory: '100mb', save: [] }`. They are read exactly as lines of redis.conf are.
import { argumentBytes } from './command-line.ts';
import type { Config } from './config.ts';
import type { FlagsOption, NumberOption, SavePoint, ValueOf } from './option.ts';
import type { OptionName, OptionTable } from './options/index.ts';

type InputOf<O> = O extends { readonly type: 'memory' | 'percent' | 'octal' }
  ? number | string
  : O extends { readonly type: 'bool' | 'enum' | FlagsOption['type'] | NumberOption['type'] }
    ? ValueOf<O>
    : O extends { readonly type: 'save' }
      ? readonly SavePoint[] | string
      : O extends { readonly type: 'bind' | 'percentiles' }
        ? ValueOf<O> | string
        : O extends { readonly type: 'replicaof' }
          ? ValueOf<O> | string
          : string;

/** Options by name; those left out keep their defaults. */
export type ConfigInput = { readonly [N in OptionName]?: InputOf<OptionTable[N]> };

/** The words of redis.conf for a value, or null when it is nothing that an option can be. */
function wordsOf(name: string, value: unknown): string[] | null {
  if (typeof value === 'string') return [argumentBytes(value)];
  if (typeof value === 'number')
    return [name === 'unixsocketperm' ? value.toString(8) : `${value}`];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  if (value === null) return name === 'replicaof' ? ['no', 'one'] : null;
  if (Array.isArray(value)) {
    if (value.length === 0) return name.startsWith('shutdown-on-') ? ['default'] : [''];
    const words = value.map((item: unknown) => wordsOf(name, item));
    return words.includes(null) ? null : words.flatMap((word) => word ?? []);
  }
  if (typeof value !== 'object') return null;
  if ('host' in value && 'port' in value) return [argumentBytes(`${value.host}`), `${value.port}`];
  if ('seconds' in value && 'changes' in value) return [`${value.seconds}`, `${value.changes}`];
  return null;
}

/**
 * Sets options from an object; a field that is undefined is skipped.
 * @returns null, or the first option that is refused and why
 */
export function loadInput(
  config: Config,
  input: ConfigInput,
): { readonly name: string; readonly reason: string } | null {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (config.find(name) === null) return { name, reason: 'there is no such option' };
    const words = wordsOf(name, value);
    const reason =
      words === null ? 'a value of this type is not understood' : config.load(name, words);
    if (reason !== null) return { name, reason };
  }
  return null;
}
