// DEBUG. Digests and texts were taken from Redis 7.2.

import { describe, expect, it } from 'vitest';
import { keyCommands } from '../../commands/keys/index.ts';
import { stringCommands } from '../../commands/string/index.ts';
import { Client } from '../../engine/client.ts';
import { protectionCheck } from '../protection.ts';
import { FakeContext } from '../testing/fake-context.ts';

function fresh(): FakeContext {
  return new FakeContext([...stringCommands, ...keyCommands]);
}

describe('digests', () => {
  it('are those of Redis, with and without expiry, over all databases', () => {
    const { harness: h } = fresh();
    expect(h.run('DEBUG', 'DIGEST')).toBe('0'.repeat(40));
    h.run('SET', 'a', 'b');
    expect(h.run('DEBUG', 'DIGEST')).toBe('479783d7290f02957dfbe3408a858ba13eea1709');
    h.run('SET', 'n', '123');
    h.run('SET', 'big', 'x'.repeat(5000));
    h.run('SET', 'e', 'v', 'PX', 100000);
    expect(h.run('DEBUG', 'DIGEST-VALUE', 'a', 'n', 'big', 'e', 'nosuch')).toEqual([
      'b78559cd22bce6e6df712eb99ce7f3b08e8f8f1f',
      '89f7f51b707418f666d5b45e053bd5bbbf82ac2b',
      'e89a55262642bff99285a1e3f178ccdbef1d0651',
      '311b17018163335616e089f6b951c82c477335ac',
      '0'.repeat(40),
    ]);
    expect(h.run('DEBUG', 'DIGEST')).toBe('c1b77ebd62be10f1c2559df14b88ff1398e61bf1');
    const other = new Client({
      id: 2,
      db: h.keyspace.databases[3]!,
      transport: h.client.transport,
      nowMs: 0,
    });
    h.runAs(other, 'SET', 'x', 'y');
    expect(h.run('DEBUG', 'DIGEST')).toBe('84df5feca1d4a25d2f89f765fb4d5ae8ee85eec4');
    expect(h.leaks()).toEqual([]);
  });

  it('see keys that have expired and were not deleted', () => {
    const { harness: h } = fresh();
    h.run('SET', 'e', 'v', 'PX', 5);
    h.clock.advance(10);
    expect(h.run('DEBUG', 'DIGEST-VALUE', 'e')).not.toEqual(['0'.repeat(40)]);
  });
});

describe('POPULATE', () => {
  it('makes keys with texts, cut or filled to a size', () => {
    const { harness: h } = fresh();
    h.run('SET', 'key:1', 'mine');
    expect(h.run('DEBUG', 'POPULATE', 3)).toBe('OK');
    expect(h.run('MGET', 'key:0', 'key:1', 'key:2')).toEqual(['value:0', 'mine', 'value:2']);
    h.run('DEBUG', 'POPULATE', 2, 'short', 3);
    h.run('DEBUG', 'POPULATE', 2, 'long', 10);
    expect(h.run('MGET', 'short:1', 'long:1')).toEqual(['val', 'value:1\0\0\0']);
    expect(h.journal).toEqual([[0, 'SET', 'key:1', 'mine']]);
    expect(h.engine.dirty).toBe(1);
    expect(h.leaks()).toEqual([]);
  });

  it('refuses what is no count, and what would not fit', () => {
    const { harness: h } = fresh();
    const positive = { error: 'ERR value is out of range, must be positive' };
    expect(h.run('DEBUG', 'POPULATE', '-1')).toEqual(positive);
    expect(h.run('DEBUG', 'POPULATE', 'x')).toEqual(positive);
    expect(h.run('DEBUG', 'POPULATE', 1, 'p', 'x')).toEqual(positive);
    expect(h.run('DEBUG', 'POPULATE', '9999999999999')).toEqual({
      error: 'ERR OOM in dictTryExpand',
    });
  });

  it('makes as many as asked for while the table grows', () => {
    const { harness: h } = fresh();
    h.run('DEBUG', 'POPULATE', 5000, 'k');
    expect(h.keyspace.keyCount).toBe(5000);
    const full = String(h.run('DEBUG', 'HTSTATS', 0, 'full'));
    const elements = [...full.matchAll(/number of elements: (\d+)/g)].map(([, n]) => Number(n));
    expect(elements.reduce((sum, n) => sum + n, 0)).toBe(5000);
    expect(full).toContain(' Chain length distribution:\n   0: ');
    expect(h.leaks()).toEqual([]);
  });
});

