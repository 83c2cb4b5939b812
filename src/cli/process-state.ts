// What the process shows to the machine around it: its title, the pid file, the system's log, and
// how it takes signals.

import { unlinkSync, writeFileSync } from 'node:fs';
import { expandProcTitle } from '../config/checks.ts';
import type { Config } from '../config/config.ts';
import { systemWords } from '../config/node-disk.ts';
import { systemPath } from '../runtime/files.ts';
import type { Server } from '../server/server.ts';
import type { ShutdownSignal } from '../server/shutdown.ts';
import { Syslog } from '../server/syslog.ts';

/** Where a daemon's pid goes when no file is named, as in Redis. */
const DEFAULT_PID_FILE = '/var/run/redis.pid';
const TITLE = 'disgo-server';

/** The file for the pid, or null when none is asked for. */
export function pidFileOf(config: Config): string | null {
  const { pidfile, daemonize } = config.values;
  if (pidfile !== '') return pidfile;
  return daemonize ? DEFAULT_PID_FILE : null;
}

/**
 * Keeps the process in the folder `dir`, as Redis does: relative names of the log, the pid file,
 * the unix socket and the certificates are meant from there.
 */
export function followFolder(config: Config): void {
  config.follow(['dir'], ({ dir }) => {
    try {
      process.chdir(systemPath(dir));
    } catch {
      // It could be entered when the option was checked; what is written there tells the reason.
    }
  });
}

/** Writes the pid; a failure is a line in the log, no more. */
export function writePidFile(server: Server): void {
  const path = pidFileOf(server.config);
  if (path === null) return;
  try {
    writeFileSync(systemPath(path), `${process.pid}\n`);
  } catch (error) {
    server.log('warning', `Failed to write PID file: ${systemWords(error)}`);
  }
}

/** Removes the file again. */
export function removePidFile(server: Server): void {
  const path = pidFileOf(server.config);
  if (path === null) return;
  server.log('notice', 'Removing the pid file.');
  try {
    unlinkSync(systemPath(path));
  } catch {
    // It was not written, or somebody took it away.
  }
}

/**
 * Keeps the title of the process as proc-title-template says. The system shows no more of it than
 * the command line had room for.
 */
export function followTitle(server: Server): void {
  const { config, configFile } = server;
  if (!config.values['set-proc-title']) return;
  const names = {
    title: TITLE,
    configFile: configFile === '' ? null : configFile,
    sentinel: false,
  };
  const options = ['proc-title-template', 'port', 'tls-port', 'bind', 'unixsocket'] as const;
  config.follow(options, (values) => {
    const title = expandProcTitle(values['proc-title-template'], config.values, names);
    if (title !== null) process.title = systemPath(title);
  });
}

/** Sends the log to the system's log too, where the options say so. */
export function followSyslog(server: Server): void {
  const { values } = server.config;
  if (!values['syslog-enabled']) return;
  const onFailure = (reason: string): void => {
    server.logger.also = null;
    server.log('warning', reason);
  };
  const syslog = new Syslog(values['syslog-ident'], values['syslog-facility'], onFailure);
  server.logger.also = (level, text) => syslog.write(level, text);
}

type EndingSignals = { readonly [signal in NodeJS.Signals]?: ShutdownSignal };

/**
 * Signals that end the server, by the one whose options they obey. Windows sends SIGHUP when the
 * console is closed, and ends the process itself some seconds later, and SIGBREAK for Ctrl+Break:
 * the data set is saved then, as at SIGTERM.
 * https://nodejs.org/api/process.html#signal-events
 */
export function endingSignals(platform: NodeJS.Platform): EndingSignals {
  const everywhere = { SIGTERM: 'SIGTERM', SIGINT: 'SIGINT' } as const;
  if (platform !== 'win32') return everywhere;
  return { ...everywhere, SIGHUP: 'SIGTERM', SIGBREAK: 'SIGTERM' };
}

/**
 * SIGTERM and SIGINT shut down as their options say; a lost terminal does nothing, but on Windows.
 * SIGUSR1 ends the process, as anything that it does not know; Node would open a debugger's port,
 * to whoever is on this machine.
 */
export function watchSignals(server: Server): void {
  for (const [signal, meaning] of Object.entries(endingSignals(process.platform))) {
    process.on(signal, () => {
      if (!server.ending.ask(meaning)) process.exit(1);
    });
  }
  if (process.platform !== 'win32') process.on('SIGHUP', () => {});
  process.once('SIGUSR1', () => process.kill(process.pid, 'SIGUSR1'));
}
