// Who may do what, as the engine asks it: the ACL feature answers, and without it everybody is the
// default user, who may do everything. A user whose `isUnrestricted` is true is never asked about:
// that flag is all that a command costs where ACL is not used.
// https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/

import type { Args } from '../protocol/args.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';

/** A user as the engine sees it. */
export interface User {
  /** One character a byte. */
  readonly name: string;
  /** May run every command with every key and channel. */
  readonly isUnrestricted: boolean;
  /** RESTORE of this user is looked at less thoroughly: `skip-sanitize-payload`. */
  readonly skipsSanitizing?: boolean;
}

/**
 * Where a command was stopped. `exec`: when its transaction ran, after it had been queued; ACL LOG
 * calls that `multi` too, but the error reads otherwise.
 */
export type AccessContext = 'toplevel' | 'multi' | 'exec' | 'lua';

/** Decides for the engine and for the commands of connections. */
export interface AccessControl {
  /** The default user has no password, so that AUTH with a password alone is a mistake. */
  readonly isPasswordless: boolean;
  /** Makes a client that has come, or sent RESET, the default user's. */
  welcome(client: Client): void;
  /** True when the client may run nothing but what comes before authentication. */
  mustAuthenticate(client: Client): boolean;
  /**
   * Checks a password and makes the client that user's.
   * @param word the command by which it was tried, as it was sent: what ACL LOG shows
   */
  authenticate(client: Client, user: string, password: Uint8Array, word: string): boolean;
  hasUser(name: string): boolean;
  /**
   * Whether a restricted user's client may run a command.
   * @returns the refusal, which is then in ACL LOG, or null
   */
  refusal(client: Client, command: Command, args: Args, context: AccessContext): ReplyError | null;
  /** Whether a user may run a command, without note of it: redis.acl_check_cmd. */
  mayRun(user: User, command: Command, args: Args): boolean;
  /** True when the client may run the command and read every key: SORT with BY or GET. */
  readsAllKeys(client: Client, command: Command, args: Args): boolean;
}

/** The default user where there is no ACL. */
export const OPEN_USER: User = { name: 'default', isUnrestricted: true };

/** Everybody may do everything. */
export const openAccess: AccessControl = {
  isPasswordless: true,
  welcome(client) {
    client.user = OPEN_USER;
    client.authenticated = true;
  },
  mustAuthenticate: (client) => !client.authenticated,
  authenticate(client, user) {
    if (user !== OPEN_USER.name) return false;
    this.welcome(client);
    return true;
  },
  hasUser: (name) => name === OPEN_USER.name,
  refusal: () => null,
  mayRun: () => true,
  readsAllKeys: () => true,
};
