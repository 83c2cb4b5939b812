// The rules of the house as pure functions: text of a file in, complaints out, one line each. They
// read the syntax tree that the TypeScript compiler makes, so that a word in a string or a comment
// is not taken for code. Called by the tests of this folder, which also show that each rule catches
// a bad sample.

import ts from 'typescript';
import { commandGroup, type Layer, layers, rootFiles, sharedFiles } from './layers.ts';

export const MAX_FILE_LINES = 500;
export const MAX_FUNCTION_LINES = 70;
export const MAX_COLUMNS = 100;

/** A file under a rule: its path from the repository's root with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A file's syntax tree. */
export function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true);
}

function visit(node: ts.Node, use: (node: ts.Node) => void): void {
  use(node);
  node.forEachChild((child) => visit(child, use));
}

function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

function complaint(tree: ts.SourceFile, node: ts.Node, text: string): string {
  return `${tree.fileName}:${lineOf(tree, node.getStart(tree))} ${text}`;
}

/** Every module that a file names: imports, re-exports and import(). */
export function importedModules(tree: ts.SourceFile): { node: ts.Node; name: string }[] {
  const found: { node: ts.Node; name: string }[] = [];
  visit(tree, (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push({ node, name: node.moduleSpecifier.text });
    } else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0] !== undefined &&
      ts.isStringLiteral(node.arguments[0])
    ) {
      found.push({ node, name: node.arguments[0].text });
    }
  });
  return found;
}

/** `bytes`, `commands/string`, or a file name for what lies directly in src/. */
export function unitOf(pathInSrc: string): string {
  const words = pathInSrc.split('/');
  return words[0] === 'commands' && words.length > 2 ? `commands/${words[1]}` : (words[0] ?? '');
}

function layerOf(unit: string): Layer | undefined {
  if (unit.startsWith('commands/')) return commandGroup;
  return layers[unit] ?? rootFiles[unit];
}

function joinPath(folder: string, relative: string): string {
  const words = folder === '' ? [] : folder.split('/');
  for (const word of relative.split('/')) {
    if (word === '..') words.pop();
    else if (word !== '.') words.push(word);
  }
  return words.join('/');
}

/** Imports that the table of layers does not allow, as `[from -> to, complaint]`. */
export function badImports(tree: ts.SourceFile): [key: string, text: string][] {
  const own = tree.fileName.replace(/^src\//, '');
  const unit = unitOf(own);
  const layer = layerOf(unit);
  if (layer === undefined) return [[own, `${tree.fileName}: ${unit} has no line in layers.ts`]];
  const bad: [string, string][] = [];
  for (const { node, name } of importedModules(tree)) {
    const refuse = (what: string, key: string): void => {
      const text = `${unit} may not import ${what} because ${layer.because}`;
      bad.push([`${own} -> ${key}`, complaint(tree, node, text)]);
    };
    if (!name.startsWith('.')) {
      if (layer.node === 'any' && name.startsWith('node:')) continue;
      if (Array.isArray(layer.node) && layer.node.includes(name)) continue;
      refuse(name, name);
      continue;
    }
    const target = joinPath(own.split('/').slice(0, -1).join('/'), name);
    const targetUnit = unitOf(target);
    if (targetUnit === unit || sharedFiles.includes(target)) continue;
    if (layer.imports.includes(targetUnit)) continue;
    const isList = own === 'commands/index.ts' && /^commands\/[^/]+\/index\.ts$/.test(target);
    if (!isList) refuse(targetUnit, target);
  }
  return bad;
}

/** Uses of the machine's clock, timers or chance by name. */
export function machineUses(tree: ts.SourceFile): string[] {
  const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
  const text = 'may not be used outside of src/runtime: tests put their own in its place';
  const bad: string[] = [];
  visit(tree, (node) => {
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText(tree);
      const isClock = called === 'Date.now' || called === 'performance.now';
      const isOther = called === 'Math.random' || called.startsWith('process.hrtime');
      if (isClock || isOther || timers.includes(called))
        bad.push(complaint(tree, node, `${called} ${text}`));
    }
    const isNow = ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0;
    if (isNow && node.expression.getText(tree) === 'Date') {
      bad.push(complaint(tree, node, `new Date() ${text}`));
    }
  });
  return bad;
}

/** Default exports, enums, and `let` or `var` of a module. */
export function badDeclarations(tree: ts.SourceFile): string[] {
  const bad: string[] = [];
  visit(tree, (node) => {
    if (ts.isExportAssignment(node)) bad.push(complaint(tree, node, 'has a default export'));
    if (ts.isEnumDeclaration(node)) bad.push(complaint(tree, node, 'has an enum; use a union'));
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
    if (modifiers?.some((word) => word.kind === ts.SyntaxKind.DefaultKeyword)) {
      bad.push(complaint(tree, node, 'has a default export'));
    }
  });
  return bad;
}

