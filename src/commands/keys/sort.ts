// SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC|DESC] [ALPHA] [STORE key], and
// SORT_RO, which does not store.

import { Call, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec, KeyPositions } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX, ERR_WRONG_TYPE, replyError } from '../../protocol/reply-errors.ts';
import {
  ENCODING_LISTPACK,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
  typeOf,
} from '../../structures/entry.ts';
import type { QuicklistBuilder } from '../../structures/quicklist-builder.ts';
import {
  createSortRoom,
  orderElements,
  ownOrder,
  readElements,
  readPart,
} from './sort-elements.ts';
import { addTexts, answerIntegers, orderedPart, readIntegers } from './sort-integers.ts';
import { MISSING, SortList } from './sort-list.ts';
import { SortPattern } from './sort-pattern.ts';

const BY = Call.word('BY');
const LIMIT = Call.word('LIMIT');
const GET = Call.word('GET');
const ASC = Call.word('ASC');
const DESC = Call.word('DESC');
const ALPHA = Call.word('ALPHA');
const STORE = Call.word('STORE');
const NOT_DOUBLE = replyError("ERR One or more scores can't be converted into double");
const BY_DENIED = replyError('ERR BY option of SORT denied due to insufficient ACL permissions.');
const GET_DENIED = replyError('ERR GET option of SORT denied due to insufficient ACL permissions.');
const NO_ORDER = new Int32Array(0);

interface Options {
  by: SortPattern | null;
  readonly gets: SortPattern[];
  descending: boolean;
  alpha: boolean;
  offset: number;
  /** Negative: all. */
  count: number;
  /** Argument of the key to store at, 0: none. */
  storeIndex: number;
}

/** What BY and GET read depends on the elements, so that every key must be open to the user. */
function mayReadAll({ client, engine, command, args }: Call): boolean {
  return client.user.isUnrestricted || engine.access.readsAllKeys(client, command, args);
}

/** Reads the options; the first mistake is kept in the call and ends the reading. */
function readOptions(call: Call, mayStore: boolean): Options {
  const { args } = call;
  const options: Options = {
    by: null,
    gets: [],
    descending: false,
    alpha: false,
    offset: 0,
    count: -1,
    storeIndex: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, ASC)) options.descending = false;
    else if (args.is(i, DESC)) options.descending = true;
    else if (args.is(i, ALPHA)) options.alpha = true;
    else if (args.is(i, LIMIT) && left >= 2) {
      options.offset = call.integer(++i);
      options.count = call.integer(++i);
    } else if (mayStore && args.is(i, STORE) && left >= 1) options.storeIndex = ++i;
    else if (args.is(i, BY) && left >= 1) {
      options.by = new SortPattern(args.slice(++i));
      if (!options.by.isConstant && !mayReadAll(call)) call.fail(BY_DENIED);
    } else if (args.is(i, GET) && left >= 1) {
      options.gets.push(new SortPattern(args.slice(++i)));
      if (!mayReadAll(call)) call.fail(GET_DENIED);
    } else call.fail(ERR_SYNTAX);
  }
  return options;
}

/** The first element of the part of an order that LIMIT asks for, and the one behind the last. */
interface Part {
  readonly start: number;
  readonly end: number;
}

function limited(total: number, { offset, count }: Options): Part {
  const start = Math.min(Math.max(offset, 0), total);
  return { start, end: count < 0 ? total : Math.min(start + count, total) };
}

/** The wanted order of a value's elements, which have been read; null after an error. */
function orderOf(call: Call, elements: SortList, options: Options): Int32Array | null {
  const isText = options.alpha || options.by?.isConstant === true;
  const order = orderElements(call, elements, {
    by: options.by?.isConstant === true ? null : options.by,
    alpha: isText,
    descending: options.descending,
    stores: options.storeIndex !== 0,
  });
  if (order === null) call.reply.error(NOT_DOUBLE);
  return order;
}

/**
 * Reads the elements of the wanted part, or all of them, to `elements`.
 * @returns the order of the part; null after an error.
 */
