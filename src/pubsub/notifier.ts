// Keyspace notifications: messages about keys, to `__keyspace@<db>__:<key>` with the event and to
// `__keyevent@<db>__:<event>` with the key, as notify-keyspace-events says.
// https://redis.io/docs/latest/develop/use/keyspace-notifications/

import { latin1String } from '../bytes/ascii.ts';
import type { Notifier } from '../engine/key-events.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { Database } from '../keyspace/database.ts';

/** Bits of notify-keyspace-events that say to which kind of channel: K and E. */
const TO_KEYSPACE = 1 << 0;
const TO_KEYEVENT = 1 << 1;

/** Where notifications go. */
export interface Publisher {
  readonly isSilent: boolean;
  publish(channel: string, text: string): number;
}

export class KeyspaceNotifier implements Notifier {
  readonly #pubsub: Publisher;
  readonly #settings: EngineSettings;

  constructor(pubsub: Publisher, settings: EngineSettings) {
    this.#pubsub = pubsub;
    this.#settings = settings;
  }

  publish(
    _notifyClass: number,
    event: string,
    db: Database,
    key: Uint8Array,
    offset: number,
    length: number,
  ): void {
    // Notifications cost little where they are switched on and nobody listens.
    if (this.#pubsub.isSilent) return;
    const { notifyMask } = this.#settings;
    const name = latin1String(key, offset, length);
    if ((notifyMask & TO_KEYSPACE) !== 0) {
      this.#pubsub.publish(`__keyspace@${db.id}__:${name}`, event);
    }
    if ((notifyMask & TO_KEYEVENT) !== 0) {
      this.#pubsub.publish(`__keyevent@${db.id}__:${event}`, name);
    }
  }
}
