// daemonize: Node cannot fork, so the program starts itself again, detached from the terminal, and
// leaves when the second process says that it serves, or has ended because it could not. What came
// on standard input as configuration is handed on.

import { childProcesses, environmentWithoutCertificates } from '../runtime/child-processes.ts';

/** Tells the second process what it is. */
const CHILD_VARIABLE = 'DISGO_DAEMON';
const READY = 'ready';

/** Whether this process is the one that was started in the background. */
export function isDaemonChild(): boolean {
  return process.env[CHILD_VARIABLE] === '1';
}

/** Starts the program in the background. @returns the exit code for this process. */
export function startDaemon(stdinText: string | null): Promise<number> {
  const [, script = '', ...words] = process.argv;
  const child = childProcesses().spawn(process.execPath, [...process.execArgv, script, ...words], {
    detached: true,
    stdio: [stdinText === null ? 'ignore' : 'pipe', 'ignore', 'ignore', 'ipc'],
    env: { ...environmentWithoutCertificates(), [CHILD_VARIABLE]: '1' },
  });
  if (stdinText !== null) child.stdin?.end(Buffer.from(stdinText, 'latin1'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`disgo-server: cannot run in the background: ${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (code) => {
      process.stderr.write(
        'disgo-server: the server in the background ended at its start; see its log.\n',
      );
      resolve(code === null || code === 0 ? 1 : code);
    });
    child.once('message', (message) => {
      if (message === READY) resolve(0);
    });
  });
}

/** In the background process: tells the one in front that it may leave. */
export function tellReady(): void {
  delete process.env[CHILD_VARIABLE];
  if (process.send === undefined) return;
  process.send(READY, () => process.disconnect());
}
