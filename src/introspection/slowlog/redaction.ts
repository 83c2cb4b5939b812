// Which arguments of a call are secrets: logs and monitors show `(redacted)` in their place.

import type { Config } from '../../config/config.ts';
import type { Command } from '../../engine/command.ts';
import type { Args } from '../../protocol/args.ts';

export const REDACTED = '(redacted)';

/** Indexes from `first` to the last argument. */
function from(args: Args, first: number): number[] {
  return Array.from({ length: Math.max(0, args.count - first) }, (_, i) => first + i);
}

/** The `count` arguments behind each of the words in a call. */
function behindWords(args: Args, words: Readonly<Record<string, number>>): number[] {
  const found: number[] = [];
  for (let i = 1; i < args.count; i++) {
    const count = words[args.latin1(i).toUpperCase()] ?? 0;
    for (let j = i + 1; j <= i + count && j < args.count; j++) found.push(j);
    i += count;
  }
  return found;
}

/** Indexes of the arguments of a call that nobody may read later. */
export function secretArguments(command: Command, args: Args, config: Config): readonly number[] {
  switch (command.fullName) {
    case 'auth':
      return from(args, 1);
    case 'acl|setuser':
      return from(args, 2);
    case 'hello':
      return behindWords(args, { AUTH: 2 });
    case 'migrate':
      return behindWords(args, { AUTH: 1, AUTH2: 2 });
    case 'config|set':
      return from(args, 3).filter((i) => {
        if (i % 2 === 0) return false;
        return config.find(args.latin1(i - 1))?.option.secret === true;
      });
    default:
      return [];
  }
}
