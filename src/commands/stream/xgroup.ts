// XGROUP CREATE, SETID, DESTROY, CREATECONSUMER, DELCONSUMER, HELP.
// https://redis.io/docs/latest/commands/xgroup/

import { Call, NOTIFY_STREAM } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyHelp } from '../../engine/help-reply.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { wrongSubcommandUse } from '../../protocol/reply-errors.ts';
import { ENCODING_STREAM, TYPE_STREAM, valueWordOf } from '../../structures/entry.ts';
import { createConsumer, findConsumer, findGroup } from './consumers.ts';
import { readCounter } from './counters.ts';
import { ERR_BUSY_GROUP, ERR_ENTRIES_READ, ERR_KEY_REQUIRED, noGroup } from './errors.ts';
import { isDollar, readId, readIdOrEdge } from './ids.ts';
import { streamOf } from './replies.ts';

const MKSTREAM = Call.word('MKSTREAM');
const ENTRIESREAD = Call.word('ENTRIESREAD');
const KEY_INDEX = 2;
const GROUP_INDEX = 3;
const ID_INDEX = 4;
const CONSUMER_INDEX = 4;
const FIRST_OPTION = 5;
const MAX_CREATE_ARGUMENTS = 8;
const MAX_SETID_ARGUMENTS = 7;

function failUse(call: Call): boolean {
  call.reply.error(wrongSubcommandUse(call.args.shown(1), 'XGROUP'));
  return false;
}

/**
 * Reads the options of CREATE and SETID; ENTRIESREAD into the work space's counter, -1 when it is
 * not given. @returns false when the error has been written.
 */
function readOptions(call: Call, takesMkStream: boolean): boolean {
  const { args } = call;
  const { counter } = call.keyspace.values.streams.work;
  counter.set(-1);
  for (let i = FIRST_OPTION; i < args.count; i++) {
    if (takesMkStream && args.is(i, MKSTREAM)) continue;
    if (i + 1 === args.count || !args.is(i, ENTRIESREAD)) return failUse(call);
    if (!readCounter(call, ++i, counter)) return false;
    if (counter.high < 0 && !counter.isUnknown) {
      call.reply.error(ERR_ENTRIES_READ);
      return false;
    }
  }
  return true;
}

/** The stream at the key; 0 when it is missing or the error has been written. */
function findStream(call: Call): number {
  const ref = call.lookupWrite(KEY_INDEX);
  if (ref !== NULL_REF) return streamOf(call, ref);
  call.reply.error(ERR_KEY_REQUIRED);
  return NULL_REF;
}

/** The group of the arguments; 0 when the error has been written. */
function needGroup(call: Call): number {
  const stream = findStream(call);
  if (stream === NULL_REF) return NULL_REF;
  const group = findGroup(call, stream, GROUP_INDEX);
  if (group === NULL_REF) {
    call.reply.error(noGroup(call.args.shown(GROUP_INDEX), call.args.shown(KEY_INDEX)));
  }
  return group;
}

function tell(call: Call, event: string): void {
  call.dirty++;
  call.notify(NOTIFY_STREAM, event, KEY_INDEX);
}

function hasMkStream(call: Call): boolean {
  for (let i = FIRST_OPTION; i < call.args.count; i++) {
    if (call.args.is(i, MKSTREAM)) return true;
    i++;
  }
  return false;
}

function runCreate(call: Call): void {
  const { args, reply } = call;
  const { streams } = call.keyspace.values;
  const { id } = streams.work;
  if (!readOptions(call, true)) return;
  const ref = call.lookupWrite(KEY_INDEX);
  let stream = ref === NULL_REF ? NULL_REF : streamOf(call, ref);
  if (ref !== NULL_REF && stream === NULL_REF) return;
  if (ref === NULL_REF && !hasMkStream(call)) {
    reply.error(ERR_KEY_REQUIRED);
    return;
  }
  if (args.count > MAX_CREATE_ARGUMENTS) {
    failUse(call);
    return;
  }
  if (!isDollar(call, ID_INDEX)) {
    if (!readId(call, ID_INDEX, id)) return;
  } else if (stream === NULL_REF) id.setMinimum();
  else streams.loadLastId(stream, id);
  if (stream === NULL_REF) {
    stream = streams.create();
    call.insertValue(KEY_INDEX, TYPE_STREAM, ENCODING_STREAM, stream);
    createGroup(call, stream);
    call.changed(KEY_INDEX, NOTIFY_STREAM, 'xgroup-create');
  } else if (findGroup(call, stream, GROUP_INDEX) === NULL_REF) {
    createGroup(call, stream);
    tell(call, 'xgroup-create');
  } else {
    reply.error(ERR_BUSY_GROUP);
    return;
  }
  reply.ok();
}

/** Makes the group of the arguments, with the ID and the counter of the work space. */
function createGroup(call: Call, stream: number): void {
  const { bytes, offsets, lengths } = call.args;
  const { groups, work } = call.keyspace.values.streams;
  findGroup(call, stream, GROUP_INDEX);
  const offset = offsets[GROUP_INDEX]!;
  const length = lengths[GROUP_INDEX]!;
  groups.createGroup(stream, bytes, offset, length, work.id, work.counter);
}

