// SINTER key [key ...], SINTERSTORE destination key [key ...], SINTERCARD numkeys key [key ...]
// [LIMIT limit]: the members of the smallest set that all others have.

import { parseInteger } from '../../bytes/integer.ts';
import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  encodingOf,
  TYPE_SET,
  valueWordOf,
} from '../../structures/entry.ts';
import type { MemberPairs } from '../../structures/member-pairs.ts';
import type { MemberTable } from '../../structures/member-table.ts';
import { createLoose } from '../../values/loose-value.ts';
import type { SetCursor } from '../../values/set-cursor.ts';
import { findSets, storeSet } from './set-sources.ts';

const LIMIT = Call.word('LIMIT');
const BAD_NUMKEYS = replyError('ERR numkeys should be greater than 0');
const TOO_MANY_KEYS = replyError("ERR Number of keys can't be greater than number of args");
const NEGATIVE_LIMIT = replyError("ERR LIMIT can't be negative");

/** The sets in arguments `first` to `last`, smallest first; none when a key is missing. */
function sourcesOf(call: Call, first: number, last: number): number[] | null {
  const refs = findSets(call, first, last);
  if (refs === null || refs.includes(NULL_REF)) return refs === null ? null : [];
  const { sets } = call.keyspace.values;
  return refs.sort((a, b) => sets.count(a) - sets.count(b));
}

/** Goes over the members that all sets have. */
class Intersection {
  readonly cursor: SetCursor;
  readonly #refs: readonly number[];
  readonly #call: Call;
  /** The one other set, when that is a table: it stays open and its tables as they are. */
  readonly #probe: MemberTable | null;
  /** What the first two sets share, where both are tables that lie side by side. */
  readonly #pairs: MemberPairs | null;

  constructor(call: Call, refs: readonly number[]) {
    this.#call = call;
    this.#refs = refs;
    this.cursor = call.keyspace.values.setCursor;
    // Before the walk begins: it may end a change of a table's size.
    this.#pairs = this.#beginPairs();
    this.cursor.begin(refs[0]!);
    this.#probe = this.#pairs === null ? this.#openProbe() : null;
  }

