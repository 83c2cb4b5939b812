// Replies about users where Redis 7.2 words them otherwise than 7.0: ours are put into the older
// words, and what 7.0 cannot tell is left out. What commands a user may run is told by rules that
// 7.0 derives anew and 7.2 keeps; acl-rules.ts compares what they mean.
import { type Reply, replyText } from '../support/resp.ts';

const OLDER_TEXTS: readonly (readonly [newer: RegExp, older: string])[] = [
  [
    /(?<=^|because of: )NOPERM User [^ ]* has no permissions to run the '(.*)' command$/s,
    "NOPERM this user has no permissions to run the '$1' command",
  ],
  [
    /(?<=^|because of: )NOPERM No permissions to access a (key|channel)$/,
    'NOPERM this user has no permissions to access one of the $1s used as arguments',
  ],
  [/^User [^ ]* has no permissions to /s, 'This user has no permissions to '],
];

function olderText(text: string): string {
  return OLDER_TEXTS.reduce((older, [from, to]) => older.replace(from, to), text);
}

/** A refusal of 7.2 in the words of 7.0; any other reply as it is. */
export function inOlderWords(reply: Reply): Reply {
  if (reply.type === 'error') return { ...reply, text: olderText(reply.text) };
  if (reply.type !== 'bulk') return reply;
  const text = reply.bytes.toString('latin1');
  const older = olderText(text);
  return older === text ? reply : { type: 'bulk', bytes: Buffer.from(older, 'latin1') };
}

const any: Reply = { type: 'simple', text: '(any)' };

/** Fields of ACL LOG that came with 7.2, and those that tell of the moment. */
const LATER_FIELDS = ['entry-id', 'timestamp-created', 'timestamp-last-updated'];
const MASKED_FIELDS = ['age-seconds', 'client-info', 'commands'];

type Pair = readonly [Reply, Reply];

/** The fields of a map, or of the flat array that RESP2 sends for it. */
function pairsOf(reply: Reply): Pair[] | undefined {
  if (reply.type === 'map') return [...reply.entries];
  if (reply.type !== 'array' || reply.items.length % 2 !== 0) return undefined;
  const pairs: Pair[] = [];
  for (let i = 0; i < reply.items.length; i += 2) {
    pairs.push([reply.items[i] as Reply, reply.items[i + 1] as Reply]);
  }
  return pairs;
}

function withoutFlag(reply: Reply, flag: string): Reply {
  if (!('items' in reply)) return reply;
  return { type: reply.type, items: reply.items.filter((item) => replyText(item) !== flag) };
}

/** A map of ACL GETUSER or an entry of ACL LOG, as both releases tell it. */
function comparableMap(reply: Reply): Reply {
  const pairs = pairsOf(reply);
  if (pairs === undefined) return reply;
  const kept = pairs
    .filter(([key]) => !LATER_FIELDS.includes(replyText(key) ?? ''))
    .map(([key, value]): Pair => {
      const name = replyText(key) ?? '';
      if (MASKED_FIELDS.includes(name)) return [key, any];
      if (name === 'flags') return [key, withoutFlag(value, 'sanitize-payload')];
      if (name === 'selectors' && value.type === 'array') {
        return [key, { type: 'array', items: value.items.map(comparableMap) }];
      }
      return [key, value];
    });
  if (reply.type === 'map') return { type: 'map', entries: kept };
  return { type: 'array', items: kept.flat() };
}

/** A line of ACL LIST without the rules about commands, and without a word that 7.0 leaves out. */
function comparableLine(reply: Reply): Reply {
  const text = (replyText(reply) ?? '')
    .replace(' sanitize-payload', '')
    .replace(/ ?[+-][^ )]+(?=[ )]|$)/g, '');
  return { type: 'simple', text };
}

/** Replies of ACL as both releases tell them. */
export function normaliseAcl(words: readonly string[], reply: Reply): Reply {
  const sub = words[1];
  if (sub === 'getuser') return comparableMap(reply);
  if (sub === 'log' && reply.type === 'array') {
    return { type: 'array', items: reply.items.map(comparableMap) };
  }
  if (sub === 'list' && reply.type === 'array') {
    return { type: 'array', items: reply.items.map(comparableLine) };
  }
  if (sub === 'genpass' && reply.type === 'bulk') {
    return { type: 'simple', text: `${reply.bytes.length} digits` };
  }
  return reply;
}
