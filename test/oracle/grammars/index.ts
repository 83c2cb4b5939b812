// The groups of commands that the oracle knows. A new group is a file beside this one and a line
// here.
import type { Grammar } from '../grammar.ts';
import { accessControl } from './acl.ts';
import { bitmaps } from './bitmaps.ts';
import { auth, connection } from './connection.ts';
import { geo } from './geo.ts';
import { hashes } from './hashes.ts';
import { hyperloglogs } from './hyperloglogs.ts';
import { keys } from './keys.ts';
import { lists } from './lists.ts';
import { protocol } from './protocol.ts';
import { scripts } from './scripts.ts';
import { server } from './server.ts';
import { sets } from './sets.ts';
import { sorting } from './sort.ts';
import { sortedSets } from './sorted-sets.ts';
import { streams } from './streams.ts';
import { strings } from './strings.ts';
import { tracking } from './tracking.ts';
import { transactions } from './transactions.ts';

const mixed: Grammar = {
  group: 'mixed',
  commands: [strings, bitmaps, keys].flatMap((grammar) => grammar.commands),
};

export const grammars: readonly Grammar[] = [
  strings,
  bitmaps,
  keys,
  hashes,
  sets,
  hyperloglogs,
  sorting,
  lists,
  sortedSets,
  geo,
  streams,
  mixed,
  transactions,
  connection,
  tracking,
  auth,
  accessControl,
  server,
  scripts,
  protocol,
];

/** The groups whose commands read and write keys, for tests that compare data sets. */
export const dataGroups: readonly string[] = [
  strings,
  bitmaps,
  keys,
  hashes,
  sets,
  lists,
  sortedSets,
  geo,
  streams,
  hyperloglogs,
  sorting,
].map(({ group }) => group);
