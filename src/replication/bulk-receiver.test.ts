// Transfers cut at every place: the snapshot comes out whole, and what follows it stays.

import { describe, expect, it } from 'vitest';
import { BulkReceiver } from './bulk-receiver.ts';

const MARK = '0123456789abcdef0123456789abcdef01234567';

function receive(pieces: readonly string[]): {
  taken: string;
  rest: string;
  receiver: BulkReceiver;
} {
  let taken = '';
  let rest = '';
  const receiver = new BulkReceiver(
    () => {
      taken += '|';
    },
    (bytes, start, end) => {
      taken += Buffer.from(bytes.subarray(start, end)).toString('latin1');
    },
  );
  for (const piece of pieces) {
    if (receiver.progress === 'done') {
      rest += piece;
      continue;
    }
    const bytes = Buffer.from(piece, 'latin1');
    rest += bytes.subarray(receiver.feed(bytes)).toString('latin1');
  }
  return { taken, rest, receiver };
}

function cuts(text: string): string[][] {
  return [
    [text],
    [...text],
    ...Array.from({ length: text.length }, (_, i) => [text.slice(0, i), text.slice(i)]),
  ];
}

describe('a transfer of known length', () => {
  it('ends after so many bytes', () => {
    for (const pieces of cuts('\n\n$5\r\nREDIS*1\r\n$4\r\nPING\r\n')) {
      const { taken, rest, receiver } = receive(pieces);
      expect([taken, rest]).toEqual(['|REDIS', '*1\r\n$4\r\nPING\r\n']);
      expect([receiver.progress, receiver.readBytes]).toEqual(['done', 5]);
    }
  });
});

describe('a transfer that a mark ends', () => {
  it('keeps the mark out, also beside parts of it', () => {
    for (const content of ['', 'x', MARK.slice(0, 39), `${MARK.slice(0, 20)}${MARK.slice(1)}y`]) {
      for (const pieces of cuts(`$EOF:${MARK}\r\n${content}${MARK}`)) {
        const { taken, receiver } = receive(pieces);
        expect(taken).toBe(`|${content}`);
        expect(receiver.progress).toBe('done');
      }
    }
  });
});

it('says what it got where a length should be', () => {
  expect(receive(['-ERR no\r\n']).receiver.failure).toBe('-ERR no');
  expect(receive(['x'.repeat(2000)]).receiver.failure).not.toBe('');
  expect(receive(['$EOF:short\r\n']).receiver.failure).toBe('$EOF:short');
});