/** Private accessors: V8 goes through its runtime at each use of one, also in compiled code. */
export function privateAccessors(tree: ts.SourceFile): string[] {
  const bad: string[] = [];
  visit(tree, (node) => {
    if (!ts.isAccessor(node) || !ts.isPrivateIdentifier(node.name)) return;
    bad.push(complaint(tree, node, `${node.name.text} is slow as an accessor; make it a method`));
  });
  return bad;
}

/** Variables of a module that can change. */
export function moduleState(tree: ts.SourceFile): string[] {
  return tree.statements
    .filter((node) => ts.isVariableStatement(node))
    .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) === 0)
    .map((node) =>
      complaint(tree, node, 'has a variable of the module: two servers would share it'),
    );
}

/** Functions over the limit; `describe` blocks of tests are no functions in this sense. */
export function longFunctions(tree: ts.SourceFile, limit: number = MAX_FUNCTION_LINES): string[] {
  const bad: string[] = [];
  visit(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const lines = lineOf(tree, node.getEnd()) - lineOf(tree, node.getStart(tree)) + 1;
    if (lines <= limit) return;
    const name = node.name?.getText(tree) ?? 'a function';
    bad.push(complaint(tree, node, `${name} has ${lines} lines, the limit is ${limit}`));
  });
  return bad;
}

/**
 * Lines of code over the limit of columns, but those whose words are one literal that cannot be
 * broken.
 */
export function wideLines(tree: ts.SourceFile): string[] {
  const literalLines = new Set<number>();
  visit(tree, (node) => {
    if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return;
    const first = lineOf(tree, node.getStart(tree));
    for (let line = first; line <= lineOf(tree, node.getEnd()); line++) literalLines.add(line);
  });
  const bad: string[] = [];
  for (const [index, line] of tree.text.split('\n').entries()) {
    if (line.length <= MAX_COLUMNS || isComment(line) || literalLines.has(index + 1)) continue;
    bad.push(
      `${tree.fileName}:${index + 1} has ${line.length} columns, the limit is ${MAX_COLUMNS}`,
    );
  }
  return bad;
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line);
}

/**
 * Lines of comment over the limit of columns. Drawings and tables (indented by two blanks or more),
 * rulers, and an address on a line of its own may be wider.
 */
export function wideComments(file: SourceFile): string[] {
  const mayBeWide = /^\s*(?:\/\/|\/\*\*?|\*)(?: {2,}\S| ?https?:\S+$|\W*$)/;
  return file.text.split('\n').flatMap((line, index) => {
    if (line.length <= MAX_COLUMNS || !isComment(line) || mayBeWide.test(line)) return [];
    return [`${file.path}:${index + 1} has a comment of ${line.length} columns`];
  });
}

/** Promises to finish something later. */
export function unfinishedMarks(file: SourceFile): string[] {
  return file.text.split('\n').flatMap((line, index) => {
    const word = /(?:\/\/|\/\*|\*|#)[^\n]*\b(TODO|FIXME|XXX|HACK)\b/.exec(line)?.[1];
    return word === undefined ? [] : [`${file.path}:${index + 1} says ${word}`];
  });
}

/** Paths of somebody's machine, and addresses of registries. */
export function machinePaths(file: SourceFile): string[] {
  const patterns = [
    /\/home\/[a-z]+\//,
    /\/Users\/[A-Za-z]+\//,
    /\/root\//,
    /\/work\//,
    /\/tmp\/ref\b/,
  ];
  return file.text.split('\n').flatMap((line, index) => {
    const found = patterns
      .map((pattern) => pattern.exec(line)?.[0])
      .find((hit) => hit !== undefined);
    return found === undefined
      ? []
      : [`${file.path}:${index + 1} names a machine's path: ${found}`];
  });
}

/**
 * `throw`s other than of an error class that the caller names (asserts are calls, and no throws).
 */
export function badThrows(tree: ts.SourceFile, allowed: readonly string[]): string[] {
  const bad: string[] = [];
  visit(tree, (node) => {
    if (!ts.isThrowStatement(node)) return;
    const { expression } = node;
    const name = ts.isNewExpression(expression) ? expression.expression.getText(tree) : undefined;
    if (name !== undefined && allowed.includes(name)) return;
    bad.push(complaint(tree, node, 'throws: reply errors are written, broken invariants asserted'));
  });
  return bad;
}

/** `async` functions and `await`. */
export function asyncUses(tree: ts.SourceFile): string[] {
  const bad: string[] = [];
  visit(tree, (node) => {
    const isAsync = node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node);
    if (isAsync) bad.push(complaint(tree, node, 'is async: a command runs from start to end'));
  });
  return bad;
}

/** True when the file says at its top what it is for. */
export function hasHeader(file: SourceFile): boolean {
  const lines = file.text.replace(/^#!.*\n/, '').split('\n');
  return lines[0] !== undefined && /^(\/\/|\/\*)\s*\S/.test(lines[0]);
}
