// The real disk of the configuration, in a temporary folder.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { argumentBytes } from './command-line.ts';
import { nodeDisk } from './node-disk.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'disgo-config-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (...parts: string[]): string => argumentBytes(join(folder, ...parts));

test('writes a file whole, under a name of any language, and leaves nothing beside it', () => {
  const path = at('ré.conf');
  expect(nodeDisk.writeAtomically(path, 'one\xff\n')).toBeNull();
  expect(nodeDisk.writeAtomically(path, 'two\xfe\n')).toBeNull();
  expect(readdirSync(folder)).toEqual(['ré.conf']);
  expect(readFileSync(join(folder, 'ré.conf'), 'latin1')).toBe('two\xfe\n');
  expect(nodeDisk.read(path)).toEqual({ text: 'two\xfe\n' });
});

test('passes over a temporary name that a crash left behind', () => {
  writeFileSync(join(folder, `a.conf.${process.pid}.1`), 'left');
  expect(nodeDisk.writeAtomically(at('a.conf'), 'new')).toBeNull();
  expect(readFileSync(join(folder, 'a.conf'), 'latin1')).toBe('new');
});

test('a failed write leaves no temporary file and says why', () => {
  mkdirSync(join(folder, 'taken'));
  writeFileSync(join(folder, 'taken', 'x'), '');
  expect(nodeDisk.writeAtomically(at('taken'), 'x')).not.toBeNull();
  expect(readdirSync(folder)).toEqual(['taken']);
  expect(nodeDisk.writeAtomically(at('nope', 'x'), 'x')).toBe('No such file or directory');
});

test('says why it cannot read', () => {
  expect(nodeDisk.read(at('nope'))).toEqual({
    error: 'No such file or directory',
    missing: true,
    isFolder: false,
  });
  expect(nodeDisk.read(at('.'))).toEqual({
    error: 'Is a directory',
    missing: false,
    isFolder: true,
  });
});

test('finds folders and refuses what is none', () => {
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'file'), '');
  expect(nodeDisk.resolveDirectory('sub', at())).toEqual({ path: at('sub') });
  expect(nodeDisk.resolveDirectory('..', at('sub'))).toEqual({ path: at() });
  expect(nodeDisk.resolveDirectory('', at())).toEqual({ error: 'No such file or directory' });
  expect(nodeDisk.resolveDirectory('nope', at())).toEqual({ error: 'No such file or directory' });
  expect(nodeDisk.resolveDirectory('file', at())).toEqual({ error: 'Not a directory' });
});

test('matches patterns in any part of a path, sorted, hidden files only when asked', () => {
  for (const path of ['d1/b.conf', 'd1/a.conf', 'd2/c.conf', 'd2/.h.conf', 'd2/x.txt']) {
    mkdirSync(join(folder, path.slice(0, 2)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  const found = (pattern: string): string[] =>
    nodeDisk.glob(pattern, at()).map((path) => path.slice(at().length + 1).replaceAll('\\', '/'));
  expect(found('d?/*.conf')).toEqual(['d1/a.conf', 'd1/b.conf', 'd2/c.conf']);
  expect(found('d[!1]/*.conf')).toEqual(['d2/c.conf']);
  expect(found('*/.h*')).toEqual(['d2/.h.conf']);
  expect(found('nope/*')).toEqual([]);
  expect(nodeDisk.glob(at('d2', 'x.*'), '/')).toEqual([at('d2', 'x.txt')]);
});

test('tries whether a log can be written', () => {
  expect(nodeDisk.tryAppend(at('log'))).toBeNull();
  expect(existsSync(join(folder, 'log'))).toBe(true);
  expect(nodeDisk.tryAppend(at('nope', 'log'))).toBe('No such file or directory');
});

test.skipIf(process.platform === 'win32')(
  'a new file is readable for all as the umask allows',
  () => {
    const before = process.umask();
    expect(nodeDisk.writeAtomically(at('m.conf'), 'x')).toBeNull();
    chmodSync(join(folder, 'm.conf'), 0o600);
    expect(nodeDisk.writeAtomically(at('m.conf'), 'y')).toBeNull();
    expect(nodeDisk.read(at('m.conf'))).toEqual({ text: 'y' });
    expect(process.umask()).toBe(before);
  },
);