describe('OBJECT and its kind', () => {
  it('shows how a value is kept', () => {
    const { harness: h } = fresh();
    h.run('SET', 'i', 42);
    h.run('SET', 'i16', 1000000);
    h.run('SET', 's', 'hello');
    h.run('SET', 'l', 'x'.repeat(100));
    h.clock.advance(3000);
    const object = (key: string): string => String(h.run('DEBUG', 'OBJECT', key));
    expect(object('i')).toMatch(
      /^Value at:0x\w+ refcount:2147483647 encoding:int serializedlength:2 lru:\d+ lru_s\w+:3$/,
    );
    expect(object('i16')).toContain('refcount:1 encoding:int serializedlength:5 ');
    expect(object('s')).toContain('refcount:1 encoding:embstr serializedlength:6 ');
    expect(object('l')).toContain('encoding:raw serializedlength:13 ');
    expect(h.run('DEBUG', 'OBJECT', 'nosuch')).toEqual({ error: 'ERR no such key' });
    expect(h.run('DEBUG', 'SDSLEN', 'i')).toEqual({ error: 'ERR Not an sds encoded string.' });
    expect(h.run('DEBUG', 'SDSLEN', 's')).toMatch(/^key_sds_len:1, .* val_sds_len:5, /);
  });

  it('has no tables and lists inside of strings', () => {
    const { harness: h } = fresh();
    h.run('SET', 's', 'x');
    expect(h.run('DEBUG', 'HTSTATS-KEY', 's')).toEqual({
      error: 'ERR The value stored at the specified key is not represented using an hash table',
    });
    expect(h.run('DEBUG', 'LISTPACK', 's')).toEqual({
      error: 'ERR Not a listpack encoded object.',
    });
    expect(h.run('DEBUG', 'QUICKLIST', 's', 1)).toEqual({
      error: 'ERR Not a quicklist encoded object.',
    });
    expect(h.run('DEBUG', 'QUICKLIST', 'nosuch')).toEqual({ error: 'ERR no such key' });
    expect(h.run('DEBUG', 'HTSTATS', 16)).toEqual({ error: 'ERR Out of range database' });
    expect(h.run('DEBUG', 'HTSTATS', 1)).toBe(
      '[Dictionary HT]\nHash table 0 stats (main hash table):\n' +
        'No stats available for empty dictionaries\n[Expires HT]\n' +
        'Hash table 0 stats (main hash table):\nNo stats available for empty dictionaries\n',
    );
  });
});

describe('PROTOCOL', () => {
  const samples: [kind: string, resp2: unknown, resp3: unknown][] = [
    ['string', 'Hello World', 'Hello World'],
    ['integer', 12345, 12345],
    ['double', '3.141', { double: '3.141' }],
    [
      'bignum',
      '1234567999999999999999999999999999999',
      { big: '1234567999999999999999999999999999999' },
    ],
    ['null', null, null],
    ['array', [0, 1, 2], [0, 1, 2]],
    ['set', [0, 1, 2], { set: [0, 1, 2] }],
    [
      'map',
      [0, 0, 1, 1, 2, 0],
      {
        map: [
          [0, false],
          [1, true],
          [2, false],
        ],
      },
    ],
    ['true', 1, true],
    ['false', 0, false],
    ['verbatim', 'This is a verbatim\nstring', { verbatim: 'txt:This is a verbatim\nstring' }],
    [
      'push',
      { error: 'ERR RESP2 is not supported by this command' },
      'Some real reply following the push reply',
    ],
  ];

  it.each(samples)('shows %s', (kind, resp2, resp3) => {
    const { harness: h } = fresh();
    expect(h.run('DEBUG', 'PROTOCOL', kind)).toEqual(resp2);
    h.client.resp3 = true;
    expect(h.run('DEBUG', 'PROTOCOL', kind.toUpperCase())).toEqual(resp3);
  });

  it('knows no other', () => {
    const { harness: h } = fresh();
    expect(h.run('DEBUG', 'PROTOCOL', 'attrib')).toBe('Some real reply following the attribute');
    for (const kind of ['foo', 'toString']) {
      expect(h.run('DEBUG', 'PROTOCOL', kind)).toEqual({
        error:
          'ERR Wrong protocol type name. Please use one of the following: string|integer|double|' +
          'bignum|null|array|set|map|attrib|push|verbatim|true|false',
      });
    }
  });
});

