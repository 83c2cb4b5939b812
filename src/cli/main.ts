// The program disgo-server: reads the command line and redis.conf, starts a server, and serves
// until a signal or SHUTDOWN ends it. Behaves as redis-server does on the command line, texts and
// exit codes included.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { argumentBytes, parseCommandLine, type RunCommandLine } from '../config/command-line.ts';
import { Config } from '../config/config.ts';
import { ConfigFileError, fatalReport, type LoadedDirectives, loadConfig } from '../config/load.ts';
import { nodeDisk, workingDirectory } from '../config/node-disk.ts';
import { innerWriters, type WriterStart, writerProcesses } from '../persistence/index.ts';
import { buildId } from '../runtime/build-id.ts';
import { systemClock, systemTimers } from '../runtime/clock.ts';
import { nodeFiles, systemPath } from '../runtime/files.ts';
import { systemRandom } from '../runtime/random.ts';
import { userDeclarations } from '../server/declared-users.ts';
import { Log } from '../server/log.ts';
import { RenameError } from '../server/renamed-commands.ts';
import { Server } from '../server/server.ts';
import { DISGO_VERSION, REDIS_VERSION } from '../version.ts';
import { crashFor, watchFaults } from './crash-report.ts';
import { isDaemonChild, startDaemon, tellReady } from './daemon.ts';
import type { EngineTuning } from './engine-flags.ts';
import { testMemory } from './memory-test.ts';
import {
  followFolder,
  followSyslog,
  followTitle,
  removePidFile,
  watchSignals,
  writePidFile,
} from './process-state.ts';
import { endForFailure, fitClients, refuseModules, settingsToListen } from './start-failures.ts';
import { beginSupervision, isSupervised, tellServing, tellStopping } from './supervision.ts';
import { checkSystem, readSetting } from './system-check.ts';
import { banner, HELP, TEST_MEMORY_USAGE, versionLine } from './texts.ts';

/** The program that writes snapshots, beside this one in dist/. */
const WRITER_PROGRAM = fileURLToPath(new URL('./snapshot-writer.cjs', import.meta.url));
/** Passes of --test-memory over each pattern, as many as Redis makes. */
const MEMORY_TEST_PASSES = 50;

/** @param text one character a byte: it may hold a line of redis.conf */
function fail(text: string): never {
  process.stderr.write(Buffer.from(text, 'latin1'));
  process.exit(1);
}

interface Loaded {
  readonly config: Config;
  readonly directives: LoadedDirectives;
  readonly configFile: string;
  readonly warnings: string[];
}

function load(line: RunCommandLine, stdin: string | null): Loaded {
  const directory = workingDirectory();
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
  };
  const config = new Config({ directory, resolveDirectory: nodeDisk.resolveDirectory, warn });
  const configFile =
    line.configFile === null ? null : nodeDisk.resolvePath(line.configFile, directory);
  try {
    const source = { file: configFile, stdin, options: line.options };
    const directives = loadConfig(config, nodeDisk, source, {
      version: REDIS_VERSION,
      warn,
      declareUser: userDeclarations(config),
    });
    return { config, directives, configFile: configFile ?? '', warnings };
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    if (error.target === 'stderr') return fail(error.report);
    earlyLog().write('warning', error.report);
    return process.exit(1);
  }
}

/** The log before the options are known, by a process that is not yet a server. */
function earlyLog(): Log {
  const log = new Log('stdout', () => systemClock.nowMs());
  log.role = 'C';
  return log;
}

