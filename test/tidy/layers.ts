// Who may import whom, as data: the table of docs/ARCHITECTURE.md. Each folder of src/ names the
// folders it may import from; whatever is not named is refused with the reason that stands beside
// it. Owned by test/tidy; layers.test.ts applies it.

export interface Layer {
  /** Folders of src/ that it may import from, itself aside. */
  readonly imports: readonly string[];
  /** Why it may import nothing else: ends the sentence "X may not import Y because ...". */
  readonly because: string;
  /** Modules of Node that its files may import; none unless given. */
  readonly node?: readonly string[] | 'any';
}

const COMMAND_LAYERS = [
  'bytes',
  'memory',
  'structures',
  'values',
  'keyspace',
  'rdb',
  'protocol',
  'engine',
];

/** The layer of commands/<group>: every group has the same rule. */
export const commandGroup: Layer = {
  imports: COMMAND_LAYERS,
  because: 'a command knows what is under it, never another group, a feature, or Node',
};

export const layers: Readonly<Record<string, Layer>> = {
  bytes: { imports: [], because: 'bytes knows nothing of Redis and stands on nothing' },
  memory: { imports: ['bytes'], because: 'the arena hands out blocks and knows not what for' },
  structures: {
    imports: ['bytes', 'memory'],
    because: 'a structure knows no keyspace, no command, no client and no RESP',
  },
  values: {
    imports: ['bytes', 'memory', 'structures'],
    because: 'a type says what it can do, whoever asks; it knows no RESP and no clients',
  },
  keyspace: {
    imports: ['bytes', 'memory', 'structures', 'values'],
    because: 'databases serve any caller: commands, loading, replication',
  },
  rdb: {
    imports: ['bytes', 'memory', 'structures', 'values', 'keyspace'],
    because: 'the format serves DUMP, files and replicas alike, and knows no command and no disk',
  },
  'rdb-tool': {
    imports: ['bytes', 'memory', 'structures', 'values', 'keyspace', 'rdb'],
    because: 'what is told of a dump, or written anew, needs no command, no server and no disk',
  },
  protocol: {
    imports: ['bytes'],
    because: 'the protocol carries bytes and knows not what they mean',
  },
  engine: {
    imports: ['bytes', 'memory', 'structures', 'values', 'keyspace', 'rdb', 'protocol', 'runtime'],
    because: 'the engine runs any command and knows no particular one, no feature and no socket',
  },
  commands: {
    imports: ['engine'],
    because: 'src/commands/index.ts only joins the lists of the groups',
  },
  config: {
    imports: ['bytes'],
    because: 'options are read by everyone, so they may depend on nobody',
    node: ['node:fs', 'node:os', 'node:path', 'node:util'],
  },
  lua: {
    imports: ['bytes'],
    because: 'Lua is a language: it knows nothing of Redis',
    node: ['node:vm'],
  },
  scripting: {
    imports: [...COMMAND_LAYERS, 'config', 'lua', 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:crypto', 'node:v8'],
  },
  acl: {
    imports: [...COMMAND_LAYERS, 'config', 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:crypto'],
  },
  introspection: {
    imports: [...COMMAND_LAYERS, 'config', 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:crypto', 'node:os', 'node:perf_hooks'],
  },
  pubsub: {
    imports: [...COMMAND_LAYERS],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
  },
  replication: {
    imports: [...COMMAND_LAYERS, 'config', 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:stream'],
  },
  migration: {
    imports: [...COMMAND_LAYERS, 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:stream'],
  },
  tracking: {
    imports: [...COMMAND_LAYERS, 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
  },
  persistence: {
    imports: [...COMMAND_LAYERS, 'config', 'runtime'],
    because: 'a feature reaches the rest through the engine, never another feature or the sockets',
    node: ['node:child_process', 'node:fs', 'node:os', 'node:stream'],
  },
  runtime: {
    imports: [],
    because: 'clock, timers, chance and memory of the machine come in through here',
    node: 'any',
  },
  server: {
    imports: [
      ...COMMAND_LAYERS,
      'acl',
      'commands',
      'config',
      'introspection',
      'migration',
      'persistence',
      'pubsub',
      'replication',
      'runtime',
      'scripting',
      'tracking',
    ],
    because: 'the server puts the parts together; the program and the package stand above it',
    node: 'any',
  },
  cli: {
    imports: [
      'config',
      'keyspace',
      'memory',
      'persistence',
      'rdb',
      'rdb-tool',
      'runtime',
      'server',
      'structures',
    ],
    because: 'the programs read their command line; they start a server or look over its files',
    node: 'any',
  },
};

/** Files directly in src/: what they may import. */
export const rootFiles: Readonly<Record<string, Layer>> = {
  'index.ts': {
    node: ['node:cluster', 'node:dns'],
    imports: ['server'],
    because: 'the package is the embedding API and shows nothing of what is inside',
  },
  'version.ts': { imports: [], because: 'the version is a fact' },
};

/** Everybody may import these files of src/. */
export const sharedFiles: readonly string[] = ['version.ts'];

/**
 * Imports that break the table, each with its reason: `from -> to`. A line that is no longer needed
 * fails the test.
 */
export const importExceptions: Readonly<Record<string, string>> = {};
