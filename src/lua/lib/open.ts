// All libraries of a new state, in the order in which Redis opens them.

import type { Runtime } from '../runtime.ts';
import { openBase } from './base.ts';
import { openBit } from './bit.ts';
import { openCjson } from './cjson.ts';
import { openCmsgpack } from './cmsgpack.ts';
import { openCoroutines } from './coroutines.ts';
import { openMath } from './math.ts';
import { openString } from './string.ts';
import { openStruct } from './struct.ts';
import { openTable } from './table-library.ts';

export function openLibraries(runtime: Runtime): void {
  openBase(runtime);
  openCoroutines(runtime);
  openTable(runtime);
  openString(runtime);
  openMath(runtime);
  openCjson(runtime);
  openStruct(runtime);
  openCmsgpack(runtime);
  openBit(runtime);
}
