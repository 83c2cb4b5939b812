// Names that a client may give itself: printable ASCII without blanks, as they stand in CLIENT
// LIST. As in Redis, what follows a NUL is kept and told by CLIENT GETNAME, but neither checked nor
// listed.

import { untilNul } from '../../bytes/ascii.ts';
import type { ReplyError } from '../../protocol/reply-errors.ts';
import { replyError } from '../../protocol/reply-errors.ts';

/**
 * The error for a text that may not stand in CLIENT LIST, or null. `what` names it: `Client
 * names`, `lib-name`.
 */
export function checkClientText(text: string, what: string): ReplyError | null {
  if (/^[!-~]*$/.test(untilNul(text))) return null;
  return replyError(`ERR ${what} cannot contain spaces, newlines or special characters.`);
}
