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
  wrongArity,
} from '../protocol/reply-errors.ts';
import type { Client } from './client.ts';
import {
  type Command,
  FLAG_DENYOOM,
  FLAG_LOADING,
  FLAG_NO_AUTH,
  FLAG_PROTECTED,
} from './command.ts';
import type { Engine } from './engine.ts';

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
  const { mask } = command;
  if ((mask & FLAG_PROTECTED) !== 0) {
    const refusal = engine.protection(client, command);
    if (refusal !== null) return refusal;
  }
  if (!client.authenticated && (mask & FLAG_NO_AUTH) === 0) return ERR_NO_AUTH;
  const { maxMemoryBytes } = engine.settings;
  if (maxMemoryBytes !== 0 && (mask & FLAG_DENYOOM) !== 0) {
    if (engine.keyspace.usedBytes > maxMemoryBytes) return ERR_OUT_OF_MEMORY;
  }
  if (engine.isLoading && (mask & FLAG_LOADING) === 0) return ERR_LOADING;
  return null;
}
