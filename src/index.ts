// disgo: a Redis server inside a Node process.
//
//     import { createServer } from 'disgo';
//
//     const server = await createServer({ port: 0 });
//     const client = new Redis(server.port);          // any client
//     ...
//     await server.close();                            // or: await using server = await createServer(...)
//
// Several servers live in one process; none keeps the process alive after `close`.
// `server.connect()` gives a stream that speaks to the server without a port.

// Parts of Node that its first listening socket loads: with the library, not with the first server.
import 'node:cluster';
import 'node:dns';

export { DisgoError, type DisgoErrorCode } from './server/disgo-error.ts';
export type { DisgoServer, ServerOptions } from './server/embedded.ts';
export { createServer } from './server/library.ts';
export { DISGO_VERSION, REDIS_VERSION } from './version.ts';
