// MULTI, EXEC, DISCARD, WATCH and UNWATCH with commands between them that change, fail, and are
// refused. What another client does to a watched key is for the unit tests: here is one connection.
import type { Draw } from '../draw.ts';
import type { CommandGrammar, Grammar } from '../grammar.ts';
import { keys } from './keys.ts';
import { strings } from './strings.ts';

const steering: readonly CommandGrammar[] = [
  { name: 'MULTI', weight: 14, args: () => [] },
  { name: 'EXEC', weight: 12, args: () => [] },
  { name: 'DISCARD', weight: 3, args: () => [] },
  { name: 'WATCH', weight: 10, args: (d: Draw) => d.keys(3) },
  { name: 'UNWATCH', weight: 2, args: () => [] },
  { name: 'PING', weight: 2, args: () => [] },
  { name: 'SELECT', weight: 2, args: (d: Draw) => [String(d.below(3))] },
  { name: 'FLUSHDB', weight: 1, args: () => [] },
  { name: 'FLUSHALL', weight: 1, args: () => [] },
  { name: 'SWAPDB', weight: 2, args: (d: Draw) => [String(d.below(3)), String(d.below(3))] },
  { name: 'BLPOP', weight: 0.1, args: () => ['no-list', '0.01'], mutable: false },
  { name: 'NOSUCHCOMMAND', weight: 1, args: (d: Draw) => d.keys(2) },
  { name: 'RESET', weight: 0.3, args: () => [] },
];

export const transactions: Grammar = {
  group: 'transactions',
  inTransactions: false,
  commands: [...steering, ...strings.commands, ...keys.commands],
};
