// Users: what their rules open, who is let in, what is refused and noted, and the files they come
// from. Texts and decisions are compared with the real server by the oracle's group `acl`; here
// stands what 7.2 does otherwise than the oracle's 7.0, and what has no reply.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bitmapCommands } from '../commands/bitmap/index.ts';
import { connectionCommands } from '../commands/connection/index.ts';
import { keyCommands } from '../commands/keys/index.ts';
import { listCommands } from '../commands/list/index.ts';
import { stringCommands } from '../commands/string/index.ts';
import { MODE_MULTI } from '../engine/client.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import { Args } from '../protocol/args.ts';
import { AclHarness } from './testing/acl-harness.ts';

/** Stands for a command of pub/sub: only its name and arguments matter here. */
function channelCommand(name: string, arity: number): CommandSpec {
  return {
    name,
    group: 'pubsub',
    since: '2.0.0',
    summary: '',
    complexity: 'O(1)',
    arity,
    flags: ['pubsub', 'noscript', 'loading', 'stale'],
    run: (call) => call.reply.ok(),
  };
}

const commands = [
  ...bitmapCommands,
  ...connectionCommands,
  ...keyCommands,
  ...listCommands,
  ...stringCommands,
  channelCommand('publish', 3),
  channelCommand('spublish', 3),
  channelCommand('subscribe', -2),
  channelCommand('ssubscribe', -2),
  channelCommand('psubscribe', -2),
  channelCommand('unsubscribe', -1),
];

const NO_KEY = 'NOPERM No permissions to access a key';
const NO_CHANNEL = 'NOPERM No permissions to access a channel';

const noCommand = (user: string, command: string): string =>
  `NOPERM User ${user} has no permissions to run the '${command}' command`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A harness with a user `u` who is on, without a password, and has further rules. */
function withUser(...rules: string[]): AclHarness {
  const h = new AclHarness(commands);
  expect(h.run('ACL', 'SETUSER', 'u', 'on', 'nopass', ...rules)).toBe('OK');
  return h;
}

