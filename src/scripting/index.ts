// Scripts and functions: the commands over one Scripting of a server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { evalCommands } from './eval-commands.ts';
import { fcallCommands } from './fcall-commands.ts';
import { functionCommand } from './function-command.ts';
import { scriptCommand } from './script-command.ts';
import type { Scripting } from './scripting.ts';

export { Libraries } from './libraries.ts';
export { Scripting, type ScriptLog } from './scripting.ts';

/** EVAL and its family, SCRIPT, FCALL, FCALL_RO, FUNCTION. */
export function scriptingCommands(scripting: Scripting): CommandSpec[] {
  return [
    ...evalCommands(scripting),
    scriptCommand(scripting),
    ...fcallCommands(scripting),
    functionCommand(scripting),
  ];
}
