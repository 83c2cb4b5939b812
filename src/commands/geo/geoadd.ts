// GEOADD: adds members with their places. https://redis.io/docs/latest/commands/geoadd/

import { int64Text } from '../../bytes/integer.ts';
import { Call, NOTIFY_ZSET } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { scoreOfPlace } from '../../values/geo-hash.ts';
import { ADD_NX, ADD_XX, MEMBER_ADDED, SCORE_CHANGED } from '../../values/sorted-set.ts';
import { checkPlace, coordinateAt } from './places.ts';

const NX = Call.word('NX');
const XX = Call.word('XX');
const CH = Call.word('CH');

function runGeoadd(call: Call): void {
  const { args, reply } = call;
  let flags = 0;
  let countsChanged = false;
  let first = 2;
  let firstScore = 0;
  for (; first < args.count; first++) {
    if (args.is(first, NX)) flags |= ADD_NX;
    else if (args.is(first, XX)) flags |= ADD_XX;
    else if (args.is(first, CH)) countsChanged = true;
    else break;
  }
  const isNxXx = flags === (ADD_NX | ADD_XX);
  if ((args.count - first) % 3 !== 0 || isNxXx) call.fail(ERR_SYNTAX);
  else {
    // The first is kept: most often it is the only one.
    if (first < args.count) firstScore = checkedScore(call, first);
    for (let i = first + 3; i < args.count; i += 3) checkedScore(call, i);
  }
  if (first === args.count) call.fail(ERR_SYNTAX);
  if (call.failed()) return;
  const found = call.lookupWrite(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  if (found === NULL_REF && (flags & ADD_XX) !== 0) {
    reply.integer(0);
    return;
  }
  const set = call.keyspace.values.sortedSets.main;
  const count = (args.count - first) / 3;
  if (found === NULL_REF) set.create(count, args.lengths[first + 2]!);
  else {
    set.open(found);
    set.expect(count);
  }
  let added = 0;
  let changed = 0;
  for (let i = first; i < args.count; i += 3) {
    const { bytes, offsets, lengths } = args;
    const score = i === first ? firstScore : checkedScore(call, i);
    const done = set.add(score, bytes, offsets[i + 2]!, lengths[i + 2]!, flags);
    if (done === MEMBER_ADDED) added++;
    else if (done === SCORE_CHANGED) changed++;
  }
  if (found === NULL_REF) call.insertValue(1, TYPE_ZSET, set.encoding, set.root);
  if (added + changed > 0) {
    call.changed(1, NOTIFY_ZSET, 'zadd', added + changed);
    if (call.propagates) propagateScores(call, first);
  }
  reply.integer(countsChanged ? added + changed : added);
}

/** The score of the place in arguments `i` and `i + 1`; a failure is kept. */
function checkedScore(call: Call, i: number): number {
  const longitude = coordinateAt(call, i);
  const latitude = coordinateAt(call, i + 1);
  return checkPlace(call, longitude, latitude) ? scoreOfPlace(longitude, latitude) : 0;
}

/** Replicas and the AOF hear of a ZADD, as from Redis. */
function propagateScores(call: Call, first: number): void {
  const { args } = call;
  const parts: (string | Uint8Array)[] = ['zadd'];
  for (let i = 1; i < first; i++) parts.push(args.slice(i));
  for (let i = first; i < args.count; i += 3) {
    parts.push(int64Text(checkedScore(call, i)), args.slice(i + 2));
  }
  call.propagateAs(parts);
}

export const geoadd: CommandSpec = {
  name: 'geoadd',
  group: 'geo',
  since: '3.2.0',
  summary: 'Adds members with longitude and latitude to a sorted set.',
  complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
  arity: -5,
  flags: ['write', 'denyoom'],
  acl: ['geo'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'condition',
      type: 'oneof',
      since: '6.2.0',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
      ],
    },
    { name: 'change', type: 'pure-token', token: 'CH', since: '6.2.0', optional: true },
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'longitude', type: 'double' },
        { name: 'latitude', type: 'double' },
        { name: 'member', type: 'string' },
      ],
    },
  ],
  history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
  replies: ['integer'],
  run: runGeoadd,
};
