// Replies that differ and should: where disgo follows Redis 7.2 and the oracle's server is 7.0.15,
// and the few that tell of a server's memory. Data, each with its reason. An entry is as narrow as
// it can be: the command, what the older server answers, what the newer one answers.
import { type Reply, showReply } from '../support/resp.ts';

/** The real server: of 7.0, or one that answers as we mean to. */
export type Judge = '7.0' | '7.2';

export interface KnownDifference {
  /** The command's words in small letters, joined by blanks, must match. */
  readonly command: RegExp;
  /** Redis 7.0's reply, as `showReply` writes it. */
  readonly real: RegExp;
  /** Redis 7.2's reply. */
  readonly ours: RegExp;
  readonly reason: string;
  /** The older server looks for the key in the second word and may tell of a miss. */
  readonly mayMiss?: boolean;
  /** It differs from what these judges answer; from that of 7.0 alone where nothing is said. */
  readonly judges?: readonly Judge[];
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    command: /^object encoding h/,
    real: /^"listpack"$/,
    ours: /^"hashtable"$/,
    reason: 'HSET with more pairs than a listpack may have makes a table at once since 7.2',
  },
  {
    command: /^object encoding /,
    real: /^"hashtable"$/,
    ours: /^"listpack"$/,
    reason: 'small sets that are not of integers are listpacks since 7.2',
  },
  {
    command: /^object encoding /,
    real: /^"quicklist"$/,
    ours: /^"listpack"$/,
    reason: 'small lists are listpacks since 7.2',
  },
  {
    command: /^b(lpop|rpop|lmove|rpoplpush|lmpop|zpopmin|zpopmax|zmpop) /,
    real: /timeout is negative/,
    ours: /timeout is out of range/,
    reason: 'a timeout beyond 64 bits is told from a negative one since 7.2',
  },
  {
    command: /^lpos .*rank -9223372036854775808/,
    real: /./,
    ours: /value must between -9223372036854775807 and 9223372036854775807/,
    reason: 'a rank that has no positive counterpart is refused since 7.2',
    mayMiss: true,
  },
  {
    command: /^object encoding /,
    real: /^"listpack"$/,
    ours: /^"skiplist"$/,
    reason: 'ZADD with more pairs than a listpack may have converts before it adds them since 7.2',
  },
  {
    command: /^zrandmember \S* -9223372036854775808/,
    real: /value is out of range/,
    ours: /value must between -9223372036854775807 and 9223372036854775807/,
    reason: 'the error names the range since 7.2',
  },
  {
    command: /^command info (\S* )*scan/,
    real: /"request_policy:special"\]/,
    ours: /"request_policy:special", "response_policy:special"\]/,
    reason: 'SCAN has a response policy among its tips since 7.2',
  },
  {
    command: /^hello /,
    real: /WRONGPASS/,
    ours: /Syntax error in HELLO option|Client names cannot contain/,
    reason: 'HELLO reads all its options before it authenticates since 7.2',
  },
  {
    command: /^hello/,
    real: /otherwise the HELLO AUTH <user> <pass> option/,
    ours: /otherwise the HELLO <proto> AUTH <user> <pass> option/,
    reason: 'the text names the protocol version since 7.2',
  },
  {
    command: /^client (list|info)/,
    real: / flags=e /,
    ours: / flags=N /,
    reason: 'RESET takes back CLIENT NO-EVICT since 7.2',
  },
  {
    command: /^command getkeys(andflags)? \S*$/,
    real: /wrong number of arguments for 'command\|getkeys/,
    ours: /Invalid command specified|The command has no key arguments|Invalid number of arguments/,
    reason: 'COMMAND GETKEYS takes a command without arguments since 7.2',
  },
  {
    command: /^object refcount/,
    real: /^\(integer\) 1$/,
    ours: /^\(integer\) 2147483647$/,
    reason:
      'a small integer is shared in Redis unless COPY made it; disgo stores all in place and tells by the value',
    judges: ['7.0', '7.2'],
  },
  {
    command: /^config set .*loglevel/,
    real: /debug, verbose, notice, warning"$/,
    ours: /debug, verbose, notice, warning, nothing"$/,
    reason: 'the log level `nothing` came with 7.2',
  },
  {
    command: /^x(info|group) help$/,
    real: /Prints this help\.\]$/,
    ours: /Print this help\.\]$/,
    reason: 'the last line of every HELP was corrected in 7.2',
  },
  {
    command: /^xread(group)? /,
    real: /Unbalanced XREAD list of streams/,
    ours: /Unbalanced 'xread(group)?' list of streams/,
    reason: 'the text names the command since 7.2',
  },
  {
    command: /^xread(group)? .* \+( |$)/,
    real: /Invalid stream ID/,
    ours: /^(?!\(error\) "ERR Invalid)/,
    reason: 'XREAD takes + for the last entry since 7.4, and XREADGROUP says that it does not',
    judges: ['7.0', '7.2'],
  },
  {
    command: /^xgroup createconsumer /,
    real: /^\(integer\) 1$/,
    ours: /^\(integer\) 0$/,
    reason: 'reading and claiming make the consumer even if it gets nothing since 7.2',
  },
  {
    command: /^xautoclaim .* \d{13}( |$)/,
    real: /Insufficient memory/,
    ours: /^array/,
    reason:
      'Redis takes memory for COUNT IDs beforehand, as much as the machine lends; disgo needs none',
    judges: ['7.0', '7.2'],
  },
  {
    command: /^xadd .*\d-\* /,
    real: /Elements are too large/,
    ours: /equal or smaller/,
    reason: '7.0 tells a wrong reason when the sequence numbers of a millisecond are used up',
  },
  {
    command: /^lset \S+ -?\d{10,} /,
    real: /^OK$|index out of range/,
    ours: /index out of range/,
    reason: '7.2 cuts the index of a listpack off at 32 bits',
    judges: ['7.2'],
  },
];

/** Keys of which only the older server may have told that they were missing, by what was sent. */
export function excusedMisses(commands: readonly (readonly string[])[]): string[] {
  const misses = knownDifferences.filter(({ mayMiss }) => mayMiss === true);
  return commands
    .filter((args) => misses.some(({ command }) => command.test(args.join(' ').toLowerCase())))
    .map((args) => args[1] ?? '');
}

/** True when both replies are as a known difference says. */
export function isKnownDifference(
  words: readonly string[],
  ours: Reply,
  real: Reply,
  judge: Judge,
): boolean {
  if (knownDifferences.length === 0) return false;
  const line = words.join(' ');
  return knownDifferences.some(
    (known) =>
      (known.judges ?? ['7.0']).includes(judge) &&
      known.command.test(line) &&
      known.real.test(showReply(real)) &&
      known.ours.test(showReply(ours)),
  );
}
