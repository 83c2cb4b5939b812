// Digests that the machine computes.

import * as crypto from 'node:crypto';

/** SHA1 of a text of one character a byte, in hexadecimal digits. */
export function sha1Hex(text: string): string {
  // Node 21 came without it at first.
  if (crypto.hash === undefined) {
    return crypto.createHash('sha1').update(text, 'latin1').digest('hex');
  }
  return crypto.hash('sha1', Buffer.from(text, 'latin1'), 'hex');
}
