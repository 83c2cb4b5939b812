// The commands that look at and steer the server, made for one server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { command } from './command/command.ts';
import { configCommand } from './config-command.ts';
import { debugCommand } from './debug/debug-command.ts';
import { objectWords } from './debug/object-words.ts';
import {
  changeReplicationId,
  type HistoryNamer,
  replicateWord,
  serverWords,
} from './debug/server-words.ts';
import { switchWords } from './debug/switch-words.ts';
import { infoCommand, infoSections } from './info/info-command.ts';
import type { InfoSection } from './info/info-section.ts';
import { latencyCommand } from './latency/latency-command.ts';
import { lolwutCommand } from './lolwut.ts';
import { memoryCommand } from './memory/memory-command.ts';
import { moduleCommand } from './module-command.ts';
import { monitorCommand } from './monitor.ts';
import type { ServerContext } from './server-context.ts';
import { slowlogCommand } from './slowlog/slowlog-command.ts';
import { shutdownCommand, timeCommand } from './small-commands.ts';

export { commandRecorder } from './command-recorder.ts';
export { protectionCheck } from './protection.ts';

/** What the commands show of replication. */
export interface ReplicationParts {
  readonly section: InfoSection;
  readonly history: HistoryNamer;
  /** Tells the replicas a command. */
  say(parts: readonly Uint8Array[]): void;
}

/** COMMAND, CONFIG, INFO, DEBUG and their kind, over the parts of one server. */
export function introspectionCommands(
  context: ServerContext,
  replication: ReplicationParts,
): CommandSpec[] {
  const sections = infoSections(context, replication.section);
  return [
    command,
    configCommand(context),
    debugCommand(context, [
      ...objectWords,
      ...serverWords,
      ...switchWords,
      changeReplicationId(replication.history),
      replicateWord((parts) => replication.say(parts)),
    ]),
    infoCommand(sections),
    latencyCommand(context),
    lolwutCommand(context),
    memoryCommand(context),
    moduleCommand(context),
    monitorCommand(context),
    shutdownCommand(context),
    slowlogCommand(context),
    timeCommand(context),
  ];
}
