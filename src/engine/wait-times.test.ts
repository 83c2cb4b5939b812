// Clients that block, wait or are held back by CLIENT PAUSE never go on before their time: a clock
// of whole milliseconds shows the deadline up to one too early. Redis waits for the next one, too.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { TIMER_MAX_MS, type Timers } from '../runtime/clock.ts';
import { Harness } from './testing/harness.ts';

const WAIT_MS = 20;

interface TimedHarness extends Harness {
  pass(ms: number): void;
}

/** Time passes by `pass`, which runs the timers that are due. */
function timed(): TimedHarness {
  const due: { atMs: number; run: () => void }[] = [];
  const timers: Timers = {
    after: (delayMs, run) => {
      const timer = { atMs: h.clock.ms + delayMs, run };
      due.push(timer);
      return { stop: () => void (timer.run = () => {}) };
    },
    soon: () => {},
  };
  const h: Harness = new Harness(coreCommands, timers);
  return Object.assign(h, {
    pass: (ms: number) => {
      h.clock.advance(ms);
      for (const { run } of due.filter(({ atMs }) => atMs <= h.clock.ms)) run();
    },
  });
}

it.each([
  ['BLPOP', 'k', '0.02'],
  ['XREAD', 'BLOCK', '20', 'STREAMS', 'k', '$'],
])('%s', (...command) => {
  const h = timed();
  const { replies, send } = h.connect();
  send(...command);
  h.pass(WAIT_MS);
  expect(replies).toEqual([]);
  h.pass(1);
  expect(replies).toEqual([null]);
});

it('a late reply', () => {
  const h = timed();
  const { client, replies } = h.connect();
  const command = h.engine.commands.get('ping')!;
  h.engine.lateWaits.add(client, command, WAIT_MS, (reply: ReplyWriter) => reply.ok());
  h.pass(WAIT_MS);
  expect(replies).toEqual([]);
  h.pass(1);
  expect(replies).toEqual(['OK']);
});

it('CLIENT PAUSE', () => {
  const h = timed();
  h.run('CLIENT', 'PAUSE', WAIT_MS);
  h.pass(WAIT_MS);
  expect(h.engine.pause.kind).toBe('all');
  h.pass(1);
  expect(h.engine.pause.kind).toBeNull();
});

it('CLIENT PAUSE of more than a timer can take', () => {
  const h = timed();
  const pauseMs = TIMER_MAX_MS + WAIT_MS;
  h.run('CLIENT', 'PAUSE', pauseMs);
  h.pass(TIMER_MAX_MS);
  expect(h.engine.pause.kind).toBe('all');
  h.pass(WAIT_MS + 1);
  expect(h.engine.pause.kind).toBeNull();
});
