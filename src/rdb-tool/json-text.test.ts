// JSON of bytes that is put in pieces is that of the whole.

import { describe, expect, it } from 'vitest';
import { jsonOfBytes, putJson } from './json-text.ts';

/** What is put of bytes in pieces of six. */
function pieces(bytes: Uint8Array): string[] {
  const found: string[] = [];
  putJson((piece) => found.push(piece), bytes, 0, bytes.length, 6);
  return found;
}

describe('JSON of a long range of bytes', () => {
  it.each([
    'plain text that is longer',
    'äöü€😀😀😀 across the ends of pieces "\\\n\0',
    '\ufeffwith a mark of order\ufeff in it',
  ])('that are UTF-8 is a text: %j', (text) => {
    const bytes = Buffer.from(text);
    for (let start = 0; start < 6; start++) {
      const longer = Buffer.concat([Buffer.from('x'.repeat(start)), bytes]);
      const put = pieces(longer);
      expect(put.length).toBeGreaterThan(3);
      expect(put.join('')).toBe(jsonOfBytes(longer, 0, longer.length));
      expect(JSON.parse(put.join(''))).toBe('x'.repeat(start) + text);
    }
  });

  it.each([
    [Buffer.alloc(20, 255)],
    [Buffer.concat([Buffer.from('only its end is cut off '), Buffer.of(0xf0, 0x9f)])],
  ])('that are not is base64', (bytes) => {
    const put = pieces(bytes);
    expect(put.length).toBeGreaterThan(3);
    expect(JSON.parse(put.join(''))).toEqual({ base64: bytes.toString('base64') });
  });
});