  #beginPairs(): MemberPairs | null {
    const { arena, values } = this.#call.keyspace;
    const [first = NULL_REF, second = first] = this.#refs;
    if (first === second || encodingOf(arena, first) !== ENCODING_HASHTABLE) return null;
    if (encodingOf(arena, second) !== ENCODING_HASHTABLE) return null;
    const { pairs, tables } = values.sets;
    const [firstTable, secondTable] = [valueWordOf(arena, first), valueWordOf(arena, second)];
    tables.settle(firstTable);
    tables.settle(secondTable);
    return pairs.begin(firstTable, secondTable) ? pairs : null;
  }

  #openProbe(): MemberTable | null {
    const { arena, values } = this.#call.keyspace;
    const other = this.#refs[1];
    if (this.#refs.length !== 2 || other === undefined || other === this.#refs[0]) return null;
    if (encodingOf(arena, other) !== ENCODING_HASHTABLE) return null;
    const { probes } = values.sets;
    probes.dict.open(valueWordOf(arena, other));
    // A lookup would move a bucket, and the state is not written back.
    return probes.dict.isRehashing ? null : probes;
  }

  /** Loads the next common member into the cursor. @returns false at the end. */
  next(): boolean {
    const { cursor } = this;
    const pairs = this.#pairs;
    if (pairs === null) {
      while (cursor.next()) if (this.#isCommon(1)) return true;
      return false;
    }
    for (let member = pairs.next(); member !== NULL_REF; member = pairs.next()) {
      cursor.take(member);
      if (this.#refs.length === 2 || this.#isCommon(2)) return true;
    }
    return false;
  }

  /** Whether all sets from number `from` on have the member at hand. */
  #isCommon(from: number): boolean {
    const refs = this.#refs;
    const { sets } = this.#call.keyspace.values;
    const { bytes, offset, length } = this.cursor;
    if (this.#probe !== null) return this.#probe.hasInOpen(bytes, offset, length);
    for (let i = from; i < refs.length; i++) {
      if (refs[i] !== refs[0] && !sets.has(refs[i]!, bytes, offset, length)) return false;
    }
    return true;
  }
}

function runSinter(call: Call): void {
  const { reply } = call;
  const refs = sourcesOf(call, 1, call.args.count - 1);
  if (refs === null) return;
  if (refs.length === 0) {
    reply.set(0);
    return;
  }
  const common = new Intersection(call, refs);
  const { cursor } = common;
  const handles: number[] = [];
  while (common.next()) handles.push(cursor.handle);
  reply.set(handles.length);
  for (const handle of handles) {
    cursor.load(handle);
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

function runSinterstore(call: Call): void {
  const { arena, values } = call.keyspace;
  const { sets } = values;
  const refs = sourcesOf(call, 2, call.args.count - 1);
  if (refs === null) return;
  if (refs.length === 0) {
    call.deleteTarget(1);
    call.reply.integer(0);
    return;
  }
  const isIntset = encodingOf(arena, refs[0]!) === ENCODING_INTSET;
  const encoding = isIntset ? ENCODING_INTSET : ENCODING_LISTPACK;
  const result = createLoose(arena, TYPE_SET, encoding, sets.create(encoding));
  const common = new Intersection(call, refs);
  const { cursor } = common;
  let onlyIntegers = true;
  while (common.next()) {
    const { bytes, offset, length } = cursor;
    onlyIntegers &&= !Number.isNaN(parseInteger(bytes, offset, length));
    sets.add(result, bytes, offset, length);
  }
  if (onlyIntegers && encodingOf(arena, result) !== ENCODING_INTSET) {
    cursor.begin(result);
    sets.compactIntegers(result, cursor);
  }
  storeSet(call, result, 'sinterstore');
}

function readLimit(call: Call, first: number): number {
  const { args } = call;
  let limit = 0;
  for (let i = first; i < args.count; i += 2) {
    if (!args.is(i, LIMIT) || i + 1 >= args.count) {
      call.fail(ERR_SYNTAX);
      return 0;
    }
    limit = args.integer(i + 1);
    if (Number.isNaN(limit) || limit < 0) call.fail(NEGATIVE_LIMIT);
  }
  return limit;
}

function runSintercard(call: Call): void {
  const keyCount = call.args.integer(1);
  if (Number.isNaN(keyCount) || keyCount < 1) call.fail(BAD_NUMKEYS);
  else if (keyCount > call.args.count - 2) call.fail(TOO_MANY_KEYS);
  if (call.failed()) return;
  const limit = readLimit(call, 2 + keyCount);
  if (call.failed()) return;
  const refs = sourcesOf(call, 2, 1 + keyCount);
  if (refs === null) return;
  let count = 0;
  if (refs.length > 0) {
    const common = new Intersection(call, refs);
    while (common.next()) if (++count === limit) break;
  }
  call.reply.integer(count);
}

export const sinter: CommandSpec = {
  name: 'sinter',
  group: 'set',
  since: '1.0.0',
  summary: 'Tells which members all sets have.',
  complexity:
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
  arity: -2,
  flags: ['readonly'],
  acl: ['set'],
  tips: ['nondeterministic_output_order'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['set'],
  run: runSinter,
};

export const sintercard: CommandSpec = {
  name: 'sintercard',
  group: 'set',
  since: '7.0.0',
  summary: 'Counts the members that all sets have.',
  complexity:
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
  arity: -3,
  flags: ['readonly'],
  acl: ['set'],
  keys: [
    {
      flags: ['RO', 'access'],
      begin: { index: 1 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    { name: 'limit', type: 'integer', token: 'LIMIT', optional: true },
  ],
  replies: ['integer'],
  run: runSintercard,
};

export const sinterstore: CommandSpec = {
  name: 'sinterstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Keeps the members that all sets have at a key.',
  complexity:
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['set'],
  keys: [
    { flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'destination', type: 'key', keySpecIndex: 0 },
    { name: 'key', type: 'key', keySpecIndex: 1, multiple: true },
  ],
  replies: ['integer'],
  run: runSinterstore,
};
