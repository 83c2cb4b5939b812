// The reply to a name that no command has, and the names that are no mistake but an attack.

import { latin1Bytes } from '../bytes/ascii.ts';
import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';

const HTTP_WORDS: readonly Uint8Array[] = ['POST', 'HOST:'].map(latin1Bytes);

/** Whether this is a line of HTTP that a browser would send to a port which speaks RESP. */
export function isCrossProtocol(args: Args): boolean {
  return HTTP_WORDS.some((word) => args.is(0, word));
}

/** With the beginning of the arguments, as Redis shows them. */
export function unknownCommand(args: Args): ReplyError {
  let shown = '';
  for (let i = 1; i < args.count && shown.length < 128; i++) {
    shown += `'${args.shown(i).slice(0, 128 - shown.length)}' `;
  }
  const name = args.shown(0).slice(0, 128);
  return replyError(`ERR unknown command '${name}', with args beginning with: ${shown}`);
}
