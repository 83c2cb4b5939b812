// The query buffers of clients that share what they read into: the same commands however reads cut
// them, and nobody holds on to what was large.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientMemory } from '../engine/client-memory.ts';
import { COMMAND, NEED_MORE } from '../protocol/request-reader.ts';
import { BATCH_SIZE, CommandBatch } from './command-batch.ts';
import { type ConnectionLimits, NO_OUTPUT_LIMIT } from './connection-limits.ts';
import { DroppedBuffers } from './dropped-buffers.ts';
import { OWN_BUFFER_BYTES, OwnBuffers, QueryBuffer } from './query-buffer.ts';

const READ_BYTES = 64 * 1024;
const QUERY_LIMIT_BYTES = 1024 * 1024;
const LIMITS: ConnectionLimits = {
  protoMaxBulkBytes: 512 * 1024 * 1024,
  queryBufferBytes: QUERY_LIMIT_BYTES,
  normal: NO_OUTPUT_LIMIT,
  pubsub: NO_OUTPUT_LIMIT,
  turnOutputBytes: QUERY_LIMIT_BYTES,
};

let shared: Uint8Array;
let batch: CommandBatch;
let ownBuffers: OwnBuffers;
let droppedBuffers: DroppedBuffers;

beforeEach(() => {
  shared = new Uint8Array(OWN_BUFFER_BYTES + READ_BYTES);
  batch = new CommandBatch();
  ownBuffers = new OwnBuffers();
  droppedBuffers = new DroppedBuffers();
});

function newQuery(): QueryBuffer {
  const clientMemory = { limitBytes: 0, normalBytes: 0 } as ClientMemory;
  const engine = { clientMemory };
  return new QueryBuffer({ limits: LIMITS, ownBuffers, droppedBuffers, batch, engine });
}

/** A command of one argument. */
function encode(text: string): string {
  return `*1\r\n$${text.length}\r\n${text}\r\n`;
}

/** Lets a client read bytes as a socket does. @returns the commands that are whole by then. */
function receive(query: QueryBuffer, bytes: string): string[] {
  shared.fill(0);
  shared.set(Buffer.from(bytes, 'latin1'), OWN_BUFFER_BYTES);
  if (!query.add(shared, OWN_BUFFER_BYTES, bytes.length)) throw new Error('too much');
  return commandsOf(query);
}

/** The same, where the socket asks where to read. @returns what it found, and did not take. */
function receiveDirect(query: QueryBuffer, bytes: string): [found: string[], rest: string] {
  const target = query.readTarget();
  if (target === null) return [receive(query, bytes), ''];
  const count = Math.min(bytes.length, target.length);
  target.set(Buffer.from(bytes.slice(0, count), 'latin1'));
  if (!query.addDirect(count)) throw new Error('too much');
  return [commandsOf(query), bytes.slice(count)];
}

function commandsOf(query: QueryBuffer): string[] {
  const found: string[] = [];
  let partialIndex = 0;
  for (;;) {
    const args = query.args ?? batch.args[partialIndex]!;
    const status = query.reader.next(args);
    if (status === NEED_MORE) break;
    if (status !== COMMAND) throw new Error(query.reader.errorText);
    found.push(args.latin1(0));
    if (query.args !== null) query.giveArgs();
    else partialIndex = (partialIndex + 1) % BATCH_SIZE;
  }
  query.keepRest(partialIndex);
  return found;
}

it.each([
  ['copied from the shared buffer', false],
  ['read to where they gather', true],
])('finds the commands of clients wherever reads cut them, long ones %s', (_, isDirect) => {
  const size = fc.oneof(
    fc.nat(30),
    fc.integer({ min: OWN_BUFFER_BYTES - 40, max: OWN_BUFFER_BYTES + 40 }),
    fc.integer({ min: READ_BYTES - 40, max: 3 * READ_BYTES }),
  );
  const cut = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: READ_BYTES }));
  const clients = fc.array(fc.array(size, { maxLength: 6 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(clients, fc.array(cut, { minLength: 1, maxLength: 20 }), (sizes, someCuts) => {
      const cuts = [...someCuts, READ_BYTES];
      const sent = sizes.map((of, client) =>
        of.map((length, i) => `${client}${i}`.repeat(length).slice(0, length)),
      );
      const inputs = sent.map((commands) => commands.map(encode).join(''));
      const queries = sent.map(newQuery);
      const found: string[][] = sent.map(() => []);
      const at = sent.map(() => 0);
      for (let turn = 0; inputs.some((input, i) => at[i]! < input.length); turn++) {
        const client = turn % sent.length;
        const from = at[client]!;
        const query = queries[client]!;
        const bytes = inputs[client]!.slice(from, from + cuts[turn % cuts.length]!);
        if (bytes === '') continue;
        const [commands, rest] = isDirect
          ? receiveDirect(query, bytes)
          : [receive(query, bytes), ''];
        at[client] = from + bytes.length - rest.length;
        found[client]!.push(...commands);
      }
      expect(found).toEqual(sent);
      for (const query of queries) expect([query.restBytes, query.heldBytes]).toEqual([0, 0]);
    }),
    { numRuns: 100 },
  );
});