function runSetId(call: Call): void {
  const { streams } = call.keyspace.values;
  const { id, counter } = streams.work;
  if (!readOptions(call, false)) return;
  const group = needGroup(call);
  if (group === NULL_REF) return;
  if (call.args.count > MAX_SETID_ARGUMENTS) {
    failUse(call);
    return;
  }
  if (isDollar(call, ID_INDEX)) {
    streams.loadLastId(valueWordOf(call.keyspace.arena, call.lookupQuietly(KEY_INDEX)), id);
  } else if (!readIdOrEdge(call, ID_INDEX, id)) return;
  streams.groups.storeLastId(group, id);
  streams.groups.storeEntriesRead(group, counter);
  call.reply.ok();
  tell(call, 'xgroup-setid');
}

function runDestroy(call: Call): void {
  const stream = findStream(call);
  if (stream === NULL_REF) return;
  const group = findGroup(call, stream, GROUP_INDEX);
  if (group === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  call.keyspace.values.streams.groups.deleteGroup(stream, group);
  call.reply.integer(1);
  tell(call, 'xgroup-destroy');
  // Whoever waits in XREADGROUP is told that the group is gone.
  call.signalReady(KEY_INDEX);
}

function runCreateConsumer(call: Call): void {
  const group = needGroup(call);
  if (group === NULL_REF) return;
  const isNew = findConsumer(call, group, CONSUMER_INDEX) === NULL_REF;
  if (isNew) createConsumer(call, group, CONSUMER_INDEX, KEY_INDEX);
  call.reply.integer(isNew ? 1 : 0);
}

function runDelConsumer(call: Call): void {
  const { groups, ids } = call.keyspace.values.streams;
  const group = needGroup(call);
  if (group === NULL_REF) return;
  const consumer = findConsumer(call, group, CONSUMER_INDEX);
  if (consumer === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  call.reply.integer(ids.count(groups.pendingOfConsumer(consumer)));
  groups.deleteConsumer(group, consumer);
  tell(call, 'xgroup-delconsumer');
}

function runHelp(call: Call): void {
  replyHelp(call, 'XGROUP', [
    'CREATE <key> <groupname> <id|$> [option]',
    '    Create a new consumer group. Options are:',
    '    * MKSTREAM',
    '      Create the empty stream if it does not exist.',
    '    * ENTRIESREAD entries_read',
    "      Set the group's entries_read counter (internal use).",
    'CREATECONSUMER <key> <groupname> <consumer>',
    '    Create a new consumer in the specified group.',
    'DELCONSUMER <key> <groupname> <consumer>',
    '    Remove the specified consumer.',
    'DESTROY <key> <groupname>',
    '    Remove the specified group.',
    'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
    '    Set the current group ID and entries_read counter.',
  ]);
}

const KEY_AND_GROUP = [
  { name: 'key', type: 'key', keySpecIndex: 0 },
  { name: 'group', type: 'string' },
] as const;

const ID_SELECTOR = {
  name: 'id-selector',
  type: 'oneof',
  args: [
    { name: 'id', type: 'string' },
    { name: 'new-id', type: 'pure-token', token: '$' },
  ],
} as const;

export const xgroupCreate: CommandSpec = {
  name: 'create',
  group: 'stream',
  since: '5.0.0',
  summary: 'Makes a consumer group.',
  complexity: 'O(1)',
  arity: -5,
  flags: ['write', 'denyoom'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    ...KEY_AND_GROUP,
    ID_SELECTOR,
    { name: 'mkstream', type: 'pure-token', token: 'MKSTREAM', optional: true },
    { name: 'entries-read', type: 'integer', token: 'ENTRIESREAD', optional: true },
  ],
  history: [['7.0.0', 'Added the `entries_read` named argument.']],
  replies: ['simple-string'],
  run: runCreate,
};

export const xgroupSetId: CommandSpec = {
  name: 'setid',
  group: 'stream',
  since: '5.0.0',
  summary: 'Sets the ID up to which a group was given entries.',
  complexity: 'O(1)',
  arity: -5,
  flags: ['write'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    ...KEY_AND_GROUP,
    ID_SELECTOR,
    {
      name: 'entriesread',
      type: 'integer',
      display: 'entries-read',
      token: 'ENTRIESREAD',
      optional: true,
    },
  ],
  history: [['7.0.0', 'Added the optional `entries_read` argument.']],
  replies: ['simple-string'],
  run: runSetId,
};

export const xgroupDestroy: CommandSpec = {
  name: 'destroy',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes a consumer group.',
  complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
  arity: 4,
  flags: ['write'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [...KEY_AND_GROUP],
  replies: ['integer'],
  run: runDestroy,
};

export const xgroupCreateConsumer: CommandSpec = {
  name: 'createconsumer',
  group: 'stream',
  since: '6.2.0',
  summary: 'Makes a consumer in a group.',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write', 'denyoom'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [...KEY_AND_GROUP, { name: 'consumer', type: 'string' }],
  replies: ['integer'],
  run: runCreateConsumer,
};

export const xgroupDelConsumer: CommandSpec = {
  name: 'delconsumer',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes a consumer with what it has not acknowledged.',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [...KEY_AND_GROUP, { name: 'consumer', type: 'string' }],
  replies: ['integer'],
  run: runDelConsumer,
};

export const xgroupHelp: CommandSpec = {
  name: 'help',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the subcommands of XGROUP.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  acl: ['stream'],
  replies: ['array'],
  run: runHelp,
};

export const xgroup: CommandSpec = {
  name: 'xgroup',
  group: 'stream',
  since: '5.0.0',
  summary: 'Container of the commands about consumer groups.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    xgroupCreate,
    xgroupCreateConsumer,
    xgroupDelConsumer,
    xgroupDestroy,
    xgroupHelp,
    xgroupSetId,
  ],
};