describe('what rules open', () => {
  it('commands and subcommands', () => {
    const h = withUser('~*', '+get', '+client|id', '+select|1');
    expect(h.as('u', 'GET', 'a')).toBe(null);
    expect(h.as('u', 'SET', 'a', '1')).toBe(noCommand('u', 'set'));
    expect(h.as('u', 'CLIENT', 'ID')).toBeTypeOf('number');
    expect(h.as('u', 'CLIENT', 'GETNAME')).toBe(noCommand('u', 'client|getname'));
    expect(h.as('u', 'SELECT', '1')).toBe('OK');
    expect(h.as('u', 'SELECT', '0')).toBe(noCommand('u', 'select'));
    h.run('ACL', 'SETUSER', 'u', '+echo|\xc0x');
    expect(h.as('u', 'ECHO', '\xc0X')).toBe('\xc0X');
    // Letters beyond ASCII have no case.
    expect(h.as('u', 'ECHO', '\xe0x')).toBe(noCommand('u', 'echo'));
    // A container alone is no command, whoever calls it.
    expect(h.as('u', 'CLIENT')).toBe("ERR wrong number of arguments for 'client' command");
  });

  it('keys, for reading and for writing', () => {
    const h = withUser('+@all', '%R~r*', '%W~w*', '~rw*');
    expect(h.as('u', 'GET', 'r1')).toBe(null);
    expect(h.as('u', 'GET', 'w1')).toBe(NO_KEY);
    expect(h.as('u', 'SET', 'w1', 'x')).toBe('OK');
    expect(h.as('u', 'SET', 'w1', 'x', 'GET')).toBe(NO_KEY);
    expect(h.as('u', 'SET', 'rw1', 'x', 'GET')).toBe(null);
    expect(h.as('u', 'COPY', 'r1', 'w2')).toBe(0);
    expect(h.as('u', 'COPY', 'w1', 'r1')).toBe(NO_KEY);
    expect(h.as('u', 'BITFIELD', 'r1', 'GET', 'u8', '0')).toEqual([0]);
    expect(h.as('u', 'BITFIELD', 'r1', 'SET', 'u8', '0', '1')).toBe(NO_KEY);
    expect(h.as('u', 'MGET', 'r1', 'x')).toBe(NO_KEY);
    expect(h.as('u', 'PING')).toBe('PONG');
  });

  it('channels, patterns only by their like', () => {
    const h = withUser('+@all', '~*', 'resetchannels', '&ch*', '&news.?');
    expect(h.as('u', 'PUBLISH', 'ch1', 'x')).toBe('OK');
    expect(h.as('u', 'SPUBLISH', 'other', 'ch1')).toBe(NO_CHANNEL);
    expect(h.as('u', 'SUBSCRIBE', 'ch1', 'news.x')).toBe('OK');
    expect(h.as('u', 'SUBSCRIBE', 'ch1', 'other')).toBe(NO_CHANNEL);
    expect(h.as('u', 'SSUBSCRIBE', 'other')).toBe(NO_CHANNEL);
    expect(h.as('u', 'PSUBSCRIBE', 'ch*')).toBe('OK');
    expect(h.as('u', 'PSUBSCRIBE', 'ch1')).toBe(NO_CHANNEL);
    expect(h.as('u', 'UNSUBSCRIBE', 'other')).toBe('OK');
  });

  it('selectors, each alone', () => {
    const h = withUser('-@all', '(+get ~r*)', '(+set', '~w*)');
    expect(h.as('u', 'GET', 'r')).toBe(null);
    expect(h.as('u', 'SET', 'w', '1')).toBe('OK');
    expect(h.as('u', 'GET', 'w')).toBe(NO_KEY);
    expect(h.as('u', 'SET', 'r', '1')).toBe(NO_KEY);
    expect(h.as('u', 'DEL', 'r')).toBe(noCommand('u', 'del'));
    h.run('ACL', 'SETUSER', 'u', 'clearselectors');
    expect(h.as('u', 'GET', 'r')).toBe(noCommand('u', 'get'));
  });

  it('SORT with BY or GET only for who may read every key', () => {
    const h = withUser('(+sort ~list %W~*)');
    h.run('RPUSH', 'list', '1');
    const denied = (option: string): string =>
      `ERR ${option} option of SORT denied due to insufficient ACL permissions.`;
    expect(h.as('u', 'SORT', 'list')).toEqual(['1']);
    expect(h.as('u', 'SORT', 'list', 'BY', 'v*')).toBe(denied('BY'));
    expect(h.as('u', 'SORT', 'list', 'BY', 'nosort')).toEqual(['1']);
    expect(h.as('u', 'SORT', 'list', 'GET', '#')).toBe(denied('GET'));
    h.run('ACL', 'SETUSER', 'u', '(+sort %R~*)');
    expect(h.as('u', 'SORT', 'list', 'BY', 'v*', 'GET', '#')).toEqual(['1']);
  });

  it('nothing that comes with another name', () => {
    const h = withUser('+@all', '~*');
    const { commands: table } = h.harness.engine;
    table.rename('get', 'fetch');
    table.rename('client', 'customer');
    h.run('ACL', 'SETUSER', 'u', '-get', '-client|id');
    expect(h.as('u', 'FETCH', 'a')).toBe(noCommand('u', 'get'));
    expect(h.as('u', 'CUSTOMER', 'ID')).toBe(noCommand('u', 'client|id'));
    expect(h.as('u', 'CUSTOMER', 'GETNAME')).toBe(null);
  });

  it('what comes before AUTH to everybody', () => {
    const h = withUser('-@all');
    expect(h.as('u', 'RESET')).toBe('RESET');
    expect(h.as('u', 'PING')).toBe(noCommand('u', 'ping'));
  });
});