describe('switches', () => {
  it('stop the deletion of expired keys and the cron', () => {
    const context = fresh();
    const { harness: h } = context;
    expect(h.run('DEBUG', 'SET-ACTIVE-EXPIRE', 0)).toBe('OK');
    expect(h.keyspace.activeExpireEnabled).toBe(false);
    h.run('DEBUG', 'SET-ACTIVE-EXPIRE', 1);
    expect(h.keyspace.activeExpireEnabled).toBe(true);
    h.run('DEBUG', 'PAUSE-CRON', '1x');
    expect(context.debug.cronIsPaused).toBe(true);
  });

  it('steer reply buffers', () => {
    const context = fresh();
    const { harness: h } = context;
    h.run('DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'never');
    expect(context.debug.replyBufferPeakResetMs).toBe(-1);
    h.run('DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 100);
    expect(context.debug.replyBufferPeakResetMs).toBe(100);
    h.run('DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'reset');
    expect(context.debug.replyBufferPeakResetMs).toBe(5000);
    h.run('DEBUG', 'REPLYBUFFER', 'RESIZING', 0);
    expect(context.debug.replyBufferResizing).toBe(false);
    expect(h.run('DEBUG', 'REPLYBUFFER', 'x', 0)).toEqual({
      error:
        "ERR unknown subcommand or wrong number of arguments for 'REPLYBUFFER'. Try DEBUG HELP.",
    });
  });

  it('take a packed threshold below 4gb', () => {
    const context = fresh();
    const { harness: h } = context;
    expect(h.run('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '200b')).toBe('OK');
    expect(h.keyspace.values.limits.quicklistPackedBytes).toBe(200);
    h.run('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0');
    expect(h.keyspace.values.limits.quicklistPackedBytes).toBe(2 ** 30);
    expect(h.run('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '5gb')).toEqual({
      error: 'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
    });
  });

  it('change the replication id', () => {
    const { harness: h } = fresh();
    const id = (): string => /master_replid:(\w+)/.exec(String(h.run('INFO', 'replication')))![1]!;
    const before = id();
    expect(before).toMatch(/^[0-9a-f]{40}$/);
    expect(h.run('DEBUG', 'CHANGE-REPL-ID')).toBe('OK');
    expect(id()).not.toBe(before);
  });
});

describe('the rest', () => {
  it('logs and replies what it is told', () => {
    const context = fresh();
    const { harness: h } = context;
    expect(h.run('DEBUG', 'LOG', 'hello')).toBe('OK');
    expect(context.logged).toEqual(['warning DEBUG LOG: hello']);
    expect(h.run('DEBUG', 'ERROR', 'MY text\r\nhere')).toEqual({ error: 'MY text  here' });
    expect(h.engine.totalErrorReplies).toBe(0);
  });

  it('says what it cannot do', () => {
    const { harness: h } = fresh();
    const unknown = (word: string): { error: string } => ({
      error: `ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`,
    });
    expect(h.run('DEBUG', 'foo')).toEqual(unknown('foo'));
    expect(h.run('DEBUG', 'object')).toEqual(unknown('object'));
    expect(h.run('DEBUG', 'RELOAD', 'x')).toEqual({
      error: 'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
    });
    expect(h.run('DEBUG', 'RELOAD', 'NOSAVE')).toBe('OK');
    expect(h.run('DEBUG', 'SEGFAULT')).toHaveProperty('error');
    expect(h.run('DEBUG', 'CLIENT-EVICTION')).toEqual({
      error: 'ERR maxmemory-clients is disabled.',
    });
    expect(h.run('DEBUG')).toEqual({ error: "ERR wrong number of arguments for 'debug' command" });
  });

  it('rewrites the whole configuration', () => {
    const context = fresh();
    expect(context.harness.run('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).toBe('OK');
    expect(context.rewrites).toEqual([true]);
    context.refusal = 'Rewriting config file: Permission denied';
    expect(context.harness.run('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).toEqual({
      error: 'ERR CONFIG-REWRITE-FORCE-ALL failed: Permission denied',
    });
  });

  it('is kept from those who may not', () => {
    const context = fresh();
    const { harness: h } = context;
    h.engine.protection = protectionCheck(context);
    const refused = {
      error:
        'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can ' +
        'run it from a local connection, otherwise you need to set this option in the configuration ' +
        'file, and then restart the server.',
    };
    expect(h.run('DEBUG', 'SLEEP', 0)).toEqual(refused);
    context.config.load('enable-debug-command', ['local']);
    expect(h.run('DEBUG', 'SLEEP', 0)).toBe('OK');
    const remote = new Client({
      id: 9,
      db: h.client.db,
      transport: { ...h.client.transport, isLocal: false },
      nowMs: 0,
    });
    expect(h.runAs(remote, 'DEBUG', 'SLEEP', 0)).toEqual(refused);
    context.config.load('enable-debug-command', ['yes']);
    expect(h.runAs(remote, 'DEBUG', 'SLEEP', 0)).toBe('OK');
  });
});
