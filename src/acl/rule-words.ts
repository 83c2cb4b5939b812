// The words of a user's rules before they are applied: a selector may be spread over several words,
// from one that begins with `(` to one that ends with `)`.

import { untilNul } from '../bytes/ascii.ts';

/** The words with each selector in one, or the index of the word whose parenthesis stays open. */
export function joinSelectors(
  words: readonly string[],
): { readonly rules: string[] } | { readonly openAt: number } {
  const rules: string[] = [];
  let selector = '';
  let openAt = -1;
  for (const [i, word] of words.entries()) {
    if (openAt >= 0) {
      // As in Redis, a NUL ends what is added.
      selector += ` ${untilNul(word)}`;
      if (!word.endsWith(')')) continue;
      rules.push(selector);
      openAt = -1;
    } else if (word.startsWith('(') && !word.endsWith(')')) {
      selector = word;
      openAt = i;
    } else rules.push(word);
  }
  return openAt < 0 ? { rules } : { openAt };
}