describe('who is let in', () => {
  it('whoever has one of the passwords', () => {
    const h = withUser('>one', `#${sha256('two')}`);
    const stranger = h.connect();
    const login = (user: string, password: string): unknown => {
      stranger.replies.length = 0;
      stranger.send('AUTH', user, password);
      return stranger.replies[0];
    };
    const wrong = { error: 'WRONGPASS invalid username-password pair or user is disabled.' };
    expect(login('u', 'one')).toBe('OK');
    expect(login('u', 'two')).toBe('OK');
    expect(login('u', 'three')).toEqual(wrong);
    expect(login('nobody', 'one')).toEqual(wrong);
    expect(stranger.client.user.name).toBe('u');
    h.run('ACL', 'SETUSER', 'u', '<one', 'off');
    expect(login('u', 'two')).toEqual(wrong);
    expect(h.counters.aclDeniedAuth).toBe(3);
    expect(h.acl.users.get('u')?.passwords).toEqual([sha256('two')]);
  });

  it('nobody without AUTH once the default user has a password', async () => {
    const h = new AclHarness(commands);
    const early = h.connect();
    await h.config.set([['requirepass', 'pw']], { local: true, loading: false });
    const late = h.connect();
    late.send('GET', 'a');
    early.send('GET', 'a');
    late.send('AUTH', 'no');
    late.send('HELLO', '2', 'AUTH', 'default', 'pw');
    late.send('GET', 'a');
    expect(early.replies).toEqual([null]);
    const [refused, wrong, , found] = late.replies;
    expect(refused).toEqual({ error: 'NOAUTH Authentication required.' });
    expect(wrong).toEqual({
      error: 'WRONGPASS invalid username-password pair or user is disabled.',
    });
    expect(found).toBe(null);
    late.send('RESET');
    late.send('GET', 'a');
    expect(late.replies.at(-1)).toEqual({ error: 'NOAUTH Authentication required.' });
  });

  it('everybody again when the default user is open, nobody when it is off', () => {
    const h = new AclHarness(commands);
    h.run('ACL', 'SETUSER', 'default', '>pw');
    const stranger = h.connect();
    stranger.send('GET', 'a');
    h.run('ACL', 'SETUSER', 'default', 'nopass');
    stranger.send('GET', 'a');
    h.run('ACL', 'SETUSER', 'default', 'off');
    stranger.send('GET', 'a');
    const refused = { error: 'NOAUTH Authentication required.' };
    expect(stranger.replies).toEqual([refused, null, refused]);
  });
});

describe('who must go', () => {
  it('clients of a deleted user, the one that asked after its reply', () => {
    const h = withUser('+@all', '~*', '&*');
    const [own, other, stranger] = [h.connect('u'), h.connect('u'), h.connect()];
    own.send('ACL', 'DELUSER', 'u', 'nobody');
    expect(own.replies).toEqual([1]);
    expect([own.client.closing, other.client.closing]).toEqual([true, true]);
    expect(stranger.client.closing).toBe(false);
    expect(other.client.authenticated).toBe(false);
    expect(h.run('ACL', 'USERS')).toEqual(['default']);
  });

  it('subscribers that lose what they are subscribed to', () => {
    const h = withUser('+@all', 'allchannels');
    const [keeps, loses, pattern] = [h.connect('u'), h.connect('u'), h.connect('u')];
    const none = { channels: new Set<string>(), patterns: new Set<string>() };
    keeps.client.subscriptions = { ...none, shards: new Set(['ch1']) };
    loses.client.subscriptions = { ...none, shards: new Set(), channels: new Set(['other']) };
    pattern.client.subscriptions = { ...none, shards: new Set(), patterns: new Set(['ch1*']) };
    h.run('ACL', 'SETUSER', 'u', '+get');
    expect(loses.client.closing).toBe(false);
    h.run('ACL', 'SETUSER', 'u', 'resetchannels', '&ch*');
    const gone = [keeps, loses, pattern].map(({ client }) => client.closing);
    expect(gone).toEqual([false, true, true]);
  });
});

