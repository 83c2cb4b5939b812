// The commands of a master, cut at any byte: what is applied, what counts, what goes on to the
// server's own replicas.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Client } from '../engine/client.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { resumeSuspended, Suspension } from '../engine/suspension.ts';
import { Harness } from '../engine/testing/harness.ts';
import { Args } from '../protocol/args.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { encodeCommand } from './handshake.ts';
import { MasterStream } from './master-stream.ts';

interface Fixture {
  readonly h: Harness;
  readonly stream: MasterStream;
  readonly failures: string[];
  readonly broken: string[];
  /** What was handed on. */
  applied: string;
}

function fixture(): Fixture {
  const h = new Harness(coreCommands);
  const transport = { ...NO_TRANSPORT, resume: () => stream.run() };
  const client = new Client({ id: 9, db: h.keyspace.databases[0]!, transport, nowMs: h.clock.ms });
  client.isMaster = true;
  h.engine.clients.add(client);
  const result: Partial<Fixture> & { applied: string } = {
    h,
    failures: [],
    broken: [],
    applied: '',
  };
  const stream = new MasterStream(
    {
      engine: h.engine,
      onApplied: (bytes, start, end) => {
        result.applied += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      },
      onBroken: (text) => result.broken?.push(text),
      onFailed: (error) => result.failures?.push(error.text),
    },
    client,
  );
  return Object.assign(result, { stream }) as Fixture;
}

function feed({ stream }: Fixture, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  stream.feed(bytes, 0, bytes.length);
}

const STREAM = [
  ['SELECT', '3'],
  ['SET', 'a', 'v'.repeat(100)],
  ['MULTI'],
  ['INCR', 'n'],
  ['INCR', 'n'],
  ['EXEC'],
  ['PING'],
  ['SET', 'big', 'b'.repeat(200_000)],
]
  .map((command) => encodeCommand(command).toString('latin1'))
  .join('');

it('applies the same, and hands on every byte, however the stream is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      const f = fixture();
      let from = 0;
      for (const at of [...new Set(places), STREAM.length].sort((a, b) => a - b)) {
        feed(f, STREAM.slice(from, at));
        from = at;
      }
      expect(f.applied).toBe(STREAM);
      expect(f.stream.waitingBytes).toBe(0);
      f.h.run('SELECT', 3);
      expect([f.h.run('GET', 'n'), f.h.run('STRLEN', 'big')]).toEqual(['2', 200_000]);
      expect(f.failures).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

it('counts a transaction when it has run', () => {
  const f = fixture();
  const begun = encodeCommand(['MULTI']).toString() + encodeCommand(['INCR', 'n']).toString();
  feed(f, begun);
  expect([f.applied, f.stream.waitingBytes]).toEqual(['', begun.length]);
  feed(f, encodeCommand(['EXEC']).toString());
  expect(f.applied.endsWith('EXEC\r\n')).toBe(true);
});

it('waits while a script of this server has given way, and then goes on', () => {
  const f = fixture();
  const { engine } = f.h;
  const busy = f.h.connect();
  const get = engine.commands.lookup(Buffer.from('get'), 0, 3)!;
  const work = { refusal: null, step: () => true, finish: (reply: ReplyWriter) => reply.ok() };
  busy.client.hold = 'blocked';
  engine.suspended = new Suspension(busy.client, get, new Args(), work, 1);
  feed(f, encodeCommand(['SET', 'a', '1']).toString());
  expect([f.applied, f.h.run('GET', 'a')]).toEqual(['', null]);
  resumeSuspended(engine);
  expect([busy.replies, f.h.run('GET', 'a'), f.stream.waitingBytes]).toEqual([['OK'], '1', 0]);
});

it('tells of a command that fails, and of bytes that are none', () => {
  const f = fixture();
  feed(f, encodeCommand(['LPUSH', 'l', 'x']).toString());
  feed(f, encodeCommand(['INCR', 'l']).toString());
  expect(f.failures).toEqual(['WRONGTYPE Operation against a key holding the wrong kind of value']);
  feed(f, '*1\r\n!3\r\n');
  expect(f.broken.length).toBe(1);
});

it('sees keys that have expired until the master deletes them', () => {
  const f = fixture();
  f.h.keyspace.deletesExpired = false;
  feed(f, encodeCommand(['SET', 'n', '5', 'PX', '10']).toString());
  f.h.clock.advance(1000);
  expect(f.h.run('GET', 'n')).toBe(null);
  feed(f, encodeCommand(['INCR', 'n']).toString());
  feed(f, encodeCommand(['PERSIST', 'n']).toString());
  expect(f.h.run('GET', 'n')).toBe('6');
});
