// The users of a server by name. Changes are made to a copy first, so that a user is never left
// with half of its rules.

import { untilNul } from '../bytes/ascii.ts';
import { AclUser, type UserSettings } from './acl-user.ts';
import type { CommandRegistry } from './command-registry.ts';
import { joinSelectors } from './rule-words.ts';

export const DEFAULT_NAME = 'default';

const DEFAULT_RULES = ['+@all', '~*', '&*', 'on', 'nopass'];

export class AclUsers {
  readonly registry: CommandRegistry;
  /** The user of every client that has not authenticated. It lives as long as the server. */
  readonly defaultUser: AclUser;
  readonly #settings: UserSettings;
  #byName: Map<string, AclUser> = new Map();

  constructor(settings: UserSettings) {
    this.registry = settings.registry;
    this.#settings = settings;
    this.defaultUser = this.makeDefault();
    this.#byName.set(DEFAULT_NAME, this.defaultUser);
  }

  /** A user that nobody can come as yet, not among the others. */
  make(name: string): AclUser {
    return new AclUser(name, this.#settings);
  }

  /** The default user as it is where nobody says otherwise, not among the others. */
  makeDefault(): AclUser {
    const user = this.make(DEFAULT_NAME);
    for (const rule of DEFAULT_RULES) user.apply(rule);
    return user;
  }

  get(name: string): AclUser | undefined {
    return this.#byName.get(name);
  }

  /** All users by their names' bytes. */
  all(): AclUser[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(user: AclUser): void {
    this.#byName.set(user.name, user);
  }

  /** Takes a user out. @returns it, or undefined when there was none. */
  remove(name: string): AclUser | undefined {
    const user = this.#byName.get(name);
    if (name !== DEFAULT_NAME) this.#byName.delete(name);
    return name === DEFAULT_NAME ? undefined : user;
  }

  /**
   * Puts other users in the place of all. The default user stays the same object and takes over the
   * rules of the one that is among them, or becomes open again.
   * @returns the users that are gone, those with a namesake among the new ones too
   */
  replaceAll(users: readonly AclUser[]): AclUser[] {
    const gone = this.all().filter((user) => user !== this.defaultUser);
    const givenDefault = users.find(({ name }) => name === DEFAULT_NAME);
    this.defaultUser.take(givenDefault ?? this.makeDefault());
    this.#byName = new Map([[DEFAULT_NAME, this.defaultUser]]);
    for (const user of users) if (user.name !== DEFAULT_NAME) this.add(user);
    return gone;
  }

  /**
   * A user with further rules, as a copy that is not among the others yet.
   * @returns the copy, or the text of the error
   */
  withRules(name: string, words: readonly string[]): AclUser | string {
    const joined = joinSelectors(words);
    if ('openAt' in joined) {
      return `Unmatched parenthesis in acl selector starting at '${untilNul(words[joined.openAt] ?? '')}'.`;
    }
    const copy = this.make(name);
    const known = this.get(name);
    if (known !== undefined) copy.take(known);
    for (const rule of joined.rules) {
      const refusal = copy.apply(rule);
      if (refusal !== null) return `Error in ACL SETUSER modifier '${untilNul(rule)}': ${refusal}`;
    }
    return copy;
  }
}