describe('how users are shown', () => {
  it('with the rules that were given, those made void left out', () => {
    const h = withUser('>p', '%RW~a*', '%R~b', '&c', '+@READ', '-get', '+client|id', '-client');
    h.run('ACL', 'SETUSER', 'u', '+Get', '+select|A', '(~x +@all -set)');
    const line =
      `user u on sanitize-payload #${sha256('p')} ~a* %R~b resetchannels &c ` +
      '-@all +@read -client +get +select|a (~x resetchannels +@all -set)';
    expect(h.run('ACL', 'LIST')).toEqual([
      'user default on nopass sanitize-payload ~* &* +@all',
      line,
    ]);
    h.harness.client.resp3 = true;
    expect(h.run('ACL', 'GETUSER', 'u')).toEqual({
      map: [
        ['flags', { set: ['on', 'sanitize-payload'] }],
        ['passwords', [sha256('p')]],
        ['commands', '-@all +@read -client +get +select|a'],
        ['keys', '~a* %R~b'],
        ['channels', '&c'],
        [
          'selectors',
          [
            {
              map: [
                ['commands', '+@all -set'],
                ['keys', '~x'],
                ['channels', ''],
              ],
            },
          ],
        ],
      ],
    });
  });

  it('so that the line makes the same user again', () => {
    const h = withUser('+@all', '-@write', '+set', '%R~a', '~b*', '&c', '(+get ~x)', '>p');
    const line = h.acl.users.get('u')?.describe() ?? '';
    expect(h.run('ACL', 'SETUSER', 'v', ...line.split(' '))).toBe('OK');
    expect(h.acl.users.get('v')?.describe()).toBe(line);
  });

  it('as new users and selectors are since acl-pubsub-default', async () => {
    const h = withUser();
    const by = { local: true, loading: false };
    await h.config.set([['acl-pubsub-default', 'allchannels']], by);
    h.run('ACL', 'SETUSER', 'v', '()');
    h.run('ACL', 'SETUSER', 'u', 'reset');
    const shown = ['u', 'v'].map((name) => h.acl.users.get(name)?.describe());
    expect(shown).toEqual([
      'off sanitize-payload &* -@all',
      'off sanitize-payload &* -@all (&* -@all)',
    ]);
  });
});

describe('rules that are refused', () => {
  it('leave the user as it was', () => {
    const h = withUser('+get', '~a');
    const before = h.run('ACL', 'LIST');
    expect(h.run('ACL', 'SETUSER', 'u', '+set', '+nosuch')).toEqual({
      error: "ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL",
    });
    expect(h.run('ACL', 'SETUSER', 'new', 'bogus')).toHaveProperty('error');
    expect(h.run('ACL', 'LIST')).toEqual(before);
  });

  it('an open parenthesis within an open selector belongs to it, since 7.2', () => {
    const h = withUser();
    expect(h.run('ACL', 'SETUSER', 'u', '(+get', '(+set', 'x')).toEqual({
      error: "ERR Unmatched parenthesis in acl selector starting at '(+get'.",
    });
  });
});

describe('DRYRUN', () => {
  it('names what is denied', () => {
    const h = withUser('+get', '+publish', '~a');
    const dry = (...call: string[]): unknown => h.run('ACL', 'DRYRUN', 'u', ...call);
    expect(dry('GET', 'a')).toBe('OK');
    expect(dry('GET', 'b')).toBe("User u has no permissions to access the 'b' key");
    expect(dry('SET', 'a', '1')).toBe("User u has no permissions to run the 'set' command");
    expect(dry('PUBLISH', 'c', 'x')).toBe("User u has no permissions to access the 'c' channel");
    expect(h.acl.log.entries).toEqual([]);
  });
});

