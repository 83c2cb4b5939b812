// The commands about whole databases.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { dbsize } from './dbsize.ts';
import { flushall, flushdb } from './flush.ts';
import { swapdb } from './swapdb.ts';

export const databaseCommands: readonly CommandSpec[] = [dbsize, flushall, flushdb, swapdb];
