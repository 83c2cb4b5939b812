// Keys that a command deletes or replaces whatever they are: one that has expired and that nobody
// has deleted yet is deleted by the command, as in Redis, and does not expire.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from './testing/harness.ts';

it.each([
  ['SINTERSTORE', 'k', 'none'],
  ['SUNIONSTORE', 'k', 'none'],
  ['ZUNIONSTORE', 'k', '1', 'none'],
  ['ZRANGESTORE', 'k', 'none', '0', '-1'],
  ['SORT', 'none', 'STORE', 'k'],
  ['BITOP', 'AND', 'k', 'none'],
  ['GEOSEARCHSTORE', 'k', 'none', 'FROMLONLAT', '1', '1', 'BYRADIUS', '1', 'km'],
])('an empty result of %s deletes an expired key', (...command) => {
  const h = new Harness(coreCommands);
  h.run('SET', 'k', 'v', 'PX', 10);
  h.clock.advance(20);
  h.journal.length = 0;
  expect(h.run(...command)).toBe(0);
  expect(h.journal).toEqual([[0, ...command]]);
  expect([h.keyspace.keyCount, h.keyspace.expiredKeys]).toEqual([0, 0]);
  expect(h.leaks()).toEqual([]);
});

it('RESTORE with REPLACE takes the place of an expired key', () => {
  const h = new Harness(coreCommands);
  h.run('SET', 'other', 'w');
  const payload = Buffer.from(h.run('DUMP', 'other') as string, 'latin1');
  h.run('SET', 'k', 'v', 'PX', 10);
  h.clock.advance(20);
  expect(h.run('RESTORE', 'k', 0, payload, 'REPLACE')).toBe('OK');
  expect([h.run('GET', 'k'), h.keyspace.expiredKeys]).toEqual(['w', 0]);
});
