// CONFIG over a configuration in memory.

import { expect, it } from 'vitest';
import { FakeContext } from './testing/fake-context.ts';

it('gets and sets several parameters', () => {
  const { harness: h } = new FakeContext();
  expect(h.run('CONFIG', 'SET', 'maxclients', 99, 'hz', 50)).toBe('OK');
  expect(h.run('CONFIG', 'GET', 'hz', 'maxclients', 'nosuch')).toEqual([
    'hz',
    '50',
    'maxclients',
    '99',
  ]);
  h.client.resp3 = true;
  expect(h.run('CONFIG', 'GET', 'maxcli?nts')).toEqual({ map: [['maxclients', '99']] });
});

it('refuses in the words of Redis', () => {
  const { harness: h } = new FakeContext();
  expect(h.run('CONFIG', 'SET', 'hz', '1', 'port')).toEqual({ error: 'ERR syntax error' });
  expect(h.run('CONFIG', 'SET', 'nosuch', '1')).toEqual({
    error: "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'",
  });
  expect(h.run('CONFIG', 'SET', 'databases', '3')).toEqual({
    error:
      "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config",
  });
  expect(h.run('CONFIG')).toEqual({ error: "ERR wrong number of arguments for 'config' command" });
  expect(h.run('CONFIG', 'NOSUCH')).toEqual({
    error: "ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.",
  });
});

it('answers later when a change takes time', async () => {
  const context = new FakeContext();
  const { harness: h } = context;
  let finish: (reason: string | null) => void = () => {};
  const promise = new Promise<string | null>((resolve) => {
    finish = resolve;
  });
  context.config.onChange(['port'], () => promise);
  expect(h.run('CONFIG', 'SET', 'port', '7000')).toBeUndefined();
  expect(h.client.hold).toBe('blocked');
  finish(null);
  await promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(h.client.hold).toBe('none');
  expect(h.run('CONFIG', 'GET', 'port')).toEqual(['port', '7000']);
});

it('rewrites the file, or says why not', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  expect(h.run('CONFIG', 'REWRITE')).toEqual({
    error: 'ERR The server is running without a config file',
  });
  context.configFile = '/etc/redis.conf';
  expect(h.run('CONFIG', 'REWRITE')).toBe('OK');
  context.refusal = 'Rewriting config file: Permission denied';
  expect(h.run('CONFIG', 'REWRITE')).toEqual({
    error: 'ERR Rewriting config file: Permission denied',
  });
  expect(context.rewrites).toEqual([false, false]);
});

it('resets the statistics', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  h.run('CONFIG', 'GET', 'hz');
  h.run('CONFIG', 'NOSUCH');
  context.statistics.netInputBytes = 5;
  context.statistics.aclDeniedKey = 6;
  context.statistics.eventLoop.cronMs = 7;
  h.engine.clients.totalConnections = 8;
  h.engine.timer.turns.mostCommands = 9;
  h.keyspace.activeExpireUsec = 10;
  h.keyspace.expiredFields = 11;
  expect(h.run('INFO', 'stats')).toContain('\r\nexpired_subkeys:11\r\n');
  expect(h.run('CONFIG', 'RESETSTAT')).toBe('OK');
  expect(h.engine.totalErrorReplies).toBe(0);
  expect(h.engine.commands.find('config|get')?.calls).toBe(0);
  expect(h.engine.commands.find('config|resetstat')?.calls).toBe(1);
  expect(context.statistics.netInputBytes).toBe(0);
  // Redis keeps this one.
  expect(context.statistics.aclDeniedKey).toBe(6);
  expect(context.statistics.eventLoop.cronMs).toBe(0);
  expect(h.engine.clients.totalConnections).toBe(0);
  expect(h.engine.timer.turns.mostCommands).toBe(0);
  expect(h.keyspace.activeExpireUsec).toBe(0);
  expect(h.keyspace.expiredFields).toBe(0);
});
