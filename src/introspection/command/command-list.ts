// COMMAND LIST: the names of all commands and subcommands, or of those that a filter lets through.
// https://redis.io/docs/latest/commands/command-list/

import { latin1Bytes } from '../../bytes/ascii.ts';
import { matchGlob } from '../../bytes/glob.ts';
import { Call } from '../../engine/call.ts';
import type { Command, CommandTable } from '../../engine/command.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';

const FILTERBY = Call.word('FILTERBY');
const MODULE = Call.word('MODULE');
const ACLCAT = Call.word('ACLCAT');
const PATTERN = Call.word('PATTERN');

type Filter = (command: Command) => boolean;

/** The last filter that the arguments name; null on a syntax error. */
function readFilter(args: Args): Filter | null {
  let filter: Filter = () => true;
  for (let i = 2; i < args.count; i += 3) {
    if (!args.is(i, FILTERBY) || args.count - 1 - i !== 2) return null;
    const value = args.latin1(i + 2);
    if (args.is(i + 1, MODULE)) {
      // There are no modules, so none of them has commands.
      filter = () => false;
    } else if (args.is(i + 1, ACLCAT)) {
      const category = value.toLowerCase();
      filter = (command) => command.categories.some((one) => one === category);
    } else if (args.is(i + 1, PATTERN)) {
      const pattern = latin1Bytes(value);
      filter = (command) => {
        const name = latin1Bytes(command.fullName);
        return matchGlob(pattern, 0, pattern.length, name, 0, name.length, true);
      };
    } else {
      return null;
    }
  }
  return filter;
}

function collect(table: CommandTable, filter: Filter, names: string[]): void {
  for (const command of table.all()) {
    if (filter(command)) names.push(command.fullName);
    if (command.subcommands !== null) collect(command.subcommands, filter, names);
  }
}

export function runCommandList(call: Call, args: Args): void {
  const filter = readFilter(args);
  if (filter === null) {
    call.reply.error(ERR_SYNTAX);
    return;
  }
  const names: string[] = [];
  collect(call.engine.commands, filter, names);
  call.reply.array(names.length);
  for (const name of names) call.reply.bulkLatin1(name);
}
