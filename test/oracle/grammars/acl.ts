// ACL: users made and changed by rules of all kinds, good and bad; clients that come as them and
// are let do little. The default user is left alone, since the runner itself is that user.
import { createHash } from 'node:crypto';
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

export const userNames: readonly string[] = ['u1', 'u2', 'u3', 'u(4', '\u00e9'];

const passwords = ['pw1', 'pw2', '', 'with blank', 'bin\u0000\u00ff'];

const sha256 = (text: string): string =>
  createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');

const commands = [
  'get',
  'set',
  'GET',
  'del',
  'mget',
  'sort',
  'ping',
  'select',
  'config',
  'config|get',
  'config|SET',
  'client',
  'client|id',
  'object|encoding',
  'memory|usage',
  'acl|whoami',
  'acl',
  'xadd',
  'command',
  'command|count',
  'bitfield',
];
const badCommands = [
  '',
  'nosuch',
  'config|',
  'config|nosuch',
  'config|get|x',
  'get|',
  'get|a|b',
  '|get',
  'select|1',
  'SELECT|0',
  'get|Key',
  'get|kEY',
];
const categories = [
  'all',
  'read',
  'WRITE',
  'keyspace',
  'string',
  'admin',
  'fast',
  'dangerous',
  'connection',
  'bitmap',
  'list',
  'nosuch',
  '',
];
const patterns = [
  'a',
  'k*',
  '*',
  '',
  'k?',
  '[ab]',
  'with blank',
  'nul\u0000',
  'user:{1}:*',
  '\u00ff*',
  '**',
];
const keySigns = [
  '~',
  '~',
  '~',
  '%R~',
  '%W~',
  '%RW~',
  '%wr~',
  '%r~',
  '%~',
  '%',
  '%R',
  '%RR~',
  '%x~',
];
const words = [
  'on',
  'ON',
  'off',
  'nopass',
  'resetpass',
  'allkeys',
  'resetkeys',
  'allchannels',
  'resetchannels',
  'allcommands',
  'nocommands',
  'reset',
  'clearselectors',
  'skip-sanitize-payload',
  'sanitize-payload',
  'bogus',
  '',
  '(',
  ')',
  '+',
  '-',
  '&',
  '>',
];

const selectorRule = (draw: Draw): string => {
  const kind = draw.below(20);
  if (kind < 6) return `${draw.pick(['+', '+', '-'])}${draw.pick(commands)}`;
  if (kind < 7) return `${draw.pick(['+', '-'])}${draw.pick(badCommands)}`;
  if (kind < 11) return `${draw.pick(['+', '+', '-'])}@${draw.pick(categories)}`;
  if (kind < 17) return `${draw.pick(keySigns)}${draw.pick(patterns)}`;
  return `&${draw.pick(['ch*', 'news.?', '*', '', 'with blank', 'ch1'])}`;
};

const passwordRule = (draw: Draw): string => {
  const password = draw.pick(passwords);
  return draw.pick([
    `>${password}`,
    `>${password}`,
    `<${password}`,
    `#${sha256(password)}`,
    `!${sha256(password)}`,
    '#abc',
    `#${sha256(password).toUpperCase()}`,
    `!${'g'.repeat(64)}`,
  ]);
};

const selector = (draw: Draw): string[] => {
  const rules = Array.from({ length: draw.below(5) }, () => selectorRule(draw));
  if (draw.chance(0.05)) rules.push('on');
  const text = `(${rules.join(' ')})`;
  // In one argument, or spread over several, of which the last may be missing.
  if (draw.chance(0.6)) return [text];
  const parts = text.split(' ');
  return draw.chance(0.1) ? parts.slice(0, -1) : parts;
};

/** One rule of ACL SETUSER, mostly good; a selector may be several words. */
export const rule = (draw: Draw): string[] => {
  const kind = draw.below(20);
  if (kind < 12) return [selectorRule(draw)];
  if (kind < 14) return [passwordRule(draw)];
  if (kind < 17) return [draw.pick(words)];
  return selector(draw);
};

const name = (draw: Draw): string =>
  draw.chance(0.95) ? draw.pick(userNames) : draw.pick(['nobody', '', 'with blank', 'nul\u0000']);

/** Redis 7.0 begins anew at a `(` within an open selector, 7.2 does not: there is none. */
export const withoutNested = (rules: readonly string[]): string[] => {
  let isOpen = false;
  return rules.filter((word) => {
    const opens = word.startsWith('(') && !word.endsWith(')');
    if (isOpen && opens) return false;
    isOpen = opens || (isOpen && !word.endsWith(')'));
    return true;
  });
};

