// Starts a server process (ours or the real one) on a free port of 127.0.0.1, in a folder of its
// own, waits until it answers PING, and stops it by its process id: SIGTERM, then SIGKILL. Whatever
// happens to the test, the process and the folder are gone at the end of this process. The only
// place in the tests that starts servers; the Tcl suite starts its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RespClient } from './client.ts';
import { type Command, ourServer } from './programs.ts';

export interface ServerOptions {
  /** Program and first arguments. Our server unless given. */
  readonly command?: Command;
  /**
   * Further arguments, for example `['--appendonly', 'yes']`. `--port`, `--dir` and `--bind` are
   * set.
   */
  readonly args?: readonly string[];
  /** The text of a configuration file, written to the folder and given as the first argument. */
  readonly config?: string;
  /** Its address, 127.0.0.1 unless given. */
  readonly host?: string;
  /** A fixed port; a free one is taken unless given. 0 means no TCP port. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** How long the start may take before it counts as failed. */
  readonly startTimeoutMs?: number;
  /** The password when `requirepass` is among the arguments: the readiness check uses it. */
  readonly password?: string;
}

export interface RunningServer {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** The folder the server runs in (its `dir`); removed on stop. */
  readonly folder: string;
  /** Milliseconds from spawn to the first answered PING. */
  readonly startMs: number;
  readonly child: ChildProcess;
  /** All that the server has printed, stdout and stderr together. */
  log(): string;
  /** A new connection. The caller closes it. */
  client(): Promise<RespClient>;
  /** Ends the server; safe to call twice. Returns the exit code, or the signal's name. */
  stop(): Promise<number | string>;
  [Symbol.asyncDispose](): Promise<void>;
}

const HOST = '127.0.0.1';
const STOP_GRACE_MS = 10_000;
const started = new Map<ChildProcess, string>();
let exitHookInstalled = false;

/** A TCP port of 127.0.0.1 that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const probe = createNetServer();
  probe.listen(0, HOST);
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Starts a server and waits for its first PONG.
 * @throws Error with the server's output when it exits or stays silent.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  // A port found free may be taken by another process before the server binds it: try again then.
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      const portTaken = error instanceof Error && /in use|Failed listening/i.test(error.message);
      if (!portTaken || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

async function startOnce(options: ServerOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const host = options.host ?? HOST;
  const folder = mkdtempSync(join(tmpdir(), 'disgo-test-'));
  const [program, ...first] = options.command ?? ourServer();
  const args = [...first];
  if (options.config !== undefined) {
    const file = join(folder, 'redis.conf');
    writeFileSync(file, options.config);
    args.push(file);
  }
  args.push('--port', String(port), '--bind', host, '--dir', folder, ...(options.args ?? []));
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const spawnFailed = once(child, 'error').then(([error]) => output.push(String(error)));
  spawnFailed.catch(() => undefined);
  remember(child, folder);
  const log = (): string => output.join('');
  try {
    await waitUntilReady(child, port, options, log);
  } catch (error) {
    await stopChild(child);
    throw error;
  }
  const stop = (): Promise<number | string> => stopChild(child);
  return {
    pid: child.pid ?? -1,
    host,
    port,
    folder,
    startMs: performance.now() - startedAt,
    child,
    log,
    client: () => RespClient.connect({ host, port }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function waitUntilReady(
  child: ChildProcess,
  port: number,
  options: ServerOptions,
  log: () => string,
): Promise<void> {
  const deadline = performance.now() + (options.startTimeoutMs ?? 20_000);
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`the server ended at its start (${child.exitCode}):\n${log()}`);
    }
    if (port === 0 ? /ready to accept connections/i.test(log()) : await answers(port, options)) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`the server does not answer:\n${log()}`);
    }
    await delay(3);
  }
}

async function answers(port: number, options: ServerOptions): Promise<boolean> {
  try {
    const host = options.host ?? HOST;
    await using client = await RespClient.connect({ host, port });
    if (options.password !== undefined) await client.command('AUTH', options.password);
    const reply = await client.command('PING');
    return reply.type === 'simple' && reply.text === 'PONG';
  } catch {
    return false;
  }
}

function remember(child: ChildProcess, folder: string): void {
  started.set(child, folder);
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.on('exit', () => {
    for (const [running, itsFolder] of started) {
      running.kill('SIGKILL');
      rmSync(itsFolder, { recursive: true, force: true });
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  }
}

async function stopChild(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    // A test may have stopped the process with SIGSTOP: it must wake to see SIGTERM.
    if (process.platform !== 'win32') child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(timer);
  }
  const folder = started.get(child);
  started.delete(child);
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
  return child.exitCode ?? child.signalCode ?? -1;
}
