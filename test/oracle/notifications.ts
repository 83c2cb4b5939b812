// The keyspace notifications that a stream causes, in order: a connection of its own listens to all
// of them while the stream runs, and PING behind it tells when the last has come.

import { RespClient } from '../support/client.ts';
import { type Reply, replyText, showBytes, showReply } from '../support/resp.ts';

/** All classes, misses and new keys among them. */
const CLASSES = 'KEAmn';
/** Groups whose streams count, kill or reconfigure connections: nobody may listen beside them. */
const QUIET_GROUPS: readonly string[] = ['connection', 'auth', 'server', 'protocol'];

export class NotificationListener {
  private readonly client: RespClient;

  private constructor(client: RespClient) {
    this.client = client;
  }

  /** True when somebody may listen to a group's streams. */
  static mayListenTo(group: string): boolean {
    return !QUIET_GROUPS.includes(group);
  }

  /** Switches notifications on and listens. */
  static async start(port: number): Promise<NotificationListener> {
    const client = await RespClient.connect({ port });
    await client.expectText('CONFIG', 'SET', 'notify-keyspace-events', CLASSES);
    await client.command('PSUBSCRIBE', '__key*@*__:*');
    return new NotificationListener(client);
  }

  /** What has come until now, a line each; ends the listening. */
  async finish(): Promise<string[]> {
    const lines: string[] = [];
    this.client.write('PING\r\n');
    for (;;) {
      const reply = await this.client.read();
      if (isPong(reply)) break;
      lines.push(showMessage(reply));
    }
    await this.client.command('PUNSUBSCRIBE');
    await this.client.expectText('CONFIG', 'SET', 'notify-keyspace-events', '');
    await this.client.close();
    return lines;
  }
}

function isPong(reply: Reply): boolean {
  return 'items' in reply && reply.items[0] !== undefined && replyText(reply.items[0]) === 'pong';
}

/** Channel and text of a message. */
function showMessage(reply: Reply): string {
  if (!('items' in reply)) return showReply(reply);
  return reply.items.slice(2).map(showReply).join(' ');
}

/**
 * What must agree: Redis 7.2 makes consumers when they first ask, 7.0 when they first get an entry;
 * and SORT looks at the keys of a set's elements in no order, so misses in a row have none.
 */
function comparable(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => !/["_:]xgroup-(create|del)consumer"/.test(line));
  const out: string[] = [];
  let misses: string[] = [];
  for (const line of kept) {
    if (line.includes('keymiss')) {
      misses.push(line);
      continue;
    }
    out.push(...misses.sort(), line);
    misses = [];
  }
  return [...out, ...misses.sort()];
}

/** A message of a miss, as one of the two that each key may have had: its index, or -1. */
function excuseOf(line: string | undefined, keys: readonly string[]): number {
  if (line === undefined || !line.includes('keymiss')) return -1;
  return keys.findIndex((key) => {
    const shown = showBytes(Buffer.from(key, 'latin1')).slice(1);
    return line.endsWith(`"${shown}`) || line.includes(`__:${shown} "keymiss"`);
  });
}

/**
 * Where two lists of messages part, or undefined.
 * @param excused keys of which the real server may have told once more that they are missing.
 */
export function firstDifference(
  oursInOrder: readonly string[],
  realInOrder: readonly string[],
  excused: readonly string[] = [],
): { readonly ours: string; readonly real: string } | undefined {
  const [ours, real] = [comparable(oursInOrder), comparable(realInOrder)];
  // Two messages each: of the key, and of the event.
  const left = [...excused, ...excused];
  for (let i = 0; i < Math.max(ours.length, real.length); i++) {
    while (ours[i] !== real[i]) {
      const excuse = excuseOf(real[i], left);
      if (excuse < 0) break;
      left.splice(excuse, 1);
      real.splice(i, 1);
    }
    if (ours[i] === real[i]) continue;
    const around = (lines: readonly string[]): string => lines.slice(i, i + 3).join(', ');
    return { ours: around(ours) || 'nothing', real: around(real) || 'nothing' };
  }
  return undefined;
}