const setUser = (draw: Draw): string[] => {
  const head = draw.chance(0.5) ? ['on', '>pw1'] : [];
  // A single rule most often, so that one mistake does not undo the others.
  const count = draw.chance(0.6) ? 1 : draw.below(5);
  const rules = withoutNested(Array.from({ length: count }, () => rule(draw)).flat());
  return [name(draw), ...head, ...rules];
};

const dryRun = (draw: Draw): string[] => {
  const key = (): string => draw.pick(['a', 'b', 'k1', 'k2', 'user:{1}:x', '', '\u00ff1']);
  const call = draw.pick([
    ['get', key()],
    ['GET', key()],
    ['set', key(), 'v'],
    ['set', key(), 'v', 'get'],
    ['mget', key(), key()],
    ['copy', key(), key()],
    ['config', 'get', 'x'],
    ['CONFIG', 'Get', 'x'],
    ['config'],
    ['config', 'nosuch'],
    ['select', '0'],
    ['select', '1'],
    ['sort', key(), 'by', 'x*', 'store', key()],
    ['client', 'id'],
    ['object', 'encoding', key()],
    ['bitfield', key(), 'get', 'u8', '0'],
    ['bitfield', key(), 'set', 'u8', '0', '1'],
    ['zunionstore', key(), '2', key(), key()],
    ['get'],
    ['nosuch', 'x'],
    ['auth', 'x'],
    ['xread', 'streams', key(), '0'],
  ]);
  return [name(draw), ...call];
};

const acl = (draw: Draw): string[] => {
  const kind = draw.below(30);
  if (kind < 12) return [draw.cased('SETUSER'), ...setUser(draw)];
  if (kind < 18) return [draw.cased('DRYRUN'), ...dryRun(draw)];
  if (kind < 21) return [draw.cased('GETUSER'), name(draw)];
  if (kind < 23) return [draw.pick(['LIST', 'USERS', 'WHOAMI'])];
  if (kind < 24) return ['DELUSER', name(draw), ...(draw.chance(0.3) ? [name(draw)] : [])];
  if (kind < 26)
    return ['LOG', ...draw.pick([[], [], ['3'], ['-1'], ['x'], ['RESET'], ['1', '2']])];
  if (kind < 27)
    return ['GENPASS', ...draw.pick([[], ['1'], ['5'], ['4096'], ['4097'], ['0'], ['x']])];
  return draw.pick([
    ['CAT'],
    ['CAT', 'nosuch'],
    ['CAT', 'x', 'y'],
    ['LOAD'],
    ['SAVE'],
    ['DELUSER', 'nobody', 'default'],
    ['DRYRUN', 'u1'],
    ['BOGUS'],
    ['GETUSER'],
    ['SETUSER'],
    ['WHOAMI', 'x'],
  ]);
};

export const accessControl: Grammar = {
  group: 'acl',
  // A user that deletes itself is disconnected; what was sent behind must not be lost at random.
  lockstep: true,
  before: [
    ['ACL', 'DELUSER', ...userNames],
    ['ACL', 'LOG', 'RESET'],
    ['ACL', 'SETUSER', 'u1', 'on', '>pw1', '+@all', '~k*'],
    ['ACL', 'SETUSER', 'u2', 'on', 'nopass', '+@read', '+acl', '~*'],
  ],
  after: [['RESET'], ['ACL', 'DELUSER', ...userNames, 'nobody', '']],
  commands: [
    { name: 'ACL', weight: 12, args: acl, mutable: false },
    {
      name: 'AUTH',
      weight: 2,
      args: (d) => [d.pick(userNames), d.chance(0.7) ? 'pw1' : d.pick(passwords)],
    },
    {
      name: 'HELLO',
      weight: 0.5,
      args: (d) => ['3', 'AUTH', d.pick(userNames), 'pw1'],
      mutable: false,
    },
    { name: 'RESET', weight: 1.5, args: () => [] },
    { name: 'GET', weight: 2, args: (d) => [d.key()] },
    { name: 'SET', weight: 2, args: (d) => [d.key(), d.value()] },
    { name: 'MGET', args: (d) => d.keys(3) },
    {
      name: 'SORT',
      args: (d) => [d.pick(['list', 'k1']), ...d.options(['BY', 'k*'], ['GET', '#'])],
    },
    { name: 'CONFIG', args: (d) => ['GET', d.pick(['hz', 'nosuch'])] },
    { name: 'CLIENT', weight: 0.5, args: (d) => [d.pick(['ID', 'GETNAME', 'BOGUS'])] },
    { name: 'PING', args: () => [] },
    { name: 'SELECT', args: (d) => [d.pick(['0', '1'])] },
  ],
};