describe('ACL LOG', () => {
  const fieldsOf = (reply: unknown): string[] =>
    (reply as unknown[][]).map((entry) => [1, 3, 5, 7, 9].map((i) => String(entry[i])).join(' '));

  it('tells a wrong password inside a transaction from others', () => {
    const h = withUser('+get');
    const { client } = h.connect('u');
    client.modes |= MODE_MULTI;
    h.harness.engine.access.authenticate(client, 'x', Buffer.from('y'), 'AUTH');
    expect(fieldsOf(h.run('ACL', 'LOG'))).toEqual(['1 auth multi AUTH x']);
  });

  it('counts the same refusal within a minute, and shows the newest first', () => {
    const h = withUser('+get', '+publish', '~a');
    h.as('u', 'GET', 'b');
    h.as('u', 'SET', 'a', '1');
    h.as('u', 'GET', 'b');
    h.as('u', 'PUBLISH', 'c', 'x');
    h.as('u', 'Hello', '2', 'AUTH', 'x', 'y');
    expect(fieldsOf(h.run('ACL', 'LOG'))).toEqual([
      '1 auth toplevel Hello x',
      '1 channel toplevel c u',
      '2 key toplevel b u',
      '1 command toplevel set u',
    ]);
    h.harness.clock.advance(60_001);
    h.as('u', 'GET', 'b');
    expect(fieldsOf(h.run('ACL', 'LOG', '1'))).toEqual(['1 key toplevel b u']);
    expect(h.counters).toEqual({
      aclDeniedAuth: 1,
      aclDeniedCommand: 1,
      aclDeniedKey: 3,
      aclDeniedChannel: 1,
    });
  });

  it('tells when and who, and numbers its entries beyond RESET', () => {
    const h = withUser('+get');
    h.as('u', 'GET', 'a');
    h.harness.clock.advance(1500);
    h.as('u', 'GET', 'a');
    h.harness.clock.advance(250);
    const { ms } = h.harness.clock;
    const [entry] = h.run('ACL', 'LOG') as unknown[][];
    expect(entry?.slice(10, 12)).toEqual(['age-seconds', '0.25']);
    expect(entry?.[13]).toMatch(/^id=\d+ addr=127\.0\.0\.1:1 .* cmd=get user=u /);
    expect(entry?.slice(14)).toEqual([
      'entry-id',
      0,
      'timestamp-created',
      ms - 1750,
      'timestamp-last-updated',
      ms - 250,
    ]);
    expect(h.run('ACL', 'LOG', 'RESET')).toBe('OK');
    h.as('u', 'GET', 'a');
    expect((h.run('ACL', 'LOG') as unknown[][])[0]?.[15]).toBe(1);
  });

  it('keeps acllog-max-len entries', async () => {
    const h = withUser('+get');
    await h.config.set([['acllog-max-len', '2']], { local: true, loading: false });
    for (const key of ['a', 'b', 'c']) h.as('u', 'GET', key);
    expect(h.acl.log.entries.map(({ object }) => object)).toEqual(['c', 'b']);
  });

  it('tells transactions and scripts from the rest', () => {
    const h = withUser('-@all');
    const { client } = h.connect('u');
    const { access, commands: table } = h.harness.engine;
    const get = table.get('get');
    if (get === undefined) throw new Error('GET is missing');
    const args = new Args();
    args.set(['GET', 'a']);
    const texts = (['multi', 'exec', 'lua'] as const).map(
      (context) => access.refusal(client, get, args, context)?.text,
    );
    const reason = 'no permission to execute the command or subcommand';
    expect(texts).toEqual([
      noCommand('u', 'get'),
      'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC ' +
        `call. This command is no longer allowed for the following reason: ${reason}`,
      noCommand('u', 'get'),
    ]);
    const contexts = h.acl.log.entries.map(({ context, count }) => `${context} ${count}`);
    expect(contexts).toEqual(['lua 1', 'multi 2']);
  });
});
