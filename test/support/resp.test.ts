// The test client's own parser: every type of RESP2 and RESP3, cut at every byte.
import { describe, expect, it } from 'vitest';
import { encodeCommand, type Reply, ReplyParser, showReply } from './resp.ts';

const wire = [
  '+OK\r\n',
  '-ERR bad\r\n',
  ':-42\r\n',
  '$5\r\nhe\r\no\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*2\r\n:1\r\n*1\r\n+x\r\n',
  '_\r\n',
  ',1.5\r\n',
  ',-inf\r\n',
  '#t\r\n',
  '(12345678901234567890123\r\n',
  '=7\r\ntxt:abc\r\n',
  '!5\r\nERR x\r\n',
  '%1\r\n$1\r\na\r\n~1\r\n:2\r\n',
  '>2\r\n+message\r\n+x\r\n',
  '|1\r\n+ttl\r\n:9\r\n',
].join('');

const shown = [
  'OK',
  '(error) "ERR bad"',
  '(integer) -42',
  '"he\\r\\no"',
  '""',
  '(nil, bulk)',
  '(nil, array)',
  'array[(integer) 1, array[x]]',
  '(nil, resp3)',
  '(double) 1.5',
  '(double) -inf',
  '(boolean) true',
  '(bignum) 12345678901234567890123',
  '(verbatim txt) "abc"',
  '(error, bulk) "ERR x"',
  'map{"a" => set[(integer) 2]}',
  'push[message, x]',
  'attribute{ttl => (integer) 9}',
];

function parseAll(chunks: readonly string[]): Reply[] {
  const parser = new ReplyParser();
  const replies: Reply[] = [];
  for (const chunk of chunks) {
    parser.push(Buffer.from(chunk, 'latin1'));
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) replies.push(reply);
  }
  expect(parser.pendingBytes).toBe(0);
  return replies;
}

describe('ReplyParser', () => {
  it('reads every type', () => {
    expect(parseAll([wire]).map(showReply)).toEqual(shown);
  });

  it('reads the same wherever the stream is cut', () => {
    for (let at = 0; at <= wire.length; at++) {
      expect(parseAll([wire.slice(0, at), wire.slice(at)]).map(showReply)).toEqual(shown);
    }
    expect(parseAll([...wire]).map(showReply)).toEqual(shown);
  });

  it.each([':1x\r\n', '$x\r\n', '$-2\r\n', '$1\r\nab\r\n', '#x\r\n', '?\r\n'])(
    'refuses %j',
    (text) => {
      const parser = new ReplyParser();
      parser.push(Buffer.from(text));
      expect(() => parser.next()).toThrow();
    },
  );
});

describe('encodeCommand', () => {
  it('counts bytes, not characters', () => {
    const frame = encodeCommand(['SET', 'é', 7, Buffer.from([0, 255])]);
    expect(frame.toString('latin1')).toBe(
      '*4\r\n$3\r\nSET\r\n$2\r\n\u00c3\u00a9\r\n$1\r\n7\r\n$2\r\n\u0000\u00ff\r\n',
    );
  });
});
