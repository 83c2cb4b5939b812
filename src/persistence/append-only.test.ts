import { describe, expect, it } from 'vitest';
import { LoadError } from './persistence.ts';
import { MemoryFiles } from './testing/memory-files.ts';
import {
  afterCrash,
  failSync,
  PersistenceHarness,
  started,
} from './testing/persistence-harness.ts';

const MISCONF = { error: 'MISCONF Errors writing to the AOF file: No space left on device' };

describe('the append-only log', () => {
  it('has what was acknowledged with appendfsync always after a crash', async () => {
    const p = await started({ appendfsync: 'always' });
    for (let i = 0; i < 20; i++) {
      p.run('SET', `k${i}`, i);
      p.persistence.aof.log.beforeReplies();
    }
    p.run('SET', 'lost', '1');
    const other = await afterCrash(p);
    expect(other.run('DBSIZE')).toBe(20);
    expect(other.run('GET', 'k19')).toBe('19');
  });

  it('writes and syncs once for all commands of a turn', async () => {
    const p = await started({ appendfsync: 'always' });
    const { syncCount, writeCount } = p.files;
    for (let i = 0; i < 50; i++) p.run('INCR', 'n');
    p.persistence.aof.log.beforeReplies();
    p.settle();
    expect(p.files.writeCount - writeCount).toBe(1);
    expect(p.files.syncCount - syncCount).toBe(1);
  });

  it('writes SELECT inside a transaction, and none again for the same database', async () => {
    const p = await started();
    p.run('SELECT', '2');
    p.run('MULTI');
    p.run('SET', 'a', '1');
    p.run('SET', 'b', '2');
    p.run('EXEC');
    p.run('SET', 'c', '3');
    p.settle();
    expect(p.files.text(p.logPath)).toBe(
      '*1\r\n$5\r\nMULTI\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n' +
        '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n' +
        '*1\r\n$4\r\nEXEC\r\n*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$1\r\n3\r\n',
    );
  });

  it('takes a short write back, refuses writes, and heals', async () => {
    const p = await started();
    p.run('SET', 'a', '1');
    p.settle();
    const before = p.files.text(p.logPath);
    p.files.roomBytes = 10;
    p.run('SET', 'b', '2');
    p.settle();
    expect(p.files.text(p.logPath)).toBe(before);
    expect(p.run('SET', 'c', '3')).toEqual(MISCONF);
    expect(p.run('PING')).toEqual(MISCONF);
    expect(p.run('GET', 'b')).toBe('2');
    expect(p.run('MULTI')).toBe('OK');
    expect(p.run('GET', 'b')).toBe('QUEUED');
    expect(p.run('EXEC')).toEqual(['2']);
    expect(p.logged.some((line) => line.startsWith('Short write while writing'))).toBe(true);
    p.files.roomBytes = 1000;
    p.persistence.tick();
    expect(p.run('SET', 'c', '3')).toBe('OK');
    p.settle();
    expect((await afterCrash(p)).run('MGET', 'a', 'b', 'c')).toEqual([null, null, null]);
    expect(p.logged).toContain('AOF write error looks solved, Redis can write again.');
  });

  it('goes on behind a short write that cannot be taken back', async () => {
    const p = await started();
    p.files.roomBytes = 10;
    p.files.failing = 'truncate';
    p.run('SET', 'a', '1');
    p.settle();
    expect(p.files.text(p.logPath)).toHaveLength(10);
    p.files.failing = null;
    p.files.roomBytes = 1000;
    p.persistence.tick();
    p.persistence.aof.stop();
    expect((await afterCrash(p)).run('GET', 'a')).toBe('1');
  });

  it('refuses writes while a sync beside the server fails', async () => {
    const p = await started();
    failSync(p);
    expect(p.run('SET', 'b', '2')).toEqual({
      error: 'MISCONF Errors writing to the AOF file: Input/output error',
    });
    p.files.failing = null;
    p.syncWhenDue();
    expect(p.run('SET', 'b', '2')).toBe('OK');
  });

  it('ends the server when it can keep no promise', async () => {
    const writing = await started({ appendfsync: 'always' });
    writing.files.roomBytes = 0;
    writing.run('SET', 'a', '1');
    writing.settle();
    expect(writing.exitCode).toBe(1);
    const syncing = await started({ appendfsync: 'always' });
    syncing.files.failing = 'sync';
    syncing.run('SET', 'a', '1');
    syncing.settle();
    expect(syncing.exitCode).toBe(1);
  });

  it.each(['write', 'sync'] as const)(
    'refuses writes where the server cannot be ended, until the disk works (%s)',
    async (step) => {
      const p = await started({ appendfsync: 'always' });
      p.files.failing = step;
      p.run('SET', 'a', '1');
      p.settle();
      expect(p.exitCode).toBe(1);
      expect(p.run('SET', 'b', '2')).toEqual({
        error: 'MISCONF Errors writing to the AOF file: Input/output error',
      });
      p.files.failing = null;
      p.persistence.tick();
      expect(p.run('SET', 'b', '2')).toBe('OK');
      p.persistence.aof.log.beforeReplies();
      expect((await afterCrash(p)).run('MGET', 'a', 'b')).toEqual(['1', '2']);
    },
  );

  it('holds a write back for two seconds while a sync is under way', async () => {
    const p = await started();
    p.run('SET', 'a', '1');
    p.h.clock.advance(2000);
    p.turn();
    const { length } = p.files.text(p.logPath);
    p.run('SET', 'b', '2');
    p.turn();
    expect(p.files.text(p.logPath)).toHaveLength(length);
    p.h.clock.advance(1000);
    p.persistence.tick();
    expect(p.files.text(p.logPath)).toHaveLength(length);
    p.h.clock.advance(1000);
    p.persistence.tick();
    expect(p.files.text(p.logPath).length).toBeGreaterThan(length);
    expect(p.persistence.aof.log.delayedSyncs).toBe(1);
  });
});

