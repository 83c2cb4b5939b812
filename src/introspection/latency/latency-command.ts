// LATENCY: DOCTOR, GRAPH, HISTOGRAM, HISTORY, LATEST, RESET.
// https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/

import type { Call } from '../../engine/call.ts';
import type { Command } from '../../engine/command.ts';
import type { ArgumentSpec, CommandFlag, CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { type HelpEntry, helpSubcommand } from '../help.ts';
import { forEachCommand } from '../info/statistics-sections.ts';
import type { ServerContext } from '../server-context.ts';
import { latencyReport } from './latency-doctor.ts';
import { latencyGraph } from './latency-graph.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const ON_ALL_NODES = [
  'nondeterministic_output',
  'request_policy:all_nodes',
  'response_policy:special',
];
const EVENT: readonly ArgumentSpec[] = [{ name: 'event', type: 'string' }];

const HELP: readonly HelpEntry[] = [
  ['DOCTOR', 'Tell in words what was slow and what may help.'],
  ['GRAPH <event>', 'Draw the latencies of an event.'],
  ['HISTORY <event>', 'List the latencies of an event with their times.'],
  ['LATEST', 'List the latest and the worst latency of each event.'],
  ['RESET [<event> ...]', 'Forget the named events, or all.'],
  [
    'HISTOGRAM [<command> ...]',
    'Show how the times of the named commands, or of all, are distributed.',
  ],
];

function nowSeconds(call: Call): number {
  return Math.floor(call.nowMs / 1000);
}

function runDoctor(context: ServerContext, call: Call): void {
  const { values } = context.config;
  const settings = {
    thresholdMs: values['latency-monitor-threshold'],
    slowlogThresholdUsec: values['slowlog-log-slower-than'],
    hz: values.hz,
  };
  const { events } = context.statistics.latency;
  call.reply.verbatim('txt', latencyReport(events, settings, nowSeconds(call)));
}

function runGraph(context: ServerContext, call: Call, args: Args): void {
  const name = args.latin1(2);
  const event = context.statistics.latency.events.get(name);
  if (event === undefined) {
    call.reply.error(replyError(`ERR No samples available for event '${name}'`));
    return;
  }
  call.reply.verbatim('txt', latencyGraph(name, event, nowSeconds(call)));
}

function runHistory(context: ServerContext, call: Call, args: Args): void {
  const samples = context.statistics.latency.events.get(args.latin1(2))?.samples ?? [];
  call.reply.array(samples.length);
  for (const { timeSeconds, latencyMs } of samples) {
    call.reply.array(2);
    call.reply.integer(timeSeconds);
    call.reply.integer(latencyMs);
  }
}

function runLatest(context: ServerContext, call: Call): void {
  const { events } = context.statistics.latency;
  call.reply.array(events.size);
  for (const [name, event] of events) {
    const last = event.samples.at(-1);
    call.reply.array(4);
    call.reply.bulkLatin1(name);
    call.reply.integer(last?.timeSeconds ?? 0);
    call.reply.integer(last?.latencyMs ?? 0);
    call.reply.integer(event.worstMs);
  }
}

function runReset(context: ServerContext, call: Call, args: Args): void {
  const { latency } = context.statistics;
  let count = args.count === 2 ? latency.resetAll() : 0;
  for (let i = 2; i < args.count; i++) count += latency.reset(args.latin1(i));
  call.reply.integer(count);
}

function writeHistogram(reply: ReplyWriter, { fullName, latency }: Command): void {
  const rows = latency?.cumulative() ?? [];
  reply.bulkLatin1(fullName);
  reply.map(2);
  reply.bulkLatin1('calls');
  reply.integer(latency?.count ?? 0);
  reply.bulkLatin1('histogram_usec');
  reply.map(rows.length);
  for (const [usec, calls] of rows) {
    reply.integer(usec);
    reply.integer(calls);
  }
}

function runHistogram(call: Call, args: Args): void {
  const { commands } = call.engine;
  const found: Command[] = [];
  const addMeasured = (command: Command): void => {
    if (command.latency !== null) found.push(command);
  };
  if (args.count === 2) forEachCommand(commands, addMeasured);
  for (let i = 2; i < args.count; i++) {
    const command = commands.find(args.latin1(i));
    if (command === undefined) continue;
    addMeasured(command);
    for (const subcommand of command.subcommands?.all() ?? []) addMeasured(subcommand);
  }
  call.reply.map(found.length);
  for (const command of found) writeHistogram(call.reply, command);
}

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'arity' | 'replies' | 'run'> &
  Partial<CommandSpec>;

function subcommand(facts: Facts): CommandSpec {
  return {
    group: 'server',
    since: '2.8.13',
    complexity: 'O(1)',
    flags: FLAGS,
    tips: ON_ALL_NODES,
    ...facts,
  };
}

/** HISTORY, LATEST and RESET. */
function eventSubcommands(context: ServerContext): CommandSpec[] {
  return [
    subcommand({
      name: 'history',
      summary: 'Lists the latencies of an event.',
      arity: 3,
      args: EVENT,
      replies: ['array'],
      run: (call, args) => runHistory(context, call, args),
    }),
    subcommand({
      name: 'latest',
      summary: 'Lists the latest latency of each event.',
      arity: 2,
      replies: ['array'],
      run: (call) => runLatest(context, call),
    }),
    subcommand({
      name: 'reset',
      summary: 'Forgets the latencies of events.',
      arity: -2,
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
      args: [{ name: 'event', type: 'string', optional: true, multiple: true }],
      replies: ['integer'],
      run: (call, args) => runReset(context, call, args),
    }),
  ];
}

/** LATENCY over the monitor of a server. */
export function latencyCommand(context: ServerContext): CommandSpec {
  const subcommands = [
    subcommand({
      name: 'doctor',
      summary: 'Tells what was slow and what may help.',
      arity: 2,
      replies: ['verbatim-string'],
      run: (call) => runDoctor(context, call),
    }),
    subcommand({
      name: 'graph',
      summary: 'Draws the latencies of an event.',
      arity: 3,
      args: EVENT,
      replies: ['verbatim-string'],
      run: (call, args) => runGraph(context, call, args),
    }),
    helpSubcommand({
      container: 'LATENCY',
      since: '2.8.13',
      flags: ['loading', 'stale'],
      entries: HELP,
    }),
    subcommand({
      name: 'histogram',
      since: '7.0.0',
      summary: 'Shows how the times of commands are distributed.',
      complexity:
        'O(N) where N is the number of commands with latency information being retrieved.',
      arity: -2,
      args: [{ name: 'command', type: 'string', optional: true, multiple: true }],
      replies: ['map'],
      run: runHistogram,
    }),
    ...eventSubcommands(context),
  ];
  return {
    name: 'latency',
    group: 'server',
    since: '2.8.13',
    summary: 'Holds the commands that tell of latencies.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands,
  };
}