function select(
  call: Call,
  ref: number,
  part: Part,
  elements: SortList,
  options: Options,
): Int32Array | null {
  const keepsOrder = options.by?.isConstant === true;
  if (!keepsOrder) {
    readElements(call, ref, elements);
    const order = orderOf(call, elements, options);
    return order === null ? null : order.subarray(part.start, part.end);
  }
  if (typeOf(call.keyspace.arena, ref) !== TYPE_SET) {
    const count = part.end - part.start;
    readPart(call, ref, part.start, count, options.descending, elements);
    return ownOrder(elements.count, false);
  }
  readElements(call, ref, elements);
  // A set has no order of its own: what is stored, or what a script goes by, must be the same on
  // every server.
  const isExact = options.storeIndex !== 0 || call.client.runsScripts;
  const order = isExact ? orderOf(call, elements, options) : ownOrder(elements.count, false);
  return order === null ? null : order.subarray(part.start, part.end);
}

/** What GET finds for the elements in their order. */
function found(
  call: Call,
  elements: SortList,
  order: Int32Array,
  gets: readonly SortPattern[],
): SortList {
  const list = new SortList();
  for (const i of order) for (const get of gets) get.find(call, elements, i, list);
  return list;
}

function sortable(call: Call, ref: number): boolean {
  const type = typeOf(call.keyspace.arena, ref);
  if (type === TYPE_LIST || type === TYPE_SET || type === TYPE_ZSET) return true;
  call.reply.error(ERR_WRONG_TYPE);
  return false;
}

/** Sorts a value's elements as integers, if all of them are. @returns whether they were. */
function sortIntegers(call: Call, ref: number, part: Part, options: Options): boolean {
  if (options.by !== null || options.alpha) return false;
  const room = call.workspace(createSortRoom);
  const { integers, elements } = room;
  const all = integers.take(countOf(call, ref));
  if (!readIntegers(call, ref, all)) return false;
  const values = orderedPart(all, part.start, part.end, options.descending);
  if (options.gets.length > 0) {
    addTexts(integers, values, elements);
    finish(call, elements, ownOrder(values.length, false), options);
  } else if (options.storeIndex === 0) answerIntegers(call, values);
  else {
    const { storeIndex } = options;
    const list = beginStore(call, values.length);
    list?.addIntegers(values, 0, values.length);
    endStore(call, storeIndex, values.length);
  }
  return true;
}

function countOf({ keyspace }: Call, ref: number): number {
  return keyspace.values.of(typeOf(keyspace.arena, ref)).count(ref);
}

function run(call: Call, mayStore: boolean): void {
  const options = readOptions(call, mayStore);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  const { elements } = call.workspace(createSortRoom);
  elements.clear();
  if (ref === NULL_REF) {
    finish(call, elements, NO_ORDER, options);
    return;
  }
  if (!sortable(call, ref)) return;
  if (typeOf(call.keyspace.arena, ref) === TYPE_ZSET) {
    // Redis sorts sorted sets of the large encoding only, and so makes them such.
    call.keyspace.values.sortedSets.open(ref).enlarge();
  }
  const part = limited(countOf(call, ref), options);
  if (sortIntegers(call, ref, part, options)) return;
  const order = select(call, ref, part, elements, options);
  if (order !== null) finish(call, elements, order, options);
}

/** Answers with elements in an order, or with what GET finds for them, or stores them. */
function finish(call: Call, elements: SortList, order: Int32Array, options: Options): void {
  const { gets, storeIndex } = options;
  const list = gets.length > 0 ? found(call, elements, order, gets) : elements;
  const listOrder = gets.length > 0 ? ownOrder(list.count, false) : order;
  if (storeIndex === 0) answer(call, list, listOrder);
  else store(call, storeIndex, list, listOrder);
}

function answer({ reply }: Call, elements: SortList, order: Int32Array): void {
  const { bytes, offsets, lengths } = elements;
  reply.array(order.length);
  for (let at = 0; at < order.length; at++) {
    const i = order[at]!;
    const length = lengths[i]!;
    if (length === MISSING) reply.null();
    else reply.bulk(bytes, offsets[i]!, length);
  }
}

function store(call: Call, i: number, elements: SortList, order: Int32Array): void {
  const { bytes, offsets, lengths } = elements;
  const list = beginStore(call, order.length);
  if (list !== null) {
    for (let at = 0; at < order.length; at++) {
      const each = order[at]!;
      list.addText(bytes, offsets[each]!, Math.max(0, lengths[each]!));
    }
  }
  endStore(call, i, order.length);
}

/** Begins the list to store, unless it has no elements. */
function beginStore(call: Call, count: number): QuicklistBuilder | null {
  return count === 0 ? null : call.keyspace.values.lists.beginBuilding();
}

