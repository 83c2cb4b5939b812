// Digests that the machine computes.

import { createHash } from 'node:crypto';

/** SHA1 of a text of one character a byte, in hexadecimal digits. */
export function sha1Hex(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex');
}
