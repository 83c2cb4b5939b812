// SCRIPT KILL and FUNCTION KILL: ends the script that is busy, if it has not written.

import type { Call } from '../engine/call.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { Scripting } from './scripting.ts';

const NOT_BUSY = replyError('NOTBUSY No scripts in execution right now.');
const UNKILLABLE = replyError(
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can ' +
    'either wait the script termination or kill the server in a hard way using the SHUTDOWN ' +
    'NOSAVE command.',
);

export function runKill(scripting: Scripting, call: Call, isEval: boolean): void {
  const { run } = scripting;
  const { program } = run;
  if (program === null) call.reply.error(NOT_BUSY);
  else if (run.hasWritten) call.reply.error(UNKILLABLE);
  else if (program.isEval !== isEval) call.reply.error(run.refusal);
  else {
    run.kill();
    call.reply.ok();
  }
}
