// supervised: tells the system's supervisor what the server does. systemd listens on a datagram
// socket, which Node cannot reach, so the messages go through the program `systemd-notify`; its
// unit needs `NotifyAccess=all`, because they come from another process. upstart waits until the
// process stops itself.

import type { Values } from '../config/options/index.ts';
import { childProcesses } from '../runtime/child-processes.ts';
import type { Server } from '../server/server.ts';

/** Longest that a message to systemd may take. */
const NOTIFY_TIMEOUT_MS = 5000;

/** What systemd is told, as `systemd-notify` takes it. */
type Message = `STATUS=${string}` | 'READY=1' | 'STOPPING=1';

/** Who looks after the process, by the option and, for auto, by the environment. */
function supervisorOf(option: Values['supervised'], env: NodeJS.ProcessEnv): string {
  if (option !== 'auto') return option;
  if (env.UPSTART_JOB) return 'upstart';
  return env.NOTIFY_SOCKET ? 'systemd' : 'no';
}

/** Whether a supervisor that is asked for is there: then the server stays in the foreground. */
export function isSupervised(option: Values['supervised'], env: NodeJS.ProcessEnv): boolean {
  const supervisor = supervisorOf(option, env);
  if (supervisor === 'systemd') return Boolean(env.NOTIFY_SOCKET);
  return supervisor === 'upstart' && Boolean(env.UPSTART_JOB);
}

/** Finds who supervises this process, and tells that the server is loading. */
export function beginSupervision(server: Server): void {
  const supervisor = supervisorOf(server.config.values.supervised, process.env);
  if (supervisor === 'upstart') stopForUpstart(server);
  else if (supervisor === 'systemd') beginWithSystemd(server);
}

function stopForUpstart(server: Server): void {
  if (!process.env.UPSTART_JOB) {
    server.log('warning', 'upstart supervision requested, but UPSTART_JOB not found!');
    return;
  }
  server.log('notice', 'supervised by upstart, will stop to signal readiness.');
  server.supervisor = 'upstart';
  // There is neither upstart nor this signal on Windows.
  if (process.platform !== 'win32') process.kill(process.pid, 'SIGSTOP');
  delete process.env.UPSTART_JOB;
}

function beginWithSystemd(server: Server): void {
  if (!process.env.NOTIFY_SOCKET) {
    server.log('warning', 'systemd supervision error: NOTIFY_SOCKET not found!');
    return;
  }
  if (!tellSystemd(server, ['STATUS=disgo is loading...'])) return;
  server.supervisor = 'systemd';
  server.log(
    'notice',
    'Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in your service unit.',
  );
}

/** Tells that clients are served. */
export function tellServing(server: Server): void {
  if (server.supervisor !== 'systemd') return;
  const mode =
    server.config.values.replicaof === null
      ? ''
      : ' in read-only mode. Waiting for MASTER <-> REPLICA sync';
  tellSystemd(server, [`STATUS=Ready to accept connections${mode}`, 'READY=1']);
}

/** Tells that the end has begun. */
export function tellStopping(server: Server): void {
  if (server.supervisor === 'systemd') tellSystemd(server, ['STOPPING=1']);
}

/** @returns false when that failed; the reason is in the log. */
function tellSystemd(server: Server, messages: readonly Message[]): boolean {
  const { error, status } = childProcesses().spawnSync('systemd-notify', messages, {
    stdio: 'ignore',
    timeout: NOTIFY_TIMEOUT_MS,
  });
  if (status === 0) return true;
  const reason = error?.message ?? `it ended with ${status ?? 'a signal'}`;
  server.log('warning', `systemd supervision error: systemd-notify: ${reason}`);
  return false;
}
