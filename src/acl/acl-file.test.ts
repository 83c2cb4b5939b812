// Users from redis.conf and from an ACL file, and back to it. The texts of the errors are those of
// redis-server 7.0.15 for the same lines.

import { describe, expect, it } from 'vitest';
import { stringCommands } from '../commands/string/index.ts';
import { declarationChecker } from './acl-file.ts';
import { AclHarness } from './testing/acl-harness.ts';

const NOTHING_CHANGED =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

function withFile(text: string | null): AclHarness {
  const h = new AclHarness(stringCommands);
  h.config.load('aclfile', ['users.acl']);
  if (text !== null) h.disk.files.set('/data/users.acl', text);
  return h;
}

describe('the ACL file', () => {
  it('makes the users, and the default user what it says', () => {
    const h = withFile(
      'user alice on nopass +get ~a*  (+set ~b)\n\n  user default on nopass ~* +@all\r\n',
    );
    expect(h.run('ACL', 'LOAD')).toBe('OK');
    expect(h.run('ACL', 'LIST')).toEqual([
      'user alice on nopass sanitize-payload ~a* resetchannels -@all +get (~b resetchannels -@all +set)',
      'user default on nopass sanitize-payload ~* resetchannels +@all',
    ]);
    h.disk.files.set('/data/users.acl', '');
    h.acl.loadFile(null);
    expect(h.run('ACL', 'LIST')).toEqual(['user default on nopass sanitize-payload ~* &* +@all']);
  });

  it('changes nothing when something in it is wrong', () => {
    const h = withFile(
      'user alice on +nosuch ~a ~* ~b %~\nfoo\nuser alice\nuser\nUser z on\nuser v\tw on\n' +
        'user q <z !a #b ~* ~a\nuser x (+get',
    );
    h.run('ACL', 'SETUSER', 'old', 'on');
    const before = h.run('ACL', 'LIST');
    const at = 'users.acl';
    expect(h.run('ACL', 'LOAD')).toEqual({
      error:
        `ERR ${at}:1: Error in applying operation '+nosuch': Unknown command or category name in ` +
        `ACL. ${at}:1: Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and ` +
        "does not have any effect. Try 'resetkeys' to start with an empty list of patterns. " +
        `${at}:2 should start with user keyword followed by the username. ` +
        "WARNING: Duplicate user 'alice' found on line 3. " +
        `${at}:4 should start with user keyword followed by the username. ` +
        `${at}:5 should start with user keyword followed by the username. ` +
        `'${at}:6: username 'v\tw' contains invalid characters. ` +
        `${at}:7: The password you are trying to remove from the user does not exist. ` +
        `${at}:8: Unmatched parenthesis in selector definition.${NOTHING_CHANGED}`,
    });
    expect(h.run('ACL', 'LIST')).toEqual(before);
  });

  it('takes users away whose clients must go, and keeps those of the default user', () => {
    const h = withFile('user u on nopass +@all');
    h.acl.loadFile(null);
    const client = h.connect();
    h.acl.authenticate(client.client, 'u', new Uint8Array(0), 'AUTH');
    client.send('ACL', 'LOAD');
    expect(client.replies).toEqual(['OK']);
    expect(client.client.closing).toBe(true);
    expect(h.harness.client.closing).toBe(false);
  });

  it('is written by ACL SAVE', () => {
    const h = withFile(null);
    h.run('ACL', 'SETUSER', 'b', 'on', '+get');
    h.run('ACL', 'SETUSER', 'a');
    expect(h.run('ACL', 'SAVE')).toBe('OK');
    expect(h.disk.files.get('/data/users.acl')).toBe(
      'user a off sanitize-payload resetchannels -@all\n' +
        'user b on sanitize-payload resetchannels -@all +get\n' +
        'user default on nopass sanitize-payload ~* &* +@all\n',
    );
    h.disk.failures.set('/data/users.acl', 'No space left on device');
    expect(h.run('ACL', 'SAVE')).toEqual({
      error:
        'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
    });
    expect(h.logged).toEqual(['warning Writing ACL file for ACL SAVE: No space left on device']);
    expect(h.run('ACL', 'LOAD')).toEqual({
      error: "ERR Error loading ACLs, opening file 'users.acl': No space left on device",
    });
  });

  it('is read as C reads it: a NUL ends a line and joins it with the next', () => {
    const h = withFile('user a on\0 off\n nopass\n');
    expect(h.acl.loadFile(null)).toBe(null);
    expect(h.acl.users.get('a')?.flagNames).toEqual(['on', 'nopass', 'sanitize-payload']);
  });
});

describe('users of redis.conf', () => {
  it('are made at the start; those that are off are told of', () => {
    const h = new AclHarness(stringCommands);
    h.acl.load([
      ['alice', '+get'],
      ['default', 'on', '>p', '+@all'],
    ]);
    expect(h.acl.configLines()).toEqual([
      'user alice off sanitize-payload resetchannels -@all +get',
      'user default on sanitize-payload ' +
        '#148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 resetchannels +@all',
    ]);
    expect(h.logged).toEqual([
      "notice The user 'alice' is disabled (there is no 'on' modifier in the user description). " +
        'Make sure this is not a configuration error.',
    ]);
  });

  it.each([
    [[['a b', 'on']], 'Spaces not allowed in ACL usernames'],
    [
      [['alice', '+nosuch']],
      "Error loading ACL rule '+nosuch' for the user named 'alice': Unknown command or category name in ACL",
    ],
  ] as const)('%j end the start', (users, text) => {
    const h = new AclHarness(stringCommands);
    expect(() => h.acl.load(users)).toThrow('Critical error while loading ACLs. Exiting.');
    expect(h.logged[0]).toBe(`warning ${text}`);
  });

  it('and an ACL file exclude each other', () => {
    const h = withFile('');
    expect(() => h.acl.load([['alice']])).toThrow(/^Configuring Redis with users defined in/);
    expect(h.acl.configLines()).toEqual([]);
  });

  it.each([
    [['alice', 'on', 'badrule'], "'alice': Syntax error"],
    [['alice', '(+get'], "'user': Unknown command or category name in ACL"],
    [['foo'], "'foo': Duplicate user found. A user can only be defined once in config files"],
    [['alice', '+get|'], "'user': Syntax error"],
    [['alice', '<p'], "'user': The password you are trying to remove from the user does not exist"],
  ])('%j is a mistake of the line', (words, text) => {
    const check = declarationChecker(new AclHarness(stringCommands).acl.users);
    expect(check(['foo', '+nosuch'])).toBe(null);
    expect(check(words)).toBe(`Error in user declaration ${text}`);
  });
});
