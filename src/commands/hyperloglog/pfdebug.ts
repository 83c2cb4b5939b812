// PFDEBUG GETREG|DECODE|ENCODING|TODENSE key

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { REGISTER_COUNT } from '../../values/hyperloglog-registers.ts';
import { CORRUPT, openToWrite, store } from './stored.ts';

const NO_KEY = replyError('ERR The specified key does not exist');
const NOT_SPARSE = replyError('ERR HLL encoding is not sparse');
const WORDS = ['getreg', 'decode', 'encoding', 'todense'];

function runPfdebug(call: Call): void {
  const { args, reply } = call;
  const ref = call.lookupWrite(2);
  if (ref === NULL_REF) {
    reply.error(NO_KEY);
    return;
  }
  const opened = openToWrite(call, ref, 2);
  if (opened === null) return;
  const shown = args.shown(1);
  const word = shown.toLowerCase();
  if (!WORDS.includes(word)) {
    reply.errorText(`ERR Unknown PFDEBUG subcommand '${shown}'`);
  } else if (args.count !== 3) {
    reply.errorText(`ERR Wrong number of arguments for the '${shown}' subcommand`);
  } else if (word === 'encoding') {
    reply.simple(opened.isDense ? 'dense' : 'sparse');
  } else if (word === 'decode') {
    if (opened.isDense) reply.error(NOT_SPARSE);
    else reply.bulkLatin1(opened.describeRuns());
  } else {
    const wasDense = opened.isDense;
    if (!makeDense(call)) reply.error(CORRUPT);
    else if (word === 'todense') reply.integer(wasDense ? 0 : 1);
    else replyRegisters(call);
  }
}

/** Makes the opened one dense and stores it. */
function makeDense(call: Call): boolean {
  const { hyperLogLog } = call.keyspace.values;
  if (hyperLogLog.isDense) return true;
  if (!hyperLogLog.makeDense()) return false;
  store(call, 2, hyperLogLog);
  call.dirty++;
  return true;
}

function replyRegisters(call: Call): void {
  const registers = new Uint8Array(REGISTER_COUNT);
  call.keyspace.values.hyperLogLog.mergeInto(registers);
  call.reply.array(REGISTER_COUNT);
  for (const value of registers) call.reply.integer(value);
}

export const pfdebug: CommandSpec = {
  name: 'pfdebug',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Shows the inside of a HyperLogLog.',
  complexity: 'N/A',
  arity: 3,
  flags: ['write', 'denyoom', 'admin'],
  acl: ['hyperloglog'],
  keys: [{ flags: ['RW', 'access'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'subcommand', type: 'string' },
    { name: 'key', type: 'key', keySpecIndex: 0 },
  ],
  docFlags: ['syscmd'],
  replies: ['array', 'simple-string', 'bulk-string', 'integer'],
  run: runPfdebug,
};
