// Splitting and quoting the words of a line.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteWord, splitWords } from './words.ts';

test.each<[string, string[] | null]>([
  ['', []],
  ['  \t ', []],
  ['a  b\tc', ['a', 'b', 'c']],
  ['"a b" c', ['a b', 'c']],
  ['"\\x41\\n\\r\\t\\b\\a\\q\\""', ['A\n\r\t\b\x07q"']],
  ['"\\xZZ"', ['xZZ']],
  ["'a\\'b\\n'", ["a'b\\n"]],
  ['a"b c"', ['ab c']],
  ['""', ['']],
  ["'' x", ['', 'x']],
  ['"a"b', null],
  ["'a'b", null],
  ['"a', null],
  ["'a", null],
  ['"a\\"', null],
  ['a\0b', ['a']],
  ['a\vb \v c', ['a\vb', 'c']],
])('splits %j', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test('quotes what a line cannot hold', () => {
  expect(quoteWord('a "b"\\\n\r\t\x07\b\x00\xff\x7f')).toBe(
    '"a \\"b\\"\\\\\\n\\r\\t\\a\\b\\x00\\xff\\x7f"',
  );
});

test('what is quoted reads back, whatever bytes it has', () => {
  const word = fc.uint8Array().map((bytes) => String.fromCharCode(...bytes));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitWords(words.map(quoteWord).join(' '))).toEqual(words);
    }),
  );
});
