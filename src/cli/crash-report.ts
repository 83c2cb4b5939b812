// What is written to the log when the server dies by a fault: why, where in the program, and what
// the server was doing. Signals that mean a fault, exceptions that nobody caught, and DEBUG
// SEGFAULT and its kind all end here. Then the process ends by the signal, so that whoever watches
// it sees a crash, and the system writes a core file where it is told to.

import type { Server } from '../server/server.ts';
import { DISGO_VERSION, REDIS_VERSION } from '../version.ts';

const RULE = '------';

/** The signal by which the process ends for each word of DEBUG. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { 'DEBUG SEGFAULT': 'SIGSEGV' };

/** Kinds of faults that have a heading of their own. */
function headings(reason: string): string[] {
  switch (reason) {
    case 'DEBUG ASSERT':
      return ['=== ASSERTION FAILED ===', '==> DEBUG ASSERT is not true'];
    case 'DEBUG PANIC':
      return [RULE, '!!! Software Failure. Guru Meditation: Panic called by DEBUG PANIC'];
    default:
      return [];
  }
}

function sections(server: Server): string[] {
  const lines: string[] = [];
  for (const [title, command] of [
    ['INFO OUTPUT', ['INFO', 'everything']],
    ['CLIENT LIST OUTPUT', ['CLIENT', 'LIST']],
  ] as const) {
    lines.push(`${RULE} ${title} ${RULE}`);
    try {
      lines.push(server.ask(command));
    } catch (error) {
      lines.push(`it cannot be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return lines;
}

/** Writes the report, unless crash-log-enabled says not to. */
export function writeCrashReport(
  server: Server,
  signal: NodeJS.Signals,
  reason: string,
  stack: string,
): void {
  if (!server.config.values['crash-log-enabled']) return;
  const { logger } = server;
  logger.raw('\n\n=== DISGO BUG REPORT START: Cut & paste starting from here ===');
  for (const line of headings(reason)) server.log('warning', line);
  server.log('warning', `Redis ${REDIS_VERSION} crashed by signal: ${signal}`);
  server.log('warning', `disgo ${DISGO_VERSION}, node ${process.version}: ${reason}`);
  logger.raw(`\n${RULE} STACK TRACE ${RULE}\n${stack}\n`);
  for (const line of sections(server)) logger.raw(line);
  logger.raw(
    '\n=== DISGO BUG REPORT END. Make sure to include from START to END. ===\n\n' +
      '       Please report the crash by opening an issue of the project.\n',
  );
}

/** Ends the process as by that signal. */
function die(signal: NodeJS.Signals): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The signal ends the process before this wait is over; where it does not exist, exit does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  process.exit(1);
}

/** Ends the process as if it had crashed for this reason, a word of DEBUG. */
export function crashFor(server: Server, reason: string): never {
  const signal = SIGNALS[reason] ?? 'SIGABRT';
  const stack = new Error(reason).stack ?? '';
  writeCrashReport(server, signal, reason, stack);
  die(signal);
}

/** Reports faults of this process from now on. */
export function watchFaults(server: Server): void {
  process.on('uncaughtException', (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeCrashReport(server, 'SIGABRT', 'an exception that nothing caught', stack);
    die('SIGABRT');
  });
  process.on('SIGABRT', () => {
    const stack = new Error('from the event loop').stack ?? '';
    writeCrashReport(server, 'SIGABRT', 'the signal came from outside', stack);
    die('SIGABRT');
  });
}
