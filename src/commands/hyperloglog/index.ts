// The commands of HyperLogLogs.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { pfadd } from './pfadd.ts';
import { pfcount } from './pfcount.ts';
import { pfdebug } from './pfdebug.ts';
import { pfmerge } from './pfmerge.ts';
import { pfselftest } from './pfselftest.ts';

export const hyperLogLogCommands: readonly CommandSpec[] = [
  pfadd,
  pfcount,
  pfdebug,
  pfmerge,
  pfselftest,
];
