// The compiled form of the program that a run leaves behind for the next: it is made, used, made
// anew when it is damaged, and nobody misses it where it cannot be written.

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type Command, repositoryRoot } from '../support/programs.ts';
import { startServer } from '../support/server.ts';
import { buildFirst, scratchFolder } from './support.ts';

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
async function runOnce(): Promise<void> {
  const server = await startServer({ command });
  const client = await server.client();
  expect(await client.expectText('ECHO', 'here')).toBe('here');
  await client.close();
  await server.stop();
  expect(server.child.exitCode).toBe(0);
}

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
