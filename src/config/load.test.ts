// Reading redis.conf: order, save lines, includes, directives, and the report about a mistake.
// Expected texts are those that redis-server 7.2.5 prints for the same files.
import { describe, expect, test } from 'vitest';
import { argumentBytes, parseCommandLine } from './command-line.ts';
import { Config } from './config.ts';
import { ConfigFileError, type LoadedDirectives, type LoadSettings, loadConfig } from './load.ts';
import { MemoryDisk } from './memory-disk.ts';

interface Loaded {
  readonly config: Config;
  readonly found: LoadedDirectives;
}

function load(
  text: string,
  words: string[] = [],
  files: { [path: string]: string } = {},
  settings: Partial<LoadSettings> = {},
  disk: MemoryDisk = new MemoryDisk(),
): Loaded {
  for (const [path, content] of Object.entries(files)) disk.files.set(path, content);
  disk.files.set('/redis.conf', text);
  const line = parseCommandLine(['/redis.conf', ...words.map(argumentBytes)]);
  const options = line.kind === 'run' ? line.options : '';
  const config = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });
  const source = { file: '/redis.conf', stdin: null, options };
  const found = loadConfig(config, disk, source, { version: '7.2.5', ...settings });
  return { config, found };
}

function mistake(...args: Parameters<typeof load>): ConfigFileError {
  try {
    load(...args);
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

test('comments, blanks, carriage returns, names in any case, immutable options', () => {
  const { config } = load('# c\n\n  TIMEOUT\t7 \r\n databases 3\ntimeout 8');
  expect([config.get('timeout'), config.get('databases')]).toEqual([8, 3]);
});

test('options of the command line come last', () => {
  const { config } = load('hz 20\nport 1', ['--hz', '30', '--maxmemory 1kb']);
  expect([config.get('hz'), config.get('port'), config.get('maxmemory')]).toEqual([30, 1, 1024]);
});

test('standard input comes between file and options', () => {
  const disk = new MemoryDisk();
  const config = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });
  const source = { file: null, stdin: 'hz 20\ntimeout 5', options: 'hz 30' };
  loadConfig(config, disk, source, { version: '7.2.5' });
  expect([config.get('hz'), config.get('timeout')]).toEqual([30, 5]);
});

describe('save lines', () => {
  test.each<[string, string[], string]>([
    ['', [], '3600 1 300 100 60 10000'],
    ['save 100 1\nsave 200 2', [], '100 1 200 2'],
    ['save 100 1 200 2', [], '100 1 200 2'],
    ['save "100 1 200 2"', [], '100 1 200 2'],
    ['save ""', [], ''],
    ['save ""\nsave 5 5', [], '5 5'],
    ['save 5 5\nsave ""', [], ''],
    ['save 900 1', ['--save', '100', '100'], '900 1 100 100'],
    ['save 900 1', ['--save', ''], ''],
    ['save 1 1\ninclude inc\nsave 7 7\nsave 8 8', [], '8 8'],
  ])('%j %j', (text, words, save) => {
    expect(load(text, words, { '/inc': 'save 5 5' }).config.format('save')).toBe(save);
  });
});

test('several words: apart, as one, or over several lines', () => {
  const { config } = load(
    'shutdown-on-sigint nosave force now\nshutdown-on-sigterm "nosave force"\nbind a b\n' +
      'client-output-buffer-limit normal 1mb 2 3\nclient-output-buffer-limit slave 4 5 6',
  );
  expect(config.format('shutdown-on-sigint')).toBe('nosave now force');
  expect(config.format('shutdown-on-sigterm')).toBe('nosave force');
  expect(config.format('bind')).toBe('a b');
  expect(config.format('client-output-buffer-limit')).toBe(
    'normal 1048576 2 3 slave 4 5 6 pubsub 33554432 8388608 60',
  );
});

describe('include', () => {
  test('is read in its place, also by a pattern, also none', () => {
    const files = { '/d/b.conf': 'hz 30\ntimeout 2', '/d/a.conf': 'hz 20\nport 5' };
    const { config } = load('timeout 1\ninclude d/*.conf\ninclude none*.conf\nport 6', [], files);
    expect([config.get('timeout'), config.get('hz'), config.get('port')]).toEqual([2, 30, 6]);
  });

  test('is relative to dir', () => {
    expect(load('dir d\ninclude x', [], { '/d/x': 'hz 30' }).config.get('hz')).toBe(30);
  });

  test('reports the line of the included file', () => {
    const { report } = mistake('include x', [], { '/x': '\n\nbad line' });
    expect(report).toContain("at line 3\n>>> 'bad line'\n");
  });

  test('of a file that is not there goes to the log', () => {
    const error = mistake('include nope.conf');
    expect(error.target).toBe('log');
    expect(error.report).toBe(
      "Fatal error, can't open config file 'nope.conf': No such file or directory",
    );
  });

  test('of a folder gives no lines, as it is where the file itself is a folder', () => {
    const disk = new MemoryDisk();
    disk.failures.set('/conf.d', 'Is a directory');
    expect(load('include conf.d\nhz 30', [], {}, {}, disk).config.get('hz')).toBe(30);
    disk.failures.set('/redis.conf', 'Is a directory');
    expect(load('', ['--hz', '31'], {}, {}, disk).config.get('hz')).toBe(31);
    disk.failures.clear();
    disk.failures.set('/', 'Is a directory');
    expect(mistake('include ""', [], {}, {}, disk).report).toBe(
      "Fatal error, can't open config file '': No such file or directory",
    );
  });

  test('of itself ends', () => {
    expect(mistake('include redis.conf').report).toContain('Too many nested include directives');
  });
});

