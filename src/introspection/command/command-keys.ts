// COMMAND GETKEYS and COMMAND GETKEYSANDFLAGS: the keys that a given call would touch.
// https://redis.io/docs/latest/commands/command-getkeys/

import type { Call } from '../../engine/call.ts';
import type { Command, CommandTable } from '../../engine/command.ts';
import { canHaveKeys, findKeys, KeyList } from '../../engine/key-extraction.ts';
import { Args } from '../../protocol/args.ts';
import { type ReplyError, replyError } from '../../protocol/reply-errors.ts';
import { writeKeyFlags } from './command-info.ts';

const INVALID_COMMAND: ReplyError = replyError('ERR Invalid command specified');
const NO_KEY_ARGUMENTS: ReplyError = replyError('ERR The command has no key arguments');
const WRONG_NUMBER: ReplyError = replyError(
  'ERR Invalid number of arguments specified for command',
);
const INVALID_ARGUMENTS: ReplyError = replyError('ERR Invalid arguments specified for command');

/** Number of arguments before the call that is asked about. */
const OWN_ARGUMENTS = 2;

function lookup(table: CommandTable, args: Args): Command | null {
  const command = table.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
  if (command?.subcommands == null || args.count === 1) return command;
  return command.subcommands.lookup(args.bytes, args.offsets[1]!, args.lengths[1]!);
}

/** Replies with the keys of the call in the arguments from the third on. */
export function replyKeys(call: Call, args: Args, withFlags: boolean): void {
  const { reply } = call;
  const asked = new Args();
  asked.bytes = args.bytes;
  for (let i = OWN_ARGUMENTS; i < args.count; i++) asked.push(args.offsets[i]!, args.lengths[i]!);
  const command = lookup(call.engine.commands, asked);
  if (command === null) {
    reply.error(INVALID_COMMAND);
  } else if (!canHaveKeys(command.spec)) {
    reply.error(NO_KEY_ARGUMENTS);
  } else if (!command.acceptsArity(asked.count)) {
    reply.error(WRONG_NUMBER);
  } else {
    const keys = new KeyList();
    findKeys(command.spec, asked, keys);
    const mayHaveNone = command.spec.flags.includes('no_mandatory_keys');
    if (keys.count === 0 && !mayHaveNone) reply.error(INVALID_ARGUMENTS);
    else writeKeys(call, asked, keys, withFlags);
  }
}

function writeKeys(call: Call, asked: Args, keys: KeyList, withFlags: boolean): void {
  const { reply } = call;
  reply.array(keys.count);
  for (const [i, index] of keys.indexes.entries()) {
    if (withFlags) reply.array(2);
    reply.bulk(asked.bytes, asked.offsets[index]!, asked.lengths[index]!);
    if (withFlags) writeKeyFlags(reply, keys.flags[i]!);
  }
}
