// A user: whether it may come, its passwords, and its selectors, of which the first is its own and
// the others stand in parentheses. A command is allowed when one selector allows all of it.
// Passwords are kept as SHA-256 alone. https://redis.io/docs/latest/commands/acl-setuser/

import { createHash, timingSafeEqual } from 'node:crypto';
import { untilNul } from '../bytes/ascii.ts';
import type { User } from '../engine/access.ts';
import type { CommandRegistry } from './command-registry.ts';
import { RULE_BAD_HASH, RULE_NO_SUCH_PASSWORD, type RuleResult } from './rule-errors.ts';
import { Selector } from './selector.ts';

/** What users are made with. */
export interface UserSettings {
  readonly registry: CommandRegistry;
  /** acl-pubsub-default: new users and selectors may use all channels. */
  readonly allChannelsByDefault: () => boolean;
}

function sha256(password: Uint8Array): string {
  return createHash('sha256').update(password).digest('hex');
}

export class AclUser implements User {
  readonly name: string;
  readonly #settings: UserSettings;
  isUnrestricted = false;
  isOn = false;
  /** Any password will do. */
  isPasswordless = false;
  skipsSanitizing = false;
  /** SHA-256 of each password, in hexadecimal. */
  passwords: string[] = [];
  selectors: Selector[];

  constructor(name: string, settings: UserSettings) {
    this.name = name;
    this.#settings = settings;
    this.selectors = [this.#newSelector()];
  }

  #newSelector(): Selector {
    const { registry, allChannelsByDefault } = this.#settings;
    return new Selector(registry, allChannelsByDefault());
  }

  /** Its own selector. */
  get root(): Selector {
    return this.selectors[0]!;
  }

  /** Makes all rules those of another user; the name stays. */
  take(other: AclUser): void {
    this.isOn = other.isOn;
    this.isPasswordless = other.isPasswordless;
    this.skipsSanitizing = other.skipsSanitizing;
    this.passwords = [...other.passwords];
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.#update();
  }

  /** Applies one rule. @returns why it is refused, or null. */
  apply(rule: string): RuleResult {
    const result = this.#apply(rule);
    this.#update();
    return result;
  }

  #update(): void {
    this.isUnrestricted = this.selectors.some(
      ({ allCommands, allKeys, allChannels }) => allCommands && allKeys && allChannels,
    );
  }

  #apply(rule: string): RuleResult {
    if (rule === '' || this.#applyWord(untilNul(rule).toLowerCase())) return null;
    const sign = rule.charAt(0);
    if ('>#<!'.includes(sign)) return this.#applyPassword(sign, rule.slice(1));
    if (sign === '(' && rule.endsWith(')')) {
      const { registry, allChannelsByDefault } = this.#settings;
      const selector = Selector.parse(registry, rule, allChannelsByDefault());
      if (typeof selector === 'string') return selector;
      this.selectors.push(selector);
      return null;
    }
    return this.root.apply(rule);
  }

  /** The rules about the user that are one word. @returns false when it is none of them. */
  #applyWord(word: string): boolean {
    switch (word) {
      case 'on':
        this.isOn = true;
        return true;
      case 'off':
        this.isOn = false;
        return true;
      case 'skip-sanitize-payload':
        this.skipsSanitizing = true;
        return true;
      case 'sanitize-payload':
        this.skipsSanitizing = false;
        return true;
      case 'nopass':
      case 'resetpass':
        this.isPasswordless = word === 'nopass';
        this.passwords = [];
        return true;
      case 'clearselectors':
        this.selectors.length = 1;
        return true;
      case 'reset':
        this.#reset();
        return true;
      default:
        return false;
    }
  }

  #reset(): void {
    this.isOn = false;
    this.isPasswordless = false;
    this.skipsSanitizing = false;
    this.passwords = [];
    this.selectors = [this.#newSelector()];
  }

  #applyPassword(sign: string, text: string): RuleResult {
    const isHash = sign === '#' || sign === '!';
    if (isHash && !/^[0-9a-f]{64}$/.test(text)) return RULE_BAD_HASH;
    const hash = isHash ? text : sha256(Buffer.from(text, 'latin1'));
    const at = this.passwords.indexOf(hash);
    if (sign === '>' || sign === '#') {
      if (at < 0) this.passwords.push(hash);
      this.isPasswordless = false;
      return null;
    }
    if (at < 0) return RULE_NO_SUCH_PASSWORD;
    this.passwords.splice(at, 1);
    return null;
  }

  /** True when the user may come with this password. A wrong one takes as long as a right one. */
  accepts(password: Uint8Array): boolean {
    if (!this.isOn) return false;
    if (this.isPasswordless) return true;
    const given = Buffer.from(sha256(password), 'latin1');
    let matches = false;
    for (const known of this.passwords) {
      if (timingSafeEqual(given, Buffer.from(known, 'latin1'))) matches = true;
    }
    return matches;
  }

  /** The words about the user itself, as ACL GETUSER lists them. */
  get flagNames(): string[] {
    const names = [this.isOn ? 'on' : 'off'];
    if (this.isPasswordless) names.push('nopass');
    names.push(this.skipsSanitizing ? 'skip-sanitize-payload' : 'sanitize-payload');
    return names;
  }

  /** All rules, as they make this user out of a new one: the line of ACL LIST behind the name. */
  describe(): string {
    const parts = [...this.flagNames, ...this.passwords.map((hash) => `#${hash}`)];
    for (const [i, selector] of this.selectors.entries()) {
      const rules = selector.describe();
      parts.push(i === 0 ? rules : `(${rules})`);
    }
    return parts.join(' ');
  }
}
