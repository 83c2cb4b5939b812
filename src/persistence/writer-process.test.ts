import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nodeFiles } from '../runtime/files.ts';
import type { WriterResult } from './snapshot-writer.ts';
import { writerProcesses } from './writer-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disgo-writer-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program as a writer. @returns what it said, and that it failed */
function resultOf(program: string): Promise<WriterResult> {
  const script = join(folder, 'program.cjs');
  writeFileSync(script, program);
  const task = { dir: folder, prefix: 'temp-', suffix: '.rdb', finalName: null };
  return new Promise((resolve, reject) => {
    const start = writerProcesses(script, nodeFiles);
    const writer = start({ ...task, addsChecksum: false, syncsOnTheWay: false }, resolve);
    if ('error' in writer) reject(new Error(writer.error));
  });
}

it('a writer does not parse certificates, of which it has no use', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', join(folder, 'none.pem'));
  vi.stubEnv('DISGO_TEST', 'as before');
  const names = ['NODE_EXTRA_CA_CERTS', 'DISGO_TEST'];
  const program = `process.stdout.write(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)), () => process.exit(1));`;
  expect(await resultOf(program)).toEqual({ isDone: false, signal: 0, text: '[null,"as before"]' });
});
