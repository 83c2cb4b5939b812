// The password of the default user (`requirepass`), compared in constant time over SHA-256 digests.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Client } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/**
 * Checks user and password for an engine; without a password set, the default user may come with
 * any.
 */
export function authenticator(
  engine: Engine,
): (client: Client, user: string, password: Uint8Array) => boolean {
  return (client, user, password) => {
    const { requirePass } = engine.settings;
    const isKnown = user === 'default';
    const matches =
      requirePass === '' ||
      timingSafeEqual(digest(password), digest(Buffer.from(requirePass, 'latin1')));
    if (!isKnown || !matches) return false;
    client.user = user;
    client.authenticated = true;
    return true;
  };
}
