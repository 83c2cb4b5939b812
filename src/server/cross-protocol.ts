// Browsers can be made to send HTTP to a port of this machine, whose body would then be commands:
// whoever sends POST or a Host: header is cut off, and the log says so once a minute.

import type { Client } from '../engine/client.ts';
import type { Server } from './server.ts';

const QUIET_MS = 60_000;

/** What is done with a client that speaks HTTP. */
export function abortCrossProtocol(server: Server): (client: Client) => void {
  let loggedMs = Number.NEGATIVE_INFINITY;
  return (client) => {
    const nowMs = server.clock.nowMs();
    if (Math.abs(nowMs - loggedMs) > QUIET_MS) {
      loggedMs = nowMs;
      server.log(
        'warning',
        'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: ' +
          'commands to Redis. This is likely due to an attacker attempting to use Cross Protocol ' +
          'Scripting to compromise your Redis instance. Connection from ' +
          `${client.transport.remoteAddress} aborted.`,
      );
    }
    client.transport.close(client, false);
  };
}
