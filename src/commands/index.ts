// All commands that need nothing but the engine, group by group.

import { prepareCommands } from '../engine/command.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import { bitmapCommands } from './bitmap/index.ts';
import { clusterCommands } from './cluster/index.ts';
import { connectionCommands } from './connection/index.ts';
import { databaseCommands } from './database/index.ts';
import { geoCommands } from './geo/index.ts';
import { hashCommands } from './hash/index.ts';
import { hyperLogLogCommands } from './hyperloglog/index.ts';
import { keyCommands } from './keys/index.ts';
import { listCommands } from './list/index.ts';
import { setCommands } from './set/index.ts';
import { sortedSetCommands } from './sorted-set/index.ts';
import { streamCommands } from './stream/index.ts';
import { stringCommands } from './string/index.ts';
import { transactionCommands } from './transactions/index.ts';

/** Declarations of all groups. */
export const coreCommands: readonly CommandSpec[] = [
  ...bitmapCommands,
  ...clusterCommands,
  ...connectionCommands,
  ...databaseCommands,
  ...geoCommands,
  ...hashCommands,
  ...hyperLogLogCommands,
  ...keyCommands,
  ...listCommands,
  ...sortedSetCommands,
  ...setCommands,
  ...streamCommands,
  ...stringCommands,
  ...transactionCommands,
];

prepareCommands(coreCommands);
