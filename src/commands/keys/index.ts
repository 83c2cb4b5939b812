// The commands of the group "generic": what works on keys of any type.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { copy } from './copy.ts';
import { del, unlink } from './del.ts';
import { dump } from './dump.ts';
import { exists } from './exists.ts';
import { expire } from './expire.ts';
import { expireat } from './expireat.ts';
import { keys } from './keys.ts';
import { move } from './move.ts';
import { object } from './object.ts';
import { persist } from './persist.ts';
import { pexpire } from './pexpire.ts';
import { pexpireat } from './pexpireat.ts';
import { randomkey } from './randomkey.ts';
import { rename, renamenx } from './rename.ts';
import { restore, restoreAsking } from './restore.ts';
import { scan } from './scan.ts';
import { sort, sortRo } from './sort.ts';
import { touch } from './touch.ts';
import { expiretime, pexpiretime, pttl, ttl } from './ttl.ts';
import { type } from './type.ts';

export const keyCommands: readonly CommandSpec[] = [
  copy,
  del,
  dump,
  exists,
  expire,
  expireat,
  expiretime,
  keys,
  move,
  object,
  persist,
  pexpire,
  pexpireat,
  pexpiretime,
  pttl,
  randomkey,
  rename,
  renamenx,
  restore,
  restoreAsking,
  scan,
  sort,
  sortRo,
  touch,
  ttl,
  type,
  unlink,
];
