// Whether a user may run a command: some selector must allow the command, all its keys and all its
// channels. When none does, the refusal that got furthest is told.

import { matchGlob } from '../bytes/glob.ts';
import { lowerAscii } from '../config/number-text.ts';
import type { Command } from '../engine/command.ts';
import type { KeyFlag } from '../engine/command-spec.ts';
import { canHaveKeys, findKeys, KeyList } from '../engine/key-extraction.ts';
import type { Args } from '../protocol/args.ts';
import type { AclUser } from './acl-user.ts';
import type { CommandRegistry } from './command-registry.ts';
import { type ChannelPattern, MAY_READ, MAY_WRITE, type Selector } from './selector.ts';

/** What a decision is; of two refusals the greater one is told. */
export const ALLOWED = 0;
export const DENIED_COMMAND = 1;
export const DENIED_KEY = 2;
export const DENIED_CHANNEL = 4;

interface ChannelArguments {
  /** Argument of the first channel, and whether all that follow are channels too. */
  readonly first: number;
  readonly many: boolean;
  readonly arePatterns: boolean;
}

/** The commands that name channels; leaving a channel is always allowed. */
const CHANNEL_ARGUMENTS: Readonly<Record<string, ChannelArguments>> = {
  publish: { first: 1, many: false, arePatterns: false },
  spublish: { first: 1, many: false, arePatterns: false },
  subscribe: { first: 1, many: true, arePatterns: false },
  ssubscribe: { first: 1, many: true, arePatterns: false },
  psubscribe: { first: 1, many: true, arePatterns: true },
};

/** What a key of these flags must be open for. */
function permissionsOf(flags: readonly KeyFlag[]): number {
  let permissions = 0;
  for (const flag of flags) {
    if (flag === 'access') permissions |= MAY_READ;
    else if (flag === 'insert' || flag === 'delete' || flag === 'update') permissions |= MAY_WRITE;
  }
  return permissions;
}

function globMatches(pattern: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  return matchGlob(pattern, 0, pattern.length, bytes, at, length, false);
}

/** True when one of the patterns covers a channel; a pattern is covered by its like alone. */
export function coversChannel(
  patterns: readonly ChannelPattern[],
  channel: Uint8Array,
  isPattern: boolean,
): boolean {
  return patterns.some(({ bytes }) =>
    isPattern
      ? Buffer.compare(bytes, channel) === 0
      : globMatches(bytes, channel, 0, channel.length),
  );
}

/** Decides for all users of one server. */
export class Decider {
  readonly #registry: CommandRegistry;
  readonly #keys = new KeyList();
  #hasKeys = false;
  /** After a refusal: the argument that it is about, 0 for the command itself. */
  deniedIndex = 0;
  #index = 0;

  constructor(registry: CommandRegistry) {
    this.#registry = registry;
  }

  /** Whether the user may run the command with these arguments: ALLOWED or a DENIED_... */
  decide(user: AclUser, command: Command, args: Args): number {
    this.#hasKeys = false;
    this.deniedIndex = 0;
    let told = DENIED_COMMAND;
    for (const selector of user.selectors) {
      const result = this.#decideBy(selector, command, args);
      if (result === ALLOWED) return ALLOWED;
      if (result > told || (result === told && this.#index > this.deniedIndex)) {
        told = result;
        this.deniedIndex = this.#index;
      }
    }
    return told;
  }

  /** True when one selector allows the command and the reading of every key. */
  readsAllKeys(user: AclUser, command: Command, args: Args): boolean {
    this.#hasKeys = false;
    return user.selectors.some((selector) => {
      const { allKeys, keys } = selector;
      const readsAll =
        allKeys || keys.some(({ text, permissions }) => text === '*' && permissions & MAY_READ);
      return readsAll && this.#decideBy(selector, command, args) === ALLOWED;
    });
  }

  #decideBy(selector: Selector, command: Command, args: Args): number {
    this.#index = 0;
    if (!selector.allCommands && !command.comesBeforeAuth && !allows(selector, command, args)) {
      return DENIED_COMMAND;
    }
    if (!selector.allKeys && canHaveKeys(command.spec)) {
      if (!this.#allowsKeys(selector, command, args)) return DENIED_KEY;
    }
    if (!selector.allChannels && !this.#allowsChannels(selector, command, args)) {
      return DENIED_CHANNEL;
    }
    return ALLOWED;
  }

  #allowsKeys(selector: Selector, command: Command, args: Args): boolean {
    const keys = this.#keys;
    if (!this.#hasKeys) {
      keys.clear();
      findKeys(command.spec, args, keys);
      this.#hasKeys = true;
    }
    for (let i = 0; i < keys.count; i++) {
      const index = keys.indexes[i]!;
      const needed = permissionsOf(keys.flags[i]!);
      const { bytes, offsets, lengths } = args;
      const isOpen = selector.keys.some(
        (pattern) =>
          (pattern.permissions & needed) === needed &&
          globMatches(pattern.bytes, bytes, offsets[index]!, lengths[index]!),
      );
      if (isOpen) continue;
      this.#index = index;
      return false;
    }
    return true;
  }

  #allowsChannels(selector: Selector, command: Command, args: Args): boolean {
    const channels = CHANNEL_ARGUMENTS[this.#registry.nameOf(command)];
    if (channels === undefined) return true;
    const { first, many, arePatterns } = channels;
    const end = many ? args.count : Math.min(first + 1, args.count);
    for (let i = first; i < end; i++) {
      if (coversChannel(selector.channels, args.slice(i), arePatterns)) continue;
      this.#index = i;
      return false;
    }
    return true;
  }
}

/** Whether a selector allows a command, its keys and channels aside. */
function allows(selector: Selector, command: Command, args: Args): boolean {
  const { accessId } = command;
  if (selector.hasCommand(accessId)) return true;
  const words = selector.firstArgs.get(accessId);
  if (words === undefined || args.count < 2) return false;
  const given = lowerAscii(args.shown(1));
  return words.some((word) => lowerAscii(word) === given);
}
