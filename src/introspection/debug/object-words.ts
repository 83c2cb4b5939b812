// The words of DEBUG that look at keys: OBJECT, SDSLEN, DIGEST, HTSTATS and their kind. They find
// keys as they lie there, expired ones included, and leave no trace of a use.

import type { Call } from '../../engine/call.ts';
import { lruIdleMs } from '../../keyspace/access-clock.ts';
import { bytesOfEntry } from '../../keyspace/entry-bytes.ts';
import { Arena, NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NO_KEY, replyError } from '../../protocol/reply-errors.ts';
import {
  accessClockOf,
  bytesBeforeValue,
  ENCODING_HASHTABLE,
  ENCODING_INT,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  encodingOf,
  hasTag,
  keyLengthOf,
  TYPE_HASH,
  TYPE_STRING,
  typeOf,
  valueWordOf,
} from '../../structures/entry.ts';
import { encodingName } from '../../values/type-names.ts';
import type { ServerContext } from '../server-context.ts';
import type { DebugWord } from './debug-command.ts';
import { addValue, digestOfAll } from './digest.ts';
import { Digest } from './digest-state.ts';
import { tableStatistics } from './table-statistics.ts';

const NOT_SDS = replyError('ERR Not an sds encoded string.');
const NOT_LISTPACK = replyError('ERR Not a listpack encoded object.');
const NOT_QUICKLIST = replyError('ERR Not a quicklist encoded object.');
const NO_TABLE = replyError(
  'ERR The value stored at the specified key is not represented using an hash table',
);
const NO_DATABASE = replyError('ERR Out of range database');
/**
 * Redis shares the objects of small integers and tells the largest int as the count of their
 * references.
 */
const SHARED_INTEGERS = 10000;
const SHARED_REFCOUNT = 0x7fffffff;

function find(call: Call, args: Args, i: number): number {
  return call.db.dict.find(args.bytes, args.offsets[i]!, args.lengths[i]!);
}

/** Finds the key in argument 2, or replies that there is none. */
function findOrReply(call: Call, args: Args): number {
  const ref = find(call, args, 2);
  if (ref === NULL_REF) call.reply.error(ERR_NO_KEY);
  return ref;
}

/** What Redis adds for a quicklist: its nodes, and how full they are. */
function quicklistFacts(call: Call, ref: number): string {
  const { arena, values } = call.keyspace;
  if (encodingOf(arena, ref) !== ENCODING_QUICKLIST) return '';
  const { lists, limits } = values;
  const nodes = lists.nodeCount(ref);
  return (
    ` ql_nodes:${nodes} ql_avg_node:${(lists.count(ref) / nodes).toFixed(2)}` +
    ` ql_listpack_max:${limits.listMaxListpackSize} ql_compressed:0` +
    ` ql_uncompressed_size:${lists.contentBytes(ref)}`
  );
}

/** The string of an entry as an integer, or NaN when it is not kept as one. */
function integerOf(call: Call, ref: number): number {
  if (encodingOf(call.keyspace.arena, ref) !== ENCODING_INT) return Number.NaN;
  const { strings } = call;
  strings.view(ref);
  const { bytes, offset, length } = strings;
  return Number(Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1'));
}

function runObject(call: Call, args: Args): void {
  const ref = findOrReply(call, args);
  if (ref === NULL_REF) return;
  const { arena, nowMs } = call.keyspace;
  const clock = accessClockOf(arena, ref);
  const value = integerOf(call, ref);
  const refcount = value >= 0 && value < SHARED_INTEGERS ? SHARED_REFCOUNT : 1;
  call.reply.simple(
    `Value at:0x${(ref >>> 0).toString(16)} refcount:${refcount} ` +
      `encoding:${encodingName(encodingOf(arena, ref))} ` +
      `serializedlength:${call.payloads.writer.byteLength(ref, call.settings.rdbCompression)} ` +
      `lru:${clock} lru_seconds_idle:${Math.floor(lruIdleMs(clock, nowMs) / 1000)}` +
      quicklistFacts(call, ref),
  );
}

function runSdsLength(call: Call, args: Args): void {
  const ref = findOrReply(call, args);
  if (ref === NULL_REF) return;
  const { arena } = call.keyspace;
  if (typeOf(arena, ref) !== TYPE_STRING || encodingOf(arena, ref) === ENCODING_INT) {
    call.reply.error(NOT_SDS);
    return;
  }
  call.strings.view(ref);
  const { length } = call.strings;
  const keyLength = keyLengthOf(arena, ref);
  const keyBytes = Arena.capacityFor(bytesBeforeValue(keyLength, hasTag(arena, ref)));
  const valueBytes = Math.max(length, bytesOfEntry(call.keyspace, ref) - keyBytes);
  call.reply.simple(
    `key_sds_len:${keyLength}, key_sds_avail:0, key_zmalloc: ${keyBytes}, ` +
      `val_sds_len:${length}, val_sds_avail:${valueBytes - length}, val_zmalloc: ${valueBytes}`,
  );
}

function runDigestValue(call: Call, args: Args): void {
  call.reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const digest = new Digest();
    const ref = find(call, args, i);
    if (ref !== NULL_REF) addValue(digest, call.db, ref);
    call.reply.simple(digest.hex);
  }
}

