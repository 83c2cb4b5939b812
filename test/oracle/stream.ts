// A stream: the list of steps that both servers are sent, drawn from a grammar and a seed.
// Also its written form, one step a line, in which a failing stream is printed and read back.
import { encodeCommand, showBytes } from '../support/resp.ts';
import { Draw, typedKeys } from './draw.ts';
import type { CommandGrammar, Grammar } from './grammar.ts';

/** A command by its arguments, or raw bytes; both as latin1 text, one character a byte. */
export type Step = { readonly args: readonly string[] } | { readonly raw: string };

export interface Stream {
  readonly group: string;
  readonly seed: number;
  readonly resp: 2 | 3;
  /**
   * How the steps are sent: in one write, in pieces cut at random, or one reply awaited at a time.
   */
  readonly sending: 'whole' | 'pieces' | 'lockstep';
  readonly steps: readonly Step[];
}

const MUTATION_RATE = 0.07;
/** How many of the streams have transactions, how often one begins, and its longest. */
const TRANSACTIONS_RATE = 0.5;
const MULTI_RATE = 0.1;
const MULTI_MAX_STEPS = 8;

export interface StreamOptions {
  readonly seed: number;
  readonly resp: 2 | 3;
  readonly length: number;
  /** True when both servers know lists, hashes, sets and sorted sets. */
  readonly otherTypes: boolean;
}

/** Draws a stream. The same options give the same stream. */
export function drawStream(grammar: Grammar, options: StreamOptions): Stream {
  const draw = new Draw(options.seed);
  const { raw } = grammar;
  const steps: Step[] = (grammar.before ?? []).map((args) => ({ args }));
  if (options.otherTypes && raw === undefined) {
    steps.push(...otherTypeSteps());
    draw.otherTypes = typedKeys;
  }
  const total = grammar.commands.reduce((sum, command) => sum + (command.weight ?? 1), 0);
  const drawn = draw.pick(['whole', 'whole', 'whole', 'pieces', 'pieces', 'lockstep'] as const);
  const sending = raw ? 'whole' : grammar.lockstep ? 'lockstep' : drawn;
  const length = raw === undefined ? options.length : draw.between(1, 12);
  const hasTransactions =
    raw === undefined && grammar.inTransactions !== false && draw.chance(TRANSACTIONS_RATE);
  let untilExec = 0;
  for (let i = 0; i < length; i++) {
    if (hasTransactions && untilExec === 0 && draw.chance(MULTI_RATE)) {
      steps.push({ args: ['MULTI'] });
      untilExec = draw.between(1, MULTI_MAX_STEPS) + 1;
    }
    if (untilExec > 0 && (--untilExec === 0 || i === length - 1)) {
      untilExec = 0;
      steps.push({ args: [draw.chance(0.95) ? 'EXEC' : 'DISCARD'] });
    }
    if (raw !== undefined) steps.push({ raw: raw(draw) });
    else {
      const args = drawCall(grammar, draw, total);
      // RANDOMKEY deletes what has expired of the keys that it happens upon; SCAN upon all of them.
      if (args[0]?.toLowerCase() === 'randomkey')
        steps.push({ args: ['SCAN', '0', 'COUNT', '1000'] });
      steps.push({ args });
      if (endsConnection(args)) break;
    }
  }
  steps.push(...(grammar.after ?? []).map((args) => ({ args })));
  const { seed, resp } = options;
  return { group: grammar.group, seed, resp, sending, steps };
}

/**
 * True for a step after which the server closes. It must be the last: what is sent after it would
 * make the system reset the connection, and replies already sent would be lost at random.
 */
export function endsConnection(args: readonly string[]): boolean {
  const [name, ...rest] = args.map((arg) => arg.toLowerCase());
  return name === 'quit' || (name === 'client' && rest[0] === 'kill' && rest.includes('no'));
}

function otherTypeSteps(): Step[] {
  return [
    { args: ['RPUSH', 'list', 'a', 'b'] },
    { args: ['HSET', 'hash', 'f', 'v'] },
    { args: ['SADD', 'set', 'm'] },
    { args: ['ZADD', 'zset', '1', 'm'] },
  ];
}

function drawCall(grammar: Grammar, draw: Draw, total: number): string[] {
  let at = draw.next() * total;
  let chosen: CommandGrammar | undefined;
  for (const command of grammar.commands) {
    chosen = command;
    at -= command.weight ?? 1;
    if (at < 0) break;
  }
  if (chosen === undefined) throw new Error(`the group ${grammar.group} has no commands`);
  const args = [draw.cased(chosen.name), ...chosen.args(draw)];
  const mutable = chosen.mutable !== false && draw.chance(MUTATION_RATE);
  return mutable ? mutate(args, draw) : args;
}

/** One change of the kind that clients get wrong: an argument too few, too many, or of no sense. */
function mutate(args: readonly string[], draw: Draw): string[] {
  const changed = [...args];
  const at = changed.length > 1 ? draw.between(1, changed.length - 1) : 1;
  const kind = draw.below(6);
  if (kind === 0) changed.splice(at, 1);
  else if (kind === 1) changed.splice(at, 0, changed[at] ?? draw.junk());
  else if (kind === 2) changed.splice(at, 0, draw.junk());
  else if (kind === 3) changed[at] = draw.junk();
  else if (kind === 4) changed.length = 1;
  else changed.push(draw.junk(), draw.junk());
  return changed;
}

/** The bytes that a step sends. */
export function stepBytes(step: Step): Buffer {
  if ('raw' in step) return Buffer.from(step.raw, 'latin1');
  return encodeCommand(step.args.map((arg) => Buffer.from(arg, 'latin1')));
}

/** A step on one line: quoted arguments, or `raw` and the quoted bytes. */
export function showStep(step: Step): string {
  const quoted = (text: string): string => showBytes(Buffer.from(text, 'latin1'));
  return 'raw' in step ? `raw ${quoted(step.raw)}` : step.args.map(quoted).join(' ');
}

/** Reads what `showStep` wrote. Throws on a line that is no step. */
export function parseStep(line: string): Step {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"/g;
  const text = line.trim();
  for (const match of text.matchAll(pattern)) {
    words.push(unescapeText(match[1] ?? ''));
  }
  if (words.length === 0) throw new Error(`not a step: ${line}`);
  if (text.startsWith('raw ')) return { raw: words[0] ?? '' };
  return { args: words };
}

function unescapeText(text: string): string {
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\x([0-9a-f]{2})|\\(.)/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (plain[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
