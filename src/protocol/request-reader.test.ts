// The reader of commands: the same commands however the bytes are cut, and Redis's errors and
// limits.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Args } from './args.ts';
import {
  COMMAND,
  INLINE_MAX_BYTES,
  NEED_MORE,
  PROTOCOL_ERROR,
  RequestReader,
} from './request-reader.ts';

const LIMITS = { protoMaxBulkBytes: 1_000_000 };

/**
 * What comes of bytes that arrive in these pieces: commands, then an error's text if there is one.
 */
function read(pieces: readonly string[], restricted = false): (string[] | string)[] {
  const reader = new RequestReader(LIMITS);
  reader.restricted = restricted;
  const args = new Args();
  const found: (string[] | string)[] = [];
  let all = Buffer.alloc(0);
  for (const piece of pieces) {
    all = Buffer.concat([all, Buffer.from(piece, 'latin1')]);
    const { position, commandStart } = reader;
    if (all.length === piece.length) reader.feed(all, 0, all.length);
    else reader.rebase(all, 0, all.length);
    expect([reader.position, reader.commandStart]).toEqual([position, commandStart]);
    let status = reader.next(args);
    while (status === COMMAND) {
      found.push(Array.from({ length: args.count }, (_, i) => args.latin1(i)));
      args.clear();
      status = reader.next(args);
    }
    if (status === PROTOCOL_ERROR) return [...found, reader.errorText];
    expect(status).toBe(NEED_MORE);
  }
  return found;
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

it('reads the same commands wherever the bytes are cut', () => {
  const word = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
  });
  const commands = fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(commands, fc.array(fc.nat(40), { maxLength: 8 }), (sent, cuts) => {
      const bytes = sent.map(encode).join('');
      const pieces: string[] = [];
      let at = 0;
      for (const cut of cuts) {
        if (bytes.slice(at, at + cut) !== '') pieces.push(bytes.slice(at, at + cut));
        at += cut;
      }
      if (bytes.slice(at) !== '') pieces.push(bytes.slice(at));
      expect(read(pieces)).toEqual(sent);
    }),
  );
});

describe('commands', () => {
  it.each([
    ['*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n', [['PING']]],
    ['PING\r\nPING\n\r\n\n  \r\necho "a b"\n', [['PING'], ['PING'], ['echo', 'a b']]],
    ['*1\r\n$0\r\n\r\n', [['']]],
    ['*1\rx$1\rxaxx', [['a']]],
    ['GET a\vb\r\n', [['GET', 'a\vb']]],
  ] as const)('%j', (bytes, expected) => {
    expect(read([bytes])).toEqual(expected);
  });
});

describe('a NUL hides the end of its line', () => {
  it.each([
    'GET a\0b\r\n',
    'GET a\0\r\nPING\r\n',
    '*1\0\r\n',
    '*1\r\n$1\0\r\na\r\n',
    '*1\r\n\0\r\n',
  ])('%j waits', (bytes) => {
    expect(read([bytes])).toEqual([]);
  });

  it('and the line becomes too long in the end', () => {
    const more = 'x\r\n'.repeat(INLINE_MAX_BYTES / 3 + 1);
    expect(read(['GET a\0', more])).toEqual(['Protocol error: too big inline request']);
    expect(read(['*1\0', more])).toEqual(['Protocol error: too big mbulk count string']);
    expect(read(['*1\r\n$\0', more])).toEqual(['Protocol error: too big bulk count string']);
  });
});

describe('errors', () => {
  it.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*1\r\nx\r\n', "expected '$', got 'x'"],
    ['*1\r\n$x\r\n', 'invalid bulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$1000001\r\n', 'invalid bulk length'],
    ['"a\r\n', 'unbalanced quotes in request'],
    ['x'.repeat(INLINE_MAX_BYTES + 1), 'too big inline request'],
    [`*${'1'.repeat(INLINE_MAX_BYTES)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(INLINE_MAX_BYTES)}`, 'too big bulk count string'],
  ])('%#: %s', (bytes, error) => {
    expect(read([bytes])).toEqual([`Protocol error: ${error}`]);
  });

  it('come after the commands before them', () => {
    expect(read(['PING\r\n*x\r\n'])).toEqual([
      ['PING'],
      'Protocol error: invalid multibulk length',
    ]);
  });

  it('are not told before a line is whole', () => {
    for (const bytes of ['*x', '*x\r', '*1\r\nx\r', '*1\r\n$x', 'x'.repeat(INLINE_MAX_BYTES)]) {
      expect(read([bytes])).toEqual([]);
    }
  });
});

it('reads only small commands until the client is authenticated', () => {
  expect(read([encode(['AUTH', 'x'])], true)).toEqual([['AUTH', 'x']]);
  expect(read(['*11\r\n'], true)).toEqual(['Protocol error: unauthenticated multibulk length']);
  expect(read(['*1\r\n$16385\r\n'], true)).toEqual(['Protocol error: unauthenticated bulk length']);
  expect(read(['*10\r\n$16384\r\n'], true)).toEqual([]);
});
