// The commands that look at and steer the server, made for one server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { command } from './command/command.ts';
import { configCommand } from './config-command.ts';
import type { ReplicationId } from './info/data-sections.ts';
import { infoCommand, infoSections } from './info/info-command.ts';
import type { ServerContext } from './server-context.ts';

export { protectionCheck } from './protection.ts';

/** COMMAND, CONFIG, INFO, DEBUG and their kind, over the parts of one server. */
export function introspectionCommands(context: ServerContext): CommandSpec[] {
  const replicationId: ReplicationId = { current: context.random.hex(40) };
  const sections = infoSections(context, replicationId);
  return [command, configCommand(context), infoCommand(sections)];
}