describe('what it holds', () => {
  it('tells of each long buffer that it lets go of', () => {
    const query = newQuery();
    const long = 'x'.repeat(2 * OWN_BUFFER_BYTES);
    receive(query, encode(long).slice(0, -5));
    expect(query.room).toBeGreaterThan(OWN_BUFFER_BYTES);
    expect(droppedBuffers.bytes === 0).toBe(true);
    receive(query, encode(long).slice(0, -5));
    const { room } = query;
    query.clear();
    expect(droppedBuffers.bytes).toBe(room);
  });

  it('keeps long buffers for others until they are trimmed', () => {
    const long = 'x'.repeat(2 * OWN_BUFFER_BYTES);
    const first = newQuery();
    receive(first, encode(long).slice(0, -5));
    expect(receive(first, encode(long).slice(-5))).toEqual([long]);
    expect([first.room, droppedBuffers.bytes === 0]).toEqual([0, true]);
    const used = ownBuffers.takeLong(2 * OWN_BUFFER_BYTES);
    expect(used.length).toBeGreaterThan(2 * OWN_BUFFER_BYTES);
    expect(ownBuffers.giveLong(used)).toBe(true);
    expect(ownBuffers.trim()).toBeGreaterThanOrEqual(used.length);
    expect(ownBuffers.takeLong(2 * OWN_BUFFER_BYTES)).toHaveLength(2 * OWN_BUFFER_BYTES);
    expect(ownBuffers.giveLong(new Uint8Array(17 * 1024 * 1024))).toBe(false);
    expect(ownBuffers.trim()).toBe(0);
  });

  it('says where the rest of a long argument is to be read, and no further', () => {
    const query = newQuery();
    const text = encode('y'.repeat(150_000));
    receive(query, text.slice(0, READ_BYTES));
    const missing = text.length - READ_BYTES;
    const target = query.readTarget()!;
    expect(target.length).toBe(missing);
    target.set(Buffer.from(text.slice(READ_BYTES, -20_000)));
    expect(query.addDirect(missing - 20_000)).toBe(true);
    expect(commandsOf(query)).toEqual([]);
    expect(query.readTarget()).toBeNull();
    expect(receive(query, text.slice(-20_000) + encode('next'))).toEqual([
      'y'.repeat(150_000),
      'next',
    ]);
  });

  it('puts the beginning of a short command in front of the rest', () => {
    const query = newQuery();
    expect(receive(query, encode('first') + encode('second').slice(0, 9))).toEqual(['first']);
    expect([query.restBytes, query.room]).toEqual([1, OWN_BUFFER_BYTES]);
    expect(receive(query, `${encode('second').slice(9)}${encode('third')}`)).toEqual([
      'second',
      'third',
    ]);
    expect(query.reader.bytes).toBe(shared);
    expect([query.restBytes, query.room, query.heldBytes]).toEqual([0, 0, 0]);
  });

  it('uses the same buffer and arguments for every read that is cut', () => {
    const query = newQuery();
    const input = encode('x'.repeat(101)).repeat(5000);
    const own = ownBuffers.take();
    ownBuffers.give(own);
    const args = new Set(batch.args);
    for (let at = 0; at < input.length; at += READ_BYTES) {
      receive(query, input.slice(at, at + READ_BYTES));
      if (at + READ_BYTES < input.length) expect(query.reader.bytes).toBe(own);
      for (const each of batch.args) args.add(each);
    }
    expect(args.size).toBe(BATCH_SIZE + 1);
    receive(query, encode('y').slice(0, 6));
    receive(query, encode('y').slice(6));
    const next = newQuery();
    receive(next, encode('z').slice(0, 6));
    expect(next.reader.bytes).toBe(own);
  });

  it('leaves a command that runs its arguments when the client goes meanwhile', () => {
    for (const text of ['short', 'x'.repeat(2 * READ_BYTES)]) {
      const query = newQuery();
      const input = encode(text);
      for (let at = 0; at < input.length - 2; at += READ_BYTES) {
        receive(query, input.slice(at, Math.min(at + READ_BYTES, input.length - 2)));
      }
      const args = query.args!;
      shared.set(Buffer.from('\r\n'), OWN_BUFFER_BYTES);
      query.add(shared, OWN_BUFFER_BYTES, 2);
      expect(query.reader.next(args)).toBe(COMMAND);
      query.clear();
      // What others may be given now.
      ownBuffers.take().fill(0);
      batch.take(0).count = 0;
      batch.take(0).count = 0;
      expect(Array.from({ length: args.count }, (_, i) => args.latin1(i))).toEqual([text]);
    }
  });

  it('lets go of a large buffer when its command has run', () => {
    const query = newQuery();
    const large = 'x'.repeat(4 * READ_BYTES);
    const input = encode(large) + encode('next');
    const found: string[] = [];
    let room = 0;
    for (let at = 0; at < input.length; at += READ_BYTES) {
      found.push(...receive(query, input.slice(at, at + READ_BYTES)));
      room = Math.max(room, query.room);
    }
    expect(found).toEqual([large, 'next']);
    expect(room).toBeGreaterThanOrEqual(large.length);
    expect([query.room, query.reader.bytes.length]).toEqual([0, 0]);
    expect(Math.max(...batch.args.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(
      shared.length,
    );
  });

  it('refuses what passes client-query-buffer-limit', () => {
    const query = newQuery();
    const input = encode('x'.repeat(QUERY_LIMIT_BYTES));
    let at = 0;
    for (; at < QUERY_LIMIT_BYTES - READ_BYTES; at += READ_BYTES) {
      expect(receive(query, input.slice(at, at + READ_BYTES))).toEqual([]);
    }
    shared.set(Buffer.from(input.slice(at, at + READ_BYTES)), OWN_BUFFER_BYTES);
    expect(query.add(shared, OWN_BUFFER_BYTES, READ_BYTES)).toBe(true);
    query.keepRest(0);
    expect(query.add(shared, OWN_BUFFER_BYTES, READ_BYTES)).toBe(false);
  });
});
