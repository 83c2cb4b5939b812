// The names that redis-check-rdb gives to RDB types, by their numbers.

const NAMES: readonly string[] = [
  'string',
  'list-linked',
  'set-hashtable',
  'zset-v1',
  'hash-hashtable',
  'zset-v2',
  'module-pre-release',
  'module-value',
  '',
  'hash-zipmap',
  'list-ziplist',
  'set-intset',
  'zset-ziplist',
  'hash-ziplist',
  'quicklist',
  'stream',
  'hash-listpack',
  'zset-listpack',
  'quicklist-v2',
  'stream-v2',
  'set-listpack',
  'stream-v3',
  'hash-hashtable-md-pre-release',
  'hash-listpack-md-pre-release',
  'hash-hashtable-md',
  'hash-listpack-md',
];

/** The name of a type, or `unknown`. */
export function rdbTypeName(type: number): string {
  return NAMES[type] || 'unknown';
}
