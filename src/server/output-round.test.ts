// When output leaves: at the end of the turn while several have some, at once for one that is
// alone.

import { expect, it } from 'vitest';
import type { Timers } from '../runtime/clock.ts';
import { OutputRound } from './output-round.ts';

/** Timers whose `soon` waits for the test. */
class ManualTimers implements Timers {
  readonly planned: (() => void)[] = [];
  after(): { stop(): void } {
    throw new Error('not asked for');
  }
  soon(run: () => void): void {
    this.planned.push(run);
  }
  endTurn(): void {
    for (const run of this.planned.splice(0)) run();
  }
}

/** A round in which there are several, or which is new. */
function setUp(isNew = false): {
  timers: ManualTimers;
  round: OutputRound;
  sent: string[];
  add: (name: string) => void;
} {
  const timers = new ManualTimers();
  const round = new OutputRound(timers);
  const sent: string[] = [];
  const add = (name: string): void => round.add({ sendWaiting: () => sent.push(name) });
  if (!isNew) {
    for (let i = 0; i < 100 && timers.planned.length === 0; i++) add('a');
    add('b');
    timers.endTurn();
    sent.length = 0;
  }
  return { timers, round, sent, add };
}

it('does not let the first of a new server wait, until there are several', () => {
  const { timers, sent, add } = setUp(true);
  add('a');
  expect(sent).toEqual(['a']);
  expect(timers.planned.length).toBe(0);
  for (let i = 0; i < 100 && timers.planned.length === 0; i++) add('a');
  expect(timers.planned.length).toBe(1);
});

it('lets all of a turn leave at its end, in their order', () => {
  const { timers, sent, add } = setUp();
  for (const name of ['a', 'b', 'c']) add(name);
  expect(sent).toEqual([]);
  expect(timers.planned.length).toBe(1);
  timers.endTurn();
  expect(sent).toEqual(['a', 'b', 'c']);
});

it('does not let one wait that is alone turn after turn, until it no longer is', () => {
  const { timers, sent, add } = setUp();
  for (let turn = 0; turn < 40; turn++) {
    add('a');
    timers.endTurn();
  }
  sent.length = 0;
  add('a');
  expect(sent).toEqual(['a']);
  // A turn in which it waits comes again, and then it is not alone.
  for (let i = 0; i < 100 && timers.planned.length === 0; i++) add('a');
  expect(timers.planned.length).toBe(1);
  add('b');
  timers.endTurn();
  sent.length = 0;
  add('a');
  expect(sent).toEqual([]);
});

it('holds no more than so many at a time', () => {
  const { sent, add } = setUp();
  for (let i = 0; i < 64; i++) add(`${i}`);
  expect(sent.length).toBe(64);
});

it('keeps who gets output while others hand theirs over for the next round', () => {
  const { timers, round, sent, add } = setUp();
  const answering = {
    sendWaiting: (): void => {
      sent.push('first');
      for (let i = 0; i < 3; i++) add(`later ${i}`);
      round.flush();
    },
  };
  round.add(answering);
  for (const name of ['b', 'c']) add(name);
  timers.endTurn();
  expect(sent).toEqual(['first', 'b', 'c']);
  timers.endTurn();
  expect(sent).toEqual(['first', 'b', 'c', 'later 0', 'later 1', 'later 2']);
});
