// Reply errors that only stream commands have.

import { type ReplyError, replyError } from '../../protocol/reply-errors.ts';

export const ERR_INVALID_ID: ReplyError = replyError(
  'ERR Invalid stream ID specified as stream command argument',
);
export const ERR_INVALID_START: ReplyError = replyError('ERR invalid start ID for the interval');
export const ERR_INVALID_END: ReplyError = replyError('ERR invalid end ID for the interval');

export const ERR_ID_ZERO: ReplyError = replyError(
  'ERR The ID specified in XADD must be greater than 0-0',
);
export const ERR_ID_TOO_SMALL: ReplyError = replyError(
  'ERR The ID specified in XADD is equal or smaller than the target stream top item',
);
export const ERR_IDS_EXHAUSTED: ReplyError = replyError(
  'ERR The stream has exhausted the last possible ID, unable to add more items',
);
export const ERR_ELEMENTS_TOO_LARGE: ReplyError = replyError(
  'ERR Elements are too large to be stored',
);

export const ERR_TWO_STRATEGIES: ReplyError = replyError(
  'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
);
export const ERR_MAXLEN_NEGATIVE: ReplyError = replyError('ERR The MAXLEN argument must be >= 0.');
export const ERR_LIMIT_NEGATIVE: ReplyError = replyError('ERR The LIMIT argument must be >= 0.');
export const ERR_LIMIT_WITHOUT_STRATEGY: ReplyError = replyError(
  'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
);
export const ERR_NO_STRATEGY: ReplyError = replyError(
  'ERR syntax error, XTRIM must be called with a trimming strategy',
);
export const ERR_LIMIT_WITHOUT_TILDE: ReplyError = replyError(
  'ERR syntax error, LIMIT cannot be used without the special ~ option',
);

export const ERR_GROUP_OPTION: ReplyError = replyError(
  'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.',
);
export const ERR_NOACK_OPTION: ReplyError = replyError(
  'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.',
);
export const ERR_MISSING_GROUP: ReplyError = replyError('ERR Missing GROUP option for XREADGROUP');
export const ERR_DOLLAR_WITH_GROUP: ReplyError = replyError(
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this ' +
    'consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just ' +
    'return an empty result set.',
);
export const ERR_PLUS_WITH_GROUP: ReplyError = replyError(
  'ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this ' +
    'consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just ' +
    'return an empty result set.',
);
export const ERR_GREATER_WITHOUT_GROUP: ReplyError = replyError(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> ' +
    'option.',
);

export const ERR_KEY_REQUIRED: ReplyError = replyError(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use ' +
    'the MKSTREAM option to create an empty stream automatically.',
);
export const ERR_BUSY_GROUP: ReplyError = replyError(
  'BUSYGROUP Consumer Group name already exists',
);
export const ERR_ENTRIES_READ: ReplyError = replyError(
  'ERR value for ENTRIESREAD must be positive or -1',
);

export const ERR_ENTRIES_ADDED_NEGATIVE: ReplyError = replyError(
  'ERR entries_added must be positive',
);
export const ERR_SETID_BELOW_GIVEN_DELETED: ReplyError = replyError(
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
);
export const ERR_SETID_BELOW_DELETED: ReplyError = replyError(
  'ERR The ID specified in XSETID is smaller than current max_deleted_entry_id',
);
export const ERR_SETID_BELOW_TOP: ReplyError = replyError(
  'ERR The ID specified in XSETID is smaller than the target stream top item',
);
export const ERR_SETID_BELOW_LENGTH: ReplyError = replyError(
  'ERR The entries_added specified in XSETID is smaller than the target stream length',
);

export const ERR_XCLAIM_MIN_IDLE: ReplyError = replyError(
  'ERR Invalid min-idle-time argument for XCLAIM',
);
export const ERR_XCLAIM_IDLE: ReplyError = replyError(
  'ERR Invalid IDLE option argument for XCLAIM',
);
export const ERR_XCLAIM_TIME: ReplyError = replyError(
  'ERR Invalid TIME option argument for XCLAIM',
);
export const ERR_XCLAIM_RETRY_COUNT: ReplyError = replyError(
  'ERR Invalid RETRYCOUNT option argument for XCLAIM',
);
export const ERR_XAUTOCLAIM_MIN_IDLE: ReplyError = replyError(
  'ERR Invalid min-idle-time argument for XAUTOCLAIM',
);
export const ERR_XAUTOCLAIM_COUNT: ReplyError = replyError('ERR COUNT must be > 0');

export const ERR_XAUTOCLAIM_MEMORY: ReplyError = replyError(
  'ERR Insufficient memory, failed allocating transient memory, COUNT too high.',
);

export function unbalancedStreams(command: string, symbol: string): ReplyError {
  return replyError(
    `ERR Unbalanced '${command}' list of streams: for each stream key an ID or '${symbol}' must ` +
      'be specified.',
  );
}

export function unknownClaimOption(word: string): ReplyError {
  return replyError(`ERR Unrecognized XCLAIM option '${word}'`);
}

/** `suffix` is what some commands say behind it. */
export function noKeyOrGroup(key: string, group: string, suffix = ''): ReplyError {
  return replyError(`NOGROUP No such key '${key}' or consumer group '${group}'${suffix}`);
}

export function noGroup(group: string, key: string): ReplyError {
  return replyError(`NOGROUP No such consumer group '${group}' for key name '${key}'`);
}
