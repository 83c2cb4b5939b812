// Which RDB types are streams, and which are values in one string.

import {
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_HASH_LISTPACK_EX_PRE_GA,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RDB_LIST_ZIPLIST,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STREAM_4,
  RDB_STREAM_5,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
} from './format.ts';

/** Types that are streams. */
export function isStream(type: number): boolean {
  switch (type) {
    case RDB_STREAM:
    case RDB_STREAM_2:
    case RDB_STREAM_3:
    case RDB_STREAM_4:
    case RDB_STREAM_5:
      return true;
    default:
      return false;
  }
}

/** Types whose whole value is one string. */
export function isPacked(type: number): boolean {
  switch (type) {
    case RDB_HASH_ZIPMAP:
    case RDB_LIST_ZIPLIST:
    case RDB_SET_INTSET:
    case RDB_ZSET_ZIPLIST:
    case RDB_HASH_ZIPLIST:
    case RDB_HASH_LISTPACK:
    case RDB_ZSET_LISTPACK:
    case RDB_SET_LISTPACK:
    case RDB_HASH_LISTPACK_EX_PRE_GA:
    case RDB_HASH_LISTPACK_EX:
      return true;
    default:
      return false;
  }
}
