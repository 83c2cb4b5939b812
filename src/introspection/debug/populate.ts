// DEBUG POPULATE: many keys with strings at once, told to nobody but WATCH and keyspace
// notifications.

import { type Call, NOTIFY_NEW } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ArenaFullError } from '../../memory/page-store.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NOT_POSITIVE, replyError } from '../../protocol/reply-errors.ts';

const NO_ROOM = replyError('ERR OOM in dictTryExpand');
/** Redis cuts the names of keys and the texts of values to this length. */
const MAX_TEXT_BYTES = 127;
/** A table for more keys would be larger than a block of the arena can be. */
const MAX_KEYS = 2 ** 29;

function reserve(call: Call, keyCount: number): boolean {
  if (keyCount > MAX_KEYS) return false;
  try {
    call.db.dict.reserve(call.db.dict.count + keyCount);
    return true;
  } catch (error) {
    if (error instanceof ArenaFullError) return false;
    throw error;
  }
}

/** The value of a key: its text, cut or filled up with zero bytes when a size is asked for. */
function valueBytes(index: number, size: number): Uint8Array {
  const text = Buffer.from(`value:${index}`, 'latin1');
  if (size === 0) return text;
  const value = new Uint8Array(size);
  value.set(text.subarray(0, size));
  return value;
}

export function runPopulate(call: Call, args: Args): void {
  const { db, engine } = call;
  const keyCount = args.integer(2);
  const size = args.count === 5 ? args.integer(4) : 0;
  // Text that is no number gets the same answer as a negative one.
  if (!(keyCount >= 0 && size >= 0)) {
    call.reply.error(ERR_NOT_POSITIVE);
    return;
  }
  if (!reserve(call, keyCount)) {
    call.reply.error(NO_ROOM);
    return;
  }
  const prefix = args.count === 3 ? 'key' : (args.latin1(3).split('\0')[0] ?? '');
  for (let i = 0; i < keyCount; i++) {
    const key = Buffer.from(`${prefix}:${i}`.slice(0, MAX_TEXT_BYTES), 'latin1');
    if (db.lookup(key, 0, key.length) !== NULL_REF) continue;
    const value = valueBytes(i, size);
    db.setString(NULL_REF, key, 0, key.length, value, 0, value.length, false);
    engine.events.notify(NOTIFY_NEW, 'new', db, key, 0, key.length);
    engine.events.watchers?.onChanged(db, key, 0, key.length);
  }
  call.reply.ok();
}
