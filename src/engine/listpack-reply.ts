// Elements of a listpack as bulk strings, written one behind the other without a cursor between:
// what ranges of lists and small hashes are answered with.

import { GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Listpacks } from '../structures/listpack.ts';
import {
  END,
  elementBytesAt,
  INTEGER_64,
  integerValueAt,
  isIntegerEncoding,
  isShortText,
  shortTextLength,
} from '../structures/listpack-element.ts';
import type { Call } from './call.ts';

/**
 * Writes elements of a listpack.
 * @param position where the first lies, 0: nowhere.
 * @param count elements to write at most.
 * @param skip elements that are left out behind each: 1 writes the fields of pairs.
 * @returns how many were written: fewer when the listpack ends.
 */
export function replyListpack(
  call: Call,
  lp: number,
  position: number,
  count: number,
  skip: number,
): number {
  if (position === 0) return 0;
  const { reply, keyspace } = call;
  const data = keyspace.arena.bytes[lp >>> SLOT_SHIFT]!;
  const start = (lp & GRANULE_MASK) << 3;
  let at = start + position;
  let written = 0;
  for (; written < count && data[at] !== END; written++) {
    const first = data[at]!;
    if (isShortText(first)) {
      const length = shortTextLength(first);
      reply.bulk(data, at + 1, length);
      at += length + 2;
    } else if (isIntegerEncoding(first) && first !== INTEGER_64) {
      reply.bulkInteger(integerValueAt(data, at));
      at += elementBytesAt(data, at);
    } else {
      replyOther(reply, keyspace.values.listpacks, lp, at - start);
      at += elementBytesAt(data, at);
    }
    for (let i = 0; i < skip && data[at] !== END; i++) at += elementBytesAt(data, at);
  }
  return written;
}

function replyOther(reply: ReplyWriter, listpacks: Listpacks, lp: number, position: number): void {
  listpacks.get(lp, position);
  reply.bulk(listpacks.bytes, listpacks.offset, listpacks.length);
}
