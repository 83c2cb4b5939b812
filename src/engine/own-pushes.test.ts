// Messages to the client whose command runs: however many there are, no more is held of them than
// the limit of its output, and passing that ends it.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Args } from '../protocol/args.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import type { CommandSpec } from './command-spec.ts';
import { Harness } from './testing/harness.ts';

const LIMIT_BYTES = 1_000_000;
const MESSAGE = Buffer.from(`>1\r\n$10000\r\n${'x'.repeat(10_000)}\r\n`);

function heldFor(messages: number): { heldBytes: number; isCut: boolean; left: number } {
  let heldBytes = 0;
  const flood: CommandSpec = {
    name: 'flood',
    group: 'server',
    since: '1.0.0',
    summary: 'Sends its client messages.',
    complexity: '',
    arity: 1,
    flags: [],
    run({ engine, client, reply }) {
      for (let i = 0; i < messages; i++) engine.push(client, MESSAGE);
      heldBytes = engine.ownPushes.bytes;
      reply.ok();
    },
  };
  const { engine, client } = new Harness([...coreCommands, flood]);
  const writer = new ReplyWriter(engine);
  writer.limitBytes = LIMIT_BYTES;
  const args = new Args();
  args.set(['FLOOD']);
  engine.execute(client, args, writer);
  return { heldBytes, isCut: writer.isCut, left: engine.ownPushes.bytes };
}

it('are held up to the limit of output, which they then pass', () => {
  expect(heldFor(10)).toEqual({ heldBytes: 10 * MESSAGE.length, isCut: false, left: 0 });
  const { heldBytes, isCut, left } = heldFor(100_000);
  expect(heldBytes).toBeLessThan(2 * LIMIT_BYTES);
  expect({ isCut, left }).toEqual({ isCut: true, left: 0 });
});
