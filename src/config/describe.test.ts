// The table of options in words.
import { expect, test } from 'vitest';
import { Config } from './config.ts';
import { crashReportLines, describeOptions } from './describe.ts';
import { MemoryDisk } from './memory-disk.ts';

const disk = new MemoryDisk();
const fresh = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });

test('describes every option once', () => {
  const rows = describeOptions(fresh);
  expect(rows).toHaveLength(fresh.list().length);
  const row = (name: string): unknown => rows.find((each) => each.name === name);
  expect(row('busy-reply-threshold')).toMatchObject({
    alias: 'lua-time-limit',
    type: 'integer 0..9223372036854775807',
    initial: '5000',
    mutable: true,
    hidden: false,
  });
  expect(row('unixsocketperm')).toMatchObject({ type: 'octal 0..777', mutable: false });
  expect(row('maxmemory-clients')).toMatchObject({
    type: 'bytes up to 9223372036854775807, or 0%..100%',
  });
  expect(row('appendfsync')).toMatchObject({ type: 'everysec | always | no', initial: 'everysec' });
  expect(row('use-exit-on-panic')).toMatchObject({ hidden: true });
});

test('a crash report shows the options that Redis shows', () => {
  expect(crashReportLines(fresh).sort()).toEqual([
    'activedefrag no',
    'client-query-buffer-limit 1gb',
    'io-threads 1',
    'io-threads-do-reads no',
    'lazyfree-lazy-eviction no',
    'lazyfree-lazy-expire no',
    'lazyfree-lazy-server-del no',
    'lazyfree-lazy-user-del no',
    'lazyfree-lazy-user-flush no',
    'list-compress-depth 0',
    'proto-max-bulk-len 512mb',
    'repl-diskless-load disabled',
    'repl-diskless-sync yes',
    'replica-read-only yes',
    'sanitize-dump-payload no',
  ]);
});
