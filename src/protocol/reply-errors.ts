// Replies that tell of an error: the texts that clients compare, once each. A reply error is
// written, never thrown. The word before the first blank is the error's code, by which INFO
// errorstats counts.

export interface ReplyError {
  /** `ERR`, `WRONGTYPE`, ... */
  readonly code: string;
  /** The whole text without the leading '-'. */
  readonly text: string;
  /** The reply as it is sent. */
  readonly bytes: Uint8Array;
}

/** Makes an error from its text, code first. */
export function replyError(text: string): ReplyError {
  const clean = text.replace(/[\r\n]/g, ' ');
  const blank = clean.indexOf(' ');
  const code = blank < 0 ? clean : clean.slice(0, blank);
  const bytes = new Uint8Array(Buffer.from(`-${clean}\r\n`, 'latin1'));
  return { code, text: clean, bytes };
}

export const ERR_SYNTAX: ReplyError = replyError('ERR syntax error');
export const ERR_NOT_INTEGER: ReplyError = replyError(
  'ERR value is not an integer or out of range',
);
export const ERR_NOT_INT32: ReplyError = replyError(
  'ERR value is out of range, value must between -2147483648 and 2147483647',
);
export const ERR_NOT_FLOAT: ReplyError = replyError('ERR value is not a valid float');
export const ERR_OUT_OF_RANGE: ReplyError = replyError('ERR value is out of range');
export const ERR_NOT_POSITIVE: ReplyError = replyError(
  'ERR value is out of range, must be positive',
);
export const ERR_WRONG_TYPE: ReplyError = replyError(
  'WRONGTYPE Operation against a key holding the wrong kind of value',
);
export const ERR_NO_KEY: ReplyError = replyError('ERR no such key');
export const ERR_OFFSET: ReplyError = replyError('ERR offset is out of range');
export const ERR_INDEX: ReplyError = replyError('ERR index out of range');
export const ERR_OVERFLOW: ReplyError = replyError('ERR increment or decrement would overflow');
export const ERR_NAN_OR_INFINITY: ReplyError = replyError(
  'ERR increment would produce NaN or Infinity',
);
export const ERR_DB_INDEX: ReplyError = replyError('ERR DB index is out of range');
export const ERR_INVALID_DB: ReplyError = replyError('ERR invalid DB index');
export const ERR_SAME_OBJECT: ReplyError = replyError(
  'ERR source and destination objects are the same',
);
export const ERR_INVALID_CURSOR: ReplyError = replyError('ERR invalid cursor');
export const ERR_STRING_TOO_LONG: ReplyError = replyError(
  'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
);
export const ERR_TIMEOUT_NOT_FLOAT: ReplyError = replyError(
  'ERR timeout is not a float or out of range',
);
export const ERR_TIMEOUT_NOT_INTEGER: ReplyError = replyError(
  'ERR timeout is not an integer or out of range',
);
export const ERR_TIMEOUT_NEGATIVE: ReplyError = replyError('ERR timeout is negative');
export const ERR_TIMEOUT_OUT_OF_RANGE: ReplyError = replyError('ERR timeout is out of range');
export const ERR_NO_AUTH: ReplyError = replyError('NOAUTH Authentication required.');
export const ERR_WRONG_PASS: ReplyError = replyError(
  'WRONGPASS invalid username-password pair or user is disabled.',
);
export const ERR_NO_PROTO: ReplyError = replyError('NOPROTO unsupported protocol version');
export const ERR_OUT_OF_MEMORY: ReplyError = replyError(
  "OOM command not allowed when used memory > 'maxmemory'.",
);
export const ERR_LOADING: ReplyError = replyError('LOADING Redis is loading the dataset in memory');
export const ERR_MAX_CLIENTS: ReplyError = replyError('ERR max number of clients reached');

/** A numeric argument outside its range, named as Redis names it. */
export function invalidExpire(command: string): ReplyError {
  return replyError(`ERR invalid expire time in '${command}' command`);
}

export function wrongArity(fullName: string): ReplyError {
  return replyError(`ERR wrong number of arguments for '${fullName}' command`);
}

/** The words of a container's subcommand stand as the client sent them. */
export function wrongSubcommandUse(word: string, container: string): ReplyError {
  return replyError(
    `ERR unknown subcommand or wrong number of arguments for '${word}'. Try ${container} HELP.`,
  );
}

export function unknownSubcommand(word: string, container: string): ReplyError {
  return replyError(
    `ERR unknown subcommand '${word.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`,
  );
}

// Sorted sets and geo.
export const ERR_NX_WITH_XX: ReplyError = replyError(
  'ERR XX and NX options at the same time are not compatible',
);
export const ERR_NX_WITH_GT_LT: ReplyError = replyError(
  'ERR GT, LT, and/or NX options at the same time are not compatible',
);
export const ERR_INCREMENT_PAIR: ReplyError = replyError(
  'ERR INCR option supports a single increment-element pair',
);
export const ERR_SCORE_NAN: ReplyError = replyError('ERR resulting score is not a number (NaN)');
export const ERR_SCORE_RANGE: ReplyError = replyError('ERR min or max is not a float');
export const ERR_LEX_RANGE: ReplyError = replyError('ERR min or max not valid string range item');
export const ERR_LIMIT_BY_RANK: ReplyError = replyError(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
);
export const ERR_WITHSCORES_BY_LEX: ReplyError = replyError(
  'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
);
export const ERR_WEIGHT_NOT_FLOAT: ReplyError = replyError('ERR weight value is not a float');
export const ERR_RADIUS_NOT_NUMBER: ReplyError = replyError('ERR need numeric radius');
export const ERR_WIDTH_NOT_NUMBER: ReplyError = replyError('ERR need numeric width');
export const ERR_HEIGHT_NOT_NUMBER: ReplyError = replyError('ERR need numeric height');
export const ERR_RADIUS_NEGATIVE: ReplyError = replyError('ERR radius cannot be negative');
export const ERR_BOX_NEGATIVE: ReplyError = replyError('ERR height or width cannot be negative');
export const ERR_GEO_UNIT: ReplyError = replyError(
  'ERR unsupported unit provided. please use M, KM, FT, MI',
);
export const ERR_GEO_MEMBER: ReplyError = replyError('ERR could not decode requested zset member');
export const ERR_GEO_COUNT: ReplyError = replyError('ERR COUNT must be > 0');
export const ERR_GEO_ANY: ReplyError = replyError('ERR the ANY argument requires COUNT argument');

export function inputKeyNeeded(command: string): ReplyError {
  return replyError(`ERR at least 1 input key is needed for '${command}' command`);
}
