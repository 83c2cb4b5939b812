// A master that is played by a test: it answers the handshake of a replica, and what comes behind
// PSYNC is the test's own.

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A master as far as a replica sees it while it asks for synchronization. */
export class PlayedMaster {
  /** What was asked of it, a list for each connection. */
  readonly asked: string[][] = [];
  readonly #server: Server;

  constructor(onPsync: (socket: Socket, connection: number) => void) {
    this.#server = createServer((socket) => {
      const asked: string[] = [];
      this.asked.push(asked);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const words = bytes.toString('latin1').split('\r\n');
        for (const [i, word] of words.entries()) {
          if (word === 'PING') socket.write('+PONG\r\n');
          else if (word === 'REPLCONF' && asked.length === 0) socket.write('+OK\r\n');
          else if (word === 'PSYNC') {
            asked.push(`${words[i + 2]} ${words[i + 4]}`);
            onPsync(socket, this.asked.length);
          }
        }
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return String(address.port);
  }

  close(): void {
    this.#server.close();
  }
}
