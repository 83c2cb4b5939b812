// Other programs.

/**
 * Node's module for child processes, loaded where one is started: a server inside another program
 * never starts any. The program has loaded it before (cli/disgo-server.ts).
 */
export function childProcesses(): typeof import('node:child_process') {
  return process.getBuiltinModule('node:child_process');
}

/**
 * The environment for a program of Node that makes no TLS connections: without extra certificates,
 * all of which Node 20 parses at its start, whoever asks for them or not. With those of a system
 * that takes longer than the rest of the start.
 */
export function environmentWithoutCertificates(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  return environment;
}
