// The commands of the bitmap group. A test compares this list with the folder.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { bitcount } from './bitcount.ts';
import { bitfield } from './bitfield.ts';
import { bitfieldRo } from './bitfield-ro.ts';
import { bitop } from './bitop.ts';
import { bitpos } from './bitpos.ts';
import { getbit } from './getbit.ts';
import { setbit } from './setbit.ts';

/** Every command of the group. */
export const bitmapCommands: readonly CommandSpec[] = [
  bitcount,
  bitfield,
  bitfieldRo,
  bitop,
  bitpos,
  getbit,
  setbit,
];
