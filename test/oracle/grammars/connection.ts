// Connections: PING, ECHO, HELLO, AUTH, SELECT, RESET, QUIT and the parts of CLIENT that answer
// alike on every server. Two groups: with the default user open, and with a password demanded.
import type { Draw } from '../draw.ts';
import type { CommandGrammar, Grammar } from '../grammar.ts';

/** What `requirepass` is set to, in the group that demands a password. */
export const password = 'secret-password';

const user = (draw: Draw): string => draw.pick(['default', 'default', 'nobody', '', 'Default']);
const secret = (draw: Draw): string => draw.pick([password, password, 'wrong', '']);
const clientName = (draw: Draw): string =>
  draw.pick(['app', 'worker-1', '', 'with blank', 'new\nline', '\u00e9', 'x'.repeat(100)]);

/**
 * Redis 7.0 acts on HELLO's options one by one, 7.2 checks them all first. So that both end in the
 * same state, an option that is refused never follows one that has an effect.
 */
const hello = (draw: Draw): string[] => {
  if (draw.chance(0.1)) return [];
  const version = draw.chance(0.85)
    ? draw.pick(['2', '3', '3'])
    : draw.pick(['1', '4', 'x', '', '-1']);
  const login = [draw.cased('auth'), user(draw), secret(draw)];
  const named = [draw.cased('setname'), draw.pick(['app', 'worker-1', ''])];
  const choices: (readonly string[])[] = [
    [],
    login,
    named,
    [...login, ...named],
    [...named, draw.cased('auth'), 'default', password],
    [draw.cased('setname'), clientName(draw)],
    ['BOGUS', ...login],
    login.slice(0, 2),
    [draw.cased('setname')],
  ];
  return [version, ...draw.pick(choices)];
};

const clientId = (draw: Draw): string => draw.pick(['0', '-1', 'x', '', '99999999', '1.5']);

const killFilters = (draw: Draw): string[] =>
  draw.options(
    ['ID', clientId(draw)],
    ['ADDR', draw.pick(['1.2.3.4:5', 'x', ''])],
    ['LADDR', '1.2.3.4:5'],
    ['TYPE', draw.pick(['pubsub', 'master', 'replica', 'slave', 'bogus'])],
    ['USER', draw.pick(['nobody', ''])],
    ['SKIPME', draw.pick(['yes', 'yes', 'no', 'maybe'])],
  );

const client = (draw: Draw): string[] => {
  const choices: (() => string[])[] = [
    () => ['ID'],
    () => ['INFO'],
    () => ['GETNAME'],
    () => ['SETNAME', clientName(draw)],
    () => ['LIST', ...draw.options(['TYPE', draw.pick(['normal', 'master', 'pubsub', 'bogus'])])],
    () => ['LIST', 'ID', ...Array.from({ length: draw.below(3) }, () => clientId(draw))],
    // Old form and filters; only of clients that do not exist, so that nobody is killed.
    () => ['KILL', draw.pick(['1.2.3.4:5', '', 'x'])],
    () => ['KILL', ...killFilters(draw)],
    () => ['REPLY', draw.cased(draw.pick(['on', 'on', 'off', 'skip', 'maybe']))],
    () => ['NO-EVICT', draw.cased(draw.pick(['on', 'off', 'maybe']))],
    () => ['UNPAUSE'],
    () => ['PAUSE', draw.pick(['0', '-1', 'x', '']), ...draw.options(['WRITE'], ['ALL'], ['READ'])],
    () => ['UNBLOCK', clientId(draw), ...draw.options(['TIMEOUT'], ['ERROR'], ['BOGUS'])],
    () => ['BOGUS'],
  ];
  const [word = '', ...rest] = draw.pick(choices)();
  return [draw.cased(word), ...rest];
};

const common: readonly CommandGrammar[] = [
  { name: 'PING', weight: 2, args: (d) => (d.chance(0.5) ? [] : [d.value()]) },
  { name: 'ECHO', weight: 2, args: (d) => [d.value()] },
  { name: 'HELLO', weight: 2, args: hello, mutable: false },
  {
    name: 'AUTH',
    args: (d) => (d.chance(0.4) ? [secret(d)] : [user(d), secret(d)]),
  },
  { name: 'SELECT', args: (d) => [d.chance(0.8) ? String(d.below(4)) : d.integer()] },
  { name: 'RESET', weight: 0.5, args: () => [] },
  { name: 'SET', args: (d) => [d.key(), d.value()] },
  { name: 'GET', weight: 2, args: (d) => [d.key()] },
  { name: 'NOSUCHCOMMAND', weight: 0.5, args: (d) => d.keys(4) },
  { name: 'QUIT', weight: 0.05, args: (d) => (d.chance(0.8) ? [] : ['x']) },
];

export const connection: Grammar = {
  group: 'connection',
  inTransactions: false,
  commands: [...common, { name: 'CLIENT', weight: 8, args: client, mutable: false }],
};

/** The same without CLIENT (whose replies cannot be counted while it is refused). */
export const auth: Grammar = {
  group: 'auth',
  inTransactions: false,
  // A server may close an unauthenticated client that has more than 1 KB of replies waiting.
  lockstep: true,
  before: [['CONFIG', 'SET', 'requirepass', password], ['RESET']],
  after: [['RESET'], ['AUTH', password], ['CONFIG', 'SET', 'requirepass', '']],
  commands: common.filter(({ name }) => name !== 'QUIT'),
};
