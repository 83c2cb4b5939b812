// EVAL, EVALSHA and their read-only forms. https://redis.io/docs/latest/commands/eval/

import type { Call } from '../engine/call.ts';
import { FLAG_DENYOOM, FLAG_MAY_REPLICATE, FLAG_STALE, FLAG_WRITE } from '../engine/command.ts';
import type { CommandSpec, KeyFlag, Version } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_NOT_INTEGER, type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { Script } from './script-cache.ts';
import {
  SCRIPT_ALLOW_OOM,
  SCRIPT_ALLOW_STALE,
  SCRIPT_COMPAT,
  SCRIPT_NO_WRITES,
} from './script-flags.ts';
import type { Scripting } from './scripting.ts';
import { scriptShebang } from './shebang.ts';

const NO_SCRIPT = replyError('NOSCRIPT No matching script. Please use EVAL.');
export const TOO_MANY_KEYS: ReplyError = replyError(
  "ERR Number of keys can't be greater than number of args",
);
export const NEGATIVE_KEYS: ReplyError = replyError("ERR Number of keys can't be negative");

/** The flags of a command that runs a script which says what it does. */
export function maskForFlags(mask: number, flags: number): number {
  let result = mask & ~(FLAG_STALE | FLAG_DENYOOM | FLAG_WRITE | FLAG_MAY_REPLICATE);
  if ((flags & (SCRIPT_ALLOW_OOM | SCRIPT_NO_WRITES)) === 0) result |= FLAG_DENYOOM;
  if ((flags & SCRIPT_NO_WRITES) === 0) result |= FLAG_WRITE;
  if ((flags & SCRIPT_ALLOW_STALE) !== 0) result |= FLAG_STALE;
  return result;
}

/** Number of keys, or -1 after an error was written. */
export function keyCountOf(call: Call, args: Args, notNumber: ReplyError): number {
  const count = args.integer(2);
  let error: ReplyError | null = null;
  if (Number.isNaN(count)) error = notNumber;
  else if (count > args.count - 3) error = TOO_MANY_KEYS;
  else if (count < 0) error = NEGATIVE_KEYS;
  if (error === null) return count;
  call.reply.error(error);
  return -1;
}

interface Form {
  readonly name: string;
  readonly since: Version;
  readonly summary: string;
  readonly isSha: boolean;
  readonly isRo: boolean;
  readonly first: string;
}

const FORMS: readonly Form[] = [
  {
    name: 'eval',
    since: '2.6.0',
    summary: 'Runs a script.',
    isSha: false,
    isRo: false,
    first: 'script',
  },
  {
    name: 'evalsha',
    since: '2.6.0',
    summary: 'Runs a script by its SHA1.',
    isSha: true,
    isRo: false,
    first: 'sha1',
  },
  {
    name: 'eval_ro',
    since: '7.0.0',
    summary: 'Runs a script that only reads.',
    isSha: false,
    isRo: true,
    first: 'script',
  },
  {
    name: 'evalsha_ro',
    since: '7.0.0',
    summary: 'Runs a script that only reads by its SHA1.',
    isSha: true,
    isRo: true,
    first: 'sha1',
  },
];

function known(scripting: Scripting, form: Form, args: Args): Script | undefined {
  const { scripts } = scripting;
  if (!form.isSha) return scripts.findSource(args.latin1(1));
  return scripts.find(args.bytes, args.offsets[1]!, args.lengths[1]!);
}

function runForm(scripting: Scripting, form: Form, call: Call, args: Args): void {
  call.engine.feed?.onBegins(call.client, args);
  if (form.isSha && args.lengths[1] !== 40) {
    call.reply.error(NO_SCRIPT);
    return;
  }
  const keyCount = keyCountOf(call, args, ERR_NOT_INTEGER);
  if (keyCount < 0) return;
  let script = known(scripting, form, args);
  if (script === undefined) {
    if (form.isSha) {
      call.reply.error(NO_SCRIPT);
      return;
    }
    const made = scripting.scripts.add(args.latin1(1));
    if (typeof made === 'string') {
      call.reply.error(replyError(`ERR ${made}`));
      return;
    }
    script = made;
  }
  scripting.run.start(call, args, script, keyCount, form.isRo);
}

/** The flags that a call has by what its script says of itself. */
function maskOf(scripting: Scripting, form: Form, args: Args, mask: number): number {
  if (args.count < 2) return mask;
  const script = known(scripting, form, args);
  let flags = script?.flags;
  if (flags === undefined) {
    if (form.isSha) return mask;
    const head = scriptShebang(args.latin1(1));
    if (typeof head === 'string') return mask;
    flags = head.flags;
  }
  return (flags & SCRIPT_COMPAT) !== 0 ? mask : maskForFlags(mask, flags);
}

const RW: readonly KeyFlag[] = ['RW', 'access', 'update'];
const RO: readonly KeyFlag[] = ['RO', 'access'];

/** The key spec of what runs scripts and functions. */
export function scriptKeys(isRo: boolean, hasNotes: boolean): CommandSpec['keys'] {
  const what = isRo ? 'RO and ACCESS' : 'RW and UPDATE';
  const notes = `We cannot tell how the keys will be used so we assume the worst, ${what}`;
  return [
    {
      ...(hasNotes ? { notes } : {}),
      flags: isRo ? RO : RW,
      begin: { index: 2 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ];
}

export const SCRIPT_ARGUMENTS: NonNullable<CommandSpec['args']> = [
  { name: 'numkeys', type: 'integer' },
  { name: 'key', type: 'key', keySpecIndex: 0, optional: true, multiple: true },
  { name: 'arg', type: 'string', optional: true, multiple: true },
];

export function evalCommands(scripting: Scripting): CommandSpec[] {
  return FORMS.map(
    (form): CommandSpec => ({
      name: form.name,
      group: 'scripting',
      since: form.since,
      summary: form.summary,
      complexity: 'Depends on the script that is executed.',
      arity: -3,
      flags: [
        'noscript',
        'skip_monitor',
        'no_mandatory_keys',
        'stale',
        'flags_by_arguments',
        ...(form.isRo ? (['readonly'] as const) : (['may_replicate'] as const)),
      ],
      acl: ['scripting'],
      keys: scriptKeys(form.isRo, !form.isSha)!,
      args: [{ name: form.first, type: 'string' }, ...SCRIPT_ARGUMENTS],
      replies: ['any'],
      maskFor: (args, mask) => maskOf(scripting, form, args, mask),
      run: (call, args) => runForm(scripting, form, call, args),
    }),
  );
}
