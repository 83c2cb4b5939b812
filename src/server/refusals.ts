// What a connection is told that is turned away at the door. It is closed by this side: whoever is
// refused may never close it, and would keep its descriptor.

import type { Socket } from 'node:net';

export const PROTECTED_MODE_REFUSAL: string =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the ' +
  'default user. In this mode connections are only accepted from the loopback interface. If you want to connect from ' +
  'external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending ' +
  "the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host " +
  'the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG ' +
  'REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the ' +
  "Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you " +
  "started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an " +
  'authentication password for the default user. NOTE: You only need to do one of the above things in order for the ' +
  'server to start accepting connections from the outside.\r\n';
export const MAX_CLIENTS_REFUSAL: string = '-ERR max number of clients reached\r\n';

/** Tells a connection why it is refused, and closes it. What it has sent is read by nobody. */
export function turnAway(socket: Socket, text: string): void {
  socket.on('error', () => {});
  socket.resume();
  socket.end(text, () => socket.destroy());
}
