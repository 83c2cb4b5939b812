// The command line, by the forms that Redis's own suite tries (unit/introspection) and some beyond.
import { expect, test } from 'vitest';
import { argumentBytes, parseCommandLine } from './command-line.ts';

test.each<[string[], string]>([
  [['--port'], 'port '],
  [['--port', '6380', '--loglevel'], 'port "6380" \nloglevel '],
  [['--port', '6379', '6380'], 'port "6379" "6380" '],
  [['--port', '--bla', '--loglevel', 'verbose'], 'port "--bla" \nloglevel "verbose" '],
  [['--port', '--loglevel', 'verbose'], 'port "--loglevel" "verbose" '],
  [['--maxmemory 700mb', '--hz 20'], 'maxmemory 700mb \nhz 20 '],
  [['--save', '--loglevel', 'verbose'], 'save ""\nloglevel "verbose" '],
  [['--loglevel', 'verbose', '--save'], 'loglevel "verbose" \nsave ""'],
  [['--save', '', '--hz', '1'], 'save "" \nhz "1" '],
  [['--SAVE', '--hz', '1'], 'SAVE ""\nhz "1" '],
  [['--proc-title-template', '--save', '--save', ''], 'proc-title-template "--save" \nsave "" '],
  [['--sentinel', '--port', '1'], 'sentinel \nport "1" '],
  [['--dbfilename', 'a "b"'], 'dbfilename "a \\"b\\"" '],
  [['--bind', 'a', 'b'], 'bind "a" "b" '],
  [['-x'], '"-x" '],
])('%j becomes lines of redis.conf', (words, options) => {
  const sentinel = words.includes('--sentinel');
  const expected = { kind: 'run', configFile: null, readStdin: false, options, sentinel };
  expect(parseCommandLine(words)).toEqual(expected);
});

test.each<[string[], string | null, boolean, string]>([
  [[], null, false, ''],
  [['a.conf'], 'a.conf', false, ''],
  [['a.conf', '--hz', '1'], 'a.conf', false, 'hz "1" '],
  [['a.conf', 'loglevel', 'verbose'], 'a.conf', false, '"loglevel" "verbose" '],
  [['-'], null, true, ''],
  [['-', '--hz', '1'], null, true, 'hz "1" '],
  [['a.conf', '--hz', '1', '-'], 'a.conf', true, 'hz "1" '],
  [['a.conf', '--hz', '-', '--port', '1'], 'a.conf', false, 'hz "-" \nport "1" '],
])('%j: file and standard input', (words, configFile, readStdin, options) => {
  expect(parseCommandLine(words)).toMatchObject({ configFile, readStdin, options });
});

test('what is no start of a server', () => {
  expect(parseCommandLine(['-v'])).toEqual({ kind: 'version' });
  expect(parseCommandLine(['--version', 'x'])).toEqual({ kind: 'version' });
  expect(parseCommandLine(['--help'])).toEqual({ kind: 'help' });
  expect(parseCommandLine(['-h'])).toEqual({ kind: 'help' });
  expect(parseCommandLine(['--check-system'])).toEqual({ kind: 'check-system' });
  expect(parseCommandLine(['--test-memory', '64'])).toEqual({ kind: 'test-memory', megabytes: 64 });
  expect(parseCommandLine(['--test-memory'])).toEqual({ kind: 'test-memory', megabytes: null });
  expect(parseCommandLine(['a.conf', '--version'])).toMatchObject({ kind: 'run' });
});

test('words become bytes', () => {
  expect(argumentBytes('é€')).toBe('\xc3\xa9\xe2\x82\xac');
});
