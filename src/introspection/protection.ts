// Who may run the protected commands: enable-debug-command and enable-module-command are `no`,
// `yes`, or `local` for clients on this machine.
// https://redis.io/docs/latest/operate/oss_and_stack/management/security/

import type { Client } from '../engine/client.ts';
import type { Command } from '../engine/command.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ServerContext } from './server-context.ts';

function refusal(command: string, option: string): ReplyError {
  return replyError(
    `ERR ${command} command not allowed. If the ${option} option is set to "local", ` +
      'you can run it from a local connection, otherwise you need to set this option ' +
      'in the configuration file, and then restart the server.',
  );
}

const DEBUG_REFUSED = refusal('DEBUG', 'enable-debug-command');
const MODULE_REFUSED = refusal('MODULE', 'enable-module-command');

/** The check that an engine asks before a protected command. */
export function protectionCheck(
  context: Pick<ServerContext, 'config'>,
): (client: Client, command: Command) => ReplyError | null {
  return (client, command) => {
    const isModule = command.fullName.startsWith('module');
    const { values } = context.config;
    const allowed = isModule ? values['enable-module-command'] : values['enable-debug-command'];
    if (allowed === 'yes' || (allowed === 'local' && client.transport.isLocal)) return null;
    return isModule ? MODULE_REFUSED : DEBUG_REFUSED;
  };
}
