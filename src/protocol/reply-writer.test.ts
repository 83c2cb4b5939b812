// Replies, byte by byte.

import { expect, it } from 'vitest';
import { ReplyWriter } from './reply-writer.ts';

it('writes integers as bulk strings as it writes their texts', () => {
  const numbers = [0, 9, 10, -1, 99_999_999, 999_999_999, 1_000_000_000, -99_999_999, -999_999_999];
  numbers.push(2147483647, -2147483648, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
  const writer = new ReplyWriter({ countError: () => {} });
  for (const number of numbers) writer.bulkInteger(number);
  const written = Buffer.from(writer.currentBytes()).toString();
  writer.reset();
  for (const number of numbers) writer.bulkText(String(number));
  expect(written).toBe(Buffer.from(writer.currentBytes()).toString());
});
