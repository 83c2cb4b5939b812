// Where COMMAND INFO of Redis 7.2, which disgo follows, differs from that of 7.0: facts of 7.2.5's
// own declarations (src/commands/*.json). Data; an entry that no longer differs is reported.

export interface CommandDifference {
  readonly commands: readonly string[];
  readonly field: 'arity' | 'flags' | 'categories' | 'tips' | 'key specs';
  readonly ours: string;
  readonly real: string;
  readonly reason: string;
}

const BLOCKING_REASON = '7.2 lets scripts call blocking commands, which then do not wait';
const ON_ALL_NODES = 'request_policy:all_nodes response_policy:all_succeeded';

export const commandDifferences: readonly CommandDifference[] = [
  {
    commands: ['cluster|shards', 'cluster|slots'],
    field: 'flags',
    ours: 'loading stale',
    real: 'stale',
    reason: '7.2 answers them while it loads',
  },
  {
    commands: [
      'client|setname',
      'config|resetstat',
      'config|rewrite',
      'acl|deluser',
      'acl|setuser',
      'acl|save',
    ],
    field: 'tips',
    ours: ON_ALL_NODES,
    real: '',
    reason: '7.2 tells that it concerns every node',
  },
  {
    commands: ['latency|reset'],
    field: 'tips',
    ours: 'request_policy:all_nodes response_policy:agg_sum',
    real: ON_ALL_NODES,
    reason: '7.2 corrects it: the replies are numbers',
  },
  {
    commands: ['randomkey'],
    field: 'tips',
    ours: 'nondeterministic_output request_policy:all_shards response_policy:special',
    real: 'nondeterministic_output request_policy:all_shards',
    reason: '7.2 tells what to do with the replies of several shards',
  },
  {
    commands: ['scan'],
    field: 'tips',
    ours: 'nondeterministic_output request_policy:special response_policy:special',
    real: 'nondeterministic_output request_policy:special',
    reason: '7.2 tells what to do with the replies of several shards',
  },
  {
    commands: ['msetnx'],
    field: 'tips',
    ours: '',
    real: 'request_policy:multi_shard response_policy:agg_min',
    reason: '7.2 corrects it: MSETNX cannot be split over shards',
  },
  {
    commands: ['blmove', 'brpoplpush'],
    field: 'flags',
    ours: 'blocking denyoom write',
    real: 'blocking denyoom noscript write',
    reason: BLOCKING_REASON,
  },
  {
    commands: ['blpop', 'brpop'],
    field: 'flags',
    ours: 'blocking write',
    real: 'blocking noscript write',
    reason: BLOCKING_REASON,
  },
  {
    commands: ['bzpopmax', 'bzpopmin'],
    field: 'flags',
    ours: 'blocking fast write',
    real: 'blocking fast noscript write',
    reason: BLOCKING_REASON,
  },
  {
    commands: ['wait'],
    field: 'flags',
    ours: '',
    real: 'noscript',
    reason: BLOCKING_REASON,
  },
  {
    commands: ['zrank', 'zrevrank'],
    field: 'arity',
    ours: '-3',
    real: '3',
    reason: 'WITHSCORE came with 7.2',
  },
  {
    commands: ['command|getkeys', 'command|getkeysandflags'],
    field: 'arity',
    ours: '-3',
    real: '-4',
    reason: '7.2 takes a command without arguments',
  },
];
