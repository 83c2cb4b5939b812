// Entry dist/disgo-server.cjs: runs the program, dist/program.cjs, in the form that V8 compiled it
// to at an earlier run (src/runtime/compiled-form.ts).

// Node keeps its own modules compiled, too, for V8's own settings. Those that every start needs
// and the one for child processes, which the first snapshot needs, are loaded before the settings
// change: later each would take ten times as long.
import 'node:child_process';
import 'node:net';
import 'node:os';
import 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { runCompiled } from '../runtime/compiled-form.ts';
import { engineTuning, setServingFlags, setStartFlags } from './engine-flags.ts';
import type { runProgram } from './program.ts';

setStartFlags();
const folder = fileURLToPath(new URL('.', import.meta.url));
// What is kept is for the settings of a start.
const program = runCompiled(folder, setStartFlags);
(program as { readonly runProgram: typeof runProgram }).runProgram(engineTuning());
setServingFlags();
