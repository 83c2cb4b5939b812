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
  'stream-v4',
  'stream-v5',
  'array',
  'hash-template-listpack',
  'hash-template-listpack-ref',
  'hash-template-array',
  'hash-template-array-ref',
  'gcra',
];

/** The name of a type, or `unknown`. */
export function rdbTypeName(type: number): string {
  return NAMES[type] || 'unknown';
}

/** The name of a type of newer servers behind a blank, or ''. */
export function nameInBrackets(type: number): string {
  const name = NAMES[type] ?? '';
  return name === '' ? '' : ` (${name})`;
}
