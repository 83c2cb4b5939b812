// Declarations compiled for the hot path: one class of fixed shape whose flags are bits, found from
// the bytes of a name without making a string. Statistics of a command live in its compiled object,
// one set a server.

import { latin1Bytes } from '../bytes/ascii.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Args } from '../protocol/args.ts';
import type { Call } from './call.ts';
import type { AclCategory, CommandFlag, CommandSpec } from './command-spec.ts';
import { type LegacyKeyRange, legacyKeyRange } from './key-extraction.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** In COMMAND INFO's order. */
const FLAG_NAMES: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'module',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
  'may_replicate',
  'protected',
  'not_queued',
  'ends_multi',
  'exec',
  'in_subscription',
  'replies_by_push',
  'touches_arbitrary_keys',
  'flags_by_arguments',
];
/** Flags that COMMAND INFO does not tell of. */
const HIDDEN_FLAGS: readonly CommandFlag[] = [
  'may_replicate',
  'protected',
  'not_queued',
  'ends_multi',
  'exec',
  'in_subscription',
  'replies_by_push',
  'touches_arbitrary_keys',
  'flags_by_arguments',
];

const FLAG_BITS: ReadonlyMap<CommandFlag, number> = new Map(
  FLAG_NAMES.map((name, i) => [name, 1 << i]),
);

function bit(name: CommandFlag): number {
  return FLAG_BITS.get(name)!;
}

export const FLAG_WRITE: number = bit('write');
export const FLAG_READONLY: number = bit('readonly');
export const FLAG_DENYOOM: number = bit('denyoom');
export const FLAG_ADMIN: number = bit('admin');
export const FLAG_LOADING: number = bit('loading');
export const FLAG_STALE: number = bit('stale');
export const FLAG_NO_ASYNC_LOADING: number = bit('no_async_loading');
export const FLAG_NO_AUTH: number = bit('no_auth');
export const FLAG_MAY_REPLICATE: number = bit('may_replicate');
export const FLAG_ALLOW_BUSY: number = bit('allow_busy');
export const FLAG_PROTECTED: number = bit('protected');
export const FLAG_SKIP_MONITOR: number = bit('skip_monitor');
export const FLAG_SKIP_SLOWLOG: number = bit('skip_slowlog');
export const FLAG_FAST: number = bit('fast');
export const FLAG_NO_MULTI: number = bit('no_multi');
export const FLAG_NOT_QUEUED: number = bit('not_queued');
export const FLAG_ENDS_MULTI: number = bit('ends_multi');
export const FLAG_EXEC: number = bit('exec');
export const FLAG_IN_SUBSCRIPTION: number = bit('in_subscription');
export const FLAG_REPLIES_BY_PUSH: number = bit('replies_by_push');
export const FLAG_NO_SCRIPT: number = bit('noscript');
/** Its flags depend on its arguments: `maskFor`. */
export const FLAG_BY_ARGUMENTS: number = bit('flags_by_arguments');
export const FLAG_TOUCHES_ARBITRARY_KEYS: number = bit('touches_arbitrary_keys');

/** Takes hardly any time, so that it may be timed together with others; see call-timer.ts. */
export const FLAG_BRIEF: number = 1 << FLAG_NAMES.length;

/** True for a command that leaves the keys as they are which it looks up. */
export function changesNoKey(mask: number): boolean {
  // PFCOUNT keeps in the key what it has counted, and is READONLY all the same.
  return (mask & (FLAG_READONLY | FLAG_MAY_REPLICATE)) === FLAG_READONLY;
}

