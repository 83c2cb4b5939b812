// Inline commands, split as Redis 7.2.5 does it.

import { expect, it } from 'vitest';
import { splitInline } from './inline.ts';

function split(line: string): string[] | null {
  const bytes = new Uint8Array(Buffer.from(`(${line})`, 'latin1'));
  const words = splitInline(bytes, 1, bytes.length - 1);
  return words === null ? null : words.map((word) => Buffer.from(word).toString('latin1'));
}

it.each([
  ['', []],
  ['  \t ', []],
  ['GET key', ['GET', 'key']],
  ['  GET \t key ', ['GET', 'key']],
  ['a\vb \v\fc\f', ['a\vb', 'c\f']],
  ['a\r\nb', ['a', 'b']],
  ['"a b" \'c d\'', ['a b', 'c d']],
  ['"" \'\'', ['', '']],
  ['"\\n\\r\\t\\b\\a\\q\\"\\\\"', ['\n\r\t\b\x07q"\\']],
  ['"\\x41\\xfF\\x4"', ['A\xffx4']],
  ['"\\x4g"', ['x4g']],
  ["'\\x41 \\n \\''", ["\\x41 \\n '"]],
  ['a"b c" d', ['ab c', 'd']],
  ["a'b c'\vd", ['ab c', 'd']],
] as const)('%j', (line, words) => {
  expect(split(line)).toEqual(words);
});

it.each(['"a', "'a", '"a"b', "'a'b", '"a\\"', "'a\\'", '"a"\'b\'', 'x"'])('refuses %j', (line) => {
  expect(split(line)).toBeNull();
});
