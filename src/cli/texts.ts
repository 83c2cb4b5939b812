// What the program prints: the usage, and the banner whose ` PID: n` tells tools that the server
// has started.

import { DISGO_VERSION, REDIS_VERSION } from '../version.ts';

export const HELP: string = `Usage: disgo-server [/path/to/redis.conf] [options] [-]
       disgo-server - (read config from stdin)
       disgo-server -v or --version
       disgo-server -h or --help
       disgo-server --test-memory <megabytes>
       disgo-server --check-system

Examples:
       disgo-server (run the server with default conf)
       echo 'maxmemory 128mb' | disgo-server -
       disgo-server /etc/redis/6379.conf
       disgo-server --port 7777
       disgo-server --port 7777 --replicaof 127.0.0.1 8888
       disgo-server /etc/myredis.conf --loglevel verbose -
       disgo-server /etc/myredis.conf --loglevel verbose
`;

/** What --version prints. */
export function versionLine(buildId: string): string {
  return (
    `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=arena bits=64 build=${buildId} ` +
    `disgo=${DISGO_VERSION} node=${process.version}\n`
  );
}

/** What --test-memory without an amount prints. */
export const TEST_MEMORY_USAGE: string = `Please specify the amount of memory to test in megabytes.
Example: disgo-server --test-memory 4096

`;

/** The lines shown at the start. */
export function banner(port: number, pid: number): string {
  return `
      ___
     /  /|   disgo ${DISGO_VERSION}, speaks Redis ${REDIS_VERSION}
    /__/ |
    |  | |   Running in standalone mode
    |  | /   Port: ${port}
    |__|/    PID: ${pid}
`;
}