describe('a rewrite', () => {
  it.each(['everysec', 'always'])(
    'lets no byte of the new file count as synced before those of the old one (%s)',
    async (policy) => {
      const p = await started();
      const { log } = p.persistence.aof;
      p.run('SET', 'a', '1');
      p.run('BGREWRITEAOF');
      const [oldSync] = p.files.waiting.splice(0);
      expect(p.config.set([['appendfsync', policy]], { local: true, loading: false })).toBeNull();
      p.run('SET', 'b', '2');
      p.turn();
      p.syncWhenDue();
      expect(log.syncedBytes === 0).toBe(true);
      oldSync?.();
      p.syncWhenDue();
      expect(log.syncedBytes).toBe(log.appendedBytes);
    },
  );

  it.each([true, false])(
    'leaves the same data in new files (snapshot in front: %s)',
    async (rdb) => {
      const p = await started({ 'aof-use-rdb-preamble': rdb });
      for (let i = 0; i < 100; i++) p.run('RPUSH', `l${i % 7}`, i);
      expect(p.run('BGREWRITEAOF')).toBe('Background append only file rewriting started');
      p.run('SET', 'meanwhile', '1');
      expect(p.run('BGREWRITEAOF')).toEqual({
        error: 'ERR Background append only file rewriting already in progress',
      });
      p.settle();
      p.persistence.aof.stop();
      const { folder } = p.persistence.aof;
      expect(p.files.text(folder.pathOf('appendonly.aof.manifest'))).toBe(
        `file appendonly.aof.2.base.${rdb ? 'rdb' : 'aof'} seq 2 type b\n` +
          'file appendonly.aof.2.incr.aof seq 2 type i\n',
      );
      expect(p.files.namesIn(folder.path)).toEqual([
        `appendonly.aof.2.base.${rdb ? 'rdb' : 'aof'}`,
        'appendonly.aof.2.incr.aof',
        'appendonly.aof.manifest',
      ]);
      const other = await afterCrash(p);
      expect(other.run('LLEN', 'l1')).toBe(15);
      expect(other.run('GET', 'meanwhile')).toBe('1');
    },
  );

  it.each(['rename', 'open', 'sync'] as const)(
    'that fails in %s leaves all data where it is found',
    async (step) => {
      const p = await started();
      for (let i = 0; i < 50; i++) p.run('SET', `k${i}`, i);
      p.run('BGREWRITEAOF');
      p.run('SET', 'meanwhile', '1');
      p.files.settle();
      p.files.failing = step;
      p.settle();
      expect(p.persistence.aof.lastRewriteOk).toBe(false);
      expect(p.persistence.aof.limit.failures).toBe(1);
      p.files.failing = null;
      p.run('SET', 'later', '1');
      p.persistence.aof.stop();
      const other = await afterCrash(p);
      expect(other.run('DBSIZE')).toBe(52);
    },
  );

  it('keeps the files of both manifests while it is not sure which one a crash leaves', async () => {
    const p = await started();
    for (let i = 0; i < 50; i++) p.run('SET', `k${i}`, i);
    p.run('BGREWRITEAOF');
    p.files.failing = 'syncFolder';
    p.settle();
    p.files.failing = null;
    const { folder } = p.persistence.aof;
    expect(p.files.exists(folder.pathOf('appendonly.aof.1.base.rdb'))).toBe(true);
    expect((await afterCrash(p)).run('DBSIZE')).toBe(50);
    p.run('BGREWRITEAOF');
    expect(p.persistence.aof.lastRewriteOk).toBe(true);
  });

  it('makes the files whole after the log was switched on', async () => {
    const p = new PersistenceHarness();
    await p.start();
    p.run('SET', 'before', '1');
    expect(p.config.set([['appendonly', 'yes']], { local: true, loading: false })).toBeNull();
    p.run('SET', 'meanwhile', '1');
    p.settle();
    expect(p.persistence.aof.state).toBe('on');
    p.run('SET', 'after', '1');
    p.persistence.aof.stop();
    const other = await afterCrash(p);
    expect(other.run('MGET', 'before', 'meanwhile', 'after')).toEqual(['1', '1', '1']);
  });

  it('from before the log was switched on in a transaction gives way to the one to come', async () => {
    const p = new PersistenceHarness();
    await p.start();
    p.run('BGREWRITEAOF');
    expect(p.persistence.aof.start(true)).toBe(true);
    p.run('SET', 'meanwhile', '1');
    expect(p.persistence.aof.log.bufferedBytes).toBe(0);
    p.persistence.aof.stop();
    expect(p.config.set([['appendonly', 'yes']], { local: true, loading: false })).toBeNull();
    p.settle();
    p.persistence.aof.stop();
    expect((await afterCrash(p)).run('GET', 'meanwhile')).toBe('1');
  });

  it('is tried less often when it fails again and again', async () => {
    const p = await started();
    for (let i = 0; i < 3; i++) {
      p.run('BGREWRITEAOF');
      p.files.failing = 'rename';
      p.settle();
      p.files.failing = null;
    }
    p.persistence.aof.isScheduled = true;
    p.persistence.tick();
    expect(p.logged.at(-1)).toMatch(/triggered the limit, will retry in 1 minutes$/);
    expect(p.persistence.background.isBusy).toBe(false);
    p.h.clock.advance(61_000);
    p.persistence.tick();
    expect(p.persistence.background.kind).toBe('aof');
    p.settle();
    expect(p.persistence.aof.limit.failures).toBe(0);
  });
});

