// A set of rules about commands, keys and channels: a user has one of its own and any number more
// in parentheses, each of which decides alone. Texts are of one character a byte.
//
//   bits        one bit a command and subcommand, by the numbers of command-registry.ts
//   rules       the same as rules in the order in which they count, for ACL LIST and GETUSER
//   firstArgs   commands that are allowed only with one of these words as first argument

import { latin1Bytes, untilNul } from '../bytes/ascii.ts';
import { lowerAscii } from '../config/number-text.ts';
import { splitWords } from '../config/words.ts';
import { type CommandRegistry, categoryNamed, type RegisteredCommand } from './command-registry.ts';
import {
  hasSpaces,
  RULE_AFTER_ALL_CHANNELS,
  RULE_AFTER_ALL_KEYS,
  RULE_ARGUMENT_OF_SUBCOMMAND,
  RULE_SYNTAX,
  RULE_UNKNOWN,
  type RuleResult,
} from './rule-errors.ts';

/** What may be done with a key, as bits. */
export const MAY_READ = 1;
export const MAY_WRITE = 2;

export interface KeyPattern {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** MAY_READ, MAY_WRITE or both. */
  permissions: number;
}

export interface ChannelPattern {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const PERMISSION_SIGNS: Readonly<Record<number, string>> = {
  [MAY_READ]: '%R~',
  [MAY_WRITE]: '%W~',
  [MAY_READ | MAY_WRITE]: '~',
};

export class Selector {
  readonly #registry: CommandRegistry;
  allKeys = false;
  allChannels: boolean;
  /** Every command, and never a bit taken away since: the bits need not be asked. */
  allCommands = false;
  keys: KeyPattern[] = [];
  channels: ChannelPattern[] = [];
  readonly firstArgs: Map<number, string[]> = new Map();
  readonly #bits: Uint32Array;
  /** Began with all commands: those not known yet are allowed too. */
  #beginsWithAll = false;
  #rules: string[] = [];

  constructor(registry: CommandRegistry, allChannels: boolean) {
    this.#registry = registry;
    this.#bits = new Uint32Array(registry.wordCount);
    this.allChannels = allChannels;
  }

  /** A selector from `(rules)`, its parentheses included, or the reason why not. */
  static parse(registry: CommandRegistry, text: string, allChannels: boolean): Selector | string {
    const selector = new Selector(registry, allChannels);
    for (const word of splitWords(text.slice(1, -1)) ?? []) {
      const refusal = selector.apply(word);
      if (refusal !== null) return refusal;
    }
    return selector;
  }

  copy(): Selector {
    const copy = new Selector(this.#registry, this.allChannels);
    copy.allKeys = this.allKeys;
    copy.allCommands = this.allCommands;
    copy.keys = this.keys.map((pattern) => ({ ...pattern }));
    copy.channels = [...this.channels];
    for (const [id, words] of this.firstArgs) copy.firstArgs.set(id, [...words]);
    copy.#bits.set(this.#bits);
    copy.#beginsWithAll = this.#beginsWithAll;
    copy.#rules = [...this.#rules];
    return copy;
  }

  /** True when the command of a number is allowed with any arguments. */
  hasCommand(id: number): boolean {
    return ((this.#bits[id >>> 5]! >>> (id & 31)) & 1) !== 0;
  }

  // --- rules
  // -------------------------------------------------------------------------------------------------------

  /** Applies one rule. @returns why it is refused, or null. */
  apply(rule: string): RuleResult {
    const word = untilNul(rule);
    const sign = word.charAt(0);
    if (this.#applyWord(word.toLowerCase())) return null;
    if (sign === '~' || sign === '%') return this.#addKeys(rule);
    if (sign === '&') return this.#addChannels(rule.slice(1));
    if (sign !== '+' && sign !== '-') return RULE_SYNTAX;
    if (word.charAt(1) === '@') return this.#applyCategory(word.slice(2), sign === '+');
    return sign === '+' ? this.#allow(word.slice(1)) : this.#forbid(word.slice(1));
  }

  /** The rules that are one word. @returns false when it is none of them. */
  #applyWord(word: string): boolean {
    switch (word) {
      case 'allkeys':
      case '~*':
        this.allKeys = true;
        this.keys = [];
        return true;
      case 'resetkeys':
        this.allKeys = false;
        this.keys = [];
        return true;
      case 'allchannels':
      case '&*':
        this.allChannels = true;
        this.channels = [];
        return true;
      case 'resetchannels':
        this.allChannels = false;
        this.channels = [];
        return true;
      case 'allcommands':
      case '+@all':
        this.#beginWith(true);
        return true;
      case 'nocommands':
      case '-@all':
        this.#beginWith(false);
        return true;
      default:
        return false;
    }
  }

  #beginWith(all: boolean): void {
    this.#bits.fill(all ? 0xffffffff : 0);
    this.allCommands = all;
    this.#beginsWithAll = all;
    this.#rules = [];
    this.firstArgs.clear();
  }

  #addKeys(rule: string): RuleResult {
    if (this.allKeys) return RULE_AFTER_ALL_KEYS;
    let permissions = MAY_READ | MAY_WRITE;
    let at = 1;
    if (rule.charAt(0) === '%') {
      permissions = 0;
      for (; at < rule.length; at++) {
        const letter = rule.charAt(at).toUpperCase();
        if (letter === 'R' && (permissions & MAY_READ) === 0) permissions |= MAY_READ;
        else if (letter === 'W' && (permissions & MAY_WRITE) === 0) permissions |= MAY_WRITE;
        else if (letter === '~') break;
        else return RULE_SYNTAX;
      }
      at++;
      if (permissions === 0) return RULE_SYNTAX;
    }
    const text = rule.slice(at);
    if (hasSpaces(text)) return RULE_SYNTAX;
    const known = this.keys.find((pattern) => pattern.text === text);
    if (known !== undefined) known.permissions |= permissions;
    else this.keys.push({ text, bytes: latin1Bytes(text), permissions });
    return null;
  }

  #addChannels(text: string): RuleResult {
    if (this.allChannels) return RULE_AFTER_ALL_CHANNELS;
    if (hasSpaces(text)) return RULE_SYNTAX;
    if (this.channels.every((pattern) => pattern.text !== text)) {
      this.channels.push({ text, bytes: latin1Bytes(text) });
    }
    return null;
  }

