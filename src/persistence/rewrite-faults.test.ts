import { describe, expect, it } from 'vitest';
import {
  afterCrash,
  failSync,
  PersistenceHarness,
  started,
} from './testing/persistence-harness.ts';

describe('a rewrite after the disk has failed', () => {
  it('does not begin while changes wait that its base would contain', async () => {
    const p = await started();
    p.run('INCR', 'n');
    p.settle();
    // A base fits on the disk, what has happened to it does not.
    p.files.roomBytes = 1500;
    for (let i = 0; i < 100; i++) p.run('INCR', 'n');
    p.settle();
    expect(p.run('BGREWRITEAOF')).toEqual({
      error:
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more " +
        'information.',
    });
    expect(p.persistence.aof.lastRewriteOk).toBe(false);
    p.files.roomBytes = 100_000;
    expect(p.run('BGREWRITEAOF')).toBe('Background append only file rewriting started');
    p.settle();
    p.persistence.aof.stop();
    expect((await afterCrash(p)).run('GET', 'n')).toBe('101');
  });

  it.each([false, true])(
    'ends the refusal of writes that a failed sync has begun (old file fails again: %s)',
    async (failsAgain) => {
      const p = await started();
      failSync(p);
      expect(p.run('SET', 'b', '2')).toHaveProperty('error');
      p.files.failing = null;
      p.run('BGREWRITEAOF');
      p.files.failing = failsAgain ? 'sync' : null;
      p.files.settle();
      p.files.failing = null;
      p.settle();
      p.syncWhenDue();
      expect(p.run('SET', 'b', '2')).toBe('OK');
    },
  );

  it('refuses writes when the last bytes of the old file could not be synced', async () => {
    const p = await started();
    p.run('SET', 'a', '1');
    p.run('BGREWRITEAOF');
    p.files.failing = 'sync';
    p.files.waiting.shift()?.();
    expect(p.run('SET', 'b', '2')).toEqual({
      error: 'MISCONF Errors writing to the AOF file: Input/output error',
    });
    p.files.failing = null;
    p.settle();
    p.syncWhenDue();
    expect(p.run('SET', 'b', '2')).toBe('OK');
  });

  it('forgets what was wrong with a file that it gives up', async () => {
    const p = new PersistenceHarness();
    await p.start();
    expect(p.config.set([['appendonly', 'yes']], { local: true, loading: false })).toBeNull();
    p.files.failing = 'write';
    p.run('SET', 'meanwhile', '1');
    p.settle();
    expect(p.persistence.aof.lastRewriteOk).toBe(false);
    p.files.failing = null;
    expect(p.run('SET', 'later', '1')).toBe('OK');
    p.persistence.tick();
    p.settle();
    p.persistence.aof.stop();
    expect((await afterCrash(p)).run('DBSIZE')).toBe(2);
  });

  it('is told to wait by INFO', async () => {
    const p = await started();
    p.run('BGSAVE');
    p.run('BGREWRITEAOF');
    expect(p.persistence.fields()).toMatchObject({
      aof_rewrite_scheduled: 1,
      aof_pending_rewrite: 1,
    });
  });
});
