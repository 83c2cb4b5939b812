// Imports go one way only: the table of layers.ts holds for every file of src/, and the rule itself
// is tried on samples.

import { describe, expect, it } from 'vitest';
import { importExceptions, layers, rootFiles } from './layers.ts';
import { badImports, parse, unitOf } from './rules.ts';
import { filesBelow, productFiles } from './source-files.ts';

const refusals = (path: string, text: string): string[] =>
  badImports(parse({ path, text })).map(([, complaint]) => complaint);

describe('the layers', () => {
  const all = productFiles().flatMap((file) => badImports(parse(file)));

  it('import only what the table allows', () => {
    const unexcused = all.filter(([key]) => importExceptions[key] === undefined);
    expect(unexcused.map(([, text]) => text)).toEqual([]);
  });

  it('have no exception that nobody needs', () => {
    const needed = new Set(all.map(([key]) => key));
    expect(Object.keys(importExceptions).filter((key) => !needed.has(key))).toEqual([]);
  });

  it('are the folders of src/', () => {
    const units = new Set(
      filesBelow('src', '.ts').map(({ path }) => unitOf(path.slice(4)).split('/')[0]),
    );
    expect([...units].sort()).toEqual([...Object.keys(layers), ...Object.keys(rootFiles)].sort());
  });

  it('have no cycle', () => {
    const reach = (unit: string, path: readonly string[]): string[] =>
      path.includes(unit)
        ? [[...path, unit].join(' > ')]
        : (layers[unit]?.imports ?? []).flatMap((next) => reach(next, [...path, unit]));
    expect(Object.keys(layers).flatMap((unit) => reach(unit, []))).toEqual([]);
  });
});

describe('the rule of the layers', () => {
  it.each([
    [
      'src/bytes/a.ts',
      "import { b } from '../memory/arena.ts';",
      'bytes may not import memory because',
    ],
    [
      'src/commands/keys/a.ts',
      "import { get } from '../string/get.ts';",
      'may not import commands/string',
    ],
    ['src/commands/keys/a.ts', "import fs from 'node:fs';", 'commands/keys may not import node:fs'],
    [
      'src/engine/a.ts',
      "export { b } from '../commands/index.ts';",
      'engine may not import commands',
    ],
    [
      'src/structures/a.ts',
      "const m = await import('../server/server.ts');",
      'may not import server',
    ],
    ['src/config/a.ts', "import net from 'node:net';", 'config may not import node:net'],
    [
      'src/memory/a.ts',
      "import type { X } from 'some-package';",
      'memory may not import some-package',
    ],
    ['src/nowhere/a.ts', '', 'nowhere has no line in layers.ts'],
  ])('refuses %s: %s', (path, text, wanted) => {
    expect(refusals(path, text)).toEqual([expect.stringContaining(wanted)]);
  });

  it.each([
    ['src/structures/a.ts', "import { b } from '../memory/arena.ts'; import { c } from './b.ts';"],
    ['src/commands/index.ts', "import { a } from './string/index.ts';"],
    ['src/server/a.ts', "import net from 'node:net'; import { V } from '../version.ts';"],
    [
      'src/bytes/a.ts',
      "// import { b } from '../memory/arena.ts';\nconst text = \"from '../engine/x.ts'\";",
    ],
  ])('allows %s: %s', (path, text) => {
    expect(refusals(path, text)).toEqual([]);
  });
});
