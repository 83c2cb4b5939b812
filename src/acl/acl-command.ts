// ACL: the users of the server and what was refused to them.
// https://redis.io/docs/latest/commands/acl/

import { Call } from '../engine/call.ts';
import { ACL_CATEGORIES } from '../engine/command.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import { replyHelp } from '../engine/help-reply.ts';
import { Args } from '../protocol/args.ts';
import {
  type ReplyError,
  replyError,
  wrongArity,
  wrongSubcommandUse,
} from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Random } from '../runtime/random.ts';
import type { Acl } from './acl.ts';
import { userLine } from './acl-file.ts';
import { DEFAULT_NAME } from './acl-users.ts';
import { categoryNamed } from './command-registry.ts';
import { ALLOWED } from './decision.ts';
import { hasSpaces } from './rule-errors.ts';
import type { Selector } from './selector.ts';

const ADMIN_FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const OPEN_FLAGS: readonly CommandFlag[] = ['noscript', 'loading', 'stale'];
const ON_ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded'];
const RESET = Call.word('RESET');
const MAX_PASSWORD_BITS = 4096;
const DEFAULT_PASSWORD_BITS = 256;
const DEFAULT_LOG_COUNT = 10;

const SPACES_IN_NAME = replyError("ERR Usernames can't contain spaces or null characters");
const DEFAULT_STAYS = replyError("ERR The 'default' user cannot be removed");
const NO_FILE = replyError(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via ' +
    'the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis ' +
    'configuration file set) in order to store users in the Redis configuration.',
);
const SAVE_FAILED = replyError(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
);
const BAD_BITS = replyError(
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number ' +
    `up to ${MAX_PASSWORD_BITS}`,
);

const HELP: readonly string[] = [
  'CAT [<category>]',
  '    List the categories of commands, or the commands of a category.',
  'DELUSER <username> [<username> ...]',
  '    Delete users and end their connections.',
  'DRYRUN <username> <command> [<arg> ...]',
  '    Tell whether a user may run a command, without running it.',
  'GETUSER <username>',
  '    Show the rules of a user.',
  'GENPASS [<bits>]',
  '    Make a password at random, of 256 bits unless told otherwise.',
  'LIST',
  '    Show all users as lines of a configuration file.',
  'LOAD',
  '    Read the users from the ACL file.',
  'LOG [<count> | RESET]',
  '    Show what was refused lately, or forget it.',
  'SAVE',
  '    Write the users to the ACL file.',
  'SETUSER <username> <attribute> [<attribute> ...]',
  '    Make a user, or change one by rules.',
  'USERS',
  '    List the names of all users.',
  'WHOAMI',
  '    Tell the user of this connection.',
];

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'arity' | 'run'> & Partial<CommandSpec>;

function subcommand(facts: Facts): CommandSpec {
  return { group: 'server', since: '6.0.0', complexity: 'O(1)', flags: ADMIN_FLAGS, ...facts };
}

/** The arguments from `first` on, one character a byte. */
function textsFrom(args: Args, first: number): string[] {
  const texts: string[] = [];
  for (let i = first; i < args.count; i++) texts.push(args.latin1(i));
  return texts;
}

function wrongUse(args: Args): ReplyError {
  return wrongSubcommandUse(args.shown(1), 'ACL');
}

function replyTexts(reply: ReplyWriter, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.bulkLatin1(text);
}

function runCat(acl: Acl, call: Call, args: Args): void {
  const { reply } = call;
  if (args.count === 2) {
    replyTexts(reply, ACL_CATEGORIES);
    return;
  }
  if (args.count > 3) {
    reply.error(wrongUse(args));
    return;
  }
  const category = categoryNamed(args.shown(2));
  if (category === null) {
    reply.error(replyError(`ERR Unknown category '${args.shown(2).slice(0, 128)}'`));
    return;
  }
  const { registry } = acl.users;
  replyTexts(
    reply,
    registry.inCategory(category).map(({ fullName }) => fullName),
  );
}

function runSetUser(acl: Acl, call: Call, args: Args): void {
  const name = args.latin1(2);
  if (hasSpaces(name)) {
    call.reply.error(SPACES_IN_NAME);
    return;
  }
  const error = acl.setUser(name, textsFrom(args, 3));
  if (error === null) call.reply.ok();
  else call.reply.error(replyError(`ERR ${error}`));
}

function runDelUser(acl: Acl, call: Call, args: Args): void {
  for (let i = 2; i < args.count; i++) {
    if (args.shown(i) !== DEFAULT_NAME) continue;
    call.reply.error(DEFAULT_STAYS);
    return;
  }
  let deleted = 0;
  for (const name of textsFrom(args, 2)) if (acl.deleteUser(name, call.client)) deleted++;
  call.reply.integer(deleted);
}

