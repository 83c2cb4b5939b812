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

it('keeps the views of short output for as long as the buffer stays the same', () => {
  const writer = new ReplyWriter({ countError: () => {} });
  const sent = (length: number): Uint8Array => {
    writer.raw(new Uint8Array(length).fill(65));
    const bytes = writer.currentBytes();
    expect(Buffer.from(bytes).toString()).toBe('A'.repeat(length));
    writer.reset();
    return bytes;
  };
  const short = sent(20);
  expect(sent(511)).toBe(sent(511));
  expect(sent(512)).not.toBe(sent(512));
  expect(sent(20)).toBe(short);
  writer.renew();
  expect(sent(20)).not.toBe(short);
  expect(sent(20)).toBe(sent(20));
});
