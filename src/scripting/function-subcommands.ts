// What the subcommands of FUNCTION do.

import { matchGlob } from '../bytes/glob.ts';
import { Call } from '../engine/call.ts';
import type { Args } from '../protocol/args.ts';
import { replyError, wrongSubcommandUse } from '../protocol/reply-errors.ts';
import { dumpLibraries, readLibraries } from './function-payload.ts';
import { Libraries, type Library } from './libraries.ts';
import { SCRIPT_FLAG_NAMES } from './script-flags.ts';
import type { Scripting } from './scripting.ts';

const SYNC = Call.word('SYNC');
const ASYNC = Call.word('ASYNC');
const REPLACE = Call.word('REPLACE');
const APPEND = Call.word('APPEND');
const FLUSH = Call.word('FLUSH');
const WITHCODE = Call.word('WITHCODE');
const LIBRARYNAME = Call.word('LIBRARYNAME');
const NOT_FOUND = replyError('ERR Library not found');
const BAD_FLUSH = replyError('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
const NO_CODE = replyError('ERR Function code is missing');
const NO_NAME = replyError('ERR library name argument was not given');
const BAD_POLICY = replyError(
  'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
);

export function runLoad(scripting: Scripting, call: Call, args: Args): void {
  let replaces = false;
  let at = 2;
  while (at < args.count - 1) {
    if (!args.is(at, REPLACE)) {
      call.reply.error(replyError(`ERR Unknown option given: ${args.shown(at)}`));
      return;
    }
    replaces = true;
    at++;
  }
  if (at >= args.count) {
    call.reply.error(NO_CODE);
    return;
  }
  const { libraries, loader } = scripting;
  const loaded = loader.load(args.latin1(at), replaces, libraries, !call.client.mustBeObeyed);
  if (typeof loaded === 'string') {
    call.reply.error(replyError(`ERR ${loaded}`));
    return;
  }
  call.dirty++;
  call.reply.bulkLatin1(loaded.name);
}

export function runDelete(scripting: Scripting, call: Call, args: Args): void {
  if (!scripting.libraries.delete(args.latin1(2))) {
    call.reply.error(NOT_FOUND);
    return;
  }
  call.dirty++;
  call.reply.ok();
}

export function runFlush(scripting: Scripting, call: Call, args: Args): void {
  if (args.count > 3) {
    call.reply.error(wrongSubcommandUse(args.shown(1), 'FUNCTION'));
    return;
  }
  if (args.count === 3 && !args.is(2, SYNC) && !args.is(2, ASYNC)) {
    call.reply.error(BAD_FLUSH);
    return;
  }
  scripting.flushLibraries();
  call.dirty++;
  call.reply.ok();
}

export function runDump(scripting: Scripting, call: Call): void {
  const codes = [...scripting.libraries.all()].map(({ code }) => code);
  call.reply.bulkBytes(dumpLibraries(codes, call.settings.rdbCompression));
}

export function runRestore(scripting: Scripting, call: Call, args: Args): void {
  if (args.count > 4) {
    call.reply.error(wrongSubcommandUse(args.shown(1), 'FUNCTION'));
    return;
  }
  let policy: 'append' | 'replace' | 'flush' = 'append';
  if (args.count === 4) {
    if (args.is(3, REPLACE)) policy = 'replace';
    else if (args.is(3, FLUSH)) policy = 'flush';
    else if (!args.is(3, APPEND)) {
      call.reply.error(BAD_POLICY);
      return;
    }
  }
  const failure = restore(scripting, args.slice(2), policy);
  if (failure !== null) {
    call.reply.error(replyError(`ERR ${failure}`));
    return;
  }
  call.dirty++;
  call.reply.ok();
}

function restore(
  scripting: Scripting,
  payload: Uint8Array,
  policy: 'append' | 'replace' | 'flush',
): string | null {
  const restored = new Libraries();
  const failure = readLibraries(payload, (code) => {
    const loaded = scripting.loader.load(code, false, restored, false);
    return typeof loaded === 'string' ? loaded : null;
  });
  if (failure !== null) return failure;
  if (policy !== 'flush') return scripting.libraries.join(restored, policy === 'replace');
  scripting.libraries.replaceWith(restored);
  return null;
}

export function runList(scripting: Scripting, call: Call, args: Args): void {
  let withCode = false;
  let pattern: Uint8Array | null = null;
  for (let i = 2; i < args.count; i++) {
    if (!withCode && args.is(i, WITHCODE)) withCode = true;
    else if (pattern === null && args.is(i, LIBRARYNAME)) {
      if (i >= args.count - 1) {
        call.reply.error(NO_NAME);
        return;
      }
      pattern = args.slice(++i);
    } else {
      call.reply.error(replyError(`ERR Unknown argument ${args.shown(i)}`));
      return;
    }
  }
  const shown = [...scripting.libraries.all()].filter(
    ({ name }) => pattern === null || matches(pattern, name),
  );
  call.reply.array(shown.length);
  for (const library of shown) writeLibrary(call, library, withCode);
}

function matches(pattern: Uint8Array, name: string): boolean {
  const bytes = Buffer.from(name, 'latin1');
  return matchGlob(pattern, 0, pattern.length, bytes, 0, bytes.length, true);
}

function writeLibrary({ reply }: Call, library: Library, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.bulkLatin1('library_name');
  reply.bulkLatin1(library.name);
  reply.bulkLatin1('engine');
  reply.bulkLatin1('LUA');
  reply.bulkLatin1('functions');
  reply.array(library.functions.size);
  for (const { name, description, flags } of library.functions.values()) {
    reply.map(3);
    reply.bulkLatin1('name');
    reply.bulkLatin1(name);
    reply.bulkLatin1('description');
    if (description === null) reply.null();
    else reply.bulkLatin1(description);
    reply.bulkLatin1('flags');
    const names = SCRIPT_FLAG_NAMES.filter(([, flag]) => (flags & flag) !== 0);
    reply.set(names.length);
    for (const [flagName] of names) reply.simple(flagName);
  }
  if (!withCode) return;
  reply.bulkLatin1('library_code');
  reply.bulkLatin1(library.code);
}

export function runStats(scripting: Scripting, call: Call): void {
  const { reply, engine } = call;
  const { run, libraries } = scripting;
  const { program } = run;
  if (program?.isEval === true) {
    reply.error(run.refusal);
    return;
  }
  reply.map(2);
  reply.bulkLatin1('running_script');
  if (program === null) reply.null();
  else {
    reply.map(3);
    reply.bulkLatin1('name');
    reply.bulkLatin1(program.name);
    reply.bulkLatin1('command');
    const args = engine.suspended?.args;
    reply.array(args?.count ?? 0);
    for (let i = 0; i < (args?.count ?? 0); i++) reply.bulkBytes(args!.slice(i));
    reply.bulkLatin1('duration_ms');
    reply.integer(run.elapsedMs);
  }
  reply.bulkLatin1('engines');
  reply.map(1);
  reply.bulkLatin1('LUA');
  reply.map(2);
  reply.bulkLatin1('libraries_count');
  reply.integer(libraries.count);
  reply.bulkLatin1('functions_count');
  reply.integer(libraries.functionCount);
}
