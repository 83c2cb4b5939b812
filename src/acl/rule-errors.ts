// Why a rule of a user is refused. ACL SETUSER, redis.conf and the ACL file put these texts into
// sentences of their own.

export const RULE_UNKNOWN: string = 'Unknown command or category name in ACL';
export const RULE_SYNTAX: string = 'Syntax error';
export const RULE_AFTER_ALL_KEYS: string =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any " +
  "effect. Try 'resetkeys' to start with an empty list of patterns";
export const RULE_AFTER_ALL_CHANNELS: string =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have " +
  "any effect. Try 'resetchannels' to start with an empty list of channels";
export const RULE_NO_SUCH_PASSWORD: string =
  'The password you are trying to remove from the user does not exist';
export const RULE_BAD_HASH: string =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters';
export const RULE_DUPLICATE_USER: string =
  'Duplicate user found. A user can only be defined once in config files';
export const RULE_ARGUMENT_OF_SUBCOMMAND: string =
  'Allowing first-arg of a subcommand is not supported';

/** A refused rule's reason, or null when it was applied. */
export type RuleResult = string | null;

/** True when a text has a blank or a NUL, which names of users and patterns may not have. */
export function hasSpaces(text: string): boolean {
  return /[ \t\n\v\f\r\0]/.test(text);
}
