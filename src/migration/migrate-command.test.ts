// Which arguments of MIGRATE are keys, as COMMAND GETKEYS and ACLs see them; recorded from
// redis-server 7.0.15.

import { expect, it } from 'vitest';
import { findKeys, KeyList } from '../engine/key-extraction.ts';
import { Args } from '../protocol/args.ts';
import { migrateCommand } from './migrate-command.ts';
import type { Migrations } from './migrations.ts';

function keysOf(...rest: string[]): string[] {
  const args = new Args();
  args.set(['migrate', 'host', 'port', ...rest]);
  const found = new KeyList();
  findKeys(migrateCommand({} as Migrations), args, found);
  return found.indexes.map((i) => args.latin1(i));
}

it('has the key in its place, or those behind KEYS, or none where both are given', () => {
  expect(keysOf('key', '0', '100')).toEqual(['key']);
  expect(keysOf('', '0', '100', 'copy', 'auth', 'keys', 'keys', 'a', 'b')).toEqual(['a', 'b']);
  expect(keysOf('', '0', 'keys', 'copy', 'auth2', 'keys', 'keys', 'keys', 'x')).toEqual(['x']);
  expect(keysOf('key', '0', '100', 'keys')).toEqual(['key']);
  expect(keysOf('key', '0', '100', 'keys', 'copy')).toEqual([]);
  expect(keysOf('key', 'GET', 'keys', 'ch1', 'GET', 'keys')).toEqual([]);
});
