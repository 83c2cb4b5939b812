// The one sequence of checks before a command runs, in Redis's order: arity, protected,
// authentication, what a transaction forbids, ACL, slot of the cluster, memory, errors of the disk,
// state of replication, subscriber mode, loading, busy. What nobody uses costs one branch. Whether
// the command then waits (CLIENT PAUSE), is queued (MULTI) or runs is for the engine.

import type { Args } from '../protocol/args.ts';
import {
  ERR_LOADING,
  ERR_NO_AUTH,
  ERR_OUT_OF_MEMORY,
  type ReplyError,
  replyError,
  wrongArity,
} from '../protocol/reply-errors.ts';
import type { Call } from './call.ts';
import { type Client, MODE_MONITOR, MODE_MULTI, MODE_REPLICA, MODE_SUBSCRIBER } from './client.ts';
import {
  type Command,
  FLAG_ALLOW_BUSY,
  FLAG_BY_ARGUMENTS,
  FLAG_DENYOOM,
  FLAG_IN_SUBSCRIPTION,
  FLAG_LOADING,
  FLAG_MAY_REPLICATE,
  FLAG_NO_AUTH,
  FLAG_NO_MULTI,
  FLAG_PROTECTED,
  FLAG_READONLY,
  FLAG_WRITE,
} from './command.ts';
import type { Engine } from './engine.ts';

/**
 * What a server is in replication, where that is more than a master without conditions: of which
 * clients may do what.
 */
export interface Role {
  /** As HELLO tells it. */
  readonly name: 'master' | 'replica';
  /** The data may be old, and is not to be shown. */
  readonly isStale: boolean;
  /** Why nothing may be written now, or null. */
  readonly writeRefusal: ReplyError | null;
  /** Why a command with these flags may not run, or null. */
  refusal(client: Client, flags: number): ReplyError | null;
  /** A change of the master is about to be applied although it cannot be persisted. */
  onUnwritable(): void;
  /** A command has changed the data. */
  onChanged(call: Call, command: Command, args: Args): void;
}

const DATA_FLAGS = FLAG_READONLY | FLAG_WRITE | FLAG_MAY_REPLICATE;
const NOT_IN_MULTI = replyError('ERR Command not allowed inside a transaction');
const NO_DATA_FOR_REPLICA = replyError("ERR Replica can't interact with the keyspace");

/** @returns why a client may not run a command, or null. */
export function refusalOf(
  engine: Engine,
  client: Client,
  command: Command,
  args: Args,
): ReplyError | null {
  if (args.count < command.minArguments || args.count > command.maxArguments) {
    return wrongArity(command.fullName);
  }
  if (client.mustBeObeyed) {
    if (engine.diskError !== null && (command.mask & FLAG_WRITE) !== 0) engine.role?.onUnwritable();
    return null;
  }
  const { modes } = client;
  // Inside MULTI, EXEC counts as what it will run, and all else takes memory.
  let { mask } = command;
  if (modes !== 0) mask = engine.transactions.flagsOf(client, command, args);
  else if ((mask & FLAG_BY_ARGUMENTS) !== 0) mask = command.maskFor(args);
  if ((mask & FLAG_PROTECTED) !== 0) {
    const refusal = engine.protection(client, command);
    if (refusal !== null) return refusal;
  }
  if (!client.authenticated && (mask & FLAG_NO_AUTH) === 0) {
    if (engine.access.mustAuthenticate(client)) return ERR_NO_AUTH;
  }
  if ((modes & MODE_MULTI) !== 0 && (mask & FLAG_NO_MULTI) !== 0) return NOT_IN_MULTI;
  if (!client.user.isUnrestricted) {
    const context = (modes & MODE_MULTI) !== 0 ? 'multi' : 'toplevel';
    const refusal = engine.access.refusal(client, command, args, context);
    if (refusal !== null) return refusal;
  }
  const { memory } = engine;
  if (memory.maxBytes !== 0 && !engine.isRunning) {
    memory.isOut = memory.relieve() === 'failed';
    if (memory.isOut && (mask & FLAG_DENYOOM) !== 0) return ERR_OUT_OF_MEMORY;
  }
  if (engine.diskError !== null && isHeldByDisk(command, mask) && !engine.isRunning) {
    return engine.diskError;
  }
  if (engine.role !== null) {
    const refusal = engine.role.refusal(client, mask);
    if (refusal !== null) return refusal;
  }
  if ((modes & MODE_SUBSCRIBER) !== 0 && !client.resp3 && (mask & FLAG_IN_SUBSCRIPTION) === 0) {
    return notInSubscription(command);
  }
  if (engine.isLoading && (mask & FLAG_LOADING) === 0) return ERR_LOADING;
  if (engine.suspended !== null && (mask & FLAG_ALLOW_BUSY) === 0) {
    const { refusal } = engine.suspended.work;
    if (refusal !== null) return refusal;
  }
  const isReplica = (modes & (MODE_MONITOR | MODE_REPLICA)) !== 0;
  return isReplica && (mask & DATA_FLAGS) !== 0 ? NO_DATA_FOR_REPLICA : null;
}

/** PING too, since whoever watches over a server asks by it. */
function isHeldByDisk(command: Command, mask: number): boolean {
  return (mask & FLAG_WRITE) !== 0 || command.spec.name === 'ping';
}

function notInSubscription(command: Command): ReplyError {
  return replyError(
    `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / ` +
      'QUIT / RESET are allowed in this context',
  );
}
