// The numbers of the RDB format: types of values, operation codes, encodings of lengths, versions.
// They reach disk and wire, so format.test.ts freezes them. See docs/internals/rdb.md.

/** The version that says all but fields with times; Redis 7.0 reads it. */
export const RDB_VERSION = 10;
/** The version that a hash with times of fields needs. */
export const RDB_VERSION_FIELD_EXPIRY = 12;
/** Redis's versions that are read, and Valkey's, which count on from 80. */
export const MAX_REDIS_VERSION = 16;
export const MIN_VALKEY_VERSION = 80;
export const MAX_VALKEY_VERSION = 81;

export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
/** Scores as text. */
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
/** Scores as doubles. */
export const RDB_ZSET_2 = 5;
export const RDB_MODULE_PRE_GA = 6;
export const RDB_MODULE_2 = 7;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
/** Nodes are ziplists. */
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
/** Nodes are listpacks, or one large element. */
export const RDB_LIST_QUICKLIST_2 = 18;
/** With first ID, largest deleted ID, entries added and entries read. */
export const RDB_STREAM_2 = 19;
export const RDB_SET_LISTPACK = 20;
/** With the times at which consumers were active. */
export const RDB_STREAM_3 = 21;
/** Redis below version 80 of the format; there it is Valkey's hash with times. */
export const RDB_HASH_METADATA_PRE_GA = 22;
export const RDB_HASH_LISTPACK_EX_PRE_GA = 23;
export const RDB_HASH_METADATA = 24;
export const RDB_HASH_LISTPACK_EX = 25;
/** With what producers have sent, so that nothing is added twice. */
export const RDB_STREAM_4 = 26;
/** With pending entries that were given back by their consumers. */
export const RDB_STREAM_5 = 27;
export const VALKEY_HASH_2 = 22;
/** The version from which on OP_KEY_META stands where Valkey has OP_SLOT_IMPORT. */
export const KEY_META_SINCE = 13;

export const OP_SLOT_IMPORT = 243;
export const OP_KEY_META = 243;
export const OP_SLOT_INFO = 244;
export const OP_FUNCTION2 = 245;
export const OP_FUNCTION_PRE_GA = 246;
export const OP_MODULE_AUX = 247;
export const OP_IDLE = 248;
export const OP_FREQ = 249;
export const OP_AUX = 250;
export const OP_RESIZEDB = 251;
export const OP_EXPIRETIME_MS = 252;
export const OP_EXPIRETIME = 253;
export const OP_SELECTDB = 254;
export const OP_EOF = 255;

/** First byte of a length of 32 and of 64 bits, and of the special encodings of strings. */
export const LENGTH_14 = 0x40;
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
export const STRING_INT8 = 0xc0;
export const STRING_INT16 = 0xc1;
export const STRING_INT32 = 0xc2;
export const STRING_LZF = 0xc3;

/** Containers of a quicklist's nodes. */
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;

/** What stands between the parts of a module's value. */
export const MODULE_EOF = 0;
export const MODULE_SINT = 1;
export const MODULE_UINT = 2;
export const MODULE_FLOAT = 3;
export const MODULE_DOUBLE = 4;
export const MODULE_STRING = 5;

/** Bytes behind a DUMP payload: version, 2, and checksum, 8. */
export const DUMP_FOOTER_BYTES = 10;
