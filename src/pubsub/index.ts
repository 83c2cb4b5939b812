// Publish and subscribe: the commands over one PubSub of a server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { publishCommands } from './publishing.ts';
import type { PubSub } from './pubsub.ts';
import { pubsubCommand } from './pubsub-command.ts';
import { subscriptionCommands } from './subscribing.ts';

export { PubSub } from './pubsub.ts';

/** SUBSCRIBE and its family, PUBLISH, SPUBLISH, PUBSUB. */
export function pubsubCommands(pubsub: PubSub): CommandSpec[] {
  return [...publishCommands(pubsub), pubsubCommand(pubsub), ...subscriptionCommands(pubsub)];
}
