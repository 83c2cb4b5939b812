// MEMORY: USAGE, STATS, DOCTOR, PURGE, MALLOC-STATS.
// https://redis.io/docs/latest/commands/memory-usage/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { bytesOfKey } from '../../keyspace/entry-bytes.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { collectBuffers } from '../../runtime/memory.ts';
import { type HelpEntry, helpSubcommand } from '../help.ts';
import { humanBytes } from '../info/info-section.ts';
import type { ServerContext } from '../server-context.ts';
import { memoryAdvice } from './memory-doctor.ts';
import { type MemoryReport, measureMemory, ratio } from './memory-report.ts';

const SAMPLES = Call.word('SAMPLES');
const ON_ALL_SHARDS = [
  'nondeterministic_output',
  'request_policy:all_shards',
  'response_policy:special',
];

const HELP: readonly HelpEntry[] = [
  ['DOCTOR', 'Tell in words what is wrong with the memory, if anything is.'],
  ['MALLOC-STATS', 'Show the figures of the allocator.'],
  ['PURGE', 'Give memory that is not used back to the system.'],
  ['STATS', 'Show where the memory is.'],
  [
    'USAGE <key> [SAMPLES <count>]',
    'Tell the bytes that a key takes with its value. Of values with elements the size',
    'of <count> is looked at (5 when not given, all with 0).',
  ],
];

/** Elements of a large value that MEMORY USAGE looks at. */
const DEFAULT_SAMPLES = 5;

function runUsage(call: Call, args: Args): void {
  let samples = DEFAULT_SAMPLES;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, SAMPLES) || i + 1 === args.count) {
      call.reply.error(ERR_SYNTAX);
      return;
    }
    samples = call.integer(i + 1);
    if (call.failed()) return;
    if (samples < 0) {
      call.reply.error(ERR_SYNTAX);
      return;
    }
  }
  const ref = call.db.dict.find(args.bytes, args.offsets[2]!, args.lengths[2]!);
  if (ref === NULL_REF) call.reply.null();
  else call.reply.integer(bytesOfKey(call.keyspace, ref, samples));
}

type Figure = readonly [name: string, value: number, isDouble?: boolean];

function figuresBeforeDatabases(report: MemoryReport): Figure[] {
  const { sourceBytes } = report;
  const ofFeature = (name: string): Figure => [name, sourceBytes.get(name) ?? 0];
  return [
    ['peak.allocated', report.peakBytes],
    ['total.allocated', report.usedBytes],
    ['startup.allocated', report.startupBytes],
    ofFeature('replication.backlog'),
    ['clients.slaves', report.replicaBytes],
    ['clients.normal', report.clientBytes],
    ofFeature('cluster.links'),
    ofFeature('aof.buffer'),
    ofFeature('lua.caches'),
    ofFeature('functions.caches'),
  ];
}

function figuresBehindDatabases(report: MemoryReport): Figure[] {
  const { usedBytes, allocatedBytes, activeBytes, mappedBytes, residentBytes } = report;
  return [
    ['overhead.total', report.overheadBytes],
    ['keys.count', report.keyCount],
    ['keys.bytes-per-key', report.bytesPerKey],
    ['dataset.bytes', report.datasetBytes],
    ['dataset.percentage', report.datasetPercent, true],
    ['peak.percentage', report.peakPercent, true],
    ['allocator.allocated', allocatedBytes],
    ['allocator.active', activeBytes],
    ['allocator.resident', mappedBytes],
    ['allocator-fragmentation.ratio', ratio(activeBytes, allocatedBytes), true],
    ['allocator-fragmentation.bytes', activeBytes - allocatedBytes],
    ['allocator-rss.ratio', ratio(mappedBytes, activeBytes), true],
    ['allocator-rss.bytes', mappedBytes - activeBytes],
    ['rss-overhead.ratio', ratio(residentBytes, mappedBytes), true],
    ['rss-overhead.bytes', residentBytes - mappedBytes],
    ['fragmentation', ratio(residentBytes, usedBytes), true],
    ['fragmentation.bytes', residentBytes - usedBytes],
  ];
}

