// What INFO debug tells of turns.

import { expect, it } from 'vitest';
import { TurnFigures } from './turn-figures.ts';

it('keeps the longest turn and the most commands of one, until it is reset', () => {
  const turns = new TurnFigures();
  const told = (): number[] => [turns.longestMs, turns.mostCommands];
  turns.begin(100, 7);
  turns.end(103, 9);
  turns.begin(200, 9);
  turns.end(201, 14);
  expect(told()).toEqual([3, 5]);
  // The counter began anew in this turn.
  turns.begin(300, 14);
  turns.end(300, 1);
  expect(told()).toEqual([3, 5]);
  turns.reset();
  expect(told()).toEqual([0, 0]);
});
