// The words of DEBUG that disturb or steer the server: SLEEP, POPULATE, LOG, ERROR, crashes and
// their kind.

import { matchGlob } from '../../bytes/glob.ts';
import type { Call } from '../../engine/call.ts';
import { MIN_BUCKET_LOG } from '../../engine/client-memory.ts';
import type { Args } from '../../protocol/args.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import type { ServerContext } from '../server-context.ts';
import { badSubcommand, type DebugWord } from './debug-command.ts';
import { runPopulate } from './populate.ts';
import { runProtocol } from './protocol-samples.ts';

const BAD_RELOAD = replyError(
  'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
);
const NO_CRASH = replyError('ERR this server cannot crash: it runs inside another program');
const NO_RESTART = replyError('ERR failed to restart the server. Check server logs.');
const NO_EVICTION = replyError('ERR maxmemory-clients is disabled.');
const NO_CLUSTER = replyError('ERR Debug option only available for cluster mode enabled setup!');
const MAX_SLEEP_MS = 2 ** 31 - 1;
const FUZZ_ROUNDS = 100_000;

/** Holds the whole process still. */
function sleep(context: ServerContext, call: Call, args: Args): void {
  const ms = Number.parseFloat(args.latin1(2)) * 1000;
  if (ms > 0) {
    const never = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(never, 0, 0, Math.min(ms, MAX_SLEEP_MS));
    // For a script time stands still.
    if (!call.client.runsScripts) call.keyspace.setNow(context.clock.nowMs());
  }
  call.reply.ok();
}

function reload(context: ServerContext, call: Call, args: Args): void {
  let saves = true;
  let flushes = true;
  let merges = false;
  for (let i = 2; i < args.count; i++) {
    const word = args.latin1(i).toLowerCase();
    if (word === 'merge') merges = true;
    else if (word === 'noflush') flushes = false;
    else if (word === 'nosave') saves = false;
    else {
      call.reply.error(BAD_RELOAD);
      return;
    }
  }
  replyToLoad(call, context.persistence.reload(saves, flushes, merges));
}

function replyToLoad(call: Call, failure: string | null): void {
  if (failure === null) call.reply.ok();
  else call.reply.error(replyError(failure === '' ? 'ERR' : `ERR ${failure}`));
}

function restart(_: ServerContext, call: Call, args: Args): void {
  if (args.count >= 3) call.integer(2);
  if (!call.failed()) call.reply.error(NO_RESTART);
}

function crash(reason: string): DebugWord['run'] {
  return (context, call) => {
    if (context.crash === undefined) call.reply.error(NO_CRASH);
    else context.crash(reason);
  };
}

