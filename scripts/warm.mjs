// Runs the program that was built once, with a command or two, and ends it in good order, and the
// library the same way: each leaves its compiled form behind (src/runtime/compiled-form.ts), so
// that the next start is a quick one.
// Whatever fails here costs a slower start and nothing else. Called by build.mjs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Longer than any start. */
const PATIENCE_MS = 20_000;
/** What a program does with the library, on the command line of Node. */
const USE = `
import { connect } from 'node:net';
const { createServer } = await import(process.argv[1]);
const server = await createServer({ port: 0 });
const socket = connect(server.port, '127.0.0.1', () => socket.write('SET warm 1\\r\\nGET warm\\r\\n'));
socket.once('data', async () => {
  socket.destroy();
  await server.close();
});
`;
const COMMANDS = ['SET warm 1', 'GET warm', 'INCR warm', 'INFO', 'SHUTDOWN NOSAVE'];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** @param dir dist/, or what will be it. */
export async function warm(dir) {
  try {
    await runOnce(dir);
    await useLibrary(dir);
  } catch {
    // No port, no process: the first run that ends in good order makes up for it.
  }
}

async function runOnce(dir) {
  const options = ['--bind', '127.0.0.1', '--port', await freePort(), '--save', '', '--dir', dir];
  const program = join(dir, 'disgo-server.cjs');
  const child = spawn(process.execPath, [program, ...options.map(String)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE_MS,
  });
  const ended = once(child, 'exit');
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const wasReady = log.includes('Ready to accept');
    log += text;
    if (wasReady || !log.includes('Ready to accept')) return;
    const socket = connect(Number(options[3]), '127.0.0.1');
    socket.on('error', () => child.kill());
    socket.end(COMMANDS.map((command) => `${command}\r\n`).join(''));
    socket.resume();
  });
  await ended;
}

async function useLibrary(dir) {
  const library = pathToFileURL(join(dir, 'index.js')).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', USE, library], {
    stdio: 'ignore',
    timeout: PATIENCE_MS,
  });
  await once(child, 'exit');
}
