// The words of DEBUG that switch something, for the tests of it: expiry, the cron, checksums,
// buffers, lists.

import { parseMemory } from '../../config/number-text.ts';
import type { Call } from '../../engine/call.ts';
import type { Args } from '../../protocol/args.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import type { ServerContext } from '../server-context.ts';
import { badSubcommand, type DebugWord, leadingInteger } from './debug-command.ts';

const BAD_THRESHOLD = replyError(
  'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
);
const MAX_THRESHOLD_BYTES = 2 ** 32 - 2 ** 20;
const DEFAULT_THRESHOLD_BYTES = 2 ** 30;
const DEFAULT_PEAK_RESET_MS = 5000;
const NEVER_MS = -1;

function setThreshold(_: ServerContext, call: Call, args: Args): void {
  const bytes = parseMemory(args.latin1(2));
  if (bytes === null || bytes > BigInt(MAX_THRESHOLD_BYTES)) {
    call.reply.error(BAD_THRESHOLD);
    return;
  }
  call.keyspace.values.limits.quicklistPackedBytes = Number(bytes) || DEFAULT_THRESHOLD_BYTES;
  call.reply.ok();
}

function setReplyBuffer(context: ServerContext, call: Call, args: Args): void {
  const option = args.latin1(2).toLowerCase();
  const value = args.latin1(3).toLowerCase();
  if (option === 'resizing') {
    context.debug.replyBufferResizing = leadingInteger(value) !== 0;
  } else if (option !== 'peak-reset-time') {
    call.reply.error(badSubcommand(args.latin1(0), args.latin1(1)));
    return;
  } else if (value === 'never' || value === 'reset') {
    context.debug.replyBufferPeakResetMs = value === 'never' ? NEVER_MS : DEFAULT_PEAK_RESET_MS;
  } else {
    const ms = call.integer(3);
    if (call.failed()) return;
    context.debug.replyBufferPeakResetMs = ms;
  }
  call.reply.ok();
}

/** A word with one argument that sets something and answers OK. */
function setter(
  name: string,
  help: DebugWord['help'],
  set: (context: ServerContext, value: number, call: Call) => void,
): DebugWord {
  return {
    name,
    minCount: 3,
    maxCount: 3,
    help,
    run(context, call, args) {
      set(context, leadingInteger(args.latin1(2)), call);
      call.reply.ok();
    },
  };
}

export const switchWords: readonly DebugWord[] = [
  setter(
    'set-active-expire',
    ['SET-ACTIVE-EXPIRE <0|1>', '0 leaves expired keys where they are until they are looked up.'],
    (_, value, call) => {
      call.keyspace.activeExpireEnabled = value !== 0;
    },
  ),
  setter(
    'pause-cron',
    ['PAUSE-CRON <0|1>', '1 stops the work that is done between commands.'],
    (context, value) => {
      context.debug.cronIsPaused = value !== 0;
    },
  ),
  setter(
    'set-skip-checksum-validation',
    ['SET-SKIP-CHECKSUM-VALIDATION <0|1>', '1 takes RDB files and RESTORE payloads unchecked.'],
    (_, value, call) => {
      call.settings.skipsChecksums = value !== 0;
    },
  ),
  setter(
    'aof-flush-sleep',
    ['AOF-FLUSH-SLEEP <microsec>', 'Wait before the AOF is flushed.'],
    (context, value) => {
      context.debug.aofFlushSleepUsec = value;
    },
  ),
  setter('set-disable-deny-scripts', null, (_, value, call) => {
    call.settings.allowsAllInScripts = value !== 0;
  }),
  setter(
    'dict-resizing',
    ['DICT-RESIZING <0|1>', '0 keeps the hash tables of the databases as large as they are.'],
    (context, value) => {
      context.debug.resizesDicts = value !== 0;
    },
  ),
  {
    name: 'quicklist-packed-threshold',
    minCount: 3,
    maxCount: 3,
    help: [
      'QUICKLIST-PACKED-THRESHOLD <size>',
      'Size from which an element has a node of its own; 0 is the default of 1GB.',
    ],
    run: setThreshold,
  },
  {
    name: 'drop-cluster-packet-filter',
    minCount: 3,
    maxCount: 3,
    help: ['DROP-CLUSTER-PACKET-FILTER <packet-type>', 'Drop such packets; -1 drops none.'],
    run(_, call) {
      call.integer(2);
      if (!call.failed()) call.reply.ok();
    },
  },
  {
    name: 'replybuffer',
    minCount: 4,
    maxCount: 4,
    help: [
      'REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>',
      'Time in ms after which the peak of a reply buffer is forgotten.',
      'REPLYBUFFER RESIZING <0|1> switches the resizing of reply buffers.',
    ],
    run: setReplyBuffer,
  },
];
