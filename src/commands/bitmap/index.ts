// The commands of the bitmap group. A test compares this list with the folder.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { bitcountCommand } from './bitcount.ts';
import { bitfieldCommand } from './bitfield.ts';
import { bitfieldRoCommand } from './bitfield-ro.ts';
import { bitopCommand } from './bitop.ts';
import { bitposCommand } from './bitpos.ts';
import { getbitCommand } from './getbit.ts';
import { setbitCommand } from './setbit.ts';

/** Every command of the group. */
export const bitmapCommands: readonly CommandSpec[] = [
  bitcountCommand,
  bitfieldCommand,
  bitfieldRoCommand,
  bitopCommand,
  bitposCommand,
  getbitCommand,
  setbitCommand,
];
