// CLIENT GETREDIR and CLIENT TRACKINGINFO: what tracking is set to for the connection.

import type { ClientTracking } from '../engine/client-tracking.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';

const FLAGS: readonly CommandFlag[] = ['noscript', 'loading', 'stale'];

/** The client that messages go to, 0: the client itself, -1: it does not track. */
function redirectIdOf(tracking: ClientTracking | null): number {
  return tracking?.isOn === true ? tracking.redirectId : -1;
}

function flagsOf(tracking: ClientTracking | null): string[] {
  if (tracking?.isOn !== true) return ['off'];
  const flags = ['on'];
  if (tracking.isBroadcast) flags.push('bcast');
  if (tracking.isOptIn) flags.push('optin');
  if (tracking.isOptIn && tracking.hasCaching) flags.push('caching-yes');
  if (tracking.isOptOut) flags.push('optout');
  if (tracking.isOptOut && tracking.hasCaching) flags.push('caching-no');
  if (tracking.isNoLoop) flags.push('noloop');
  if (tracking.isBroken) flags.push('broken_redirect');
  return flags;
}

export function getredirCommand(): CommandSpec {
  return {
    name: 'getredir',
    group: 'connection',
    since: '6.0.0',
    summary: 'Gives the id of the client that hears of the keys of this connection.',
    complexity: 'O(1)',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    replies: ['integer'],
    run(call) {
      call.reply.integer(redirectIdOf(call.client.tracking));
    },
  };
}

export function trackinginfoCommand(): CommandSpec {
  return {
    name: 'trackinginfo',
    group: 'connection',
    since: '6.2.0',
    summary: 'Tells what tracking is set to for the connection.',
    complexity: 'O(1)',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    replies: ['map'],
    run(call) {
      const { reply } = call;
      const { tracking } = call.client;
      reply.map(3);
      reply.bulkText('flags');
      const flags = flagsOf(tracking);
      reply.set(flags.length);
      for (const flag of flags) reply.bulkText(flag);
      reply.bulkText('redirect');
      reply.integer(redirectIdOf(tracking));
      reply.bulkText('prefixes');
      const prefixes = tracking?.prefixes ?? [];
      reply.array(prefixes.length);
      for (const prefix of prefixes) reply.bulkLatin1(prefix);
    },
  };
}
