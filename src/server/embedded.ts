// The embeddable API: options as a typed object, errors as rejections with a stable code.

import type { Duplex } from 'node:stream';
import { AclStartError } from '../acl/index.ts';
import { Config } from '../config/config.ts';
import { type ConfigInput, loadInput } from '../config/input.ts';
import { nodeDisk, workingDirectory } from '../config/node-disk.ts';
import { innerWriters, LoadError } from '../persistence/index.ts';
import { type Clock, systemClock, systemTimers } from '../runtime/clock.ts';
import { nodeFiles } from '../runtime/files.ts';
import { seededRandom, systemRandom } from '../runtime/random.ts';
import { DisgoError } from './disgo-error.ts';
import { innerPair } from './inner-pair.ts';
import { listenSettings } from './listen-options.ts';
import { ListenError } from './listeners.ts';
import { Log, type LogTarget } from './log.ts';
import { Server } from './server.ts';
import { TlsConfigError } from './tls-options.ts';

/** Options of `createServer`: those of redis.conf by their names, and these. */
export interface ServerOptions extends ConfigInput {
  /**
   * TCP port; 0 takes any that is free. Default 6379. Without any: `listen: false`, and `connect()`
   * is the way in.
   */
  readonly port?: number;
  /** Whether to listen at all; false opens no port and no socket. Default true. */
  readonly listen?: boolean;
  /** Takes the lines of the log. Default: they are dropped. */
  readonly log?: (line: string) => void;
  /** Seed of all randomness, for runs that can be repeated. Default: unforeseeable. */
  readonly seed?: number;
  /** The time by which keys expire. Default: the machine's. */
  readonly clock?: Clock;
  /** Checks all memory use and makes `close` reject on a leak; slow, for tests. Default false. */
  readonly debugMemory?: boolean;
}

/** A running server. */
export interface DisgoServer extends AsyncDisposable {
  /** The TCP port, 0 without one. */
  readonly port: number;
  /** `redis://host:port`, `''` without a port. A password, if one is set, is not in it. */
  readonly url: string;
  /**
   * A stream that speaks RESP with the server, without a port: give it to any client that accepts a
   * stream.
   */
  connect(): Duplex;
  /**
   * Saves the data, where `save` names times for it, closes the listeners and all connections and
   * gives the memory back. @throws DisgoError (as a rejection) when it could not be saved; all is
   * closed then, too.
   */
  close(): Promise<void>;
}

/**
 * Contexts of node:vm, in which test runners load modules, lack it in Node 20; compilers of `await
 * using` then look for this one.
 */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Not `::1` too: Node needs some 5 ms to look at the first IPv6 address of a process. */
const LOOPBACK = ['127.0.0.1'];

function makeConfig(options: ServerOptions, Failure: typeof DisgoError): Config {
  const config = new Config({
    directory: workingDirectory(),
    resolveDirectory: nodeDisk.resolveDirectory,
  });
  const { listen: _listen, log: _log, seed: _seed, clock: _clock, ...rest } = options;
  const { debugMemory: _debugMemory, ...input } = rest;
  const refused = loadInput(config, { bind: LOOPBACK, save: '', ...input } as ConfigInput);
  if (refused !== null) {
    throw new Failure('DISGO_BAD_OPTION', `option '${refused.name}': ${refused.reason}`);
  }
  return config;
}

function asDisgoError(error: unknown, Failure: typeof DisgoError): unknown {
  if (error instanceof AclStartError) {
    return new Failure('DISGO_BAD_OPTION', error.message, error);
  }
  if (error instanceof LoadError) return new Failure('DISGO_LOAD', error.message, error);
  if (error instanceof TlsConfigError) {
    return new Failure('DISGO_BAD_OPTION', error.message, error.cause);
  }
  if (!(error instanceof ListenError)) return error;
  const code = error.code === 'EADDRINUSE' ? 'EADDRINUSE' : 'DISGO_LISTEN';
  return new Failure(code, `port ${error.port}: ${error.message}`, error.cause);
}

