// Which units of Redis's own suite run in CI, and what is left out of them. A unit in whole is one
// line. `leaveOut` names tests that may not even be started (they would hang the unit or end it); a
// test that merely fails belongs in exceptions.txt, where it keeps being run. Owned by test/redis-
// suite; read by main.ts.

export interface Unit {
  readonly name: string;
  /** Extra flags of the suite's own runner. */
  readonly flags?: readonly string[];
  /** Tests that are not started: exact names, or `/regex`. They count as excepted. */
  readonly leaveOut?: readonly { readonly test: string; readonly reason: string }[];
  /** The names of its tests, or how often they run, are drawn at random: only failures count. */
  readonly drawsNames?: boolean;
  /** The unit's own limit in seconds, where the common one does not fit. */
  readonly timeoutSeconds?: number;
}

const withoutChild =
  'lasts: a snapshot for replicas comes from the server itself, without a child process to kill';

const withoutDebugger =
  'lasts: SCRIPT DEBUG is refused, there is no debugger; the test waits for one';

/** Small sets of texts are tables, where since 7.2 they are listpacks. */
const smallSetsAsIn70 = ['--config', 'set-max-listpack-entries', '0'];

const readsInTurns =
  'lasts: it takes 128 KB and more for read that were written just before CLIENT LIST on another ' +
  'connection; Node reads what is there and serves the other one before the rest has come';

/** Tests that restore without expecting an error, in a server that is to die of the value. */
const restoredUnguarded = [
  'corrupt payload: fuzzer findings - stream bad lp_count - unsanitized',
  'corrupt payload: fuzzer findings - infinite loop',
  'corrupt payload: fuzzer findings - negative reply length',
  'corrupt payload: fuzzer findings - stream with no records',
  'corrupt payload: fuzzer findings - stream listpack valgrind issue',
  'corrupt payload: fuzzer findings - stream listpack lpPrev valgrind issue',
  'corrupt payload: fuzzer findings - lpFind invalid access',
];

const refusesAtOnce =
  'lasts: without sanitize-dump-payload Redis takes the value and a later command ends the server; ' +
  'here each length is checked by RESTORE, whose error the test does not expect';

/** The units that CI runs, the longest first so that parallel jobs end together. */
export const ciUnits: readonly Unit[] = [
  { name: 'unit/hyperloglog' },
  { name: 'unit/maxmemory' },
  { name: 'integration/replication-psync', timeoutSeconds: 500 },
  {
    name: 'integration/replication',
    leaveOut: [
      'diskless replication child being killed is collected',
      '/^replication child dies when parent is killed - diskless: yes',
    ].map((test) => ({ test, reason: withoutChild })),
    timeoutSeconds: 500,
  },
  { name: 'integration/psync2', drawsNames: true },
  { name: 'integration/psync2-reg', drawsNames: true },
  { name: 'integration/replication-buffer' },
  { name: 'integration/block-repl' },
  { name: 'integration/psync2-pingoff' },
  { name: 'integration/replication-4' },
  { name: 'integration/replication-3' },
  { name: 'integration/replication-2' },
  { name: 'integration/psync2-master-restart' },
  { name: 'integration/failover' },
  { name: 'unit/wait' },
  { name: 'unit/dump' },
  {
    name: 'integration/corrupt-dump',
    leaveOut: restoredUnguarded.map((test) => ({ test, reason: refusesAtOnce })),
  },
  { name: 'integration/corrupt-dump-fuzzer' },
  { name: 'integration/convert-zipmap-hash-on-load' },
  { name: 'integration/convert-ziplist-hash-on-load' },
  { name: 'integration/convert-ziplist-zset-on-load' },
  { name: 'unit/limits' },
  { name: 'unit/memefficiency' },
  { name: 'unit/aofrw' },
  { name: 'integration/aof' },
  { name: 'integration/aof-multi-part' },
  { name: 'integration/rdb' },
  { name: 'integration/dismiss-mem' },
  { name: 'unit/other' },
  { name: 'unit/introspection-2' },
  { name: 'unit/latency-monitor' },
  { name: 'unit/shutdown' },
  {
    name: 'unit/client-eviction',
    leaveOut: [
      'client evicted due to percentage of maxmemory',
      'evict clients in right order (large to small)',
    ].map((test) => ({ test, reason: readsInTurns })),
  },
  { name: 'unit/obuf-limits' },
  { name: 'unit/replybufsize' },
  { name: 'unit/slowlog' },
  { name: 'unit/lazyfree' },
  { name: 'unit/oom-score-adj' },
  { name: 'unit/info-command' },
  { name: 'unit/pause' },
  { name: 'integration/logging' },
  { name: 'integration/redis-cli' },
  { name: 'integration/redis-benchmark' },
  { name: 'unit/expire' },
  { name: 'unit/type/string' },
  { name: 'unit/introspection' },
  { name: 'unit/scan', flags: smallSetsAsIn70 },
  {
    name: 'unit/type/set',
    flags: smallSetsAsIn70,
    leaveOut: [
      {
        test: 'SRANDMEMBER with a dict containing long chain',
        reason:
          'lasts: it adds members while a child saves, when tables of Redis do not grow; here ' +
          'nothing is copied by growing, so they do, and the test waits for ever for long chains',
      },
    ],
  },
  { name: 'unit/type/hash' },
  { name: 'unit/type/zset' },
  { name: 'unit/geo' },
  { name: 'unit/sort' },
  { name: 'unit/type/list' },
  {
    name: 'unit/multi',
  },
  { name: 'unit/pubsub' },
  { name: 'unit/pubsubshard' },
  {
    name: 'unit/tracking',
    leaveOut: [
      {
        test: 'Tracking only occurs for scripts when a command calls a read-only command',
        reason:
          'lasts: since 7.2 the keys that a script reads are tracked, not those that it declares; ' +
          'the test waits for the latter',
      },
    ],
  },
  { name: 'unit/type/list-2' },
  { name: 'unit/querybuf' },
  { name: 'unit/pendingquerybuf' },
  { name: 'unit/bitops' },
  { name: 'unit/bitfield' },
  {
    name: 'unit/networking',
  },
  { name: 'unit/keyspace', flags: smallSetsAsIn70 },
  { name: 'unit/protocol' },
  { name: 'unit/info' },
  { name: 'unit/type/stream' },
  { name: 'unit/type/stream-cgroups' },
  { name: 'unit/type/incr' },
  {
    name: 'unit/tls',
    flags: ['--tls'],
  },
  { name: 'unit/quit' },
  {
    name: 'unit/auth',
  },
  {
    name: 'unit/scripting',
    leaveOut: [{ test: '/^Test scripting debug', reason: withoutDebugger }],
  },
  {
    name: 'unit/functions',
  },
  { name: 'unit/acl' },
  { name: 'unit/acl-v2' },
];

/** Units that exist but that the suite's own list leaves out. */
const unlisted: readonly string[] = [
  'integration/aof-race',
  'unit/cluster/announced-endpoints',
  'unit/cluster/packet',
];

/** Every unit: the suite's list, those it does not list, and CI's settings where there are some. */
export function allUnits(listed: readonly string[]): Unit[] {
  const names = new Set([...listed, ...unlisted]);
  return [...names].map((name) => findUnit(name));
}

/** A unit by its name, with CI's settings if it has some. */
export function findUnit(name: string): Unit {
  return ciUnits.find((unit) => unit.name === name) ?? { name };
}
