// A string that was kept is given back for its own bytes, and for no others.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latin1Bytes } from '../bytes/ascii.ts';
import { KnownStrings } from './known-strings.ts';

it('gives the text of any bytes, however often they came before', () => {
  const strings = new KnownStrings();
  // Few letters, so that texts are alike and share their places.
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'ÿ'), maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), (texts) => {
      for (const each of [...texts, ...texts, ...texts]) {
        const bytes = latin1Bytes(`<${each}>`);
        expect(strings.text(bytes, 1, each.length)).toBe(each);
      }
    }),
    { numRuns: 300 },
  );
});
