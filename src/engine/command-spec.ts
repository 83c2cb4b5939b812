// The declaration of a command: one plain typed object per command, in one file, from which
// COMMAND, COMMAND DOCS, key extraction, ACL categories, cluster slots and the docs are derived. A
// wrong name, flag or version does not compile. `compileCommand` in command.ts turns a declaration
// into the fixed-shape object that the hot path uses. Source of the vocabulary:
// https://redis.io/docs/latest/develop/reference/command-arguments/ and key-specs/.

import type { Args } from '../protocol/args.ts';
import type { Call } from './call.ts';

export type CommandGroup =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'sentinel'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'module'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_async_loading'
  | 'no_multi'
  | 'movablekeys'
  | 'allow_busy'
  | 'no_mandatory_keys'
  | 'protected'
  // The flags from here on are not shown by COMMAND INFO.
  /** Runs at once inside MULTI. */
  | 'not_queued'
  /** Ends a transaction, so it needs no memory inside one. */
  | 'ends_multi'
  | 'exec'
  /** May be sent by a subscriber that speaks RESP2. */
  | 'in_subscription'
  /** Answers with pushes, which CLIENT REPLY does not hold back. */
  | 'replies_by_push'
  /** Comes upon keys by chance; each expired one that it deletes is told by itself. */
  | 'touches_arbitrary_keys'
  /** Its flags depend on its arguments: `maskFor` tells them. */
  | 'flags_by_arguments';

export type AclCategory =
  | 'keyspace'
  | 'read'
  | 'write'
  | 'set'
  | 'sortedset'
  | 'list'
  | 'hash'
  | 'string'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'pubsub'
  | 'admin'
  | 'fast'
  | 'slow'
  | 'blocking'
  | 'dangerous'
  | 'connection'
  | 'transaction'
  | 'scripting';

export type Version = `${number}.${number}.${number}`;

/** Flags of a key: one of RO RW OW RM, then what is done with it, then modifiers. */
export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly notes?: string;
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | { readonly unknown: true };
  readonly find:
    | { readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly keynumIndex: number; readonly firstKey: number; readonly step: number }
    | { readonly unknown: true };
}

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block';

export interface ArgumentSpec {
  readonly name: string;
  readonly type: ArgumentType;
  /** What COMMAND DOCS shows in place of the name, where it differs. */
  readonly display?: string;
  /** The literal word before the value (or instead of it, for a pure token). */
  readonly token?: string;
  readonly keySpecIndex?: number;
  readonly summary?: string;
  readonly since?: Version;
  readonly deprecatedSince?: Version;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  readonly multipleToken?: boolean;
  readonly args?: readonly ArgumentSpec[];
}

/**
 * Shape of a reply, checked against every reply in a test run. RESP2 shapes follow from the RESP3
 * one.
 */
export type ReplyShape =
  | 'simple-string'
  | 'bulk-string'
  | 'verbatim-string'
  | 'integer'
  | 'double'
  | 'boolean'
  | 'big-number'
  | 'null'
  | 'array'
  | 'map'
  | 'set'
  | 'any'
  | 'none';

export interface CommandSpec {
  /** Lower case. For a subcommand only its own word. */
  readonly name: string;
  readonly group: CommandGroup;
  readonly since: Version;
  readonly summary: string;
  readonly complexity: string;
  /**
   * Number of arguments with the command's name (and its container's name); negative: at least that
   * many.
   */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Categories that do not follow from the flags. */
  readonly acl?: readonly AclCategory[];
  readonly keys?: readonly KeySpec[];
  readonly args?: readonly ArgumentSpec[];
  readonly replies?: readonly ReplyShape[];
  readonly tips?: readonly string[];
  readonly history?: readonly (readonly [Version, string])[];
  readonly deprecated?: { readonly since: Version; readonly replacedBy: string };
  /** `syscmd` marks commands that only servers send to each other. */
  readonly docFlags?: readonly ('syscmd' | 'deprecated')[];
  /**
   * Finds keys that the key specs cannot describe; appends pairs (argument index, key flags) to
   * `out`.
   */
  readonly getKeys?: (args: Args, out: KeyPositions) => boolean;
  readonly subcommands?: readonly CommandSpec[];
  /** The bits of FLAG_... for a call: scripts say themselves whether they write. */
  readonly maskFor?: (args: Args, mask: number) => number;
  /**
   * Reads its arguments first (the first failure is kept), checks once, then acts and writes its
   * reply. Absent only in a container of subcommands.
   */
  readonly run?: (call: Call, args: Args) => void;
}

/** Keys found in a call: argument indexes and the spec whose flags apply. */
export interface KeyPositions {
  add(argIndex: number, flags: readonly KeyFlag[]): void;
}
