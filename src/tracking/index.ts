// Client-side caching: the subcommands of CLIENT over one Tracking of a server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { cachingCommand } from './caching-command.ts';
import { getredirCommand, trackinginfoCommand } from './state-commands.ts';
import { Tracking } from './tracking.ts';
import { trackingCommand } from './tracking-command.ts';

export { Tracking } from './tracking.ts';

export interface TrackingParts {
  readonly tracking: Tracking;
  /** The commands, CLIENT with the subcommands of tracking. */
  readonly specs: readonly CommandSpec[];
}

/** Adds tracking to CLIENT, which must be among the commands. */
export function withTracking(specs: readonly CommandSpec[]): TrackingParts {
  const tracking = new Tracking();
  const added = [
    cachingCommand(),
    getredirCommand(),
    trackingCommand(tracking),
    trackinginfoCommand(),
  ];
  const joined = specs.map((spec) => {
    if (spec.name !== 'client') return spec;
    const subcommands = [...(spec.subcommands ?? []), ...added];
    for (const subcommand of subcommands) tracking.clientCommands.add(subcommand);
    return { ...spec, subcommands };
  });
  return { tracking, specs: joined };
}
