// DEBUG: a word, and what it does. The words are data; a feature with something to debug adds its
// own list. https://redis.io/docs/latest/commands/debug/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyHelp } from '../../engine/help-reply.ts';
import type { Args } from '../../protocol/args.ts';
import { type ReplyError, replyError } from '../../protocol/reply-errors.ts';
import { type HelpEntry, helpLines } from '../help.ts';
import type { ServerContext } from '../server-context.ts';

/** One word of DEBUG. Arguments are counted with `DEBUG` and the word. */
export interface DebugWord {
  /** Lower case. */
  readonly name: string;
  readonly minCount: number;
  /** Infinity when there is no limit. */
  readonly maxCount: number;
  /** null hides the word from the help. */
  readonly help: HelpEntry | null;
  readonly run: (context: ServerContext, call: Call, args: Args) => void;
}

/**
 * The reply to a word that does not exist or has other arguments; `container` as the client spelled
 * it.
 */
export function badSubcommand(container: string, word: string): ReplyError {
  return replyError(
    `ERR unknown subcommand or wrong number of arguments for '${word.slice(0, 128)}'. ` +
      `Try ${container.toUpperCase()} HELP.`,
  );
}

/** The number that a text begins with, 0 for none, as C's atoi. */
export function leadingInteger(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** DEBUG with the given words. */
export function debugCommand(context: ServerContext, words: readonly DebugWord[]): CommandSpec {
  const byName = new Map(words.map((word) => [word.name, word]));
  const help = words.flatMap((word) => (word.help === null ? [] : [word.help]));
  return {
    name: 'debug',
    group: 'server',
    since: '1.0.0',
    summary: 'Looks inside the server and disturbs it, for tests.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
    docFlags: ['syscmd'],
    replies: ['any'],
    run(call, args) {
      const name = args.latin1(1);
      if (args.count === 2 && name.toLowerCase() === 'help') {
        replyHelp(call, 'DEBUG', helpLines(help));
        return;
      }
      const word = byName.get(name.toLowerCase());
      if (word === undefined || args.count < word.minCount || args.count > word.maxCount) {
        call.reply.error(badSubcommand(args.latin1(0), name));
      } else {
        word.run(context, call, args);
      }
    },
  };
}
