// The files that the rules are about: what is written by hand in this repository, read once per
// test file.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/programs.ts';
import type { SourceFile } from './rules.ts';

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.suite', '.tmp', '.git']);

function walk(folder: string, endings: readonly string[], found: SourceFile[]): void {
  for (const entry of readdirSync(join(repositoryRoot, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) walk(path, endings, found);
    } else if (endings.some((ending) => entry.name.endsWith(ending))) {
      found.push({
        path,
        text: readFileSync(join(repositoryRoot, path), 'utf8').replaceAll('\r\n', '\n'),
      });
    }
  }
}

/** Files below a folder of the repository (`''` for all of it) whose names end so. */
export function filesBelow(folder: string, ...endings: string[]): SourceFile[] {
  const found: SourceFile[] = [];
  walk(folder, endings, found);
  return found;
}

/** True for tests and what only tests use. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.includes('/testing/') || path.startsWith('test/');
}

/** TypeScript of the product, without its tests. */
export function productFiles(): SourceFile[] {
  return filesBelow('src', '.ts').filter(({ path }) => !isTest(path));
}

/** Text of one file of the repository. */
export function readRepositoryFile(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8').replaceAll('\r\n', '\n');
}