  #applyCategory(name: string, allow: boolean): RuleResult {
    const category = categoryNamed(name);
    if (category === null) return RULE_UNKNOWN;
    for (const command of this.#registry.inCategory(category)) this.#change(command, allow);
    this.#keepRule(`@${name}`, allow);
    return null;
  }

  #allow(name: string): RuleResult {
    const bar = name.lastIndexOf('|');
    const command = this.#registry.find(name);
    if (bar < 0) {
      if (command === undefined) return RULE_UNKNOWN;
      this.#change(command, true);
      this.#keepRule(command.fullName, true);
      return null;
    }
    const container = this.#registry.find(name.slice(0, bar));
    if (container === undefined) return RULE_UNKNOWN;
    if (container.isSubcommand) return RULE_ARGUMENT_OF_SUBCOMMAND;
    const word = name.slice(bar + 1);
    if (word === '') return RULE_SYNTAX;
    if (container.subcommands.length > 0) {
      if (command === undefined) return RULE_UNKNOWN;
      this.#change(command, true);
    } else this.#allowFirstArg(container.id, word);
    this.#keepRule(name, true);
    return null;
  }

  #allowFirstArg(id: number, word: string): void {
    const words = this.firstArgs.get(id) ?? [];
    const folded = lowerAscii(word);
    if (!words.some((known) => lowerAscii(known) === folded)) words.push(word);
    this.firstArgs.set(id, words);
  }

  #forbid(name: string): RuleResult {
    const command = this.#registry.find(name);
    if (command === undefined) return RULE_UNKNOWN;
    this.#change(command, false);
    this.#keepRule(command.fullName, false);
    return null;
  }

  /** Allows or forbids a command, and with a container all that it contains. */
  #change(command: RegisteredCommand, allow: boolean): void {
    this.#setBit(command.id, allow);
    this.firstArgs.delete(command.id);
    for (const sub of command.subcommands) this.#setBit(sub.id, allow);
  }

  #setBit(id: number, allow: boolean): void {
    const bit = 1 << (id & 31);
    if (allow) this.#bits[id >>> 5]! |= bit;
    else {
      this.#bits[id >>> 5]! &= ~bit;
      this.allCommands = false;
    }
  }

  /** Adds a rule in the place of those that it makes void. */
  #keepRule(name: string, allow: boolean): void {
    const folded = lowerAscii(name);
    const kept = this.#rules.filter((rule) => {
      const old = rule.slice(1);
      return old !== folded && !old.startsWith(`${folded}|`);
    });
    kept.push(`${allow ? '+' : '-'}${folded}`);
    this.#rules = kept;
  }

  // --- texts
  // -------------------------------------------------------------------------------------------------------

  /** The rules about commands. */
  describeCommands(): string {
    return [this.#beginsWithAll ? '+@all' : '-@all', ...this.#rules].join(' ');
  }

  /** The rules about keys. */
  describeKeys(): string {
    if (this.allKeys) return '~*';
    return this.keys
      .map(({ permissions, text }) => `${PERMISSION_SIGNS[permissions] ?? '~'}${text}`)
      .join(' ');
  }

  /** The rules about channels. */
  describeChannels(): string {
    if (this.allChannels) return '&*';
    return this.channels.map(({ text }) => `&${text}`).join(' ');
  }

  /** All rules in the order of ACL LIST. */
  describe(): string {
    const keys = this.describeKeys();
    const channels = this.describeChannels();
    const parts = [
      keys,
      this.allChannels ? '' : 'resetchannels',
      channels,
      this.describeCommands(),
    ];
    return parts.filter((part) => part !== '').join(' ');
  }
}
