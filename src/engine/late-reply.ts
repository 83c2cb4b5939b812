// The reply of a command that has waited, written outside of its run: CLIENT REPLY holds it back as
// any other, and SKIP is over with it.

import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { type Client, isSilentMode } from './client.ts';

export function writeLate(
  client: Client,
  reply: ReplyWriter,
  write: (reply: ReplyWriter) => void,
): void {
  const { replyMode } = client;
  const mark = { chunkCount: 0, position: 0 };
  reply.mark(mark);
  // Errors count though nobody hears of them.
  write(reply);
  if (isSilentMode(replyMode)) reply.rollback(mark);
  if (replyMode === 'skip') client.replyMode = 'on';
}