/** Lines at the start in Redis's words. */
function logStart(server: Server, configFile: string, warnings: readonly string[]): void {
  for (const text of warnings) server.log('warning', text);
  server.log('notice', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
  server.log(
    'notice',
    `Redis version=${REDIS_VERSION}, disgo version=${DISGO_VERSION}, bits=64, node=${process.version}, pid=${process.pid}, just started`,
  );
  server.log(
    configFile === '' ? 'warning' : 'notice',
    configFile === ''
      ? 'Warning: no config file specified, using the default config. In order to specify a config file use disgo-server /path/to/redis.conf'
      : 'Configuration loaded',
  );
  server.logger.role = 'M';
  if (server.config.values['cluster-enabled']) {
    server.log('warning', 'WARNING: cluster mode is not part of this server, it runs standalone');
  }
}

/** The logo where somebody looks, a line in the log elsewhere. */
function showLogo(server: Server): void {
  const { values } = server.config;
  const isWatched =
    !values['syslog-enabled'] && values.logfile === '' && process.stdout.isTTY === true;
  if (isWatched || values['always-show-logo']) server.logger.raw(banner(values.port, process.pid));
  else server.log('notice', `Running mode=standalone, port=${values.port}.`);
}

async function listen(server: Server): Promise<void> {
  try {
    // Whoever reads of the process id in the log may connect.
    await server.start(settingsToListen(server), () => {
      showLogo(server);
      server.log('notice', 'Server initialized');
    });
  } catch (error) {
    endForFailure(server, error);
  }
}

function makeServer(loaded: Loaded): Server {
  try {
    return assemble(loaded);
  } catch (error) {
    if (!(error instanceof RenameError)) throw error;
    const at = loaded.directives.renamedAt[error.index] ?? null;
    return fail(fatalReport(REDIS_VERSION, error.message, at));
  }
}

function mayStartProcesses(): boolean {
  return !('permission' in process) || process.permission.has('child');
}

/** Node's permission model may forbid child processes: the server then writes snapshots itself. */
function snapshotWriters(): WriterStart {
  if (mayStartProcesses()) return writerProcesses(WRITER_PROGRAM, nodeFiles);
  let last = process.pid;
  return innerWriters(nodeFiles, () => ++last);
}

function assemble({ config, directives, configFile }: Loaded): Server {
  const { values } = config;
  // A daemon's stdout is nobody's: without a file its log goes nowhere.
  followFolder(config);
  const target = values.logfile === '' ? 'stdout' : { file: systemPath(values.logfile) };
  const server: Server = new Server({
    config,
    disk: nodeDisk,
    files: nodeFiles,
    fileNumber: process.pid,
    startWriter: snapshotWriters(),
    loads: true,
    onFatal: (code) => process.exit(code),
    log: new Log(target, () => systemClock.nowMs()),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom(),
    configFile,
    executable: process.argv[1] ?? process.execPath,
    renamedCommands: directives.renamedCommands,
    users: directives.users,
    debugArena: false,
    onShuttingDown: () => {
      tellStopping(server);
      removePidFile(server);
    },
    onShutdown: (code) => process.exit(code),
    onCrash: (reason) => crashFor(server, reason),
  });
  return server;
}

async function run(line: RunCommandLine, tuning: EngineTuning): Promise<void> {
  if (line.sentinel) fail('disgo-server: sentinel mode is not part of this server.\n');
  if (line.readStdin) earlyLog().write('notice', 'Reading config from stdin');
  const stdin = line.readStdin ? readFileSync(0, 'latin1') : null;
  const loaded = load(line, stdin);
  const { config, configFile, warnings } = loaded;
  const inBackground =
    config.values.daemonize && !isSupervised(config.values.supervised, process.env);
  if (inBackground && !isDaemonChild()) process.exit(await startDaemon(stdin));
  const server = makeServer(loaded);
  server.scripting.onLargeScript = tuning.onLargeScript;
  server.persistence.background.onSnapshot = tuning.onSnapshot;
  followSyslog(server);
  // Until it listens the process is not yet the server, as Redis marks its lines.
  server.logger.role = 'C';
  beginSupervision(server);
  logStart(server, configFile, warnings);
  watchSignals(server);
  watchFaults(server);
  writePidFile(server);
  fitClients(server);
  refuseModules(server, loaded.directives);
  await listen(server);
  followTitle(server);
  for (const { name } of server.listeners) {
    server.log('notice', `Ready to accept connections ${name}`);
  }
  tellServing(server);
  warnOfSmallLimit(server);
  server.oomScore.apply();
  if (isDaemonChild()) tellReady();
}

function warnOfSmallLimit({ config, logger }: Server): void {
  const { maxmemory } = config.values;
  if (maxmemory === 0 || maxmemory >= 2 ** 20) return;
  logger.write(
    'warning',
    'WARNING: You specified a maxmemory value that is less than 1MB (current value is ' +
      `${maxmemory} bytes). Are you sure this is what you really want?`,
  );
}

function runMemoryTest(megabytes: number | null): never {
  if (megabytes === null || megabytes <= 0) fail(TEST_MEMORY_USAGE);
  const random = systemRandom();
  const errors = testMemory(megabytes, MEMORY_TEST_PASSES, {
    random: () => random.below(2 ** 31),
    print: (text) => process.stdout.write(text),
  });
  process.exit(errors === 0 ? 0 : 1);
}

/**
 * Runs the program with the words behind its name.
 * @param tuning told of what V8's settings follow
 */
export async function main(words: readonly string[], tuning: EngineTuning): Promise<void> {
  const line = parseCommandLine(words.map(argumentBytes));
  switch (line.kind) {
    case 'version':
      process.stdout.write(versionLine(buildId(DISGO_VERSION)));
      return;
    case 'help':
      process.stderr.write(HELP);
      process.exit(1);
      break;
    case 'check-system': {
      const { text, isWell } = checkSystem(readSetting);
      process.stdout.write(text);
      process.exitCode = isWell ? 0 : 1;
      return;
    }
    case 'test-memory':
      runMemoryTest(line.megabytes);
      break;
    case 'run':
      await run(line, tuning);
  }
}
