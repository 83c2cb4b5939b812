// ACL of one server: its users, what they may do, what was refused. The engine asks it as its
// AccessControl; the ACL command and the configuration change it.

import { latin1Bytes, untilNul } from '../bytes/ascii.ts';
import type { Config } from '../config/config.ts';
import type { ConfigDisk } from '../config/disk.ts';
import type { AccessContext, AccessControl, User } from '../engine/access.ts';
import { type Client, MODE_MULTI } from '../engine/client.ts';
import { describeClient } from '../engine/client-line.ts';
import type { Command } from '../engine/command.ts';
import type { Engine } from '../engine/engine.ts';
import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import { declareUsers, fileText, parseAclFile, userLine } from './acl-file.ts';
import { AclLog, type DeniedReason } from './acl-log.ts';
import type { AclUser } from './acl-user.ts';
import { AclUsers } from './acl-users.ts';
import { CommandRegistry } from './command-registry.ts';
import {
  ALLOWED,
  coversChannel,
  DENIED_CHANNEL,
  DENIED_COMMAND,
  DENIED_KEY,
  Decider,
} from './decision.ts';

/** How often something was refused since the start, as INFO stats counts it. */
export interface DenialCounters {
  aclDeniedAuth: number;
  aclDeniedCommand: number;
  aclDeniedKey: number;
  aclDeniedChannel: number;
}

export interface AclParts {
  readonly engine: Engine;
  readonly config: Config;
  readonly disk: ConfigDisk;
  readonly counters: DenialCounters;
  readonly log: (level: 'notice' | 'warning', text: string) => void;
}

/** The users of the configuration cannot be used; the reasons are in the log. */
export class AclStartError extends Error {
  readonly code = 'ACL_START';
}

const BOTH_PLACES =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is ' +
  'invalid. This setup is very likely to lead to configuration errors and security holes, please ' +
  'define either an ACL file or declare users directly in your redis.conf, but not both.';
const EXEC_REASONS: Readonly<Record<number, string>> = {
  [DENIED_COMMAND]: 'no permission to execute the command or subcommand',
  [DENIED_KEY]: 'no permission to touch the specified keys',
  [DENIED_CHANNEL]: 'no permission to access one of the channels used as arguments',
};

export class Acl implements AccessControl {
  readonly users: AclUsers;
  readonly log: AclLog = new AclLog();
  readonly #parts: AclParts;
  readonly #decider: Decider;

  constructor(parts: AclParts) {
    this.#parts = parts;
    const { engine, config } = parts;
    const registry = new CommandRegistry(engine.commands);
    this.users = new AclUsers({
      registry,
      allChannelsByDefault: () => config.values['acl-pubsub-default'] === 'allchannels',
    });
    this.#decider = new Decider(registry);
    config.follow(['requirepass'], ({ requirepass }) => this.#setDefaultPassword(requirepass));
  }

  /** requirepass is the only password of the default user from then on; '' takes all away. */
  #setDefaultPassword(password: string): void {
    const { defaultUser } = this.users;
    defaultUser.apply('resetpass');
    defaultUser.apply(password === '' ? 'nopass' : `>${password}`);
  }

  /**
   * Loads the users of the configuration, when the server starts.
   * @param declared the words of the `user` lines behind `user`
   * @throws AclStartError
   */
  load(declared: readonly (readonly string[])[]): void {
    const { log } = this.#parts;
    const fail = (text: string): never => {
      log('warning', text);
      throw new AclStartError(text);
    };
    const hasFile = this.#parts.config.values.aclfile !== '';
    if (hasFile && declared.length > 0) fail(BOTH_PLACES);
    const isFine = declareUsers(this.users, declared, {
      notice: (text) => log('notice', text),
      warning: (text) => log('warning', text),
    });
    if (!isFine) fail('Critical error while loading ACLs. Exiting.');
    const errors = hasFile ? this.loadFile(null) : null;
    if (errors !== null) fail(`Aborting Redis startup because of ACL errors: ${errors}`);
  }

