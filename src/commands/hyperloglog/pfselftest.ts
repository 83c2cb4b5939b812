// PFSELFTEST: registers keep what is put into them, and estimates are as near as they should be.

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { estimate, HyperLogLog } from '../../values/hyperloglog.ts';
import {
  DENSE_BYTES,
  denseRegister,
  REGISTER_COUNT,
  setDenseRegister,
} from '../../values/hyperloglog-registers.ts';

const ROUNDS = 20;
const MAX_VALUE = 63;
const ELEMENTS = 100_000;
/** The standard error is 1.04 / sqrt(registers); six of them are never met by chance. */
const TOLERANCE = (6 * 1.04) / Math.sqrt(REGISTER_COUNT);
const SPARSE_MAX_BYTES = 3000;

function registersHold(call: Call): boolean {
  const bytes = new Uint8Array(DENSE_BYTES);
  const values = new Uint8Array(REGISTER_COUNT);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < REGISTER_COUNT; i++) {
      values[i] = call.keyspace.randomBelow(MAX_VALUE + 1);
      setDenseRegister(bytes, 0, i, values[i] ?? 0);
    }
    for (let i = 0; i < REGISTER_COUNT; i++) {
      if (denseRegister(bytes, 0, i) !== values[i]) return false;
    }
  }
  return true;
}

function estimatesHold(call: Call): boolean {
  const tested = new HyperLogLog();
  const element = new Uint8Array(8);
  const seed = call.keyspace.randomBelow(256);
  tested.create();
  for (let count = 1, next = 1; count <= ELEMENTS; count++) {
    for (let i = 0, rest = count; i < 4; i++, rest >>= 8) element[i] = rest;
    element[4] = seed;
    tested.add(element, 0, element.length, SPARSE_MAX_BYTES);
    if (count !== next) continue;
    next *= 10;
    const registers = new Uint8Array(REGISTER_COUNT);
    if (!tested.mergeInto(registers)) return false;
    // Of few elements not even one may be missing or too many by more than a collision.
    if (Math.abs(estimate(registers) - count) > Math.max(TOLERANCE * count, 2)) return false;
  }
  return true;
}

function runPfselftest(call: Call): void {
  if (!registersHold(call)) call.reply.errorText('ERR TESTFAILED a register lost its value');
  else if (!estimatesHold(call)) call.reply.errorText('ERR TESTFAILED an estimate is too far off');
  else call.reply.ok();
}

export const pfselftest: CommandSpec = {
  name: 'pfselftest',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Tests the HyperLogLogs of this server.',
  complexity: 'N/A',
  arity: 1,
  flags: ['admin'],
  acl: ['hyperloglog'],
  docFlags: ['syscmd'],
  replies: ['simple-string'],
  run: runPfselftest,
};
