// Transactions in process: what is queued, what EXEC runs and tells, and what makes it fail. Texts
// of replies are compared with the real server by the oracle's group of the same name.

import { beforeEach, describe, expect, it } from 'vitest';
import { describeClient } from '../../engine/client-line.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { coreCommands } from '../index.ts';

const OK = 'OK';
const ABORTED = { error: 'EXECABORT Transaction discarded because of previous errors.' };

let h: Harness;

beforeEach(() => {
  h = new Harness(coreCommands);
});

function field(name: string): string | undefined {
  const line = describeClient(h.client, h.clock.ms);
  return new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1];
}

describe('MULTI and EXEC', () => {
  it('leave a client that may not wait, as that of an append-only file, as it was', () => {
    for (const mayBlock of [true, false]) {
      h.client.mayBlock = mayBlock;
      for (const command of ['MULTI', 'PING', 'EXEC']) h.run(command);
      expect(h.client.mayBlock).toBe(mayBlock);
    }
  });

  it('queue and run, with errors of single commands in their places', () => {
    expect(h.run('MULTI')).toBe(OK);
    expect(h.run('SET', 'a', 'x')).toBe('QUEUED');
    expect(h.run('INCR', 'a')).toBe('QUEUED');
    expect(h.run('RPUSH', 'l', 'one', 'two')).toBe('QUEUED');
    expect(h.run('LRANGE', 'l', 0, -1)).toBe('QUEUED');
    const notInteger = { error: 'ERR value is not an integer or out of range' };
    expect(h.run('EXEC')).toEqual([OK, notInteger, 2, ['one', 'two']]);
    expect(h.run('GET', 'a')).toBe('x');
    expect(h.engine.commands.find('incr')).toMatchObject({ calls: 1, failedCalls: 1 });
    expect(h.engine.commands.find('exec')).toMatchObject({ calls: 1, failedCalls: 0 });
  });

  it('keep arguments of any size and number, and empty ones', () => {
    const long = 'v'.repeat(100_000);
    const many = Array.from({ length: 3000 }, (_, i) => `element-${i}`);
    h.run('MULTI');
    h.run('SET', 'long', long);
    h.run('RPUSH', 'many', ...many);
    for (let i = 0; i < 500; i++) h.run('SET', `key:${i}`, '');
    h.run('GET', 'key:499');
    const replies = h.run('EXEC');
    expect(replies).toHaveLength(503);
    expect((replies as unknown[]).at(-1)).toBe('');
    expect(h.run('STRLEN', 'long')).toBe(long.length);
    expect(h.run('LRANGE', 'many', 0, -1)).toEqual(many);
  });

  it('refuse what may not be queued, and EXEC then fails', () => {
    h.run('MULTI');
    expect(h.run('SET', 'a')).toHaveProperty('error');
    expect(h.run('SET', 'a', 1)).toBe('QUEUED');
    expect(h.run('EXEC')).toEqual(ABORTED);
    h.run('MULTI');
    expect(h.run('NOSUCH')).toHaveProperty('error');
    expect(h.run('EXEC')).toEqual(ABORTED);
    expect(h.run('EXISTS', 'a')).toBe(0);
  });

  it('tell why EXEC itself was refused', () => {
    h.run('MULTI');
    expect(h.run('EXEC', 'x')).toEqual({
      error:
        'EXECABORT Transaction discarded because of: ' +
        "wrong number of arguments for 'exec' command",
    });
    expect(field('multi')).toBe('-1');
    h.run('SET', 'a', 1);
    h.run('MULTI');
    h.run('SET', 'a', 2);
    h.engine.memory.maxBytes = 1;
    h.run('GET', 'a');
    h.engine.memory.maxBytes = 0;
    expect(h.run('EXEC')).toEqual(ABORTED);
  });

  it('take EXEC for what it would run: memory and loading', () => {
    h.run('SET', 'a', 1);
    h.run('MULTI');
    h.run('SET', 'b', 1);
    h.engine.memory.maxBytes = 1;
    const oom = "OOM command not allowed when used memory > 'maxmemory'.";
    expect(h.run('EXEC')).toEqual({ error: `EXECABORT Transaction discarded because of: ${oom}` });
    h.engine.memory.maxBytes = 0;
    h.run('MULTI');
    h.run('GET', 'a');
    h.engine.memory.maxBytes = 1;
    expect(h.run('EXEC')).toEqual(['1']);
    expect(h.run('MULTI')).toBe(OK);
    expect(h.run('GET', 'a')).toEqual({ error: oom });
    expect(h.run('DISCARD')).toBe(OK);
    h.engine.memory.maxBytes = 0;
    h.run('MULTI');
    h.run('GET', 'a');
    h.engine.isLoading = true;
    const loading = 'LOADING Redis is loading the dataset in memory';
    expect(h.run('EXEC')).toEqual({
      error: `EXECABORT Transaction discarded because of: ${loading}`,
    });
    h.engine.isLoading = false;
  });

  it('do not nest, and end without a beginning in an error', () => {
    expect(h.run('EXEC')).toEqual({ error: 'ERR EXEC without MULTI' });
    expect(h.run('DISCARD')).toEqual({ error: 'ERR DISCARD without MULTI' });
    h.run('MULTI');
    expect(h.run('MULTI')).toEqual({ error: 'ERR MULTI calls can not be nested' });
    expect(h.run('WATCH', 'a')).toEqual({ error: 'ERR WATCH inside MULTI is not allowed' });
    expect(h.run('EXEC')).toEqual([]);
  });

  it('do not wait in blocking commands', () => {
    h.run('MULTI');
    h.run('BLPOP', 'none', 0);
    h.run('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
    expect(h.run('EXEC')).toEqual([null, null]);
    expect(h.client.mayBlock).toBe(true);
  });

  it('wake those who wait after the last command', () => {
    const waiting = h.connect();
    waiting.send('BLPOP', 'l', 0);
    h.run('MULTI');
    h.run('RPUSH', 'l', 'a');
    h.run('DEL', 'l');
    h.run('RPUSH', 'l', 'b');
    expect(h.run('EXEC')).toEqual([1, 1, 1]);
    expect(waiting.replies).toEqual([['l', 'b']]);
  });

  it('show in CLIENT LIST and forget by RESET', () => {
    expect(field('multi')).toBe('-1');
    h.run('MULTI');
    h.run('GET', 'a');
    expect(field('multi')).toBe('1');
    expect(field('flags')).toBe('x');
    expect(Number(field('multi-mem'))).toBeGreaterThan(0);
    expect(field('cmd')).toBe('get');
    expect(h.run('RESET')).toBe('RESET');
    expect(field('multi')).toBe('-1');
    expect(h.run('EXEC')).toEqual({ error: 'ERR EXEC without MULTI' });
  });

  it('hold EXEC back during a pause when it writes', () => {
    h.run('MULTI');
    h.run('GET', 'a');
    h.engine.pause.start('write', h.clock.ms + 1000, h.clock.ms);
    expect(h.run('EXEC')).toEqual([null]);
    h.engine.pause.end();
    h.run('MULTI');
    h.run('SET', 'a', 1);
    h.engine.pause.start('write', h.clock.ms + 1000, h.clock.ms);
    expect(h.run('EXEC')).toBeUndefined();
    expect(h.client.hold).toBe('paused');
    h.engine.pause.end();
  });

  it('obey CLIENT REPLY', () => {
    h.run('MULTI');
    h.run('SET', 'a', 1);
    h.run('CLIENT', 'REPLY', 'SKIP');
    h.run('GET', 'a');
    // The reply that is missing is a fault of the client, as in Redis.
    expect(() => h.run('EXEC')).toThrow();
    expect(h.run('GET', 'a')).toBeUndefined();
    expect(h.run('GET', 'a')).toBe('1');
    h.run('CLIENT', 'REPLY', 'OFF');
    // What a command lets through is no part of an array that nobody has seen begin.
    for (const words of [['MULTI'], ['ECHO', 'hi'], ['CLIENT', 'REPLY', 'ON']]) h.run(...words);
    expect(h.run('EXEC')).toBe(OK);
    h.run('CLIENT', 'REPLY', 'OFF');
    expect(h.run('MULTI')).toBeUndefined();
    expect(h.run('GET', 'a')).toBeUndefined();
    expect(h.run('EXEC')).toBeUndefined();
    expect(h.run('CLIENT', 'REPLY', 'ON')).toBe(OK);
  });
});

describe('the journal', () => {
  it('is told of one unit, and of a single command without its frame', () => {
    h.run('MULTI');
    h.run('SET', 'a', 1);
    h.run('SELECT', 3);
    h.run('INCR', 'b');
    h.run('GET', 'b');
    h.run('EXEC');
    expect(h.journal).toEqual([['MULTI'], [0, 'SET', 'a', '1'], [3, 'INCR', 'b'], ['EXEC']]);
    h.journal.length = 0;
    h.run('MULTI');
    h.run('GET', 'b');
    h.run('INCR', 'b');
    h.run('EXEC');
    expect(h.journal).toEqual([[3, 'INCR', 'b']]);
  });

  it('is told of a key that expired together with the command that came upon it', () => {
    h.run('SET', 'a', 1, 'PX', 10);
    h.run('SET', 'b', 1, 'PX', 10);
    h.clock.advance(20);
    h.journal.length = 0;
    h.run('INCR', 'a');
    expect(h.journal).toEqual([['MULTI'], [0, 'DEL', 'a'], [0, 'INCR', 'a'], ['EXEC']]);
    h.journal.length = 0;
    h.run('SCAN', 0);
    expect(h.journal).toEqual([[0, 'DEL', 'b']]);
  });
});

describe('WATCH', () => {
  /** EXEC's reply after a change. */
  function execAfter(change: () => void, ...keys: string[]): unknown {
    h.run('WATCH', ...(keys.length === 0 ? ['k'] : keys));
    change();
    h.run('MULTI');
    h.run('PING');
    const reply = h.run('EXEC');
    expect(h.engine.transactions.watching.count).toBe(0);
    expect(h.engine.events.watchers).toBeNull();
    return reply;
  }
  const other = (...parts: string[]): (() => void) => {
    const client = h.newClient(7);
    return () => h.runAs(client, ...parts);
  };

  it('fails after a change by anybody', () => {
    expect(execAfter(() => {})).toEqual(['PONG']);
    expect(execAfter(other('SET', 'k', '1'))).toBeNull();
    expect(execAfter(() => h.run('APPEND', 'k', '1'))).toBeNull();
    expect(execAfter(other('SET', 'unrelated', '1'))).toEqual(['PONG']);
    expect(execAfter(other('DEL', 'k'))).toBeNull();
    expect(execAfter(other('DEL', 'k'))).toEqual(['PONG']);
    h.run('SET', 'source', 1);
    expect(execAfter(other('RENAME', 'source', 'k'))).toBeNull();
    h.run('SET', 'source', 1);
    expect(execAfter(other('RENAME', 'source', 'x'), 'source')).toBeNull();
    expect(execAfter(other('COPY', 'x', 'k', 'REPLACE'))).toBeNull();
    expect(execAfter(other('MOVE', 'k', '1'))).toBeNull();
    expect(execAfter(other('EXPIRE', 'x', '100'), 'x')).toBeNull();
  });

  it('minds the database', () => {
    const elsewhere = h.newClient(8);
    h.runAs(elsewhere, 'SELECT', 5);
    expect(execAfter(() => h.runAs(elsewhere, 'SET', 'k', 1))).toEqual(['PONG']);
  });

  it('fails after a flush of keys that were there', () => {
    expect(execAfter(other('FLUSHALL'))).toEqual(['PONG']);
    h.run('SET', 'k', 1);
    expect(execAfter(other('FLUSHDB'))).toBeNull();
    h.run('SET', 'k', 1);
    expect(execAfter(other('FLUSHALL'))).toBeNull();
  });

  it('fails after SWAPDB when the key is in one of them', () => {
    expect(execAfter(other('SWAPDB', '0', '1'))).toEqual(['PONG']);
    h.run('SET', 'k', 1);
    expect(execAfter(other('SWAPDB', '0', '1'))).toBeNull();
    expect(execAfter(other('SWAPDB', '0', '1'))).toBeNull();
    expect(execAfter(other('SWAPDB', '1', '2'))).toEqual(['PONG']);
  });

  it('fails when the key expires, but not for a key that had expired', () => {
    h.run('SET', 'k', 1, 'PX', 10);
    expect(execAfter(() => h.clock.advance(20))).toBeNull();
    h.run('SET', 'k', 1, 'PX', 10);
    h.clock.advance(20);
    expect(execAfter(() => {})).toEqual(['PONG']);
    h.run('SET', 'k', 1, 'PX', 10);
    h.clock.advance(20);
    expect(execAfter(other('GET', 'k'))).toEqual(['PONG']);
    h.run('SET', 'k', 1, 'PX', 10);
    h.clock.advance(20);
    expect(execAfter(other('SET', 'k', '2'))).toBeNull();
    h.run('SET', 'k', 1, 'PX', 10);
    h.clock.advance(20);
    expect(execAfter(other('FLUSHALL'))).toEqual(['PONG']);
  });

  it('ends with UNWATCH, DISCARD, EXEC and the client', () => {
    h.run('WATCH', 'k');
    h.run('SET', 'k', 1);
    expect(h.client.transaction?.isDirty).toBe(true);
    expect(execAfterUnwatch()).toEqual(['PONG']);
    h.run('WATCH', 'k');
    h.run('MULTI');
    h.run('DISCARD');
    expect(h.engine.transactions.watching.count).toBe(0);
    h.run('WATCH', 'k', 'k', 'l');
    expect(h.engine.transactions.watching.count).toBe(2);
    h.engine.release(h.client);
    expect(h.engine.transactions.watching.count).toBe(0);
    expect(h.client.transaction).toBeNull();
  });

  function execAfterUnwatch(): unknown {
    h.run('UNWATCH');
    h.run('MULTI');
    h.run('PING');
    return h.run('EXEC');
  }

  it('minds changes inside its own transaction no more', () => {
    h.run('WATCH', 'k');
    h.run('MULTI');
    h.run('SET', 'k', 1);
    h.run('UNWATCH');
    h.run('SET', 'k', 2);
    expect(h.run('EXEC')).toEqual([OK, OK, OK]);
  });
});
