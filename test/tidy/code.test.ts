// The rules of STYLE about code: sizes, declarations, throws, the machine's clock. Each rule is
// tried on a bad sample.

import { describe, expect, it } from 'vitest';
import {
  allowedThrows,
  fileLineExceptions,
  functionExceptions,
  machineUseExceptions,
  moduleStateExceptions,
  wideCommentFiles,
} from './exceptions.ts';
import {
  asyncUses,
  badDeclarations,
  badThrows,
  hasHeader,
  longFunctions,
  MAX_FILE_LINES,
  machinePaths,
  machineUses,
  moduleState,
  parse,
  privateAccessors,
  type SourceFile,
  unfinishedMarks,
  wideComments,
  wideLines,
} from './rules.ts';
import { filesBelow, isTest, productFiles } from './source-files.ts';

const product = productFiles();
const trees = product.map(parse);
const everything = filesBelow('', '.ts', '.mjs');
/** Folders in which a command runs from start to end: nothing waits, nothing throws. */
const INNER = /^src\/(bytes|memory|structures|values|keyspace|protocol|engine|commands)\//;
const inner = trees.filter(({ fileName }) => INNER.test(fileName));

const lineCount = ({ text }: SourceFile): number => text.split('\n').length - 1;
const fileOf = (complaint: string): string => complaint.slice(0, complaint.search(/[: ]/));
const unexcused = (complaints: string[], excused: Readonly<Record<string, string>>): string[] =>
  complaints.filter((complaint) => excused[fileOf(complaint)] === undefined);
const unneeded = (complaints: string[], excused: Readonly<Record<string, string>>): string[] => {
  const files = new Set(complaints.map(fileOf));
  return Object.keys(excused).filter((path) => !files.has(path));
};
const sample = (text: string) => parse({ path: 'src/sample.ts', text });

describe('sizes', () => {
  it(`no file has more than ${MAX_FILE_LINES} lines`, () => {
    const long = everything.filter((file) => lineCount(file) > MAX_FILE_LINES);
    const complaints = long.map((file) => `${file.path}: ${lineCount(file)} lines`);
    expect(unexcused(complaints, fileLineExceptions)).toEqual([]);
    expect(unneeded(complaints, fileLineExceptions)).toEqual([]);
  });

  it('no function has more than 70 lines', () => {
    const complaints = trees.flatMap((tree) => longFunctions(tree));
    expect(unexcused(complaints, functionExceptions)).toEqual([]);
    expect(unneeded(complaints, functionExceptions)).toEqual([]);
    expect(longFunctions(sample(`const f = () => {\n${'x();\n'.repeat(69)}}`))).toHaveLength(1);
    expect(longFunctions(sample(`const f = () => {\n${'x();\n'.repeat(68)}}`))).toEqual([]);
  });

  it('no line of code has more than 100 columns', () => {
    const code = everything.filter(({ path }) => path.endsWith('.ts'));
    expect(code.map(parse).flatMap(wideLines)).toEqual([]);
    expect(wideLines(sample(`call(${'a, '.repeat(40)}b);`))).toHaveLength(1);
    expect(wideLines(sample(`call('${'a'.repeat(100)}');`))).toEqual([]);
  });

  it('no new file has comments of more than 100 columns', () => {
    const complaints = everything.flatMap(wideComments);
    expect(complaints.filter((text) => !wideCommentFiles.includes(fileOf(text)))).toEqual([]);
    expect(wideComments({ path: 'a', text: `// ${'b '.repeat(60)}` })).toHaveLength(1);
    expect(wideComments({ path: 'a', text: `// https://x.example/${'b'.repeat(100)}` })).toEqual(
      [],
    );
  });
});

describe('declarations', () => {
  it('exports are named, and there are no enums', () => {
    expect(trees.flatMap(badDeclarations)).toEqual([]);
    expect(badDeclarations(sample('export default function f() {}'))).toHaveLength(1);
    expect(badDeclarations(sample('const a = 1; export default a;'))).toHaveLength(1);
    expect(badDeclarations(sample('export const enum A { B }'))).toHaveLength(1);
  });

  it('no module has a variable that can change', () => {
    const complaints = trees.flatMap(moduleState);
    expect(unexcused(complaints, moduleStateExceptions)).toEqual([]);
    expect(unneeded(complaints, moduleStateExceptions)).toEqual([]);
    expect(moduleState(sample('export let a = 1;'))).toHaveLength(1);
    expect(moduleState(sample('const a = 1; function f() { let b = 2; }'))).toEqual([]);
  });

  it('no accessor is private', () => {
    expect(trees.flatMap(privateAccessors)).toEqual([]);
    expect(privateAccessors(sample('class A { get #b() { return 1; } }'))).toHaveLength(1);
    expect(privateAccessors(sample('class A { get b() { return 1; } #c() {} }'))).toEqual([]);
  });

  it('a file says at its top what it is for', () => {
    // A test beside its source is about that source, and configuration at the root about itself.
    const code = everything.filter(({ path }) => path.includes('/') && !path.endsWith('.test.ts'));
    expect(code.filter((file) => !hasHeader(file)).map(({ path }) => path)).toEqual([]);
    expect(hasHeader({ path: 'a', text: "import { b } from './b.ts';\n// Too late." })).toBe(false);
  });
});

describe('behaviour', () => {
  it('only src/runtime asks the machine for time, timers and chance', () => {
    const others = trees.filter(({ fileName }) => !fileName.startsWith('src/runtime/'));
    const complaints = others.flatMap(machineUses);
    expect(unexcused(complaints, machineUseExceptions)).toEqual([]);
    expect(unneeded(complaints, machineUseExceptions)).toEqual([]);
    const bad = 'Date.now(); new Date(); Math.random(); setTimeout(f, 1); process.hrtime.bigint();';
    expect(machineUses(sample(bad))).toHaveLength(5);
    expect(machineUses(sample('new Date(5); clock.now(); // Date.now()'))).toEqual([]);
  });

  it('nothing throws between bytes and commands but the errors that are named', () => {
    expect(
      inner
        .filter(({ fileName }) => !isTest(fileName))
        .flatMap((tree) => badThrows(tree, allowedThrows)),
    ).toEqual([]);
    expect(badThrows(sample("throw new Error('x');"), allowedThrows)).toHaveLength(1);
    expect(badThrows(sample('throw new ArenaFullError();'), ['ArenaFullError'])).toEqual([]);
  });

  it('nothing is async between bytes and commands', () => {
    expect(inner.flatMap(asyncUses)).toEqual([]);
    expect(asyncUses(sample('async function f() { await g(); }'))).toHaveLength(2);
  });

  it('nothing is left for later', () => {
    const texts = [...everything, ...filesBelow('', '.md', '.yml', '.sh')];
    expect(
      texts.filter(({ path }) => !path.startsWith('test/tidy/')).flatMap(unfinishedMarks),
    ).toEqual([]);
    expect(unfinishedMarks({ path: 'a', text: 'f(); // TODO: more' })).toHaveLength(1);
    expect(unfinishedMarks({ path: 'a', text: 'TODOS.push(1);' })).toEqual([]);
  });

  it("names no machine's paths", () => {
    const texts = [...everything, ...filesBelow('', '.md', '.json', '.sh', '.txt')];
    expect(
      texts.filter(({ path }) => !path.startsWith('test/tidy/')).flatMap(machinePaths),
    ).toEqual([]);
    expect(machinePaths({ path: 'a', text: "const a = '/home/somebody/x';" })).toHaveLength(1);
  });
});
