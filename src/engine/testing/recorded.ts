// Plays recorded conversations with the real server to commands in process. A line is a command, `
// => `, and the reply as JSON; a line that begins with # is a heading. For the unit tests of
// command groups; not part of the server.

import { readFileSync } from 'node:fs';
import { Args } from '../../protocol/args.ts';
import {
  ENCODING_QUICKLIST,
  encodingOf,
  setTypeAndEncoding,
  TYPE_LIST,
} from '../../structures/entry.ts';
import type { CommandSpec } from '../command-spec.ts';
import type { Harness } from './harness.ts';

/** The words of a line, quoted ones as JSON strings. */
function words(line: string): string[] {
  return [...line.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) =>
    word.startsWith('"') ? (JSON.parse(word) as string) : word,
  );
}

/**
 * A reply in the form of the table: RESP's own type bytes before integers and errors, maps laid
 * out flat.
 */
function shown(reply: unknown): unknown {
  if (reply === null || reply === undefined) return null;
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}`;
  if (Array.isArray(reply)) return reply.map(shown);
  if (typeof reply !== 'object') return reply === 'OK' ? '+OK' : reply;
  return 'error' in reply ? `-${String(reply.error)}` : reply;
}

/** Commands of other groups that the conversations need, done by hand. */
function runForeign(h: Harness, command: readonly string[]): unknown {
  const db = h.keyspace.databases[0];
  const key = Buffer.from(command.at(-1) === 'x' ? (command[1] ?? '') : (command.at(-1) ?? ''));
  const ref = db?.lookup(key, 0, key.length) ?? 0;
  switch (command[0]) {
    case 'RPUSH': {
      // Stands for a value of another type: the string commands look at nothing else of it.
      h.run('SET', key, 'x');
      const made = db?.lookup(key, 0, key.length) ?? 0;
      setTypeAndEncoding(h.keyspace.arena, made, TYPE_LIST, ENCODING_QUICKLIST);
      return ':1';
    }
    case 'DEL':
      if (ref === 0) return ':0';
      db?.removeFound(ref);
      return ':1';
    case 'OBJECT':
      return ENCODING_NAMES[encodingOf(h.keyspace.arena, ref)];
    default:
      return undefined;
  }
}

const ENCODING_NAMES: Record<number, string> = { 0: 'raw', 1: 'int', 8: 'embstr' };

/** What a command's own key finder says of a call: the index of each key, then its flags. */
export function keysOf(
  specs: readonly CommandSpec[],
  words: readonly string[],
): (string | number)[][] {
  const spec = specs.find(({ name }) => name === words[0]?.toLowerCase());
  const args = new Args();
  args.set(words);
  const found: (string | number)[][] = [];
  spec?.getKeys?.(args, { add: (index, flags) => found.push([index, ...flags]) });
  return found;
}

/** The lines of a recording, headings left out. */
export function readRecording(file: URL): string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** Runs a line of a table. @returns what was answered and what the real server answered. */
export function play(h: Harness, line: string): { answered: unknown; recorded: unknown } {
  const end = line.lastIndexOf(' => ');
  const command = words(line.slice(0, end));
  const foreign = runForeign(h, command);
  const bytes = command.map((word) => Buffer.from(word, 'latin1'));
  const answered = foreign ?? shown(h.run(...bytes));
  const recorded: unknown = JSON.parse(line.slice(end + 4));
  return { answered, recorded };
}
