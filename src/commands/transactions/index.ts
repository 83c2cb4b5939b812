// The commands of transactions.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { discard } from './discard.ts';
import { exec } from './exec.ts';
import { multi } from './multi.ts';
import { unwatch } from './unwatch.ts';
import { watch } from './watch.ts';

export const transactionCommands: readonly CommandSpec[] = [discard, exec, multi, unwatch, watch];