/**
 * Where the numbers for the files of one server begin. Others of this process, on whatever threads,
 * may keep theirs in the same folder, so the process's own number would not tell them apart.
 */
function firstFileNumber(): number {
  const random = systemRandom();
  return random.below(2 ** 30) * 2 ** 20 + random.below(2 ** 20);
}

function numbersFrom(first: number): () => number {
  let last = first;
  return () => ++last;
}

/** Whether a program asked for data on disk: else a file that lies about is none of ours. */
function keepsData({ save, appendonly, dbfilename, dir }: ServerOptions): boolean {
  return [save, appendonly, dbfilename, dir].some((option) => option !== undefined);
}

/**
 * Closes a server and lets the event loop turn once: only then does Node let go of its sockets, and
 * with them of all that the server is. A program that opens and closes servers one after the other
 * would otherwise hold them all.
 */
async function closeWhole(server: Server): Promise<string[]> {
  const leaks = await server.close();
  await new Promise<void>((resolve) => server.timers.soon(resolve));
  return leaks;
}

/** Whoever closes a server waits for no replica, and has closed it whatever happens. */
const LAST_SHUTDOWN = { save: 'default', now: true, force: true } as const;

/**
 * Shuts a server down as SHUTDOWN does, with what `save` and `appendonly` keep of its data.
 * @param ended fulfilled when a shutdown has ended, this one or a client's
 */
async function shutDown(server: Server, ended: Promise<void>): Promise<void> {
  server.abortShutdown();
  const aborted = new Promise<void>((resolve) => {
    if (server.shutdown(LAST_SHUTDOWN, resolve) !== null) resolve();
  });
  await Promise.race([ended, aborted]);
}

/**
 * Starts a server in this process.
 * @param Failure class of the errors: that of the package's user, where this is a copy of it.
 * @throws DisgoError (as a rejection) with a stable `code`.
 */
export async function createServer(
  options: ServerOptions = {},
  Failure: typeof DisgoError = DisgoError,
): Promise<DisgoServer> {
  const config = makeConfig(options, Failure);
  const clock = options.clock ?? systemClock;
  const target: LogTarget = options.log ?? null;
  const fileNumber = firstFileNumber();
  let onShutdown = (): void => {};
  const ended = new Promise<void>((resolve) => {
    onShutdown = resolve;
  });
  const server = new Server({
    config,
    disk: nodeDisk,
    files: nodeFiles,
    fileNumber,
    startWriter: innerWriters(nodeFiles, numbersFrom(fileNumber)),
    loads: keepsData(options),
    log: new Log(target, () => clock.nowMs()),
    clock,
    timers: systemTimers,
    random: options.seed === undefined ? systemRandom() : seededRandom(options.seed),
    configFile: '',
    executable: process.execPath,
    renamedCommands: [],
    users: [],
    debugArena: options.debugMemory ?? false,
    onShutdown,
  });
  try {
    const listens = options.listen ?? true;
    const settings = listenSettings(config, true);
    await server.start(listens ? settings : { ...settings, port: -1, tls: null, unixSocket: '' });
  } catch (error) {
    await closeWhole(server);
    throw asDisgoError(error, Failure);
  }
  const closeOnce = async (): Promise<void> => {
    await shutDown(server, ended);
    const leaks = await closeWhole(server);
    const { failure } = server.ending;
    if (failure !== null) throw new Failure('DISGO_SAVE', failure);
    if (leaks.length > 0) throw new Error(`memory was not given back:\n${leaks.join('\n')}`);
  };
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  return {
    get port() {
      return server.port;
    },
    get url() {
      return server.port === 0 ? '' : `redis://127.0.0.1:${server.port}`;
    },
    connect() {
      const [ours, theirs] = innerPair();
      server.attach(ours);
      return theirs;
    },
    close,
    [ASYNC_DISPOSE]: close,
  };
}
