// The names of types as TYPE and SCAN use them, and of encodings as OBJECT ENCODING does.

import {
  ENCODING_EMBSTR,
  ENCODING_HASHTABLE,
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_LISTPACK_EX,
  ENCODING_QUICKLIST,
  ENCODING_RAW,
  ENCODING_SKIPLIST,
  ENCODING_STREAM,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from '../structures/entry.ts';

const TYPES = new Map<number, string>([
  [TYPE_STRING, 'string'],
  [TYPE_LIST, 'list'],
  [TYPE_SET, 'set'],
  [TYPE_ZSET, 'zset'],
  [TYPE_HASH, 'hash'],
  [TYPE_STREAM, 'stream'],
]);

const ENCODINGS = new Map<number, string>([
  [ENCODING_RAW, 'raw'],
  [ENCODING_INT, 'int'],
  [ENCODING_EMBSTR, 'embstr'],
  [ENCODING_HASHTABLE, 'hashtable'],
  [ENCODING_INTSET, 'intset'],
  [ENCODING_SKIPLIST, 'skiplist'],
  [ENCODING_QUICKLIST, 'quicklist'],
  [ENCODING_STREAM, 'stream'],
  [ENCODING_LISTPACK, 'listpack'],
  [ENCODING_LISTPACK_EX, 'listpackex'],
]);

export function typeName(type: number): string {
  return TYPES.get(type) ?? 'unknown';
}

export function encodingName(encoding: number): string {
  return ENCODINGS.get(encoding) ?? 'unknown';
}

/** The number of a type by its name in any case, or -1. */
export function typeByName(name: string): number {
  const folded = name.toLowerCase();
  for (const [type, known] of TYPES) if (known === folded) return type;
  return -1;
}