describe('loading', () => {
  const set = (key: string, value: string): string =>
    `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
  const MULTI = '*1\r\n$5\r\nMULTI\r\n';
  const EXEC = '*1\r\n$4\r\nEXEC\r\n';

  function filesWith(text: string): MemoryFiles {
    const files = new MemoryFiles();
    files.folders.add('/data/appendonlydir');
    files.put(
      '/data/appendonlydir/appendonly.aof.manifest',
      'file appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    files.put('/data/appendonlydir/appendonly.aof.1.incr.aof', text);
    return files;
  }

  it('cuts off what is not whole at the end, wherever it ends', async () => {
    const whole = set('a', '1') + MULTI + set('b', '2') + set('c', '3') + EXEC + set('d', '4');
    const ends = [set('a', '1').length, whole.length - set('d', '4').length, whole.length];
    for (let length = 1; length <= whole.length; length++) {
      const files = filesWith(whole.slice(0, length));
      const p = await started({}, files);
      const soundBytes = ends.filter((end) => end <= length).at(-1) ?? 0;
      expect(p.files.text(p.logPath).length, `cut at ${length}`).toBe(soundBytes);
      const counts = new Map([
        [ends[0], 1],
        [ends[1], 3],
        [ends[2], 4],
        [0, 0],
      ]);
      expect(p.run('DBSIZE'), `cut at ${length}`).toBe(counts.get(soundBytes));
    }
  });

  it('refuses what is wrong, and what is cut off where that is not allowed', async () => {
    const cases: [string, object, RegExp][] = [
      [`${set('a', '1')}hello\r\n`, {}, /Bad file format reading the append only file/],
      ['*1\r\n$3\r\nbla\r\n', {}, /Unknown command 'bla' reading the append only file/],
      [set('a', '1').slice(0, -3), { 'aof-load-truncated': false }, /Unexpected end of file/],
    ];
    for (const [text, options, message] of cases) {
      const p = new PersistenceHarness({ appendonly: true, ...options }, filesWith(text));
      await expect(p.start()).rejects.toBeInstanceOf(LoadError);
      expect(p.logged.at(-1)).toMatch(message);
    }
  });

  it.each([true, false])('removes what is history (appendonly: %s)', async (appendonly) => {
    const files = filesWith(set('a', '1'));
    const manifest = files.text('/data/appendonlydir/appendonly.aof.manifest');
    files.put('/data/appendonlydir/appendonly.aof.1.base.rdb', 'left by a crash');
    files.put(
      '/data/appendonlydir/appendonly.aof.manifest',
      `file appendonly.aof.1.base.rdb seq 1 type h\n${manifest}`,
    );
    await started({ appendonly }, files);
    expect(files.namesIn('/data/appendonlydir')).toEqual([
      'appendonly.aof.1.incr.aof',
      'appendonly.aof.manifest',
    ]);
    expect(files.text('/data/appendonlydir/appendonly.aof.manifest')).toBe(manifest);
  });

  it('keeps what has the name of history', async () => {
    const files = filesWith('');
    const path = '/data/appendonlydir/appendonly.aof.manifest';
    files.put(path, 'file appendonly.aof.1.base.rdb seq 1 type h\n');
    const p = await started({}, files);
    p.run('SET', 'a', '1');
    p.persistence.aof.stop();
    expect((await afterCrash(p)).run('GET', 'a')).toBe('1');
  });

  it('takes WATCH for no transaction', async () => {
    const text = `${set('a', '1')}*2\r\n$5\r\nWATCH\r\n$1\r\na\r\n${set('b', '2')}`;
    const p = await started({}, filesWith(text));
    expect(p.run('DBSIZE')).toBe(2);
    expect(p.files.text(p.logPath)).toBe(text);
  });

  it('keeps expired keys until the file deletes them', async () => {
    const text =
      `*5\r\n$3\r\nSET\r\n$1\r\nn\r\n$1\r\n5\r\n$4\r\nPXAT\r\n$4\r\n1000\r\n` +
      '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*3\r\n$6\r\nRENAME\r\n$1\r\nn\r\n$1\r\nm\r\n' +
      '*2\r\n$7\r\nPERSIST\r\n$1\r\nm\r\n';
    const p = await started({}, filesWith(text));
    expect(p.run('GET', 'm')).toBe('6');
  });

  it('restores keys that have expired meanwhile', async () => {
    const source = await started();
    source.run('SET', 'n', '5');
    const payload = source.run('DUMP', 'n') as string;
    const text =
      '*5\r\n$7\r\nRESTORE\r\n$1\r\nn\r\n$4\r\n1000\r\n' +
      `$${payload.length}\r\n${payload}\r\n$6\r\nABSTTL\r\n` +
      '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*2\r\n$7\r\nPERSIST\r\n$1\r\nn\r\n';
    const p = await started({}, filesWith(text));
    expect(p.run('GET', 'n')).toBe('6');
  });

  it('makes the single file of Redis before 7 the base', async () => {
    const files = new MemoryFiles();
    files.put('/data/appendonly.aof', set('old', '1'));
    const p = await started({}, files);
    expect(p.run('GET', 'old')).toBe('1');
    expect(p.files.namesIn('/data/appendonlydir')).toEqual([
      'appendonly.aof',
      'appendonly.aof.1.incr.aof',
      'appendonly.aof.manifest',
    ]);
  });
});