function writeSelector(reply: ReplyWriter, selector: Selector): void {
  reply.bulkLatin1('commands');
  reply.bulkLatin1(selector.describeCommands());
  reply.bulkLatin1('keys');
  reply.bulkLatin1(selector.describeKeys());
  reply.bulkLatin1('channels');
  reply.bulkLatin1(selector.describeChannels());
}

function runGetUser(acl: Acl, call: Call, args: Args): void {
  const { reply } = call;
  const user = acl.users.get(args.latin1(2));
  if (user === undefined) {
    reply.null();
    return;
  }
  reply.map(6);
  reply.bulkLatin1('flags');
  const { flagNames, passwords, root, selectors } = user;
  reply.set(flagNames.length);
  for (const flag of flagNames) reply.bulkLatin1(flag);
  reply.bulkLatin1('passwords');
  replyTexts(reply, passwords);
  writeSelector(reply, root);
  reply.bulkLatin1('selectors');
  reply.array(selectors.length - 1);
  for (const selector of selectors.slice(1)) {
    reply.map(3);
    writeSelector(reply, selector);
  }
}

function runDryRun(acl: Acl, call: Call, args: Args): void {
  const { reply, engine } = call;
  const user = acl.users.get(args.latin1(2));
  if (user === undefined) {
    reply.error(replyError(`ERR User '${args.shown(2)}' not found`));
    return;
  }
  const tried = new Args();
  for (let i = 3; i < args.count; i++) tried.push(args.offsets[i]!, args.lengths[i]!);
  tried.bytes = args.bytes;
  const command = engine.commands.resolve(tried);
  if (command === null) {
    reply.error(replyError(`ERR Command '${tried.shown(0)}' not found`));
    return;
  }
  if (!command.acceptsArity(tried.count)) {
    reply.error(wrongArity(command.fullName));
    return;
  }
  const result = acl.decide(user, command, tried);
  if (result === ALLOWED) reply.ok();
  else reply.bulkLatin1(acl.explain(user, result, command, tried, true));
}

function runGenPass(random: Random, call: Call, args: Args): void {
  if (args.count > 3) {
    call.reply.error(wrongUse(args));
    return;
  }
  const bits = args.count === 3 ? call.integer(2) : DEFAULT_PASSWORD_BITS;
  if (bits <= 0 || bits > MAX_PASSWORD_BITS) call.fail(BAD_BITS);
  if (call.failed()) return;
  call.reply.bulkLatin1(random.hex(Math.ceil(bits / 4)));
}

function runLog(acl: Acl, call: Call, args: Args): void {
  const { reply } = call;
  if (args.count > 3) {
    reply.error(wrongUse(args));
    return;
  }
  if (args.count === 3 && args.is(2, RESET)) {
    acl.log.clear();
    reply.ok();
    return;
  }
  const count = args.count === 3 ? call.integer(2) : DEFAULT_LOG_COUNT;
  if (call.failed()) return;
  const entries = acl.log.entries.slice(0, Math.max(0, count));
  reply.array(entries.length);
  for (const entry of entries) {
    reply.map(10);
    reply.bulkLatin1('count');
    reply.integer(entry.count);
    for (const field of ['reason', 'context', 'object', 'username'] as const) {
      reply.bulkLatin1(field);
      reply.bulkLatin1(entry[field]);
    }
    reply.bulkLatin1('age-seconds');
    reply.double((call.nowMs - entry.updatedMs) / 1000);
    reply.bulkLatin1('client-info');
    reply.bulkLatin1(entry.clientInfo);
    reply.bulkLatin1('entry-id');
    reply.integer(entry.id);
    reply.bulkLatin1('timestamp-created');
    reply.integer(entry.createdMs);
    reply.bulkLatin1('timestamp-last-updated');
    reply.integer(entry.updatedMs);
  }
}

function runLoad(acl: Acl, call: Call): void {
  const error = acl.hasFile ? acl.loadFile(call.client) : null;
  if (!acl.hasFile) call.reply.error(NO_FILE);
  else if (error === null) call.reply.ok();
  else call.reply.error(replyError(`ERR ${error}`));
}

function runSave(acl: Acl, call: Call): void {
  if (!acl.hasFile) call.reply.error(NO_FILE);
  else if (acl.saveFile()) call.reply.ok();
  else call.reply.error(SAVE_FAILED);
}

