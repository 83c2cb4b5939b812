// From what a script returns to its reply: tables by their fields (err, ok, double, map, ...) or as
// arrays up to their first nil. Tables inside one another are walked with a stack of our own, as
// deep as Lua's own stack would let them be.

import { numberText } from '../lua/numbers.ts';
import { LuaTable } from '../lua/table.ts';
import type { Value } from '../lua/value.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';

/** Tables inside one another: the places of Lua's stack. */
const MAX_DEPTH = 7990;
/** Tables that lead to one another, as in Lua. */
const MAX_LOOP = 100;
const TOO_DEEP = replyError('ERR reached lua stack limit');
const INT64_MIN = -(2 ** 63);

interface Level {
  readonly kind: 'array' | 'map' | 'set';
  readonly table: LuaTable;
  /** What comes next: an index of the array, or a position of the walk. */
  next: number;
  /** The value of a map's key that has been written. */
  value: { readonly value: Value } | null;
}

/**
 * Writes a value as a reply.
 * @param isResp3 the script has chosen RESP3 by setresp: its booleans are no numbers.
 * @returns how many errors it wrote that were counted when their commands failed.
 */
export function writeValue(reply: ReplyWriter, value: Value, isResp3: boolean): number {
  if (!(value instanceof LuaTable)) {
    writeScalar(reply, value, isResp3);
    return 0;
  }
  const levels: Level[] = [];
  let counted = begin(reply, value, levels, isResp3);
  while (levels.length > 0) {
    const level = levels.at(-1)!;
    const item = nextOf(level);
    if (item === null) levels.pop();
    else counted += begin(reply, item.value, levels, isResp3);
  }
  return counted;
}

/** What a level has to write next, or null at its end. */
function nextOf(level: Level): { readonly value: Value } | null {
  const { table, kind } = level;
  if (kind === 'array') {
    const value = table.get(level.next++);
    return value === undefined ? null : { value };
  }
  if (level.value !== null) {
    const { value } = level;
    level.value = null;
    return value;
  }
  const at = table.seek(level.next);
  if (at < 0) return null;
  level.next = at + 1;
  if (kind === 'map') level.value = { value: table.valueAt(at) };
  return { value: table.keyAt(at) };
}

/** @returns how many errors it wrote that were counted before: 1 or 0. */
function begin(reply: ReplyWriter, value: Value, levels: Level[], isResp3: boolean): number {
  if (levels.length > MAX_DEPTH) reply.error(TOO_DEEP);
  else if (value instanceof LuaTable) return beginTable(reply, value, levels);
  else writeScalar(reply, value, isResp3);
  return 0;
}

function writeScalar(reply: ReplyWriter, value: Value, isResp3: boolean): void {
  if (typeof value === 'string') reply.bulkLatin1(value);
  else if (typeof value === 'number') writeNumber(reply, value);
  else if (typeof value === 'boolean') writeBoolean(reply, value, isResp3);
  else reply.null();
}

function writeBoolean(reply: ReplyWriter, value: boolean, isResp3: boolean): void {
  if (isResp3) reply.boolean(value);
  else if (value) reply.integer(1);
  else reply.null();
}

function writeNumber(reply: ReplyWriter, value: number): void {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) reply.integer(whole === 0 ? 0 : whole);
  else if (whole >= INT64_MIN && whole < -INT64_MIN) reply.bigInteger(BigInt(whole));
  else reply.bigInteger(BigInt(INT64_MIN));
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

/** Writes a table that stands for one value and is no error. @returns false for any other. */
function writeTagged(reply: ReplyWriter, table: LuaTable): boolean {
  const ok = table.getString('ok');
  if (typeof ok === 'string') {
    reply.simple(oneLine(untilNul(ok)));
    return true;
  }
  const double = table.getString('double');
  if (typeof double === 'number') {
    reply.double(double);
    return true;
  }
  const bigNumber = table.getString('big_number');
  if (typeof bigNumber === 'string') {
    reply.bigNumber(oneLine(bigNumber));
    return true;
  }
  const verbatim = table.getString('verbatim_string');
  if (!(verbatim instanceof LuaTable)) return false;
  const format = verbatim.getString('format');
  const text = verbatim.getString('string');
  if (typeof format !== 'string' || typeof text !== 'string') return false;
  writeVerbatim(reply, format, text);
  return true;
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** The format has exactly three characters. */
function writeVerbatim(reply: ReplyWriter, format: string, text: string): void {
  if (!reply.resp3) {
    reply.bulkLatin1(text);
    return;
  }
  const name = `${format}   `.slice(0, 3);
  reply.raw(Buffer.from(`=${text.length + 4}\r\n${name}:${text}\r\n`, 'latin1'));
}

/** A field of a thrown table or of those that it leads to by `__index`; no function is called. */
export function inheritedField(table: LuaTable, name: string): Value {
  let current: Value = table;
  for (let loop = 0; loop < MAX_LOOP && current instanceof LuaTable; loop++) {
    const value = current.getString(name);
    if (value !== undefined) return value;
    current = current.meta?.getString('__index');
  }
  return undefined;
}

/** The text of a table that was thrown. */
export function messageOf(table: LuaTable): string {
  const message = inheritedField(table, 'err');
  if (typeof message === 'number') return numberText(message);
  return typeof message === 'string' ? message : '(null)';
}

/** @param isCounted it has been counted when its command failed. */
export function writeError(reply: ReplyWriter, text: string, isCounted: boolean): void {
  const error = replyError(untilNul(text));
  if (isCounted) reply.raw(error.bytes);
  else reply.error(error);
}

function beginTable(reply: ReplyWriter, table: LuaTable, levels: Level[]): number {
  const error = table.getString('err');
  if (typeof error === 'string') {
    const isCounted = table.getString('ignore_error_stats_update') === true;
    writeError(reply, error, isCounted);
    return isCounted ? 1 : 0;
  }
  if (!writeTagged(reply, table)) beginPlain(reply, table, levels);
  return 0;
}

function beginPlain(reply: ReplyWriter, table: LuaTable, levels: Level[]): void {
  const map = table.getString('map');
  if (map instanceof LuaTable) {
    reply.map(countOf(map));
    levels.push({ kind: 'map', table: map, next: 0, value: null });
    return;
  }
  const set = table.getString('set');
  if (set instanceof LuaTable) {
    reply.set(countOf(set));
    levels.push({ kind: 'set', table: set, next: 0, value: null });
    return;
  }
  let count = 0;
  while (table.get(count + 1) !== undefined) count++;
  reply.array(count);
  levels.push({ kind: 'array', table, next: 1, value: null });
}

function countOf(table: LuaTable): number {
  let count = 0;
  for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) count++;
  return count;
}