/** Stores the list that was built at the key in argument `i`; an empty one deletes it. */
function endStore(call: Call, i: number, count: number): void {
  const { lists } = call.keyspace.values;
  if (count > 0) {
    lists.takeBuilt(call.replaceValue(i, TYPE_LIST, ENCODING_LISTPACK, lists.create()));
    call.changed(i, NOTIFY_LIST, 'sortstore', count);
  } else {
    call.deleteTarget(i);
  }
  call.reply.integer(count);
}

/**
 * The key behind the last STORE is written; those of patterns are not known before they are read.
 */
function findKeys(args: Args, out: KeyPositions): boolean {
  out.add(1, ['RO', 'access']);
  let store = 0;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, LIMIT)) i += 2;
    else if (args.is(i, GET) || args.is(i, BY)) i++;
    else if (args.is(i, STORE) && i + 1 < args.count) store = i + 1;
  }
  if (store !== 0) out.add(store, ['OW', 'update']);
  return true;
}

/** SORT_RO writes none. */
function findSource(_: Args, out: KeyPositions): boolean {
  out.add(1, ['RO', 'access']);
  return true;
}

function runSort(call: Call): void {
  run(call, true);
}

function runSortRo(call: Call): void {
  run(call, false);
}

export const sort: CommandSpec = {
  name: 'sort',
  group: 'generic',
  since: '1.0.0',
  summary: 'Sorts a list, set or sorted set, and may store the result.',
  complexity:
    'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).',
  arity: -2,
  flags: ['write', 'denyoom'],
  acl: ['set', 'sortedset', 'list', 'dangerous'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    {
      notes:
        "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
      flags: ['RO', 'access'],
      begin: { unknown: true },
      find: { unknown: true },
    },
    {
      notes:
        "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
      flags: ['OW', 'update'],
      begin: { unknown: true },
      find: { unknown: true },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'by-pattern',
      type: 'pattern',
      display: 'pattern',
      token: 'BY',
      keySpecIndex: 1,
      optional: true,
    },
    {
      name: 'limit',
      type: 'block',
      token: 'LIMIT',
      optional: true,
      args: [
        { name: 'offset', type: 'integer' },
        { name: 'count', type: 'integer' },
      ],
    },
    {
      name: 'get-pattern',
      type: 'pattern',
      display: 'pattern',
      token: 'GET',
      keySpecIndex: 1,
      optional: true,
      multiple: true,
      multipleToken: true,
    },
    {
      name: 'order',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'asc', type: 'pure-token', token: 'ASC' },
        { name: 'desc', type: 'pure-token', token: 'DESC' },
      ],
    },
    { name: 'sorting', type: 'pure-token', token: 'ALPHA', optional: true },
    { name: 'destination', type: 'key', token: 'STORE', keySpecIndex: 2, optional: true },
  ],
  replies: ['array', 'integer'],
  getKeys: findKeys,
  run: runSort,
};

export const sortRo: CommandSpec = {
  name: 'sort_ro',
  group: 'generic',
  since: '7.0.0',
  summary: 'Sorts a list, set or sorted set.',
  complexity:
    'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).',
  arity: -2,
  flags: ['readonly'],
  acl: ['set', 'sortedset', 'list', 'dangerous'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    {
      notes:
        "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
      flags: ['RO', 'access'],
      begin: { unknown: true },
      find: { unknown: true },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'by-pattern',
      type: 'pattern',
      display: 'pattern',
      token: 'BY',
      keySpecIndex: 1,
      optional: true,
    },
    {
      name: 'limit',
      type: 'block',
      token: 'LIMIT',
      optional: true,
      args: [
        { name: 'offset', type: 'integer' },
        { name: 'count', type: 'integer' },
      ],
    },
    {
      name: 'get-pattern',
      type: 'pattern',
      display: 'pattern',
      token: 'GET',
      keySpecIndex: 1,
      optional: true,
      multiple: true,
      multipleToken: true,
    },
    {
      name: 'order',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'asc', type: 'pure-token', token: 'ASC' },
        { name: 'desc', type: 'pure-token', token: 'DESC' },
      ],
    },
    { name: 'sorting', type: 'pure-token', token: 'ALPHA', optional: true },
  ],
  replies: ['array'],
  getKeys: findSource,
  run: runSortRo,
};
