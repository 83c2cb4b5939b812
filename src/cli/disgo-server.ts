// Entry dist/disgo-server.cjs: runs the program, dist/program.cjs, in the form that V8 compiled it
// to at an earlier run (src/runtime/compiled-form.ts).

import { fileURLToPath } from 'node:url';
import { runCompiled } from '../runtime/compiled-form.ts';
import { setEngineFlags } from './engine-flags.ts';
import type { runProgram } from './program.ts';

const narrowInlining = setEngineFlags();
const folder = fileURLToPath(new URL('.', import.meta.url));
// What is kept is for the settings of a start.
const program = runCompiled(folder, setEngineFlags);
(program as { readonly runProgram: typeof runProgram }).runProgram(narrowInlining);
