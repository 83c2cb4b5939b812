// Where replies go of a client that nobody listens to: nowhere. For commands that the server runs
// on its own behalf, and for tests.

import type { Transport } from './client.ts';

export const NO_TRANSPORT: Transport = {
  // As Redis 7.2 tells a client without a socket: the slow log does, of a script's commands.
  remoteAddress: '',
  localAddress: '',
  fd: -1,
  isUnix: false,
  isLocal: true,
  write: () => {},
  reply: () => {},
  push: () => {},
  resume: () => {},
  setNoDelay: () => {},
  close: (client) => {
    client.closing = true;
  },
  heldBytes: () => 0,
  bufferSizes: () => ({
    argumentBytes: 0,
    queryBytes: 0,
    queryFreeBytes: 0,
    outputBytes: 0,
    outputChunks: 0,
    replyBufferBytes: 0,
    replyBufferPosition: 0,
  }),
};
