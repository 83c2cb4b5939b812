// Clients that wait for a key, and what becomes of that key when nobody can be served with it.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from './testing/harness.ts';

// Recorded from redis-server 7.2.5: the DEL comes with the EXISTS, not with the exchange.
it('a key that has expired before its waiters are served is left to whoever asks for it', () => {
  const h = new Harness(coreCommands);
  const popper = h.connect();
  popper.send('SELECT', '1');
  popper.send('BLPOP', 'l', '0');
  h.run('RPUSH', 'l', 'a');
  h.run('PEXPIRE', 'l', 10);
  h.clock.advance(20);
  h.journal.length = 0;
  h.run('SWAPDB', 0, 1);
  expect(h.journal).toEqual([[0, 'SWAPDB', '0', '1']]);
  expect(popper.replies).toEqual(['OK']);
  h.run('SELECT', 1);
  expect(h.run('EXISTS', 'l')).toBe(0);
  expect(h.journal.slice(1)).toEqual([[1, 'DEL', 'l']]);
  expect(h.leaks()).toEqual([]);
});
