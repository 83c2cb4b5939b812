// Users as files keep them: the ACL file with a line `user <name> <rules>` each, and the `user`
// lines of redis.conf. A file with any mistake changes nothing.
// https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/

import { untilNul } from '../bytes/ascii.ts';
import type { AclUser } from './acl-user.ts';
import { type AclUsers, DEFAULT_NAME } from './acl-users.ts';
import { hasSpaces, RULE_DUPLICATE_USER, RULE_UNKNOWN } from './rule-errors.ts';
import { joinSelectors } from './rule-words.ts';

/** A line of a file is read in pieces of this many bytes, and of each what is before a NUL. */
const READ_BYTES = 1023;

const NOTHING_CHANGED =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

/** The text of all users, a line each. */
export function fileText(users: AclUsers): string {
  return users
    .all()
    .map((user) => `${userLine(user)}\n`)
    .join('');
}

/** A user as a line of a file, or of ACL LIST. */
export function userLine(user: AclUser): string {
  return `user ${user.name} ${user.describe()}`;
}

/** What C reads of a file, line by line, up to the NUL of each piece. */
function readAsC(text: string): string {
  if (!text.includes('\0')) return text;
  const pieces = text.match(new RegExp(`[^\\n]{0,${READ_BYTES - 1}}(\\n|[^\\n])`, 'g')) ?? [];
  return pieces.map(untilNul).join('');
}

/** The users of an ACL file, or the mistakes that were found in it, in one text. */
export function parseAclFile(users: AclUsers, path: string, text: string): AclUser[] | string {
  const found = new Map<string, AclUser>();
  const errors: string[] = [];
  for (const [i, line] of readAsC(text).split('\n').entries()) {
    const trimmed = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (trimmed !== '') readLine(users, `${path}:${i + 1}`, trimmed, found, errors);
  }
  return errors.length === 0 ? [...found.values()] : errors.join('') + NOTHING_CHANGED;
}

function readLine(
  users: AclUsers,
  at: string,
  line: string,
  found: Map<string, AclUser>,
  errors: string[],
): void {
  const [keyword, name, ...words] = line.split(' ');
  if (keyword !== 'user' || name === undefined) {
    errors.push(`${at} should start with user keyword followed by the username. `);
    return;
  }
  if (hasSpaces(name)) {
    errors.push(`'${at}: username '${name}' contains invalid characters. `);
    return;
  }
  if (found.has(name)) {
    const lineNumber = at.slice(at.lastIndexOf(':') + 1);
    errors.push(`WARNING: Duplicate user '${name}' found on line ${lineNumber}. `);
    return;
  }
  const user = users.make(name);
  found.set(name, user);
  const joined = joinSelectors(words);
  if ('openAt' in joined) {
    errors.push(`${at}: Unmatched parenthesis in selector definition.`);
    return;
  }
  let toldOther = false;
  for (const word of joined.rules) {
    const rule = word.replace(/^[\t\r\n]+|[\t\r\n]+$/g, '');
    const refusal = user.apply(rule);
    if (refusal === null) continue;
    if (refusal === RULE_UNKNOWN) {
      errors.push(`${at}: Error in applying operation '${rule}': ${refusal}. `);
    } else if (!toldOther) {
      errors.push(`${at}: ${refusal}. `);
      toldOther = true;
    }
  }
}

/**
 * Checks the `user` lines of redis.conf as they are read, one call a line with the words behind
 * `user`. Commands that are not known are no mistake yet: they may come with a module.
 * @returns a function that gives the text of the error, or null
 */
export function declarationChecker(users: AclUsers): (words: readonly string[]) => string | null {
  const seen = new Set<string>();
  return (words) => {
    const [name = '', ...rules] = words;
    const line = ['user', ...words];
    const error = (index: number, reason: string): string =>
      `Error in user declaration '${line[index] ?? ''}': ${reason}`;
    if (seen.has(name)) return error(1, RULE_DUPLICATE_USER);
    const joined = joinSelectors(rules);
    // Redis names the word at the rule's own index of the whole line, and for an open parenthesis
    // the reason that was last in use.
    if ('openAt' in joined) return error(joined.openAt, RULE_UNKNOWN);
    const user = users.make(name);
    for (const [i, rule] of joined.rules.entries()) {
      const refusal = user.apply(rule);
      if (refusal !== null && refusal !== RULE_UNKNOWN) return error(i, refusal);
    }
    seen.add(name);
    return null;
  };
}

/** Takes lines for the log while users are declared. */
export interface DeclarationLog {
  notice(text: string): void;
  warning(text: string): void;
}

/**
 * Makes the users that redis.conf declares.
 * @param lines the words of each line behind `user`
 * @returns false after a mistake, which is then in the log
 */
export function declareUsers(
  users: AclUsers,
  lines: readonly (readonly string[])[],
  log: DeclarationLog,
): boolean {
  for (const [name = '', ...words] of lines) {
    if (hasSpaces(name)) {
      log.warning('Spaces not allowed in ACL usernames');
      return false;
    }
    const user = name === DEFAULT_NAME ? users.defaultUser : users.make(name);
    if (name === DEFAULT_NAME) user.apply('reset');
    users.add(user);
    const joined = joinSelectors(words);
    for (const rule of 'rules' in joined ? joined.rules : words) {
      const refusal = user.apply(rule);
      if (refusal === null) continue;
      log.warning(`Error loading ACL rule '${rule}' for the user named '${name}': ${refusal}`);
      return false;
    }
    if (!user.isOn) {
      log.notice(
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). ` +
          'Make sure this is not a configuration error.',
      );
    }
  }
  return true;
}
