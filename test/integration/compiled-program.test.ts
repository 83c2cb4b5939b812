// The compiled form of the program that a run leaves behind for the next: it is made, used, made
// anew when it is damaged, and nobody misses it where it cannot be written. The library has one
// too, and does without the whole program where it must.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { type Command, repositoryRoot } from '../support/programs.ts';
import { startServer } from '../support/server.ts';
import { buildFirst, permissionFlags, scratchFolder, until } from './support.ts';

const folder = scratchFolder();
const dist = join(folder, 'dist');
const command: Command = [process.execPath, join(dist, 'disgo-server.cjs')];

function cacheFiles(): string[] {
  return readdirSync(dist).filter((name) => name.startsWith('program-'));
}

/** Whether a file is of this program, whole and unchanged. Its length differs from run to run. */
function isSound(bytes: Buffer): boolean {
  const program = readFileSync(join(dist, 'program.cjs'), 'latin1').slice(2, 66);
  const own = createHash('sha256').update(bytes.subarray(128)).digest('hex');
  return bytes.length > 100_000 && bytes.toString('latin1', 0, 128) === program + own;
}

/** Starts the copy, sees it answer, and ends it in good order. */
async function runOnce(script?: string): Promise<void> {
  const server = await startServer({ command });
  const client = await server.client();
  // The first run of a script does without compiling it.
  for (let run = 0; script !== undefined && run < 3; run++) {
    expect(await client.expectText('EVAL', script, '0')).toBe('done');
  }
  expect(await client.expectText('ECHO', 'here')).toBe('here');
  await client.close();
  await server.stop();
  expect(server.child.exitCode).toBe(0);
}

/** A program that uses the copy's library. @returns what it prints. */
function useLibrary(program: string): string {
  const library = pathToFileURL(join(dist, 'index.js')).href;
  const args = ['--input-type=module', '-e', program, library];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout;
}

/** Says whether the errors of a bad option are those that the package exports. */
const BAD_OPTION = `
const { createServer, DisgoError } = await import(process.argv[1]);
const server = await createServer({ listen: false });
await server.close();
const error = await createServer({ maxmemory: 'much' }).catch((reason) => reason);
console.log(error instanceof DisgoError, error.name, error.code);
`;
const BAD_OPTION_OUTPUT = 'true DisgoError DISGO_BAD_OPTION\n';

beforeAll(async () => {
  await buildFirst();
  const isNeeded = (path: string): boolean => !path.endsWith('.cache') && !path.endsWith('types');
  cpSync(join(repositoryRoot, 'dist'), dist, { recursive: true, filter: isNeeded });
});

it('is left behind by the first run that ends in good order, and stays', async () => {
  expect(cacheFiles()).toEqual([]);
  await runOnce();
  const [file, ...others] = cacheFiles();
  expect(others).toEqual([]);
  const bytes = readFileSync(join(dist, file!));
  await runOnce();
  expect(readFileSync(join(dist, file!)).equals(bytes)).toBe(true);
});

it('is for the settings of a start, whatever a large script has changed of them', async () => {
  const file = join(dist, cacheFiles()[0]!);
  rmSync(file);
  await runOnce(`${'-- a large script\n'.repeat(400)}return 'done'`);
  const bytes = readFileSync(file);
  await runOnce();
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

it('is made anew when it belongs to another program, is cut or has a changed byte', async () => {
  const file = join(dist, cacheFiles()[0]!);
  const sound = readFileSync(file);
  expect(isSound(sound)).toBe(true);
  const changed = Buffer.from(sound);
  changed[sound.length >> 1]! ^= 0x55;
  for (const damaged of [
    changed,
    Buffer.concat([Buffer.alloc(64, '0'), sound.subarray(64)]),
    sound.subarray(0, sound.length >> 1),
    sound.subarray(0, 130),
    Buffer.alloc(0),
  ]) {
    writeFileSync(file, damaged);
    await runOnce();
    expect(cacheFiles()).toHaveLength(1);
    const made = readFileSync(file);
    expect(made.equals(damaged)).toBe(false);
    expect(isSound(made)).toBe(true);
  }
});

it('is not missed where it cannot be written', async () => {
  const file = join(dist, cacheFiles()[0]!);
  rmSync(file);
  // A folder in its place: nothing can be renamed to its name.
  mkdirSync(join(file, 'in-the-way'), { recursive: true });
  await runOnce();
  expect(cacheFiles()).toHaveLength(1);
});

it("is not missed where Node's permission model allows the server's own folder only", async () => {
  for (const file of cacheFiles()) rmSync(join(dist, file), { recursive: true });
  const [node, program = ''] = command;
  // Its folder is made with the server, beside the other folders of the system for such.
  const flags = permissionFlags(join(tmpdir(), 'disgo-test-*'));
  const server = await startServer({
    command: [node, ...flags, program],
    args: ['--appendonly', 'yes'],
  });
  const client = await server.client();
  expect(await client.expectText('SET', 'k', 'v')).toBe('OK');
  expect(await client.expectText('BGSAVE')).toBe('Background saving started');
  await until('the dump is there', () => existsSync(join(server.folder, 'dump.rdb')));
  expect(await client.expectText('SAVE')).toBe('OK');
  await client.close();
  await server.stop();
  expect(server.child.exitCode).toBe(0);
  expect(cacheFiles()).toEqual([]);
});

it('is made of the library too, by the first program that uses it', () => {
  for (const file of cacheFiles()) rmSync(join(dist, file), { recursive: true });
  expect(useLibrary(BAD_OPTION)).toBe(BAD_OPTION_OUTPUT);
  const [file, ...others] = cacheFiles();
  expect(others).toEqual([]);
  const bytes = readFileSync(join(dist, file!));
  expect(isSound(bytes)).toBe(true);
  expect(useLibrary(BAD_OPTION)).toBe(BAD_OPTION_OUTPUT);
  expect(readFileSync(join(dist, file!)).equals(bytes)).toBe(true);
});

it('is not used by the library in a context of its own', () => {
  const program = `
    import { syncBuiltinESMExports } from 'node:module';
    import vm from 'node:vm';
    const real = vm.runInThisContext;
    vm.runInThisContext = (code, ...rest) => (code === 'Object' ? {} : real(code, ...rest));
    syncBuiltinESMExports();
    ${BAD_OPTION}`;
  for (const file of cacheFiles()) rmSync(join(dist, file));
  expect(useLibrary(program)).toBe(BAD_OPTION_OUTPUT);
  expect(cacheFiles()).toEqual([]);
});

it('is not missed by the library where the program is missing or another', () => {
  const file = join(dist, 'program.cjs');
  const program = readFileSync(file);
  writeFileSync(file, 'throw new Error("not ours");');
  expect(useLibrary(BAD_OPTION)).toBe(BAD_OPTION_OUTPUT);
  rmSync(file);
  expect(useLibrary(BAD_OPTION)).toBe(BAD_OPTION_OUTPUT);
  expect(cacheFiles()).toEqual([]);
  writeFileSync(file, program);
});
