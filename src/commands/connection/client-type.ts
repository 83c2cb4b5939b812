// The classes of clients that CLIENT LIST and CLIENT KILL tell apart.

import type { Client } from '../../engine/client.ts';

export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** The class that a word names, or null. */
export function clientTypeByName(word: string): ClientType | null {
  const folded = word.toLowerCase();
  if (folded === 'slave' || folded === 'replica') return 'replica';
  if (folded === 'normal' || folded === 'master' || folded === 'pubsub') return folded;
  return null;
}

/** The class of a client. */
export function clientTypeOf(client: Client): ClientType {
  return client.isMaster ? 'master' : client.bufferClass;
}
