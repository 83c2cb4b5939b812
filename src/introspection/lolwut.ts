// LOLWUT: a small picture and the version. The picture is an elementary cellular automaton: each
// line follows from the one above it by a rule of eight bits.
// https://redis.io/docs/latest/commands/lolwut/

import type { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { REDIS_VERSION } from '../version.ts';
import type { ServerContext } from './server-context.ts';

const VERSION_WORD = 'VERSION';
const DEFAULT_COLUMNS = 66;
const DEFAULT_ROWS = 22;
const MAX_COLUMNS = 1000;
const MAX_ROWS = 200;
/** Rules whose pictures are neither empty nor noise alone. */
const RULES = [18, 22, 26, 30, 45, 60, 73, 90, 105, 110, 126, 150];

/** Draws `rows` lines by a rule of eight bits, from one cell in the middle. */
export function drawAutomaton(rule: number, columns: number, rows: number): string {
  let cells: number[] = Array.from({ length: columns }, (_, i) => (i === columns >> 1 ? 1 : 0));
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    lines.push(cells.map((cell) => (cell === 1 ? '#' : ' ')).join(''));
    const above = cells;
    cells = above.map((cell, i) => {
      const left = above[i === 0 ? columns - 1 : i - 1] ?? 0;
      const right = above[i === columns - 1 ? 0 : i + 1] ?? 0;
      return (rule >> (left * 4 + cell * 2 + right)) & 1;
    });
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function bounded(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function runLolwut(context: ServerContext, call: Call, args: Args): void {
  let next = 1;
  let hasVersion = false;
  if (args.count >= 3 && args.latin1(1).toUpperCase() === VERSION_WORD) {
    call.integer(2);
    hasVersion = true;
    next = 3;
  }
  // Without a version arguments mean nothing, as to Redis 7.
  const given: number[] = [];
  for (let i = next; hasVersion && i < args.count; i++) given.push(call.integer(i));
  if (call.failed()) return;
  const [columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS, chosen] = given;
  const rule = chosen ?? RULES[context.random.below(RULES.length)] ?? 30;
  const picture = drawAutomaton(
    rule & 0xff,
    bounded(columns, 1, MAX_COLUMNS),
    bounded(rows, 1, MAX_ROWS),
  );
  call.reply.verbatim('txt', `${picture}\nRedis ver. ${REDIS_VERSION}\n`);
}

/** LOLWUT [VERSION n [columns [rows [rule]]]]. */
export function lolwutCommand(context: ServerContext): CommandSpec {
  return {
    name: 'lolwut',
    group: 'server',
    since: '5.0.0',
    summary: 'Shows a picture and the version.',
    complexity: '',
    arity: -1,
    flags: ['readonly', 'fast'],
    args: [{ name: 'version', type: 'integer', token: 'VERSION', optional: true }],
    replies: ['verbatim-string'],
    run: (call, args) => runLolwut(context, call, args),
  };
}
