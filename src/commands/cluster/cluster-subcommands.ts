// The subcommands of CLUSTER as data, all of them refused alike.
// https://redis.io/docs/latest/commands/cluster/

import type { CommandFlag, CommandSpec } from '../../engine/command-spec.ts';
import { refuseCluster } from './refusal.ts';

const CHANGE: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading'];
const ADMIN: readonly CommandFlag[] = ['admin', 'stale'];
const LOOK: readonly CommandFlag[] = ['stale'];
const ANYTIME: readonly CommandFlag[] = ['loading', 'stale'];
const VARIES = ['nondeterministic_output'];

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'arity' | 'flags'> & Partial<CommandSpec>;

const FACTS: readonly Facts[] = [
  {
    name: 'addslots',
    summary: 'Gives slots to this node.',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arity: -3,
    flags: CHANGE,
    args: [{ name: 'slot', type: 'integer', multiple: true }],
  },
  {
    name: 'addslotsrange',
    since: '7.0.0',
    summary: 'Gives ranges of slots to this node.',
    complexity:
      'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arity: -4,
    flags: CHANGE,
    args: [
      {
        name: 'range',
        type: 'block',
        multiple: true,
        args: [
          { name: 'start-slot', type: 'integer' },
          { name: 'end-slot', type: 'integer' },
        ],
      },
    ],
  },
  {
    name: 'bumpepoch',
    summary: 'Raises the epoch of the configuration.',
    arity: 2,
    flags: CHANGE,
    tips: VARIES,
  },
  {
    name: 'count-failure-reports',
    summary: 'Counts the reports that a node has failed.',
    complexity: 'O(N) where N is the number of failure reports',
    arity: 3,
    flags: ADMIN,
    tips: VARIES,
    args: [{ name: 'node-id', type: 'string' }],
  },
  {
    name: 'countkeysinslot',
    summary: 'Counts the keys of a slot.',
    arity: 3,
    flags: LOOK,
    args: [{ name: 'slot', type: 'integer' }],
  },
  {
    name: 'delslots',
    summary: 'Takes slots from this node.',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arity: -3,
    flags: CHANGE,
    args: [{ name: 'slot', type: 'integer', multiple: true }],
  },
  {
    name: 'delslotsrange',
    since: '7.0.0',
    summary: 'Takes ranges of slots from this node.',
    complexity:
      'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arity: -4,
    flags: CHANGE,
    args: [
      {
        name: 'range',
        type: 'block',
        multiple: true,
        args: [
          { name: 'start-slot', type: 'integer' },
          { name: 'end-slot', type: 'integer' },
        ],
      },
    ],
  },
  {
    name: 'failover',
    summary: 'Makes a replica the master by hand.',
    arity: -2,
    flags: CHANGE,
    args: [
      {
        name: 'options',
        type: 'oneof',
        optional: true,
        args: [
          { name: 'force', type: 'pure-token', token: 'FORCE' },
          { name: 'takeover', type: 'pure-token', token: 'TAKEOVER' },
        ],
      },
    ],
  },
  {
    name: 'flushslots',
    summary: 'Takes all slots from this node.',
    arity: 2,
    flags: CHANGE,
  },
  {
    name: 'forget',
    summary: 'Takes a node out of the table of nodes.',
    arity: 3,
    flags: CHANGE,
    args: [{ name: 'node-id', type: 'string' }],
  },
  {
    name: 'getkeysinslot',
    summary: 'Lists keys of a slot.',
    complexity: 'O(N) where N is the number of requested keys',
    arity: 4,
    flags: LOOK,
    tips: VARIES,
    args: [
      { name: 'slot', type: 'integer' },
      { name: 'count', type: 'integer' },
    ],
  },
  {
    name: 'help',
    since: '5.0.0',
    summary: 'Lists what CLUSTER can do.',
    arity: 2,
    flags: ANYTIME,
  },
  {
    name: 'info',
    summary: 'Describes the state of this node.',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
  },
  {
    name: 'keyslot',
    summary: 'Tells the slot of a key.',
    complexity: 'O(N) where N is the number of bytes in the key',
    arity: 3,
    flags: LOOK,
    args: [{ name: 'key', type: 'string' }],
  },
  {
    name: 'links',
    since: '7.0.0',
    summary: 'Lists the connections between the nodes.',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
  },
  {
    name: 'meet',
    summary: 'Greets another node.',
    arity: -4,
    flags: CHANGE,
    args: [
      { name: 'ip', type: 'string' },
      { name: 'port', type: 'integer' },
      { name: 'cluster-bus-port', type: 'integer', since: '4.0.0', optional: true },
    ],
    history: [['4.0.0', 'Added the optional `cluster_bus_port` argument.']],
  },
  {
    name: 'myid',
    summary: 'Tells the id of this node.',
    arity: 2,
    flags: LOOK,
  },
  {
    name: 'myshardid',
    since: '7.2.0',
    summary: 'Tells the id of the shard of this node.',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
  },
  {
    name: 'nodes',
    summary: 'Shows the nodes as this one knows them.',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
  },
  {
    name: 'replicas',
    since: '5.0.0',
    summary: 'Lists the replicas of a master.',
    complexity: 'O(N) where N is the number of replicas.',
    arity: 3,
    flags: ADMIN,
    tips: VARIES,
    args: [{ name: 'node-id', type: 'string' }],
  },
  {
    name: 'replicate',
    summary: 'Makes this node the replica of a master.',
    arity: 3,
    flags: CHANGE,
    args: [{ name: 'node-id', type: 'string' }],
  },
  {
    name: 'reset',
    summary: 'Makes this node a new one.',
    complexity:
      'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    arity: -2,
    flags: ['admin', 'noscript', 'stale'],
    args: [
      {
        name: 'reset-type',
        type: 'oneof',
        optional: true,
        args: [
          { name: 'hard', type: 'pure-token', token: 'HARD' },
          { name: 'soft', type: 'pure-token', token: 'SOFT' },
        ],
      },
    ],
  },
  {
    name: 'saveconfig',
    summary: 'Writes the state of the cluster to disk.',
    arity: 2,
    flags: CHANGE,
  },
  {
    name: 'set-config-epoch',
    summary: 'Sets the epoch of a new node.',
    arity: 3,
    flags: CHANGE,
    args: [{ name: 'config-epoch', type: 'integer' }],
  },
  {
    name: 'setslot',
    summary: 'Binds a slot to a node.',
    arity: -4,
    flags: CHANGE,
    args: [
      { name: 'slot', type: 'integer' },
      {
        name: 'subcommand',
        type: 'oneof',
        args: [
          { name: 'importing', type: 'string', display: 'node-id', token: 'IMPORTING' },
          { name: 'migrating', type: 'string', display: 'node-id', token: 'MIGRATING' },
          { name: 'node', type: 'string', display: 'node-id', token: 'NODE' },
          { name: 'stable', type: 'pure-token', token: 'STABLE' },
        ],
      },
    ],
  },
  {
    name: 'shards',
    since: '7.0.0',
    summary: 'Shows which shard has which slots.',
    complexity: 'O(N) where N is the total number of cluster nodes',
    arity: 2,
    flags: ANYTIME,
    tips: VARIES,
  },
  {
    name: 'slaves',
    summary: 'Lists the replicas of a master.',
    complexity: 'O(N) where N is the number of replicas.',
    arity: 3,
    flags: ADMIN,
    tips: VARIES,
    args: [{ name: 'node-id', type: 'string' }],
    deprecated: { since: '5.0.0', replacedBy: '`CLUSTER REPLICAS`' },
    docFlags: ['deprecated'],
  },
  {
    name: 'slots',
    summary: 'Shows which node has which slots.',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: ANYTIME,
    tips: VARIES,
    history: [
      ['4.0.0', 'Added node IDs.'],
      ['7.0.0', 'Added additional networking metadata field.'],
    ],
    deprecated: { since: '7.0.0', replacedBy: '`CLUSTER SHARDS`' },
    docFlags: ['deprecated'],
  },
];

/** The subcommands of CLUSTER. */
export const clusterSubcommands: readonly CommandSpec[] = FACTS.map((facts) => ({
  group: 'cluster',
  since: '3.0.0',
  complexity: 'O(1)',
  ...facts,
  run: refuseCluster,
}));
