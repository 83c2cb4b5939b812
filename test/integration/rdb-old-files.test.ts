// Files of old versions: those that Redis's suite brings, where it has been fetched, must give the
// data that the real server finds in them; files of versions 1 to 6 are written here byte by byte.

import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/programs.ts';
import { digestOf, newHarness, readDump } from '../support/rdb-data.ts';
import { startServer } from '../support/server.ts';
import { itWith } from './support.ts';

const ASSETS = join(repositoryRoot, '.suite', 'redis-7.0.15', 'tests', 'assets');
const FILES = [
  'hash-ziplist.rdb',
  'hash-zipmap.rdb',
  'zset-ziplist.rdb',
  'list-quicklist.rdb',
  'encodings.rdb',
  'corrupt_empty_keys.rdb',
];

for (const file of FILES) {
  itWith('redis-server', `${file} is read as the real server reads it`, async (path) => {
    const source = join(ASSETS, file);
    if (!existsSync(source)) {
      console.log(`skipped: ${file}: Redis's suite was not fetched`);
      return;
    }
    const args = ['--save', '', '--enable-debug-command', 'yes'];
    await using real = await startServer({ command: [path], args });
    const client = await real.client();
    copyFileSync(source, join(real.folder, 'dump.rdb'));
    await client.expectText('DEBUG', 'RELOAD', 'NOSAVE');
    const digest = await client.expectText('DEBUG', 'DIGEST');
    for (const isThorough of [false, true]) {
      const h = newHarness();
      const reader = readDump(h.keyspace, readFileSync(source), { isThorough, chunkBytes: 11 });
      expect([reader.error, digestOf(h.keyspace)]).toEqual([null, digest]);
      if (file.includes('empty')) expect(reader.emptyKeys).toBeGreaterThan(5);
      expect(h.leaks()).toEqual([]);
    }
  });
}

const text = (value: string): number[] => [value.length, ...Buffer.from(value)];

/** A file of a version without a checksum; or with one that says it has none. */
function file(version: number, body: number[]): Uint8Array {
  const header = Buffer.from(`REDIS000${version}`);
  return Uint8Array.from([...header, ...body, 255, ...(version >= 5 ? Array(8).fill(0) : [])]);
}

describe('files of versions 1 to 6', () => {
  it('have lists, sets, sorted sets and hashes element by element', () => {
    const body = [
      ...[254, 3],
      ...[0, ...text('s'), ...text('value')],
      ...[1, ...text('l'), 2, ...text('a'), 0xc0, 5],
      ...[2, ...text('set'), 2, 0xc1, 0x10, 0x27, ...text('b')],
      ...[3, ...text('z'), 4, ...text('a'), ...text('1.5'), ...text('b'), 254],
      ...[...text('c'), 255, ...text('d'), ...text('-3')],
      ...[4, ...text('h'), 1, ...text('f'), ...text('v')],
    ];
    for (let version = 1; version <= 6; version++) {
      const h = newHarness();
      expect(readDump(h.keyspace, file(version, body)).error).toBeNull();
      h.run('SELECT', '3');
      expect(h.run('GET', 's')).toBe('value');
      expect(h.run('LRANGE', 'l', '0', '-1')).toEqual(['a', '5']);
      expect(h.run('SMISMEMBER', 'set', '10000', 'b', 'c')).toEqual([1, 1, 0]);
      expect(h.run('ZRANGE', 'z', '0', '-1', 'WITHSCORES')).toEqual([
        'c',
        '-inf',
        'd',
        '-3',
        'a',
        '1.5',
        'b',
        'inf',
      ]);
      expect(h.run('HGETALL', 'h')).toEqual(['f', 'v']);
      expect(h.leaks()).toEqual([]);
    }
  });

  it('have times in seconds', () => {
    const h = newHarness();
    const at = (seconds: number): number[] => [...new Uint8Array(Int32Array.of(seconds).buffer)];
    const body = [
      ...[253, ...at(2_000_000_000), 0, ...text('late'), ...text('x')],
      ...[253, ...at(1_000_000_000), 0, ...text('gone'), ...text('x')],
    ];
    const reader = readDump(h.keyspace, file(2, body));
    expect([reader.keysAdded, reader.keysExpired]).toEqual([1, 1]);
    expect(h.run('PEXPIRETIME', 'late')).toBe(2_000_000_000_000);
    const replica = newHarness();
    expect(readDump(replica.keyspace, file(2, body), { dropsExpired: false }).keysAdded).toBe(2);
  });
});
