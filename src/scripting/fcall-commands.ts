// FCALL and FCALL_RO: run a function. https://redis.io/docs/latest/commands/fcall/

import type { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import { keyCountOf, maskForFlags, SCRIPT_ARGUMENTS, scriptKeys } from './eval-commands.ts';
import type { Scripting } from './scripting.ts';

const NOT_FOUND = replyError('ERR Function not found');
const BAD_KEY_COUNT = replyError('ERR Bad number of keys provided');

function runFcall(scripting: Scripting, call: Call, args: Args, isRo: boolean): void {
  call.engine.feed?.onBegins(call.client, args);
  const found = scripting.libraries.findFunction(args.latin1(1));
  if (found === undefined) {
    call.reply.error(NOT_FOUND);
    return;
  }
  const keyCount = keyCountOf(call, args, BAD_KEY_COUNT);
  if (keyCount >= 0) scripting.run.start(call, args, found, keyCount, isRo);
}

function fcall(scripting: Scripting, isRo: boolean): CommandSpec {
  return {
    name: isRo ? 'fcall_ro' : 'fcall',
    group: 'scripting',
    since: '7.0.0',
    summary: isRo ? 'Runs a function that only reads.' : 'Runs a function.',
    complexity: 'Depends on the function that is executed.',
    arity: -3,
    flags: [
      'noscript',
      'skip_monitor',
      'no_mandatory_keys',
      'stale',
      'flags_by_arguments',
      ...(isRo ? (['readonly'] as const) : (['may_replicate'] as const)),
    ],
    acl: ['scripting'],
    keys: scriptKeys(isRo, true)!,
    args: [{ name: 'function', type: 'string' }, ...SCRIPT_ARGUMENTS],
    replies: ['any'],
    maskFor: (args, mask) => {
      const found = args.count < 2 ? undefined : scripting.libraries.findFunction(args.latin1(1));
      return found === undefined ? mask : maskForFlags(mask, found.flags);
    },
    run: (call, args) => runFcall(scripting, call, args, isRo),
  };
}

export function fcallCommands(scripting: Scripting): CommandSpec[] {
  return [fcall(scripting, false), fcall(scripting, true)];
}
