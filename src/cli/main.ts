// The program disgo-server: reads the command line and redis.conf, starts a server, and serves
// until a signal or SHUTDOWN ends it. Behaves as redis-server does on the command line, texts and
// exit codes included.

import { readFileSync } from 'node:fs';
import { argumentBytes, parseCommandLine, type RunCommandLine } from '../config/command-line.ts';
import { Config } from '../config/config.ts';
import { ConfigFileError, type LoadedDirectives, loadConfig } from '../config/load.ts';
import { nodeDisk } from '../config/node-disk.ts';
import { systemClock, systemTimers } from '../runtime/clock.ts';
import { systemRandom } from '../runtime/random.ts';
import { AclStartError, userDeclarations } from '../server/declared-users.ts';
import { listenSettings } from '../server/listen-options.ts';
import { ListenError } from '../server/listeners.ts';
import { Log } from '../server/log.ts';
import { Server } from '../server/server.ts';
import { TlsConfigError } from '../server/tls-options.ts';
import { DISGO_VERSION, REDIS_VERSION } from '../version.ts';
import { banner, HELP } from './texts.ts';

function fail(text: string): never {
  process.stderr.write(text);
  process.exit(1);
}

interface Loaded {
  readonly config: Config;
  readonly directives: LoadedDirectives;
  readonly configFile: string;
  readonly warnings: string[];
}

function load(line: RunCommandLine): Loaded {
  const directory = process.cwd();
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
  };
  const config = new Config({ directory, resolveDirectory: nodeDisk.resolveDirectory, warn });
  const configFile =
    line.configFile === null ? null : nodeDisk.resolvePath(line.configFile, directory);
  const stdin = line.readStdin ? readFileSync(0, 'latin1') : null;
  try {
    const source = { file: configFile, stdin, options: line.options };
    const directives = loadConfig(config, nodeDisk, source, {
      version: REDIS_VERSION,
      warn,
      declareUser: userDeclarations(config),
    });
    return { config, directives, configFile: configFile ?? '', warnings };
  } catch (error) {
    if (error instanceof ConfigFileError) return fail(error.report);
    throw error;
  }
}

function setTitle(config: Config, server: Server): void {
  if (!config.values['set-proc-title']) return;
  const { port } = server;
  const address = `${config.values.bind[0] ?? '*'}:${port}`;
  process.title = `disgo-server ${address}`;
}

function watchSignals(server: Server): void {
  const stop = (name: string): void => {
    server.log('warning', `Received ${name} scheduling shutdown...`);
    server.shutdown({ save: 'default', now: false, force: false });
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // Not every platform has SIGHUP as we mean it; where it exists a lost terminal does not end the
  // server.
  process.on('SIGHUP', () => {});
}

async function run(line: RunCommandLine): Promise<void> {
  if (line.sentinel) fail('disgo-server: sentinel mode is not part of this server.\n');
  const { config, directives, configFile, warnings } = load(line);
  const { values } = config;
  const log = new Log(values.logfile === '' ? 'stdout' : { file: values.logfile }, () =>
    systemClock.nowMs(),
  );
  const server = new Server({
    config,
    disk: nodeDisk,
    log,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom(),
    configFile,
    executable: process.argv[1] ?? process.execPath,
    renamedCommands: directives.renamedCommands,
    users: directives.users,
    debugArena: false,
    onShutdown: (code) => process.exit(code),
  });
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
  watchSignals(server);
  log.raw(banner(values.port, process.pid));
  try {
    await server.start(listenSettings(config));
  } catch (error) {
    if (error instanceof TlsConfigError) {
      server.log('warning', error.message);
      server.log('warning', 'Failed to configure TLS. Check logs for more info.');
      process.exit(1);
    }
    if (error instanceof AclStartError) process.exit(1);
    if (!(error instanceof ListenError)) throw error;
    server.log('warning', `Warning: ${error.message}`);
    server.log('warning', `Failed listening on port ${error.port} (${error.kind}), aborting.`);
    process.exit(1);
  }
  setTitle(config, server);
  server.log('notice', 'Server initialized');
  for (const { name } of server.listeners) {
    server.log('notice', `Ready to accept connections ${name}`);
  }
}

/** Runs the program with the words behind its name. */
export async function main(words: readonly string[]): Promise<void> {
  const line = parseCommandLine(words.map(argumentBytes));
  switch (line.kind) {
    case 'version':
      process.stdout.write(
        `Redis server v=${REDIS_VERSION} disgo=${DISGO_VERSION} bits=64 node=${process.version}\n`,
      );
      return;
    case 'help':
      process.stderr.write(HELP);
      process.exit(1);
      break;
    case 'check-system':
      process.stdout.write('Nothing to check: this server depends on no setting of the kernel.\n');
      return;
    case 'test-memory':
      fail('disgo-server: --test-memory is not part of this server; use memtester or memtest86.\n');
      break;
    case 'run':
      await run(line);
  }
}
