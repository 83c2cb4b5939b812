// What every command of a cluster answers on a server that is in none.

import type { Call } from '../../engine/call.ts';
import { replyError } from '../../protocol/reply-errors.ts';

const DISABLED = replyError('ERR This instance has cluster support disabled');

export function refuseCluster(call: Call): void {
  call.reply.error(DISABLED);
}
