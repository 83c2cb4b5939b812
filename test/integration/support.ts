// What the integration tests share: a fresh build, programs that may not be installed, waiting for
// a state of the server. No test sleeps: it asks the server until the answer is there or time is
// up.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it, type TestFunction } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { findProgram, inContinuousIntegration, ourServer } from '../support/programs.ts';
import { replyText } from '../support/resp.ts';
import { type RunningServer, type ServerOptions, startServer } from '../support/server.ts';

const WAIT_MS = 30_000;

/** Builds dist/ when a source is newer. */
export async function buildFirst(): Promise<void> {
  const path = '../../scripts/ensure-built.mjs';
  const { ensureBuilt }: { ensureBuilt: () => Promise<void> } = await import(path);
  await ensureBuilt();
}

/** Starts our program, built if need be. */
export async function startOurs(options: ServerOptions = {}): Promise<RunningServer> {
  await buildFirst();
  return startServer(options);
}

/** A server for all tests of a file, stopped after the last one. */
export function sharedServer(options: ServerOptions = {}): () => Promise<RunningServer> {
  let starting: Promise<RunningServer> | undefined;
  afterAll(async () => {
    await (await starting)?.stop();
  });
  return () => {
    starting ??= startOurs(options);
    return starting;
  };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs our program to its end. @param input what it reads on stdin */
export function runProgram(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const [program, ...first] = ourServer();
  const options = { timeout: 60_000, env };
  return new Promise((resolve) => {
    const child = execFile(program, [...first, ...args], options, (_, out, err) => {
      resolve({ code: child.exitCode, stdout: out, stderr: err });
    });
    child.stdin?.end(input);
  });
}

/** Asks until the answer is true. @throws Error that names what was waited for. */
export async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A field of INFO as text. */
export async function infoField(client: RespClient, name: string): Promise<string> {
  const text = await client.expectText('INFO', 'everything');
  const value = new RegExp(`^${name}:(.*)\\r$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`INFO has no field ${name}`);
  return value;
}

export async function infoNumber(client: RespClient, name: string): Promise<number> {
  return Number(await infoField(client, name));
}

/** A test that needs a program: skipped with the reason where it lacks, a failure in CI. */
export function itWith(program: string, name: string, run: (path: string) => Promise<void>): void {
  const path = findProgram(program);
  if (path !== undefined) {
    it(name, (() => run(path)) as TestFunction);
  } else if (inContinuousIntegration()) {
    it(name, () => {
      throw new Error(`${program} is not installed, and CI may not skip this`);
    });
  } else {
    console.log(`skipped: ${name}: ${program} is not installed`);
    it.skip(`${name} (${program} is not installed)`, () => undefined);
  }
}

/** A folder that is removed after the last test of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'disgo-it-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The text of a reply's items, flat. */
export async function texts(client: RespClient, ...args: string[]): Promise<string[]> {
  const reply = await client.command(...args);
  if (!('items' in reply)) throw new Error(`${args.join(' ')} answered ${replyText(reply)}`);
  return reply.items.map((item) => replyText(item) ?? '');
}

/** Waits until a server has ended by itself. @returns its exit code, or its signal's name */
export async function ended(server: RunningServer): Promise<number | string> {
  await until('the server to end', () => {
    return server.child.exitCode !== null || server.child.signalCode !== null;
  });
  return server.child.exitCode ?? server.child.signalCode ?? -1;
}

/**
 * Flags for a Node under its permission model: it reads anything, opens ports, and starts no other
 * program.
 * @param written what it may write: a folder with a star, or a star alone
 */
export function permissionFlags(written: string): string[] {
  const isNew = process.allowedNodeEnvironmentFlags.has('--permission');
  const flags = [isNew ? '--permission' : '--experimental-permission'];
  if (process.allowedNodeEnvironmentFlags.has('--allow-net')) flags.push('--allow-net');
  return [...flags, '--allow-fs-read=*', `--allow-fs-write=${written}`];
}
