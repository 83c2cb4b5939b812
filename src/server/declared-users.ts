// The `user` lines of redis.conf while the configuration is read, before there is a server: rules
// are checked against the commands that need none. What only a server can tell is found at its
// start.

import { AclUsers, CommandRegistry, declarationChecker } from '../acl/index.ts';
import { coreCommands } from '../commands/index.ts';
import type { Config } from '../config/config.ts';
import { CommandTable } from '../engine/command.ts';
import { withTracking } from '../tracking/index.ts';

export { AclStartError } from '../acl/index.ts';

/** Checks one line after the other. @returns the text of the error, or null */
export function userDeclarations(config: Config): (words: readonly string[]) => string | null {
  let check: ((words: readonly string[]) => string | null) | null = null;
  return (words) => {
    check ??= declarationChecker(
      new AclUsers({
        registry: new CommandRegistry(new CommandTable(withTracking(coreCommands).specs)),
        allChannelsByDefault: () => config.values['acl-pubsub-default'] === 'allchannels',
      }),
    );
    return check(words);
  };
}
