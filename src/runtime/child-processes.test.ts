import { expect, it } from 'vitest';
import { whenQuiet } from './child-processes.ts';
import type { Timers } from './clock.ts';

it('what can wait is loaded in the first second in which nothing was done', () => {
  const due: (() => void)[] = [];
  const timers: Timers = {
    after: (_, run) => {
      due.push(run);
      return { stop: () => {} };
    },
    soon: () => {},
  };
  let doneCount = 7;
  let loadCount = 0;
  const second = (commands: number): void => {
    doneCount += commands;
    due.shift()?.();
  };
  whenQuiet(
    timers,
    () => doneCount,
    () => loadCount++,
  );
  second(3);
  second(1);
  expect(loadCount).toBe(0);
  second(0);
  expect(loadCount).toBe(1);
  expect(due).toEqual([]);
});
