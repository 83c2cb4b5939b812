// GEOHASH: the places of members as texts that others know.
// https://redis.io/docs/latest/commands/geohash/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { GeoPlace, geohashText } from '../../values/geo-hash.ts';

function runGeohash(call: Call): void {
  const { args, reply } = call;
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  const set = found === NULL_REF ? null : call.keyspace.values.sortedSets.open(found);
  const place = new GeoPlace();
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (set === null || !set.find(args.bytes, args.offsets[i]!, args.lengths[i]!)) {
      reply.null();
      continue;
    }
    place.read(set.score);
    reply.bulkLatin1(geohashText(place.longitude, place.latitude));
  }
}

export const geohash: CommandSpec = {
  name: 'geohash',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the geohash texts of members.',
  complexity: 'O(1) for each member requested.',
  arity: -2,
  flags: ['readonly'],
  acl: ['geo'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', optional: true, multiple: true },
  ],
  replies: ['array'],
  run: runGeohash,
};