  // --- files
  // -------------------------------------------------------------------------------------------------------

  #path(): string {
    const { disk, config } = this.#parts;
    return disk.resolvePath(config.values.aclfile, config.values.dir);
  }

  /** True when there is an ACL file. */
  get hasFile(): boolean {
    return this.#parts.config.values.aclfile !== '';
  }

  /**
   * ACL LOAD: makes the users those of the ACL file, or changes nothing.
   * @param by the client that asks: it gets its reply even if its user is gone
   * @returns what is wrong with the file, or null
   */
  loadFile(by: Client | null): string | null {
    const { disk, config } = this.#parts;
    const { aclfile } = config.values;
    const result = disk.read(this.#path());
    if ('error' in result) return `Error loading ACLs, opening file '${aclfile}': ${result.error}`;
    const users = parseAclFile(this.users, aclfile, result.text);
    if (typeof users === 'string') return users;
    for (const user of this.users.replaceAll(users)) this.#killClients(user, by);
    return null;
  }

  /** ACL SAVE. @returns false when it failed; the reason is in the log. */
  saveFile(): boolean {
    const reason = this.#parts.disk.writeAtomically(this.#path(), fileText(this.users));
    if (reason !== null) this.#parts.log('warning', `Writing ACL file for ACL SAVE: ${reason}`);
    return reason === null;
  }

  /** The `user` lines of redis.conf: none where the users are in a file of their own. */
  configLines(): string[] {
    return this.hasFile ? [] : this.users.all().map(userLine);
  }

  // --- changes
  // -----------------------------------------------------------------------------------------------------

  /** ACL SETUSER. @returns the text of the error, or null. */
  setUser(name: string, words: readonly string[]): string | null {
    const changed = this.users.withRules(name, words);
    if (typeof changed === 'string') return changed;
    const user = this.users.get(name);
    if (user === undefined) {
      this.users.add(changed);
      return null;
    }
    this.#killSubscribers(user, changed);
    user.take(changed);
    return null;
  }

  /** ACL DELUSER of one user. @returns false when there is none of that name. */
  deleteUser(name: string, by: Client): boolean {
    const user = this.users.remove(name);
    if (user === undefined) return false;
    this.#killClients(user, by);
    return true;
  }

  /** Ends all connections of a user; the one that asked gets its reply first. */
  #killClients(user: AclUser, by: Client | null): void {
    for (const client of [...this.#parts.engine.clients.all()]) {
      if (client.user !== user) continue;
      // Whatever still runs for it has no rights any more.
      client.user = this.users.defaultUser;
      client.authenticated = false;
      if (client === by) client.closing = true;
      else client.transport.close(client, false);
    }
  }

  /** Ends the connections that are subscribed to what the changed user may not hear any more. */
  #killSubscribers(user: AclUser, changed: AclUser): void {
    if (changed.selectors.some(({ allChannels }) => allChannels)) return;
    const open = changed.selectors.flatMap(({ channels }) => channels);
    const loses = user.selectors.some(
      ({ allChannels, channels }) =>
        allChannels || channels.some(({ text }) => open.every((pattern) => pattern.text !== text)),
    );
    if (!loses) return;
    const isCovered = (name: string, isPattern: boolean): boolean =>
      coversChannel(open, latin1Bytes(name), isPattern);
    for (const client of [...this.#parts.engine.clients.all()]) {
      const { subscriptions } = client;
      if (client.user !== user || subscriptions === null) continue;
      const { patterns, channels, shards } = subscriptions;
      const keeps =
        [...patterns].every((name) => isCovered(name, true)) &&
        [...channels, ...shards].every((name) => isCovered(name, false));
      if (!keeps) client.transport.close(client, false);
    }
  }

  // --- what the engine asks
  // ----------------------------------------------------------------------------------------

  get isPasswordless(): boolean {
    return this.users.defaultUser.isPasswordless;
  }

  /** A client that has just come is the default user, when that one may come without a password. */
  #isOpen(): boolean {
    const { isPasswordless, isOn } = this.users.defaultUser;
    return isPasswordless && isOn;
  }

  welcome(client: Client): void {
    client.user = this.users.defaultUser;
    client.authenticated = this.#isOpen();
  }

  mustAuthenticate(client: Client): boolean {
    return !client.authenticated && !this.#isOpen();
  }

  authenticate(client: Client, name: string, password: Uint8Array, word: string): boolean {
    const user = this.users.get(name);
    if (user?.accepts(password) === true) {
      client.user = user;
      client.authenticated = true;
      return true;
    }
    this.#parts.counters.aclDeniedAuth++;
    const context = (client.modes & MODE_MULTI) !== 0 ? 'multi' : 'toplevel';
    this.#note(client, 'auth', context, word, name);
    return false;
  }

  hasUser(name: string): boolean {
    return this.users.get(name) !== undefined;
  }

  refusal(client: Client, command: Command, args: Args, context: AccessContext): ReplyError | null {
    const user = client.user as AclUser;
    const result = this.decide(user, command, args);
    if (result === ALLOWED) return null;
    this.#noteDenial(client, result, context, this.#objectOf(result, command, args));
    if (context === 'exec') {
      return replyError(
        'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC ' +
          'call. This command is no longer allowed for the following reason: ' +
          `${EXEC_REASONS[result] ?? 'no permission'}`,
      );
    }
    const text = untilNul(this.explain(user, result, command, args, false));
    return replyError(`NOPERM ${text}`);
  }

  mayRun(user: User, command: Command, args: Args): boolean {
    return this.decide(user as AclUser, command, args) === ALLOWED;
  }

  readsAllKeys(client: Client, command: Command, args: Args): boolean {
    const user = client.user as AclUser;
    return user.isUnrestricted || this.#decider.readsAllKeys(user, command, args);
  }

  /** Whether a user may run a command: ALLOWED, or what is denied. */
  decide(user: AclUser, command: Command, args: Args): number {
    return user.isUnrestricted ? ALLOWED : this.#decider.decide(user, command, args);
  }

  /** What the last decision was about. */
  #objectOf(result: number, command: Command, args: Args): string {
    if (result === DENIED_COMMAND) return this.users.registry.nameOf(command);
    return args.latin1(this.#decider.deniedIndex);
  }

  /**
   * The sentence about a refusal that `decide` has just given.
   * @param verbose names the key or channel, as only who may ask about others' rights shall know it
   */
  explain(user: AclUser, result: number, command: Command, args: Args, verbose: boolean): string {
    const object = this.#objectOf(result, command, args);
    if (result === DENIED_COMMAND) {
      return `User ${user.name} has no permissions to run the '${object}' command`;
    }
    const kind = result === DENIED_KEY ? 'key' : 'channel';
    if (!verbose) return `No permissions to access a ${kind}`;
    return `User ${user.name} has no permissions to access the '${object}' ${kind}`;
  }

  #noteDenial(client: Client, result: number, context: AccessContext, object: string): void {
    const { counters } = this.#parts;
    let reason: DeniedReason = 'command';
    if (result === DENIED_KEY) {
      counters.aclDeniedKey++;
      reason = 'key';
    } else if (result === DENIED_CHANNEL) {
      counters.aclDeniedChannel++;
      reason = 'channel';
    } else counters.aclDeniedCommand++;
    this.#note(client, reason, context, object, client.user.name);
  }

  #note(
    client: Client,
    reason: DeniedReason,
    context: AccessContext,
    object: string,
    username: string,
  ): void {
    const { engine, config } = this.#parts;
    const { nowMs } = engine.keyspace;
    const denial = {
      reason,
      context: context === 'exec' ? ('multi' as const) : context,
      object,
      username,
      clientInfo: describeClient(client, nowMs),
    };
    this.log.add(denial, nowMs, config.values['acllog-max-len']);
  }
}
