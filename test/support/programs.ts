// Where the programs are that tests start: our own server, the real redis-server, its tools, tclsh.
// One place, so that every test agrees on the same environment variables and on what CI demands.
//   DISGO_SERVER  our server's command line   (default: node bin/disgo-server of this repository)
//   REDIS_SERVER  the real server's program   (default: redis-server on the PATH)
import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const repositoryRoot: string = fileURLToPath(new URL('../..', import.meta.url)).replace(
  /[\\/]$/,
  '',
);

/** A program and its first arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** Splits a command line at blanks; a JSON array is taken as it is (for paths with blanks). */
export function parseCommand(line: string): Command {
  const words: unknown = line.trim().startsWith('[') ? JSON.parse(line) : line.trim().split(/\s+/);
  if (!Array.isArray(words) || words.length === 0) throw new Error(`not a command: ${line}`);
  const [program, ...args] = words.map(String);
  if (program === undefined || program === '') throw new Error(`not a command: ${line}`);
  return [program, ...args];
}

/** The command that starts our server: `--ours`, DISGO_SERVER, or this repository's program. */
export function ourServer(override?: string): Command {
  const line = override ?? process.env.DISGO_SERVER;
  if (line !== undefined && line !== '') return parseCommand(line);
  return [process.execPath, join(repositoryRoot, 'bin', 'disgo-server')];
}

/** The full path of a program on the PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return undefined;
}

/** The real server's command, or undefined where none is installed. */
export function realServer(override?: string): Command | undefined {
  const line = override ?? process.env.REDIS_SERVER;
  if (line !== undefined && line !== '') return parseCommand(line);
  const path = findProgram('redis-server');
  return path === undefined ? undefined : [path];
}

/** The version of a redis-server, for example `7.0.15`; `unknown` when it does not say. */
export function serverVersion(command: Command): string {
  const [program, ...args] = command;
  try {
    const text = execFileSync(program, [...args, '--version'], { encoding: 'utf8' });
    return /v=(\S+)/.exec(text)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** True on the build machine, where a judge may not be skipped for want of a program. */
export function inContinuousIntegration(): boolean {
  const value = process.env.CI;
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
