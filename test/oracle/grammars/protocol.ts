// The protocol itself: inline commands, frames cut and changed, lengths that lie. Steps are bytes.
// A stream of this group ends the connection's sending side, so that a server that waits for the
// rest of a frame ends too; what matters is every reply up to there, and that the connection
// closes.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const frame = (args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;

const call = (draw: Draw): string[] =>
  draw.pick([
    ['PING'],
    ['SET', draw.key(), draw.value()],
    ['GET', draw.key()],
    ['ECHO', draw.value()],
    ['INCR', 'counter'],
    ['DEL', draw.key()],
  ]);

const inline = (draw: Draw): string => {
  const lines = [
    'PING',
    'ping hello',
    'SET a "quoted value"',
    "SET a 'single \\' quote'",
    'SET a "\\x41\\n\\r\\t\\b\\a\\q\\""',
    'SET a "unbalanced',
    "SET a 'unbalanced",
    'SET a "x"y',
    '   PING   ',
    '',
    '\t',
    'GET a',
    'ECHO "\\x4"',
    'ECHO \u00ff\u0001',
    'ECHO ""',
    'NOSUCH a b c',
    `ECHO ${'y'.repeat(300)}`,
    'GET a\u0000b',
    'GET a\u000bb',
    'ECHO \u000c a\u000c \u000b',
  ];
  return draw.pick(lines) + draw.pick(['\r\n', '\r\n', '\n', '\n\n']);
};

const lies = (draw: Draw): string =>
  draw.pick([
    '*-1\r\n',
    '*0\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n$4\r\nPINGxx',
    '*1\r\n+PING\r\n',
    '*1\r\n:1\r\n',
    '*abc\r\n',
    '*\r\n',
    '* 1\r\n',
    '*1\r\n$\r\n',
    '*1\r\n$abc\r\n',
    '*1\r\n$4 \r\nPING\r\n',
    '*1\r\n$536870913\r\n',
    '*1\r\n$9223372036854775808\r\n',
    '*2147483648\r\n',
    '*1048577\r\n',
    '*9223372036854775807\r\n',
    '*2\r\n$3\r\nGET\r\n$-5\r\n',
    '*1\n$4\nPING\n',
    '$4\r\nPING\r\n',
    '*2\r\n*1\r\n$4\r\nPING\r\n',
    '*01\r\n$04\r\nPING\r\n',
    '*+1\r\n$4\r\nPING\r\n',
  ]);

const changed = (draw: Draw): string => {
  const bytes = Buffer.from(frame(call(draw)), 'latin1');
  const kind = draw.below(4);
  const at = draw.below(bytes.length);
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw.below(8));
  if (kind === 1) return bytes.toString('latin1', 0, at);
  if (kind === 2) return bytes.toString('latin1', 0, at) + bytes.toString('latin1', at + 1);
  if (kind === 3) return `${bytes.toString('latin1', 0, at)}\r\n${bytes.toString('latin1', at)}`;
  return bytes.toString('latin1');
};

export const protocol: Grammar = {
  group: 'protocol',
  commands: [],
  raw: (draw) => {
    const kind = draw.below(20);
    if (kind < 9) return frame(call(draw));
    if (kind < 16) return inline(draw);
    if (kind < 18) return lies(draw);
    return changed(draw);
  },
};
