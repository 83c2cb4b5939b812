// Who may go on with which history, and up to where.

import { expect, it } from 'vitest';
import { seededRandom } from '../runtime/random.ts';
import { History, NO_ID } from './history.ts';

it('goes on under its own name, and under the one before up to where it ended', () => {
  const history = new History(seededRandom(1));
  const before = history.id;
  expect(before).toMatch(/^[0-9a-f]{40}$/);
  expect(history.continues(before.toUpperCase(), 1_000_000)).toBe(true);
  expect(history.continues(NO_ID, 0)).toBe(false);
  history.shift(50);
  expect(history.id).not.toBe(before);
  expect([history.secondId, history.secondOffset]).toEqual([before, 51]);
  expect(history.continues(before, 51)).toBe(true);
  expect(history.continues(before, 52)).toBe(false);
  history.forgetSecond();
  expect(history.continues(before, 1)).toBe(false);
});

it('takes the name that the master tells', () => {
  const history = new History(seededRandom(1));
  const before = history.id;
  history.shift(9, 'f'.repeat(40));
  expect([history.id, history.secondId]).toEqual(['f'.repeat(40), before]);
});
