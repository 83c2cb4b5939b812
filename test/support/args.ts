// Reads the few flags of the programs under test/ and bench/, with one way of failing.
import { parseArgs } from 'node:util';

export interface Flags {
  /** Words that belong to no flag. */
  readonly words: readonly string[];
  text(name: string): string | undefined;
  has(name: string): boolean;
  /** A whole number, or the default. Throws on anything else. */
  count(name: string, otherwise: number): number;
  list(name: string): string[] | undefined;
}

/** Parses `process.argv`. `valued` flags take a value, `plain` ones none; unknown ones throw. */
export function readFlags(valued: readonly string[], plain: readonly string[]): Flags {
  const options: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const name of valued) options[name] = { type: 'string' };
  for (const name of plain) options[name] = { type: 'boolean' };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    words: positionals,
    text,
    has: (name) => values[name] === true,
    count(name, otherwise) {
      const value = text(name);
      if (value === undefined) return otherwise;
      const number = Number(value);
      if (!Number.isSafeInteger(number) || number < 0) {
        throw new Error(`--${name} wants a whole number, not ${value}`);
      }
      return number;
    },
    list: (name) => text(name)?.split(','),
  };
}