function isFull(args: Args): boolean {
  return args.count >= 4 && args.latin1(3).toLowerCase() === 'full';
}

function runTableStatistics(call: Call, args: Args): void {
  const id = call.integer(2);
  if (call.failed()) return;
  const db = call.keyspace.databases[id];
  if (db === undefined) {
    call.reply.error(NO_DATABASE);
    return;
  }
  // Expiries lie in a heap: as a table it would have a position for each and no chains.
  const { count } = db.expires;
  const expires =
    count === 0
      ? 'No stats available for empty dictionaries\n'
      : ` table size: ${count}\n number of elements: ${count}\n`;
  call.reply.verbatim(
    'txt',
    `[Dictionary HT]\n${tableStatistics(db.dict, isFull(args))}` +
      `[Expires HT]\nHash table 0 stats (main hash table):\n${expires}`,
  );
}

/** Hashes and sets may have a table inside. */
function runTableStatisticsOfKey(call: Call, args: Args): void {
  const ref = findOrReply(call, args);
  if (ref === NULL_REF) return;
  const { arena, values } = call.keyspace;
  if (encodingOf(arena, ref) !== ENCODING_HASHTABLE) {
    call.reply.error(NO_TABLE);
    return;
  }
  const isHash = typeOf(arena, ref) === TYPE_HASH;
  const { dict } = isHash ? values.hashes.tables : values.sets.tables;
  dict.open(valueWordOf(arena, ref));
  call.reply.verbatim('txt', tableStatistics(dict, isFull(args)));
}

/** LISTPACK and QUICKLIST write how a value of that encoding lies in memory to the log. */
function runRepresentation(context: ServerContext, call: Call, args: Args, encoding: number): void {
  const ref = findOrReply(call, args);
  if (ref === NULL_REF) return;
  const { arena, values } = call.keyspace;
  const isListpack = encoding === ENCODING_LISTPACK;
  if (encodingOf(arena, ref) !== encoding) {
    call.reply.error(isListpack ? NOT_LISTPACK : NOT_QUICKLIST);
    return;
  }
  const type = values.of(typeOf(arena, ref));
  const name = encodingName(encoding);
  const sizes = `${type.count(ref)} elements, ${type.usedBytes(ref, 0)} bytes`;
  context.log('notice', `${name} of '${args.latin1(2)}': ${sizes}${quicklistFacts(call, ref)}`);
  call.reply.simple(`${isListpack ? 'Listpack' : 'Quicklist'} structure printed on stdout`);
}

export const objectWords: readonly DebugWord[] = [
  {
    name: 'digest',
    minCount: 2,
    maxCount: 2,
    help: ['DIGEST', 'Tell a digest of all keys and values: equal data, equal digest.'],
    run: (_, call) => call.reply.simple(digestOfAll(call.keyspace)),
  },
  {
    name: 'digest-value',
    minCount: 2,
    maxCount: Number.POSITIVE_INFINITY,
    help: ['DIGEST-VALUE <key> [<key> ...]', 'Tell the digest of the value of each key.'],
    run: (_, call, args) => runDigestValue(call, args),
  },
  {
    name: 'htstats',
    minCount: 3,
    maxCount: Number.POSITIVE_INFINITY,
    help: ['HTSTATS <dbid> [full]', 'Show the shape of the hash table of a database.'],
    run: (_, call, args) => runTableStatistics(call, args),
  },
  {
    name: 'htstats-key',
    minCount: 3,
    maxCount: Number.POSITIVE_INFINITY,
    help: ['HTSTATS-KEY <key> [full]', 'The same for the hash table that a value is made of.'],
    run: (_, call, args) => runTableStatisticsOfKey(call, args),
  },
  {
    name: 'object',
    minCount: 3,
    maxCount: 3,
    help: ['OBJECT <key>', 'Show how the value of a key is kept.'],
    run: (_, call, args) => runObject(call, args),
  },
  {
    name: 'sdslen',
    minCount: 3,
    maxCount: 3,
    help: ['SDSLEN <key>', 'Show the bytes used and held by a key and its string.'],
    run: (_, call, args) => runSdsLength(call, args),
  },
  {
    name: 'listpack',
    minCount: 3,
    maxCount: 3,
    help: ['LISTPACK <key>', 'Print the listpack of a value to the log.'],
    run: (context, call, args) => runRepresentation(context, call, args, ENCODING_LISTPACK),
  },
  {
    name: 'quicklist',
    minCount: 3,
    maxCount: 4,
    help: [
      'QUICKLIST <key> [<0|1>]',
      'Print the quicklist of a value to the log, 1: with all nodes.',
    ],
    run: (context, call, args) => runRepresentation(context, call, args, ENCODING_QUICKLIST),
  },
];
