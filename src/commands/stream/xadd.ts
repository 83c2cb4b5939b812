// XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT n]] *|id field value ...
// https://redis.io/docs/latest/commands/xadd/

import { type Call, NOTIFY_STREAM } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';
import { ENCODING_STREAM, TYPE_STREAM } from '../../structures/entry.ts';
import type { StreamId } from '../../structures/id-tree-id.ts';
import { MAX_NODE_BYTES } from '../../values/stream-entries.ts';
import { streamIdText } from '../../values/stream-id-text.ts';
import { TRIM_NONE } from '../../values/stream-trim.ts';
import {
  ERR_ELEMENTS_TOO_LARGE,
  ERR_ID_TOO_SMALL,
  ERR_ID_ZERO,
  ERR_IDS_EXHAUSTED,
} from './errors.ts';
import { isOpenSequence, readNewId, replyId } from './ids.ts';
import { streamOf } from './replies.ts';
import { exactTrimArguments, hasNoMkStream, isStar, readTrimOptions } from './trim-options.ts';

const ID_AUTOMATIC = 0;
const ID_SEQUENCE_AUTOMATIC = 1;
const ID_GIVEN = 2;

function runXadd(call: Call): void {
  const { args, reply } = call;
  const idIndex = readTrimOptions(call, true);
  if (idIndex < 0) return;
  const first = idIndex + 1;
  const texts = args.count - first;
  if (texts < 2 || texts % 2 === 1) {
    reply.error(wrongArity('xadd'));
    return;
  }
  const { streams } = call.keyspace.values;
  const { id } = streams.work;
  let idKind = ID_AUTOMATIC;
  if (!isStar(call, idIndex)) {
    idKind = isOpenSequence(readNewId(call, idIndex, id)) ? ID_SEQUENCE_AUTOMATIC : ID_GIVEN;
    if (idKind === ID_GIVEN && id.isZero) {
      reply.error(ERR_ID_ZERO);
      return;
    }
  }
  const stream = findOrCreate(call, idIndex);
  if (stream === NULL_REF || !makeId(call, stream, id, idKind)) return;
  let textBytes = 0;
  for (let i = first; i < args.count; i++) textBytes += args.lengths[i]!;
  if (textBytes > MAX_NODE_BYTES) {
    reply.error(ERR_ELEMENTS_TOO_LARGE);
    return;
  }
  const { bytes, offsets, lengths } = args;
  streams.append(stream, id, bytes, offsets, lengths, first, texts / 2, textBytes);
  replyId(call, id);
  call.changed(1, NOTIFY_STREAM, 'xadd');
  trim(call, stream);
  if (call.propagates) propagate(call, stream, idIndex, idKind);
  call.signalReady(1);
}

/** The stream at the key, made when it is missing; 0 when the reply has been written. */
function findOrCreate(call: Call, idIndex: number): number {
  const ref = call.lookupWrite(1);
  if (ref !== NULL_REF) return streamOf(call, ref);
  if (hasNoMkStream(call, idIndex)) {
    call.reply.null();
    return NULL_REF;
  }
  const stream = call.keyspace.values.streams.create();
  call.insertValue(1, TYPE_STREAM, ENCODING_STREAM, stream);
  return stream;
}

/** Completes the ID of the new entry. @returns false when the error has been written. */
function makeId(call: Call, stream: number, id: StreamId, idKind: number): boolean {
  const { streams } = call.keyspace.values;
  const { last } = streams.work;
  streams.loadLastId(stream, last);
  if (last.isMaximum) {
    call.reply.error(ERR_IDS_EXHAUSTED);
    return false;
  }
  if (idKind === ID_AUTOMATIC) {
    id.setTime(call.nowMs);
    if (id.compareTime(last) <= 0) {
      id.copyFrom(last);
      id.increment();
    }
    return true;
  }
  if (idKind === ID_SEQUENCE_AUTOMATIC && id.compareTime(last) === 0) {
    id.copyFrom(last);
    id.increment();
    // The sequence numbers of this millisecond are used up.
    if (id.compareTime(last) === 0) return true;
  } else if (id.compare(last) > 0) return true;
  call.reply.error(ERR_ID_TOO_SMALL);
  return false;
}

function trim(call: Call, stream: number): void {
  const { streams } = call.keyspace.values;
  if (streams.work.trim.strategy === TRIM_NONE) return;
  if (streams.trim(stream, streams.work.trim) > 0) call.notify(NOTIFY_STREAM, 'xtrim', 1);
}

function propagate(call: Call, stream: number, idIndex: number, idKind: number): void {
  const { id, trim: options } = call.keyspace.values.streams.work;
  const isApproximate = options.strategy !== TRIM_NONE && options.isApproximate;
  if (idKind === ID_GIVEN && !isApproximate) return;
  const parts = exactTrimArguments(call, stream, idIndex);
  parts[idIndex] = streamIdText(id);
  call.propagateAs(parts);
}

export const xadd: CommandSpec = {
  name: 'xadd',
  group: 'stream',
  since: '5.0.0',
  summary: 'Adds an entry to a stream, which is made when it does not exist.',
  complexity:
    'O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.',
  arity: -5,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [
    {
      notes: 'UPDATE instead of INSERT because of the optional trimming feature',
      flags: ['RW', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'nomkstream',
      type: 'pure-token',
      token: 'NOMKSTREAM',
      since: '6.2.0',
      optional: true,
    },
    {
      name: 'trim',
      type: 'block',
      optional: true,
      args: [
        {
          name: 'strategy',
          type: 'oneof',
          args: [
            { name: 'maxlen', type: 'pure-token', token: 'MAXLEN' },
            { name: 'minid', type: 'pure-token', token: 'MINID', since: '6.2.0' },
          ],
        },
        {
          name: 'operator',
          type: 'oneof',
          optional: true,
          args: [
            { name: 'equal', type: 'pure-token', token: '=' },
            { name: 'approximately', type: 'pure-token', token: '~' },
          ],
        },
        { name: 'threshold', type: 'string' },
        { name: 'count', type: 'integer', token: 'LIMIT', since: '6.2.0', optional: true },
      ],
    },
    {
      name: 'id-selector',
      type: 'oneof',
      args: [
        { name: 'auto-id', type: 'pure-token', token: '*' },
        { name: 'id', type: 'string' },
      ],
    },
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'field', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  history: [
    ['6.2.0', 'Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.'],
    ['7.0.0', 'Added support for the `<ms>-*` explicit ID form.'],
  ],
  replies: ['bulk-string', 'null'],
  run: runXadd,
};