function rewriteAll(context: ServerContext, call: Call): void {
  const failure = context.rewriteConfig(true);
  if (failure === null) {
    call.reply.ok();
    return;
  }
  const reason = failure.replace('Rewriting config file: ', '');
  call.reply.error(replyError(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${reason}`));
}

/**
 * Matches random patterns with random texts; a fault would show as an exception or an endless loop.
 */
function fuzzGlob(context: ServerContext, call: Call): void {
  const letters = 'ab*?[]^-\\';
  const draw = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => letters.charCodeAt(context.random.below(letters.length)));
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const pattern = draw(context.random.below(16));
    const text = draw(context.random.below(16));
    matchGlob(pattern, 0, pattern.length, text, 0, text.length, false);
  }
  call.reply.simple('Apparently Redis did not crash: test passed');
}

/** How many clients hold how much, by powers of two. */
function showClientBuckets(context: ServerContext, call: Call): void {
  if (context.config.format('maxmemory-clients') === '0') {
    call.reply.error(NO_EVICTION);
    return;
  }
  const { clientMemory } = context.engine;
  clientMemory.measure();
  const buckets = clientMemory.histogram();
  const pad = (value: number): string => String(value).padStart(10);
  const lines = buckets.map(({ bytes, clients }, i) => {
    const from = i === 0 ? 0 : 2 ** (i - 1 + MIN_BUCKET_LOG);
    const end =
      i === buckets.length - 1 ? '+            : ' : ` - ${pad(2 ** (i + MIN_BUCKET_LOG) - 1)}: `;
    return `bucket ${pad(from)}${end}tot-mem: ${pad(bytes)}, clients: ${clients}\n`;
  });
  call.reply.verbatim('txt', lines.join(''));
}

const crashes: readonly DebugWord[] = [
  ['segfault', 'SEGFAULT', 'Crash as if memory had been touched that is not there.'],
  ['panic', 'PANIC', 'Crash as if something had gone wrong inside.'],
  ['assert', 'ASSERT', 'Crash by a failed assertion.'],
  ['oom', 'OOM', 'Crash as if the system had no memory left.'],
].map(([name = '', grammar = '', about = '']) => ({
  name,
  minCount: 2,
  maxCount: Number.POSITIVE_INFINITY,
  help: [grammar, about],
  run: crash(`DEBUG ${grammar}`),
}));

const UNLIMITED = Number.POSITIVE_INFINITY;

/** The words that need no state of their own. */
export const serverWords: readonly DebugWord[] = [
  ...crashes,
  {
    name: 'client-eviction',
    minCount: 2,
    maxCount: 2,
    help: ['CLIENT-EVICTION', 'Show how many clients hold how much (maxmemory-clients).'],
    run: showClientBuckets,
  },
  {
    name: 'clusterlink',
    minCount: 5,
    maxCount: 5,
    help: ['CLUSTERLINK KILL <to|from|all> <node-id>', 'Cut the links with a node.'],
    run(_, call, args) {
      const isKill = args.latin1(2).toLowerCase() === 'kill';
      call.reply.error(isKill ? NO_CLUSTER : badSubcommand(args.latin1(0), args.latin1(1)));
    },
  },
  {
    name: 'config-rewrite-force-all',
    minCount: 2,
    maxCount: 2,
    help: ['CONFIG-REWRITE-FORCE-ALL', 'CONFIG REWRITE, with the options that were not changed.'],
    run: rewriteAll,
  },
  {
    name: 'error',
    minCount: 3,
    maxCount: 3,
    help: ['ERROR <string>', 'Reply with this error, for tests of clients.'],
    run: (_, call, args) => call.reply.raw(replyError(args.latin1(2)).bytes),
  },
  {
    name: 'leak',
    minCount: 3,
    maxCount: 3,
    help: ['LEAK <string>', 'Take the memory of the string and never give it back.'],
    run(_, call, args) {
      call.keyspace.arena.alloc(Math.max(1, args.lengths[2]!));
      call.reply.ok();
    },
  },
  {
    name: 'loadaof',
    minCount: 2,
    maxCount: UNLIMITED,
    help: ['LOADAOF', 'Flush the AOF and load it again.'],
    run: (context, call) => replyToLoad(call, context.persistence.reloadAof()),
  },
  {
    name: 'log',
    minCount: 3,
    maxCount: 3,
    help: ['LOG <message>', 'Write a message to the log of the server.'],
    run(context, call, args) {
      context.log('warning', `DEBUG LOG: ${args.text(2)}`);
      call.reply.ok();
    },
  },
  {
    name: 'populate',
    minCount: 3,
    maxCount: 5,
    help: [
      'POPULATE <count> [<prefix>] [<size>]',
      'Make keys named <prefix>:<number> (prefix "key" by default) with strings.',
      'Replicas and the AOF are not told.',
    ],
    run: (_, call, args) => runPopulate(call, args),
  },
  {
    name: 'protocol',
    minCount: 3,
    maxCount: 3,
    help: [
      'PROTOCOL <type>',
      'Reply with an example of: string, integer, double, bignum, null, array, set, map,',
      'attrib, push, verbatim, true, false.',
    ],
    run: (_, call, args) => runProtocol(call, args),
  },
  {
    name: 'reload',
    minCount: 2,
    maxCount: UNLIMITED,
    help: [
      'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
      'Save the RDB file and load it again. NOSAVE: load the file that is there; NOFLUSH:',
      'keep the keys; MERGE: keys of the file take the place of those that exist.',
    ],
    run: reload,
  },
  {
    name: 'replicate',
    minCount: 3,
    maxCount: UNLIMITED,
    help: ['REPLICATE <string>', 'Send a command to the replicas only, so that they differ.'],
    run: (_, call) => call.reply.ok(),
  },
  {
    name: 'restart',
    minCount: 2,
    maxCount: UNLIMITED,
    help: ['RESTART [<milliseconds>]', 'Save everything and start again.'],
    run: restart,
  },
  {
    name: 'crash-and-recover',
    minCount: 2,
    maxCount: UNLIMITED,
    help: ['CRASH-AND-RECOVER [<milliseconds>]', 'Crash and start again.'],
    run: restart,
  },
  {
    name: 'sleep',
    minCount: 3,
    maxCount: 3,
    help: ['SLEEP <seconds>', 'Hold the whole server still; decimals are allowed.'],
    run: sleep,
  },
  {
    name: 'stringmatch-test',
    minCount: 2,
    maxCount: 2,
    help: ['STRINGMATCH-TEST', 'Match random patterns with random texts.'],
    run: fuzzGlob,
  },
  {
    name: 'structsize',
    minCount: 2,
    maxCount: 2,
    help: ['STRUCTSIZE', 'Tell the sizes of the structures that the data lies in.'],
    run: (_, call) =>
      call.reply.bulkLatin1('bits:32 entry:16 expirytag:4 bucket:4 heapposition:12 '),
  },
];

/** CHANGE-REPL-ID, for a server whose replication id is `id`. */
/** Names the history of the data set. */
export interface HistoryNamer {
  /** Takes a new name. */
  renew(): void;
  forgetSecond(): void;
}

/** Tells the replicas a command of which the master knows nothing: for tests. */
export function replicateWord(say: (parts: readonly Uint8Array[]) => void): DebugWord {
  return {
    name: 'replicate',
    minCount: 3,
    maxCount: Number.POSITIVE_INFINITY,
    help: ['REPLICATE <command>', 'Tell the replicas a command that does not run here.'],
    run(_context, call) {
      const { args } = call;
      say(Array.from({ length: args.count - 2 }, (_, i) => args.slice(i + 2)));
      call.reply.ok();
    },
  };
}

export function changeReplicationId(history: HistoryNamer): DebugWord {
  return {
    name: 'change-repl-id',
    minCount: 2,
    maxCount: 2,
    help: ['CHANGE-REPL-ID', 'Take another replication id, as if the history had changed.'],
    run(context, call) {
      context.log('notice', 'Changing replication IDs after receiving DEBUG change-repl-id');
      history.renew();
      history.forgetSecond();
      call.reply.ok();
    },
  };
}
