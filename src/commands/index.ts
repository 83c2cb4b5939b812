// All commands that need nothing but the engine, group by group.

import type { CommandSpec } from '../engine/command-spec.ts';
import { bitmapCommands } from './bitmap/index.ts';
import { connectionCommands } from './connection/index.ts';
import { databaseCommands } from './database/index.ts';
import { keyCommands } from './keys/index.ts';
import { stringCommands } from './string/index.ts';

/** Declarations of all groups. */
export const coreCommands: readonly CommandSpec[] = [
  ...bitmapCommands,
  ...connectionCommands,
  ...databaseCommands,
  ...keyCommands,
  ...stringCommands,
];