/** All categories, in ACL CAT's order. */
export const ACL_CATEGORIES: readonly AclCategory[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

/** The categories that follow from the flags, with the declared ones, in ACL CAT's order. */
function categoriesOf(spec: CommandSpec): readonly AclCategory[] {
  const has = (flag: CommandFlag): boolean => spec.flags.includes(flag);
  const categories = new Set<AclCategory>(spec.acl ?? []);
  if (has('write')) categories.add('write');
  if (has('readonly') && !categories.has('scripting')) categories.add('read');
  if (has('admin')) {
    categories.add('admin');
    categories.add('dangerous');
  }
  if (has('pubsub')) categories.add('pubsub');
  if (has('blocking')) categories.add('blocking');
  categories.add(has('fast') ? 'fast' : 'slow');
  return ACL_CATEGORIES.filter((category) => categories.has(category));
}

/** More arguments than a command can have. */
const MANY = 0x7fffffff;

/** What follows from a declaration alone: the same in every server, and put together once. */
interface CommandFacts {
  readonly nameBytes: Uint8Array;
  readonly mask: number;
  readonly firstKey: number;
  readonly keyRange: LegacyKeyRange;
}

const preparedFacts: WeakMap<CommandSpec, CommandFacts> = new WeakMap();

function factsOf(spec: CommandSpec): CommandFacts {
  let mask = 0;
  for (const flag of spec.flags) mask |= bit(flag);
  const keyRange = legacyKeyRange(spec.keys);
  if (keyRange.isIncomplete) mask |= bit('movablekeys');
  const isQuick = spec.complexity === 'O(1)' || (mask & FLAG_FAST) !== 0;
  // What looks at the whole server is called O(1) too, and is not brief; nor is what may wait.
  const isBrief = isQuick && spec.group !== 'server' && (mask & bit('blocking')) === 0;
  const begin = spec.keys?.[0]?.begin;
  return {
    nameBytes: latin1Bytes(spec.name),
    mask: isBrief ? mask | FLAG_BRIEF : mask,
    firstKey: begin !== undefined && 'index' in begin ? begin.index : 0,
    keyRange,
  };
}

/**
 * Puts together what follows from declarations that many servers share, when they are loaded and
 * not when the first server starts.
 */
export function prepareCommands(specs: readonly CommandSpec[]): void {
  for (const spec of specs) {
    preparedFacts.set(spec, factsOf(spec));
    if (spec.subcommands) prepareCommands(spec.subcommands);
  }
}

export class Command {
  /** As it is found in the table: lower case, after rename-command. */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  /** `config|get` for a subcommand. */
  readonly fullName: string;
  readonly spec: CommandSpec;
  readonly arity: number;
  /** Bits of FLAG_... */
  readonly mask: number;
  /** The bit that stands for it in the rules of ACL users; see acl/command-registry.ts. */
  accessId = 0;
  readonly subcommands: CommandTable | null;
  readonly run: ((call: Call, args: Args) => void) | null;
  /**
   * Index of the first key argument by the first key spec, or 0: what one cluster slot check needs.
   */
  readonly firstKey: number;
  /** First key, last key and step as COMMAND INFO shows them. */
  readonly keyRange: LegacyKeyRange;
  /**
   * Fewest and most arguments, the names included; none at all fit a container without its own
   * handler.
   */
  readonly minArguments: number;
  readonly maxArguments: number;
  calls = 0;
  /** Microseconds spent in it. */
  usec: number = DOUBLE_ZERO;
  /** Calls that were refused before they ran, and that ran and answered with an error. */
  rejectedCalls = 0;
  failedCalls = 0;
  latency: LatencyHistogram | null = null;
  /** Calls inside the script that runs which do not count yet; see call-timer.ts. */
  unrecordedCalls = 0;

  constructor(spec: CommandSpec, parent: string | null) {
    const facts = preparedFacts.get(spec) ?? factsOf(spec);
    this.name = spec.name;
    this.nameBytes = facts.nameBytes;
    this.fullName = parent === null ? spec.name : `${parent}|${spec.name}`;
    this.spec = spec;
    this.arity = spec.arity;
    this.keyRange = facts.keyRange;
    this.mask = facts.mask;
    this.firstKey = facts.firstKey;
    this.run = spec.run ?? null;
    const isRunnable = this.run !== null;
    this.minArguments = isRunnable ? Math.abs(spec.arity) : MANY;
    this.maxArguments = spec.arity > 0 ? spec.arity : MANY;
    this.subcommands = spec.subcommands ? new CommandTable(spec.subcommands, spec.name) : null;
  }

  /** The flags that COMMAND INFO shows, in its order. */
  get flagNames(): CommandFlag[] {
    return FLAG_NAMES.filter(
      (name, i) => (this.mask & (1 << i)) !== 0 && !HIDDEN_FLAGS.includes(name),
    );
  }

  /** Its ACL categories, made when asked for: a start has hundreds of commands to set up. */
  get categories(): readonly AclCategory[] {
    return categoriesOf(this.spec);
  }

  /** A client may run it that has not authenticated. */
  get comesBeforeAuth(): boolean {
    return (this.mask & FLAG_NO_AUTH) !== 0;
  }

  /** Makes it the same command as `other` for ACL users: it has only got another name. */
  takeAccessIds(other: Command): void {
    this.accessId = other.accessId;
    for (const sub of this.subcommands?.all() ?? []) {
      sub.accessId = other.subcommands?.get(sub.name)?.accessId ?? 0;
    }
  }

  /** The flags of a call. */
  maskFor(args: Args): number {
    const { mask, spec } = this;
    if ((mask & FLAG_BY_ARGUMENTS) === 0 || spec.maskFor === undefined) return mask;
    return spec.maskFor(args, mask);
  }

  acceptsArity(count: number): boolean {
    return this.arity > 0 ? count === this.arity : count >= -this.arity;
  }

  /** Adds `count` calls of `usec` microseconds each to the statistics. */
  record(usec: number, count: number, tracksLatency: boolean): void {
    this.calls += count;
    this.usec += usec * count;
    if (!tracksLatency) return;
    this.latency ??= new LatencyHistogram();
    this.latency.record(usec, count);
  }

  resetStatistics(): void {
    this.calls = 0;
    this.usec = 0;
    this.rejectedCalls = 0;
    this.failedCalls = 0;
    this.latency = null;
    for (const sub of this.subcommands?.all() ?? []) sub.resetStatistics();
  }
}

/** Slots for each command, so that a name is mostly found at its first place. */
const SLOTS_PER_COMMAND = 4;

/** Commands by name. */
export class CommandTable {
  readonly #slots: (Command | null)[];
  /** A power of two less one. */
  readonly #slotMask: number;
  readonly #byName = new Map<string, Command>();
  #last: Command | null = null;
  readonly #parent: string | null;

  constructor(specs: readonly CommandSpec[], parent: string | null = null) {
    this.#parent = parent;
    let size = 16;
    while (size < specs.length * SLOTS_PER_COMMAND) size *= 2;
    this.#slots = new Array<Command | null>(size).fill(null);
    this.#slotMask = size - 1;
    for (const spec of specs) this.add(new Command(spec, parent));
  }

  add(command: Command): void {
    this.#byName.set(command.name, command);
    this.#place(command);
  }

  #place(command: Command): void {
    const bytes = command.nameBytes;
    let slot = foldedHash(bytes, 0, bytes.length) & this.#slotMask;
    while (this.#slots[slot] !== null) slot = (slot + 1) & this.#slotMask;
    this.#slots[slot] = command;
  }

  /**
   * Gives a command another name, or takes it out when the new name is empty; for rename-command.
   */
  rename(name: string, newName: string): 'ok' | 'missing' | 'taken' {
    const command = this.#byName.get(name.toLowerCase());
    if (command === undefined) return 'missing';
    const target = newName.toLowerCase();
    if (target !== '' && this.#byName.has(target)) return 'taken';
    this.#byName.delete(name.toLowerCase());
    if (target !== '') {
      const renamed = new Command({ ...command.spec, name: target }, this.#parent);
      renamed.takeAccessIds(command);
      this.#byName.set(target, renamed);
    }
    this.#slots.fill(null);
    this.#last = null;
    for (const command of this.#byName.values()) this.#place(command);
    return 'ok';
  }

  /** The command of a name in any case; a subcommand by its full name, as `config|get`. */
  find(fullName: string): Command | undefined {
    const [name = '', sub, ...more] = fullName.toLowerCase().split('|');
    if (more.length > 0) return undefined;
    const command = this.#byName.get(name);
    return sub === undefined ? command : command?.subcommands?.get(sub);
  }

  /** The command whose name is the given bytes, in any case, or null. */
  lookup(bytes: Uint8Array, offset: number, length: number): Command | null {
    const last = this.#last;
    // Pipelines repeat a command; its name is compared before it is searched.
    if (last !== null && sameName(last.nameBytes, bytes, offset, length)) return last;
    let slot = foldedHash(bytes, offset, length) & this.#slotMask;
    for (;;) {
      const command = this.#slots[slot]!;
      if (command === null) return null;
      if (sameName(command.nameBytes, bytes, offset, length)) {
        this.#last = command;
        return command;
      }
      slot = (slot + 1) & this.#slotMask;
    }
  }

  /** The command that a call runs: the subcommand, where its container is called with one. */
  resolve(args: Args): Command | null {
    const command = this.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
    if (command?.subcommands == null || args.count < 2) return command;
    return command.subcommands.lookup(args.bytes, args.offsets[1]!, args.lengths[1]!);
  }

  get(name: string): Command | undefined {
    return this.#byName.get(name);
  }

  all(): Command[] {
    return [...this.#byName.values()];
  }

  get size(): number {
    return this.#byName.size;
  }
}

function foldedHash(bytes: Uint8Array, offset: number, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[offset + i]! | 32)) | 0;
  return hash ^ (hash >>> 11);
}

function sameName(name: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[offset + i]!;
    if (byte >= 65 && byte <= 90) byte += 32;
    if (byte !== name[i]) return false;
  }
  return true;
}
