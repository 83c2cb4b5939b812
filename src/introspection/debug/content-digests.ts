// What DEBUG DIGEST takes of a value, by type; see digest.ts for the whole.
//
//   string, list   mix each element
//   set            xor each member
//   hash           xor the digest of (mix field, mix value)
//   sorted set     xor the digest of (mix member, mix score as %.17g)
//   stream         for each entry: mix the id, mix each field and value

import { formatDouble17 } from '../../bytes/double.ts';
import type { Keyspace } from '../../keyspace/keyspace.ts';
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
  valueWordOf,
} from '../../structures/entry.ts';
import { HashCursor } from '../../values/hash-cursor.ts';
import { SetCursor } from '../../values/set-cursor.ts';
import { StreamCursor } from '../../values/stream-cursor.ts';
import { streamIdText } from '../../values/stream-id-text.ts';
import { Digest } from './digest-state.ts';

type ContentDigest = (digest: Digest, keyspace: Keyspace, ref: number) => void;

/** Bytes that were loaded into an object's fields. */
interface Loaded {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

function view({ bytes, offset, length }: Loaded): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

function addString(digest: Digest, { strings }: Keyspace, ref: number): void {
  strings.view(ref);
  digest.mix(view(strings));
}

function addList(digest: Digest, { values }: Keyspace, ref: number): void {
  const { lists } = values;
  for (let more = lists.seek(ref, 0); more; more = lists.cursor.next()) {
    lists.cursor.get();
    digest.mix(view(lists.cursor));
  }
}

function addSortedSet(digest: Digest, { values }: Keyspace, ref: number): void {
  const set = values.sortedSets.open(ref);
  for (let more = set.seekRank(0); more; more = set.next()) {
    const pair = new Digest();
    set.loadMember();
    pair.mix(view(set));
    pair.mix(Buffer.from(formatDouble17(set.stepScore)));
    digest.xor(pair.bytes);
  }
}

function addStream(digest: Digest, { arena, values }: Keyspace, ref: number): void {
  const cursor = new StreamCursor(arena, values.streams.ids);
  cursor.startAll(valueWordOf(arena, ref), false, false);
  while (cursor.next()) {
    digest.mix(Buffer.from(streamIdText(cursor.id).replace('-', '.')));
    for (let i = 0; i < cursor.fieldCount; i++) {
      cursor.readField();
      digest.mix(view(cursor));
      cursor.readValue();
      digest.mix(view(cursor));
    }
  }
}

function addSet(digest: Digest, keyspace: Keyspace, ref: number): void {
  const cursor = new SetCursor(keyspace.arena, keyspace.values.sets);
  cursor.begin(ref);
  while (cursor.next()) digest.xor(view(cursor));
}

function addHash(digest: Digest, keyspace: Keyspace, ref: number): void {
  const cursor = new HashCursor(keyspace.arena, keyspace.values.hashes);
  cursor.begin(ref);
  while (cursor.next()) {
    const pair = new Digest();
    cursor.loadField();
    pair.mix(view(cursor));
    cursor.loadValue();
    pair.mix(view(cursor));
    digest.xor(pair.bytes);
  }
}

/** By the number of the type. */
export const contentDigests: Readonly<Record<number, ContentDigest>> = {
  [TYPE_STRING]: addString,
  [TYPE_LIST]: addList,
  [TYPE_ZSET]: addSortedSet,
  [TYPE_STREAM]: addStream,
  [TYPE_SET]: addSet,
  [TYPE_HASH]: addHash,
};
