// GEODIST: how far two members are from each other. https://redis.io/docs/latest/commands/geodist/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { placeDistance } from '../../values/geo-distance.ts';
import { GeoPlace } from '../../values/geo-hash.ts';
import type { SortedSet } from '../../values/sorted-set.ts';
import { readUnit } from './places.ts';
import { replyDistance } from './replies.ts';

/** What was read last. */
const place = new GeoPlace();

function runGeodist(call: Call): void {
  const { args, reply } = call;
  if (args.count > 5) call.fail(ERR_SYNTAX);
  const metersPerUnit = args.count === 5 ? readUnit(call, 4) : 1;
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  if (found === NULL_REF) {
    reply.null();
    return;
  }
  const set = call.keyspace.values.sortedSets.open(found);
  if (!readMember(call, set, 2)) return;
  const { longitude, latitude } = place;
  if (!readMember(call, set, 3)) return;
  const meters = placeDistance(longitude, latitude, place.longitude, place.latitude);
  replyDistance(call, meters / metersPerUnit);
}

/** Reads the place of a member; an answer is given when it is not there. @returns whether it is. */
function readMember(call: Call, set: SortedSet, i: number): boolean {
  const { bytes, offsets, lengths } = call.args;
  if (!set.find(bytes, offsets[i]!, lengths[i]!)) {
    call.reply.null();
    return false;
  }
  place.read(set.score);
  return true;
}

export const geodist: CommandSpec = {
  name: 'geodist',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the distance of two members.',
  complexity: 'O(1)',
  arity: -4,
  flags: ['readonly'],
  acl: ['geo'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member1', type: 'string' },
    { name: 'member2', type: 'string' },
    {
      name: 'unit',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'm', type: 'pure-token', token: 'M' },
        { name: 'km', type: 'pure-token', token: 'KM' },
        { name: 'ft', type: 'pure-token', token: 'FT' },
        { name: 'mi', type: 'pure-token', token: 'MI' },
      ],
    },
  ],
  replies: ['bulk-string', 'null'],
  run: runGeodist,
};
