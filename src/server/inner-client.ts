// A client without a connection: for commands that the server runs on its own behalf. What it is
// told stays in a writer.

import { Client, type Transport } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { Args } from '../protocol/args.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';

const NOWHERE: Transport = {
  remoteAddress: '',
  localAddress: '',
  fd: -1,
  isUnix: false,
  isLocal: true,
  write: () => {},
  reply: () => {},
  push: () => {},
  resume: () => {},
  close: (client) => {
    client.closing = true;
  },
  heldBytes: () => 0,
  bufferSizes: () => ({
    argumentBytes: 0,
    queryBytes: 0,
    queryFreeBytes: 0,
    outputBytes: 0,
    outputChunks: 0,
    replyBufferBytes: 0,
    replyBufferPosition: 0,
  }),
};

/** Runs a command whose reply is one text, and returns that. */
export function askEngine(engine: Engine, words: readonly string[]): string {
  const db = engine.keyspace.databases[0]!;
  const client = new Client({ id: 0, db, transport: NOWHERE, nowMs: engine.clock.nowMs() });
  const args = new Args();
  args.set(words);
  const writer = new ReplyWriter(engine);
  engine.execute(client, args, writer);
  const parts = [...writer.chunks, writer.bytes.subarray(0, writer.position)];
  const reply = Buffer.concat(parts).toString('latin1');
  return reply.slice(reply.indexOf('\r\n') + 2).trimEnd();
}