function writeFigures(call: Call, figures: readonly Figure[]): void {
  for (const [name, value, isDouble] of figures) {
    call.reply.bulkLatin1(name);
    if (isDouble === true) call.reply.double(value);
    else call.reply.integer(value);
  }
}

function runStats(context: ServerContext, call: Call): void {
  const report = measureMemory(context);
  const before = figuresBeforeDatabases(report);
  const behind = figuresBehindDatabases(report);
  call.reply.map(before.length + report.databases.length + behind.length);
  writeFigures(call, before);
  for (const { id, mainBytes, expiresBytes } of report.databases) {
    call.reply.bulkLatin1(`db.${id}`);
    call.reply.map(3);
    writeFigures(call, [
      ['overhead.hashtable.main', mainBytes],
      ['overhead.hashtable.expires', expiresBytes],
      ['overhead.hashtable.slot-to-keys', 0],
    ]);
  }
  writeFigures(call, behind);
}

function runMallocStats(context: ServerContext, call: Call): void {
  const { arena } = context.engine.keyspace;
  const rows: (readonly [string, string])[] = [
    ['Blocks in use', String(arena.blockCount)],
    ['Bytes in use', `${arena.usedBytes} (${humanBytes(arena.usedBytes)})`],
    ['Bytes of slabs not in use', `${arena.wastedBytes} (${humanBytes(arena.wastedBytes)})`],
    ['Bytes from the system', `${arena.mappedBytes} (${humanBytes(arena.mappedBytes)})`],
  ];
  const lines = rows.map(([name, value]) => `${`${name}:`.padEnd(28)}${value}\n`);
  call.reply.verbatim('txt', `Arena\n${lines.join('')}`);
}

const usage: CommandSpec = {
  name: 'usage',
  group: 'server',
  since: '4.0.0',
  summary: 'Tells the bytes that a key takes with its value.',
  complexity: 'O(N) where N is the number of samples.',
  arity: -3,
  flags: ['readonly'],
  keys: [{ flags: ['RO'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', token: 'SAMPLES', optional: true },
  ],
  replies: ['integer', 'null'],
  run: runUsage,
};

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'complexity' | 'tips' | 'replies' | 'run'>;

function subcommand(facts: Facts): CommandSpec {
  return { group: 'server', since: '4.0.0', arity: 2, flags: [], ...facts };
}

/** MEMORY over the memory of a server. */
export function memoryCommand(context: ServerContext): CommandSpec {
  const slow = 'Depends on how much memory is allocated, could be slow';
  const subcommands = [
    subcommand({
      name: 'doctor',
      summary: 'Tells what is wrong with the memory.',
      complexity: 'O(1)',
      tips: ON_ALL_SHARDS,
      replies: ['verbatim-string'],
      run: (call) => call.reply.verbatim('txt', memoryAdvice(measureMemory(context), context)),
    }),
    helpSubcommand({
      container: 'MEMORY',
      since: '4.0.0',
      flags: ['loading', 'stale'],
      entries: HELP,
    }),
    subcommand({
      name: 'malloc-stats',
      summary: 'Shows the figures of the allocator.',
      complexity: slow,
      tips: ON_ALL_SHARDS,
      replies: ['verbatim-string'],
      run: (call) => runMallocStats(context, call),
    }),
    subcommand({
      name: 'purge',
      summary: 'Gives unused memory back to the system.',
      complexity: slow,
      tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
      replies: ['simple-string'],
      run(call) {
        call.keyspace.trim();
        collectBuffers();
        call.reply.ok();
      },
    }),
    subcommand({
      name: 'stats',
      summary: 'Shows where the memory is.',
      complexity: 'O(1)',
      tips: ON_ALL_SHARDS,
      replies: ['map'],
      run: (call) => runStats(context, call),
    }),
    usage,
  ];
  return {
    name: 'memory',
    group: 'server',
    since: '4.0.0',
    summary: 'Holds the commands that tell of memory.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands,
  };
}