describe('a mistake is reported with its line', () => {
  test('in full', () => {
    const error = mistake('timeout 5\n port\t12  13 \n');
    expect([error.code, error.target]).toEqual(['CONFIG_FILE', 'stderr']);
    expect(error.report).toBe(
      '\n*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\n' +
        "Reading the configuration file, at line 2\n>>> 'port\t12  13'\n" +
        'wrong number of arguments\n',
    );
  });

  test.each<[string, string]>([
    ['requirepass "a', 'Unbalanced quotes in configuration line'],
    ['nope 1', 'Bad directive or wrong number of arguments'],
    ['rename-command get', 'Bad directive or wrong number of arguments'],
    ['user', 'Bad directive or wrong number of arguments'],
    ['list-max-ziplist-entries 1 2', 'Bad directive or wrong number of arguments'],
    ['a.b', 'Module config specified without value'],
    ['sentinel monitor x', 'sentinel directive while not in sentinel mode'],
    ['replicaof 127.0.0.1 abc', 'Invalid master port'],
    ['replicaof 127.0.0.1', 'wrong number of arguments'],
    [
      'shutdown-on-sigint',
      'argument(s) must be one of the following: default, save, nosave, now, force',
    ],
    ['unixsocketperm 999', "argument couldn't be parsed as an octal number"],
    ['unixsocketperm 1000', 'argument must be between 0 and 777 inclusive'],
    ['databases 0', 'argument must be between 1 and 2147483647 inclusive'],
    ['dir /nope', 'No such file or directory'],
    ['appendfilename ""', "appendfilename can't be empty"],
    ['appenddirname a/b', "appenddirname can't be a path, just a dirname"],
    ['supervised x', 'argument(s) must be one of the following: upstart, systemd, auto, no'],
  ])('%j', (text, reason) => {
    const { report } = mistake(text);
    expect(report).toContain(`at line 1\n>>> '${text}'\n${reason}\n`);
  });

  test('of the command line, in the form it was given there', () => {
    expect(mistake('', ['--port', '6379', '6380']).report).toContain(
      '>>> \'port "6379" "6380"\'\nwrong number of arguments\n',
    );
  });

  test('without a line when only several together are wrong', () => {
    const text = 'cluster-enabled yes\nreplicaof h 1';
    expect(mistake(text).report).toBe(
      '\n*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\n' +
        'replicaof directive not allowed in cluster mode\n',
    );
    const disk = new MemoryDisk();
    disk.failures.set('/x/log', 'Permission denied');
    expect(mistake('logfile x/log', [], {}, {}, disk).report).toContain(
      "***\nCan't open the log file: Permission denied\n",
    );
  });
});

describe('directives', () => {
  test('are collected', () => {
    const { found } = load(
      'user a on +@all\nrename-command GET ""\nloadmodule m.so x y\nMod.opt 1 2\n' +
        'lua-replicate-commands yes\nsentinel\nuser b off',
    );
    expect(found).toEqual({
      users: [
        ['a', 'on', '+@all'],
        ['b', 'off'],
      ],
      renamedCommands: [['GET', '']],
      renamedAt: [{ line: 2, text: 'rename-command GET ""' }],
      modules: [{ path: 'm.so', args: ['x', 'y'] }],
      moduleOptions: new Map([['mod.opt', '1 2']]),
    });
  });

  test('may be refused by whom they concern', () => {
    const settings: Partial<LoadSettings> = {
      renameCommand: (from) => (from === 'nope' ? 'No such command in rename-command' : null),
      declareUser: ([name]) => (name === 'x' ? "Error in user declaration 'z': why" : null),
    };
    const text = 'rename-command get g\nrename-command nope x';
    expect(mistake(text, [], {}, settings).report).toContain(
      "at line 2\n>>> 'rename-command nope x'\nNo such command in rename-command\n",
    );
    expect(mistake('user x z', [], {}, settings).report).toContain(
      "Error in user declaration 'z': why\n",
    );
  });
});

test('a cluster has one database', () => {
  const warnings: string[] = [];
  const settings = { warn: (text: string) => warnings.push(text) };
  const { config } = load('cluster-enabled yes\ndatabases 5', [], {}, settings);
  expect(config.get('databases')).toBe(1);
  expect(warnings).toEqual([
    'WARNING: Changing databases number from 5 to 1 since we are in cluster mode',
  ]);
});
