// CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix ...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]

import { untilNul } from '../bytes/ascii.ts';
import { Call } from '../engine/call.ts';
import type { ClientTracking } from '../engine/client-tracking.ts';
import type { ArgumentSpec, CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import {
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  type ReplyError,
  replyError,
} from '../protocol/reply-errors.ts';
import type { Tracking, TrackingOptions } from './tracking.ts';

const ON = Call.word('ON');
const OFF = Call.word('OFF');
const REDIRECT = Call.word('REDIRECT');
const PREFIX = Call.word('PREFIX');
const BCAST = Call.word('BCAST');
const OPTIN = Call.word('OPTIN');
const OPTOUT = Call.word('OPTOUT');
const NOLOOP = Call.word('NOLOOP');

const ONE_REDIRECTION = replyError('ERR A client can only redirect to a single other client');
const NO_SUCH_CLIENT = replyError('ERR The client ID you want redirect to does not exist');
const PREFIX_WITHOUT_BCAST = replyError('ERR PREFIX option requires BCAST mode to be enabled');
const BCAST_WITH_OPT = replyError('ERR OPTIN and OPTOUT are not compatible with BCAST');
const BOTH_OPTS = replyError("ERR You can't specify both OPTIN mode and OPTOUT mode");
const BCAST_SWITCHED = cannotSwitch('BCAST mode on/off');
const OPT_SWITCHED = cannotSwitch('OPTIN/OPTOUT mode');

function cannotSwitch(what: string): ReplyError {
  return replyError(
    `ERR You can't switch ${what} before disabling tracking for this client, and then ` +
      're-enabling it with a different mode.',
  );
}

interface ReadOptions extends TrackingOptions {
  redirectId: number;
  isBroadcast: boolean;
  isOptIn: boolean;
  isOptOut: boolean;
  isNoLoop: boolean;
  readonly prefixes: string[];
}

/** Reads the options from argument 3 on; an error is kept in the call. */
function readOptions(call: Call, args: Args): ReadOptions {
  const options: ReadOptions = {
    redirectId: 0,
    isBroadcast: false,
    isOptIn: false,
    isOptOut: false,
    isNoLoop: false,
    prefixes: [],
  };
  for (let i = 3; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, REDIRECT)) {
      const error = readRedirection(call, args, ++i, options);
      if (error !== null) call.fail(error);
    } else if (args.is(i, BCAST)) options.isBroadcast = true;
    else if (args.is(i, OPTIN)) options.isOptIn = true;
    else if (args.is(i, OPTOUT)) options.isOptOut = true;
    else if (args.is(i, NOLOOP)) options.isNoLoop = true;
    else if (hasValue && args.is(i, PREFIX)) options.prefixes.push(args.latin1(++i));
    else call.fail(ERR_SYNTAX);
  }
  return options;
}

function readRedirection(
  call: Call,
  args: Args,
  i: number,
  options: ReadOptions,
): ReplyError | null {
  if (options.redirectId !== 0) return ONE_REDIRECTION;
  const id = args.integer(i);
  if (Number.isNaN(id)) return ERR_NOT_INTEGER;
  if (call.engine.clients.get(id) === undefined) return NO_SUCH_CLIENT;
  options.redirectId = id;
  return null;
}

/** Why the options do not fit each other or what the client has set, or null. */
function conflictOf(options: ReadOptions, tracking: ClientTracking | null): ReplyError | null {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options;
  if (!isBroadcast && prefixes.length > 0) return PREFIX_WITHOUT_BCAST;
  if (tracking?.isOn === true && tracking.isBroadcast !== isBroadcast) return BCAST_SWITCHED;
  if (isBroadcast && (isOptIn || isOptOut)) return BCAST_WITH_OPT;
  if (isOptIn && isOptOut) return BOTH_OPTS;
  const isOther = (isOptIn && tracking?.isOptOut) || (isOptOut && tracking?.isOptIn);
  if (isOther === true) return OPT_SWITCHED;
  return overlapOf(prefixes, tracking?.prefixes ?? []);
}

/** A key may concern a client by one prefix only. */
function overlapOf(added: readonly string[], existing: readonly string[]): ReplyError | null {
  const overlaps = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  for (const [i, prefix] of added.entries()) {
    const old = existing.find((other) => overlaps(prefix, other));
    if (old !== undefined) return overlapError(prefix, 'an existing prefix', old);
    const other = added.slice(i + 1).find((later) => overlaps(prefix, later));
    if (other !== undefined) return overlapError(prefix, 'another provided prefix', other);
  }
  return null;
}

function overlapError(prefix: string, what: string, other: string): ReplyError {
  return replyError(
    `ERR Prefix '${untilNul(prefix)}' overlaps with ${what} '${untilNul(other)}'. ` +
      'Prefixes for a single client must not overlap.',
  );
}

function token(word: string): ArgumentSpec {
  return { name: word.toLowerCase(), type: 'pure-token', token: word, optional: true };
}

const ARGUMENTS: readonly ArgumentSpec[] = [
  {
    name: 'status',
    type: 'oneof',
    args: [
      { name: 'on', type: 'pure-token', token: 'ON' },
      { name: 'off', type: 'pure-token', token: 'OFF' },
    ],
  },
  { name: 'client-id', type: 'integer', token: 'REDIRECT', optional: true },
  {
    name: 'prefix',
    type: 'string',
    token: 'PREFIX',
    optional: true,
    multiple: true,
    multipleToken: true,
  },
  token('BCAST'),
  token('OPTIN'),
  token('OPTOUT'),
  token('NOLOOP'),
];

export function trackingCommand(tracking: Tracking): CommandSpec {
  return {
    name: 'tracking',
    group: 'connection',
    since: '6.0.0',
    summary: 'Says whether the client hears of changes of the keys that it has read.',
    complexity: 'O(1). Some options may introduce additional complexity.',
    arity: -3,
    flags: ['noscript', 'loading', 'stale'],
    acl: ['connection'],
    args: ARGUMENTS,
    replies: ['simple-string'],
    run(call, args) {
      const { client, reply } = call;
      const options = readOptions(call, args);
      const isOn = args.is(2, ON);
      if (isOn) {
        const conflict = conflictOf(options, client.tracking);
        if (conflict !== null) call.fail(conflict);
      } else if (!args.is(2, OFF)) call.fail(ERR_SYNTAX);
      if (call.failed()) return;
      if (isOn) tracking.enable(client, options);
      else tracking.disable(client);
      reply.ok();
    },
  };
}
