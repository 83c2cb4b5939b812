// Facts that stand in two places must agree: versions, lists of commands and their folders, folders
// and their READMEs, generated pages and what they are generated from.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compatibilityTables, replaceTables } from '../../scripts/compatibility.ts';
import * as commandLists from '../../src/commands/index.ts';
import type { CommandSpec } from '../../src/engine/command-spec.ts';
import { DISGO_VERSION } from '../../src/version.ts';
import { repositoryRoot } from '../support/programs.ts';
import { filesBelow, readRepositoryFile } from './source-files.ts';

const folders = (path: string): string[] =>
  readdirSync(join(repositoryRoot, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

const isSpec = (value: unknown): value is CommandSpec =>
  typeof value === 'object' && value !== null && 'arity' in value && 'summary' in value;

describe('the package', () => {
  const description = JSON.parse(readRepositoryFile('package.json'));

  it('has one version', () => {
    expect(DISGO_VERSION).toBe(description.version);
    expect(JSON.parse(readRepositoryFile('package-lock.json')).version).toBe(description.version);
    expect(readRepositoryFile('CHANGELOG.md')).toContain(`## ${description.version}`);
  });

  it('needs nothing at run time, builds nothing on install and downloads nothing', () => {
    expect(description.dependencies ?? {}).toEqual({});
    expect(description.optionalDependencies ?? {}).toEqual({});
    const onInstall = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(onInstall.filter((name) => name in description.scripts)).toEqual([]);
  });

  it('locks versions without naming where they were downloaded from', () => {
    const lock = JSON.parse(readRepositoryFile('package-lock.json'));
    const withAddress = Object.entries<{ resolved?: string }>(lock.packages)
      .filter(([, entry]) => entry.resolved !== undefined)
      .map(([path]) => path);
    expect(withAddress).toEqual([]);
  });

  it('publishes only files that exist or are built', () => {
    const missing = description.files.filter(
      (path: string) =>
        path !== 'dist' && !path.startsWith('!') && !existsSync(join(repositoryRoot, path)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the commands', () => {
  const groups = folders('src/commands');

  it.each(groups)('of %s are listed in its index.ts, each file and each name', async (group) => {
    const folder = join(repositoryRoot, 'src/commands', group);
    const names = readdirSync(folder).filter(
      (name) => name.endsWith('.ts') && name !== 'index.ts' && !name.endsWith('.test.ts'),
    );
    const modules = await Promise.all(names.map((name) => import(join(folder, name))));
    const exported = modules.flatMap((module) => Object.values(module).flat().filter(isSpec));
    const index: Record<string, unknown> = await import(join(folder, 'index.ts'));
    const listed = Object.values(index).flatMap((list) => (Array.isArray(list) ? list : []));
    const reachable = new Set(listed.flatMap((spec) => [spec, ...(spec.subcommands ?? [])]));
    const label = (spec: CommandSpec): string => `${spec.name} (${spec.group})`;
    expect(exported.filter((spec) => !reachable.has(spec)).map(label)).toEqual([]);
    expect([...reachable].filter((spec) => !exported.includes(spec)).map(label)).toEqual([]);
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
    expect(listed.filter((spec) => !commandLists.coreCommands.includes(spec))).toEqual([]);
  });

  it('each run or have subcommands', () => {
    const idle = commandLists.coreCommands.filter(
      ({ run, subcommands }) => (run === undefined) === (subcommands === undefined),
    );
    expect(idle.map(({ name }) => name)).toEqual([]);
  });
});

describe('the folders of src/', () => {
  it.each(folders('src'))('%s has a README of at most 25 lines', (folder) => {
    const text = readRepositoryFile(`src/${folder}/README.md`);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
    expect(text).toMatch(/^# src\//);
    expect(text).toMatch(/May import/i);
    expect(text).toMatch(/Must not import/i);
  });
});

describe('the pages', () => {
  const pages = filesBelow('', '.md');

  it('link only to what exists', () => {
    const broken: string[] = [];
    for (const { path, text } of pages) {
      const folder = path.split('/').slice(0, -1).join('/');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        if (!existsSync(join(repositoryRoot, folder, target))) broken.push(`${path}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('that the code names exist', () => {
    const named = filesBelow('src', '.ts').flatMap(({ path, text }) =>
      [...text.matchAll(/\bdocs\/[\w/-]+\.md/g)].map(([page]) => [path, page] as const),
    );
    expect(named.filter(([, page]) => !existsSync(join(repositoryRoot, page)))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });

  it('AGENTS.md has at most 150 lines', () => {
    expect(readRepositoryFile('AGENTS.md').split('\n').length).toBeLessThanOrEqual(151);
  });

  it('docs/COMPATIBILITY.md is up to date (npx tsx scripts/compatibility.ts)', async () => {
    const page = readRepositoryFile('docs/COMPATIBILITY.md');
    const tables = await compatibilityTables();
    expect(replaceTables(page, tables)).toBe(page);
    expect(() => replaceTables('no marks', tables)).toThrow('has no mark');
  });
});