/** The subcommands about one user each. */
function userSubcommands(acl: () => Acl): CommandSpec[] {
  const username = { name: 'username', type: 'string' } as const;
  return [
    subcommand({
      name: 'deluser',
      summary: 'Deletes users and ends their connections.',
      complexity: 'O(1) amortized time considering the typical user.',
      arity: -3,
      tips: ON_ALL_NODES,
      args: [{ ...username, multiple: true }],
      replies: ['integer'],
      run: (call, args) => runDelUser(acl(), call, args),
    }),
    subcommand({
      name: 'dryrun',
      since: '7.0.0',
      summary: 'Tells whether a user may run a command.',
      complexity: 'O(1).',
      arity: -4,
      args: [
        username,
        { name: 'command', type: 'string' },
        { name: 'arg', type: 'string', optional: true, multiple: true },
      ],
      replies: ['simple-string', 'bulk-string'],
      run: (call, args) => runDryRun(acl(), call, args),
    }),
    subcommand({
      name: 'getuser',
      summary: 'Shows the rules of a user.',
      complexity:
        'O(N). Where N is the number of password, command and pattern rules that the user has.',
      arity: 3,
      args: [username],
      history: [
        ['6.2.0', 'Added Pub/Sub channel patterns.'],
        [
          '7.0.0',
          'Added selectors and changed the format of key and channel patterns from a list to ' +
            'their rule representation.',
        ],
      ],
      replies: ['map', 'null'],
      run: (call, args) => runGetUser(acl(), call, args),
    }),
    subcommand({
      name: 'setuser',
      summary: 'Makes a user, or changes one by rules.',
      complexity: 'O(N). Where N is the number of rules provided.',
      arity: -3,
      tips: ON_ALL_NODES,
      args: [username, { name: 'rule', type: 'string', optional: true, multiple: true }],
      history: [
        ['6.2.0', 'Added Pub/Sub channel patterns.'],
        ['7.0.0', 'Added selectors and key based permissions.'],
      ],
      replies: ['simple-string'],
      run: (call, args) => runSetUser(acl(), call, args),
    }),
  ];
}

/** The subcommands about all users. */
function listSubcommands(acl: () => Acl): CommandSpec[] {
  const complexity = 'O(N). Where N is the number of configured users.';
  return [
    subcommand({
      name: 'list',
      summary: 'Shows all users as lines of a configuration file.',
      complexity,
      arity: 2,
      replies: ['array'],
      run: (call) => replyTexts(call.reply, acl().users.all().map(userLine)),
    }),
    subcommand({
      name: 'load',
      summary: 'Reads the users from the ACL file.',
      complexity,
      arity: 2,
      replies: ['simple-string'],
      run: (call) => runLoad(acl(), call),
    }),
    subcommand({
      name: 'save',
      summary: 'Writes the users to the ACL file.',
      complexity,
      arity: 2,
      tips: ON_ALL_NODES,
      replies: ['simple-string'],
      run: (call) => runSave(acl(), call),
    }),
    subcommand({
      name: 'users',
      summary: 'Lists the names of all users.',
      complexity,
      arity: 2,
      replies: ['array'],
      run: (call) =>
        replyTexts(
          call.reply,
          acl()
            .users.all()
            .map(({ name }) => name),
        ),
    }),
  ];
}

function otherSubcommands(acl: () => Acl, random: Random): CommandSpec[] {
  return [
    subcommand({
      name: 'cat',
      summary: 'Lists the categories of commands, or the commands of a category.',
      complexity: 'O(1) since the categories and commands are a fixed set.',
      arity: -2,
      flags: OPEN_FLAGS,
      args: [{ name: 'category', type: 'string', optional: true }],
      replies: ['array'],
      run: (call, args) => runCat(acl(), call, args),
    }),
    subcommand({
      name: 'genpass',
      summary: 'Makes a password that nobody can guess.',
      arity: -2,
      flags: OPEN_FLAGS,
      args: [{ name: 'bits', type: 'integer', optional: true }],
      replies: ['bulk-string'],
      run: (call, args) => runGenPass(random, call, args),
    }),
    subcommand({
      name: 'help',
      summary: 'Lists what ACL can do.',
      arity: 2,
      flags: ['loading', 'stale'],
      replies: ['array'],
      run: (call) => replyHelp(call, 'ACL', HELP),
    }),
    subcommand({
      name: 'log',
      summary: 'Shows what was refused lately.',
      complexity: 'O(N) with N being the number of entries shown.',
      arity: -2,
      args: [
        {
          name: 'operation',
          type: 'oneof',
          optional: true,
          args: [
            { name: 'count', type: 'integer' },
            { name: 'reset', type: 'pure-token', token: 'RESET' },
          ],
        },
      ],
      history: [['7.2.0', 'Added entry ID, timestamp created, and timestamp last updated.']],
      replies: ['array', 'simple-string'],
      run: (call, args) => runLog(acl(), call, args),
    }),
    subcommand({
      name: 'whoami',
      summary: 'Tells the user of the connection.',
      arity: 2,
      flags: OPEN_FLAGS,
      replies: ['bulk-string'],
      run: (call) => call.reply.bulkLatin1(call.client.user.name),
    }),
  ];
}

/**
 * ACL over the users of one server.
 * @param acl gives them; they are made after the commands, whose numbers they need
 */
export function aclCommand(acl: () => Acl, random: Random): CommandSpec {
  return {
    name: 'acl',
    group: 'server',
    since: '6.0.0',
    summary: 'Holds the commands for users and what they may do.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      ...userSubcommands(acl),
      ...listSubcommands(acl),
      ...otherSubcommands(acl, random),
    ],
  };
}
