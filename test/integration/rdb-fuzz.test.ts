// Damaged dumps: payloads and files with bytes changed, taken out and put in by chance, with a
// right checksum. Each must be refused, or become a value with which every command can work; the
// arena is in debug mode, so that a read of freed memory, a write to it or a leak is found.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/runtime/random.ts';
import { build, damaged, payloadsOf, touch, withChecksum } from '../support/damage.ts';
import { newHarness, readDump, writeDump } from '../support/rdb-data.ts';

const PAYLOAD_ROUNDS = 600;
const FILE_ROUNDS = 60;
const FOOTER_BYTES = 10;
// The arena's debug mode keeps a stack for each block, which is nearly all the time of these tests.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each([1, 2, 3])('damaged dumps, seed %i', (seed) => {
  it('payloads are refused or work', () => {
    const random = seededRandom(seed);
    const source = build();
    const compressed = payloadsOf(source);
    source.engine.settings.rdbCompression = false;
    const payloads = [...compressed, ...payloadsOf(source), ...payloadsOf(source)];
    const h = newHarness();
    let accepted = 0;
    for (let i = 0; i < PAYLOAD_ROUNDS; i++) {
      const payload = payloads[random.below(payloads.length)]!;
      const body = damaged(payload.subarray(0, payload.length - FOOTER_BYTES), random);
      const version = payload.subarray(payload.length - FOOTER_BYTES, payload.length - 8);
      h.engine.settings.sanitizeDumpPayload = random.below(2) === 0 ? 'yes' : 'no';
      const reply = h.run('RESTORE', 'k', '0', withChecksum(Buffer.concat([body, version])));
      if (reply !== 'OK') {
        expect(reply).toEqual({ error: 'ERR Bad data format' });
        continue;
      }
      accepted++;
      touch(h, 'k');
    }
    expect(accepted).toBeGreaterThan(PAYLOAD_ROUNDS / 20);
    expect(h.leaks()).toEqual([]);
  });

  it('files are refused or loaded', () => {
    const random = seededRandom(seed + 100);
    const source = build();
    const dump = writeDump(source.keyspace, { compresses: seed % 2 === 0, version: 12 });
    let refused = 0;
    for (let i = 0; i < FILE_ROUNDS; i++) {
      const from = random.below(dump.length - 40);
      const length = 1 + random.below(3);
      const body = Buffer.from(dump.subarray(0, dump.length - 8));
      for (let j = 0; j < length; j++) body[from + random.below(40)] = random.below(256);
      const cut = random.below(4) === 0 ? body.subarray(0, from) : body;
      const h = newHarness();
      const chunkBytes = 1 + random.below(5000);
      const reader = readDump(h.keyspace, withChecksum(cut), { chunkBytes, replaces: true });
      if (reader.error !== null) refused++;
      expect(h.leaks()).toEqual([]);
    }
    expect(refused).toBeGreaterThan(FILE_ROUNDS / 10);
  });
});
