// Fuzzes what is read from disk: `npm run fuzz -- [--bytes N] [--seed N]` changes N bytes in all,
// in DUMP payloads, dump files and append-only files of every type. Each must be refused, or be a
// value with which every command can work; the arena is in debug mode, so that a read of freed
// memory, a write to it or a leak is found. The seed that is printed makes the same run again.

import { LoadError } from '../../src/persistence/persistence.ts';
import { MemoryFiles } from '../../src/persistence/testing/memory-files.ts';
import { PersistenceHarness } from '../../src/persistence/testing/persistence-harness.ts';
import { type Random, seededRandom } from '../../src/runtime/random.ts';
import { readFlags } from '../support/args.ts';
import { build, damaged, payloadsOf, touch, withChecksum } from '../support/damage.ts';
import { dataSet, newHarness, readDump, writeDump } from '../support/rdb-data.ts';
import { encodeCommand } from '../support/resp.ts';

const FOOTER_BYTES = 10;
/** Inputs between two looks for leaks, with a new server each time. */
const INPUTS_PER_SERVER = 500;
/** Of so many payloads one file of each kind. */
const PAYLOADS_PER_FILE = 100;
/** Commands of an append-only file. */
const COMMANDS = 12;
/** No larger commands, so that most damage is not inside of one value. */
const MAX_COMMAND_BYTES = 2000;

const flags = readFlags(['bytes', 'seed'], []);
const wantedBytes = flags.count('bytes', 100_000);
const seed = flags.count('seed', 1);
const counts = { changed: 0, inputs: 0, refused: 0 };

function changed(count: number): void {
  counts.changed += count;
}

function count(isRefused: boolean): void {
  counts.inputs++;
  if (isRefused) counts.refused++;
}

function expectNoLeaks(leaks: readonly string[]): void {
  if (leaks.length > 0) throw new Error(`leaks: ${leaks.slice(0, 5).join('; ')}`);
}

/** Payloads, restored one after the other into one server. */
function fuzzPayloads(payloads: readonly Uint8Array[], random: Random): void {
  const h = newHarness();
  for (let i = 0; i < INPUTS_PER_SERVER; i++) {
    const payload = payloads[random.below(payloads.length)]!;
    const end = payload.length - FOOTER_BYTES;
    const body = damaged(payload.subarray(0, end), random, changed);
    const version = payload.subarray(end, end + 2);
    h.engine.settings.sanitizeDumpPayload = random.below(2) === 0 ? 'yes' : 'no';
    const reply = h.run('RESTORE', 'k', '0', withChecksum(Buffer.concat([body, version])));
    count(reply !== 'OK');
    if (reply === 'OK') touch(h, 'k');
    else if (JSON.stringify(reply) !== '{"error":"ERR Bad data format"}') {
      throw new Error(`RESTORE answers ${JSON.stringify(reply)}`);
    }
  }
  expectNoLeaks(h.leaks());
}

function fuzzDump(dump: Uint8Array, random: Random): void {
  const h = newHarness();
  const body = damaged(dump.subarray(0, dump.length - 8), random, changed);
  const chunkBytes = 1 + random.below(5000);
  const reader = readDump(h.keyspace, withChecksum(body), { chunkBytes, replaces: true });
  count(reader.error !== null);
  expectNoLeaks(h.leaks());
}

/** Some commands as an append-only file, which a server starts on. */
async function fuzzLog(commands: readonly Uint8Array[], random: Random): Promise<void> {
  const chosen = Array.from({ length: COMMANDS }, () => commands[random.below(commands.length)]!);
  const text = Buffer.from(damaged(Buffer.concat(chosen), random, changed)).toString('latin1');
  const files = new MemoryFiles();
  files.folders.add('/data/appendonlydir');
  const folder = '/data/appendonlydir/appendonly.aof';
  files.put(`${folder}.manifest`, 'file appendonly.aof.1.incr.aof seq 1 type i\n');
  files.put(`${folder}.1.incr.aof`, text);
  const p = new PersistenceHarness({ appendonly: true }, files);
  try {
    await p.start();
    count(false);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    count(true);
  }
  expectNoLeaks(p.h.leaks());
}

// The arena's debug mode keeps a stack for each block, which would be nearly all the time.
Error.stackTraceLimit = 0;
console.log(`fuzzing files with ${wantedBytes} changed bytes, seed ${seed}`);
const source = build();
const compressed = payloadsOf(source);
source.engine.settings.rdbCompression = false;
const payloads = [...compressed, ...payloadsOf(source)];
const dump = writeDump(source.keyspace, { version: 12 });
const commands = dataSet()
  .map((parts) => encodeCommand(parts))
  .filter(({ length }) => length < MAX_COMMAND_BYTES);
for (let round = 0; counts.changed < wantedBytes; round++) {
  const roundSeed = (seed + round * 0x9e3779b1) >>> 0;
  const random = seededRandom(roundSeed);
  try {
    fuzzPayloads(payloads, random);
    for (let i = 0; i < INPUTS_PER_SERVER / PAYLOADS_PER_FILE; i++) {
      fuzzDump(dump, random);
      await fuzzLog(commands, random);
    }
  } catch (error) {
    console.error(`failed with --seed ${roundSeed}, after ${counts.changed} changed bytes`);
    Error.stackTraceLimit = 20;
    throw error;
  }
}
console.log(
  `${counts.changed} bytes changed in ${counts.inputs} inputs, ${counts.refused} refused: ` +
    'no crash, no leak',
);
