// Glob matching: Redis's corners one by one, a reference matcher by recursion, and the cost of
// hostile patterns.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMatchAll, MAX_GLOB_STARS, matchGlob } from './glob.ts';

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const p = Buffer.from(`*${pattern}]`, 'latin1');
  const t = Buffer.from(`x${text}y`, 'latin1');
  return matchGlob(p, 1, p.length - 2, t, 1, t.length - 2, ignoreCase);
}

describe('matchGlob', () => {
  it.each([
    ['', ''],
    ['*', 'a'],
    ['**', 'abc'],
    ['a*', 'a'],
    ['*a', 'aa'],
    ['h?llo', 'hello'],
    ['h*llo', 'hllo'],
    ['h[ae]llo', 'hallo'],
    ['h[^e]llo', 'hallo'],
    ['h[a-b]llo', 'hbllo'],
    ['h[b-a]llo', 'hallo'],
    ['[a-]', '^'],
    ['[-a]', '-'],
    ['[x]-a]', 'x-a]'],
    ['[\\]]', ']'],
    ['[\\a-c]', '-'],
    ['[^]', '^'],
    ['[^', 'a'],
    ['a\\*b', 'a*b'],
    ['a\\', 'a\\'],
    ['[abc', 'a'],
    ['[^abc', 'd'],
    ['a[b-', 'a-'],
    ['*[0-9]*end', 'x1 2end'],
    ['\\[x]', '[x]'],
    ['a***', 'a'],
    ['[\x00-\x05]', '\x03'],
    ['[a-\xff]', '\xff'],
    ['[a-\xff]', 'B'],
  ])('%j matches %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(true);
  });

  it.each([
    ['*', ''],
    ['?', ''],
    ['', 'a'],
    ['a', 'ab'],
    ['ab', 'a'],
    ['h[^e]llo', 'hello'],
    ['[]', ']'],
    ['[]-a]', '-a]'],
    ['[a-]', '-'],
    ['[', '['],
    ['[a-c]', 'd'],
    ['[a-\xff]', 'z'],
    ['*a*b', 'acc'],
    ['abc', 'ABC'],
    ['a?', 'a'],
    ['\\?', 'a'],
  ])('%j does not match %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false);
  });

  it('folds case when asked', () => {
    expect(matches('HeL*[O-P]', 'hello', true)).toBe(true);
    expect(matches('[a-c]X', 'Bx', true)).toBe(true);
    expect(matches('[XYZ]', 'y', true)).toBe(true);
    expect(matches('\\A', 'a', true)).toBe(true);
    expect(matches('[\\A]', 'a', true)).toBe(false);
    // The ends of a range are put in order before they are folded: Z to a is empty then.
    expect(matches('[Z-a]', 'z', true)).toBe(false);
    expect(matches('\xc4', '\xe4', true)).toBe(false);
  });

  it('agrees with a matcher that tries everything', () => {
    const element = fc.constantFrom('*', '?', 'a', 'b', '\\*', '[ab]', '[^a]', '[b-c]', 'c');
    const pattern = fc.array(element, { maxLength: 8 });
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '*'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(pattern, text, (elements, subject) => {
        expect(matches(elements.join(''), subject)).toBe(reference(elements, subject));
      }),
      { numRuns: 3000 },
    );
  });

  it('gives up behind a thousand stars', () => {
    const text = 'a'.repeat(MAX_GLOB_STARS + 10);
    expect(matches('*a'.repeat(MAX_GLOB_STARS), text)).toBe(true);
    expect(matches('*a'.repeat(MAX_GLOB_STARS + 1), text)).toBe(false);
    expect(matches(`${'*a'.repeat(MAX_GLOB_STARS)}*`, text)).toBe(true);
  });

  it('needs no more than pattern times text steps on hostile patterns', () => {
    // Backtracking over every star would take longer than the age of the universe.
    expect(matches(`${'a*'.repeat(100)}b`, 'a'.repeat(5000))).toBe(false);
    expect(matches('*?'.repeat(100), 'a'.repeat(99))).toBe(false);
  });
});

/** Matches by trying every length for every star; shares no code with the matcher under test. */
function reference(elements: readonly string[], text: string): boolean {
  const [first, ...rest] = elements;
  if (first === undefined) return text === '';
  if (first === '*') {
    for (let i = 0; i <= text.length; i++) if (reference(rest, text.slice(i))) return true;
    return false;
  }
  const byte = text.charAt(0);
  if (byte === '') return false;
  const accepted =
    first === '?' ||
    first === byte ||
    (first === '\\*' && byte === '*') ||
    (first === '[ab]' && (byte === 'a' || byte === 'b')) ||
    (first === '[^a]' && byte !== 'a') ||
    (first === '[b-c]' && (byte === 'b' || byte === 'c'));
  return accepted && reference(rest, text.slice(1));
}

describe('isMatchAll', () => {
  it('knows the lone star', () => {
    const bytes = Buffer.from('a**');
    expect(isMatchAll(bytes, 1, 1)).toBe(true);
    expect(isMatchAll(bytes, 1, 2)).toBe(false);
    expect(isMatchAll(bytes, 0, 1)).toBe(false);
  });
});
