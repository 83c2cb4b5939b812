// A client without a connection: for commands that the server runs on its own behalf. What it is
// told stays in a writer.

import { Client } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { Args } from '../protocol/args.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';

/** Runs a command whose reply is one text, and returns that. */
export function askEngine(engine: Engine, words: readonly string[]): string {
  const db = engine.keyspace.databases[0]!;
  const client = new Client({ id: 0, db, transport: NO_TRANSPORT, nowMs: engine.clock.nowMs() });
  const args = new Args();
  args.set(words);
  const writer = new ReplyWriter(engine);
  engine.execute(client, args, writer);
  const parts = [...writer.chunks, writer.bytes.subarray(0, writer.position)];
  const reply = Buffer.concat(parts).toString('latin1');
  return reply.slice(reply.indexOf('\r\n') + 2).trimEnd();
}
