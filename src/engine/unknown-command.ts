// The reply to a name that no command has.

import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';

/** With the beginning of the arguments, as Redis shows them. */
export function unknownCommand(args: Args): ReplyError {
  let shown = '';
  for (let i = 1; i < args.count && shown.length < 128; i++) {
    shown += `'${args.shown(i).slice(0, 128 - shown.length)}' `;
  }
  const name = args.shown(0).slice(0, 128);
  return replyError(`ERR unknown command '${name}', with args beginning with: ${shown}`);
}
