// When two replies to the same step are equal. Byte for byte, but for the commands below, whose
// replies may rightly differ: each has a normaliser that keeps all that must agree.
// Pure; owned by the oracle.
import { formatDouble17 } from '../../src/bytes/double.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import { inOlderWords, normaliseAcl } from './acl-replies.ts';
import { excusedMisses, isKnownDifference, type Judge } from './known-differences.ts';
import { firstDifference } from './notifications.ts';
import { type Outcome, repliesExpected } from './run-stream.ts';
import { type Step, type Stream, showStep } from './stream.ts';

export interface Mismatch {
  /** The step's index, or undefined when the end or the digest differs. */
  readonly index: number | undefined;
  readonly step: string;
  readonly ours: string;
  readonly real: string;
}

/** The first difference of two outcomes of one stream, or undefined. */
export function compareOutcomes(
  stream: Stream,
  ours: Outcome,
  real: Outcome,
  judge: Judge = '7.0',
): Mismatch | undefined {
  const answered: (Step | undefined)[] = answeredSteps(stream);
  const count = Math.max(ours.replies.length, real.replies.length);
  const transaction = new QueuedSteps(judge);
  for (let i = 0; i < count; i++) {
    const step = answered[i];
    const [a, b] = [ours.replies[i], real.replies[i]];
    if (a !== undefined && b !== undefined && transaction.areEqual(step, a, b)) continue;
    return {
      index: step === undefined ? undefined : stream.steps.indexOf(step),
      step: step === undefined ? `reply ${i + 1}` : showStep(step),
      ours: a === undefined ? `nothing (${ours.end})` : showReply(a),
      real: b === undefined ? `nothing (${real.end})` : showReply(b),
    };
  }
  if (ours.end !== real.end) {
    return { index: undefined, step: 'the end', ours: ours.end, real: real.end };
  }
  const sent = stream.steps.flatMap((step) => ('args' in step ? [step.args] : []));
  const excused = excusedMisses(sent);
  const parting = firstDifference(ours.notifications, real.notifications, excused);
  if (parting !== undefined) {
    return { index: undefined, step: 'keyspace notifications', ...parting };
  }
  // The digest of a score is that of its digits, of which 7.2 writes fewer.
  if (judge === '7.0' && ours.digest !== real.digest) {
    return { index: undefined, step: 'DEBUG DIGEST', ours: ours.digest, real: real.digest };
  }
  return undefined;
}

/** Follows MULTI: the items of EXEC's reply are those of the steps that were queued. */
class QueuedSteps {
  #queued: Step[] | null = null;
  readonly #judge: Judge;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  areEqual(step: Step | undefined, ours: Reply, real: Reply): boolean {
    const name = step !== undefined && 'args' in step ? step.args[0]?.toLowerCase() : undefined;
    const queued = this.#queued;
    if (name === 'multi') {
      if (replyText(real) === 'OK') this.#queued = [];
    } else if (name === 'exec' || name === 'discard' || name === 'reset') {
      this.#queued = null;
      if (name === 'exec' && queued !== null) return execEqual(queued, ours, real, this.#judge);
    } else if (queued !== null && step !== undefined && replyText(real) === 'QUEUED') {
      queued.push(step);
      return replyText(ours) === 'QUEUED';
    }
    return repliesEqual(step, ours, real, this.#judge);
  }
}

function execEqual(queued: readonly Step[], ours: Reply, real: Reply, judge: Judge): boolean {
  if (ours.type !== 'array' || real.type !== 'array') {
    return showReply(inWordsOf(judge, ours)) === showReply(real);
  }
  if (ours.items.length !== real.items.length) return false;
  return real.items.every((item, i) => {
    const step = queued[i];
    // Redis counts the queue's own reference to an argument that has become a value.
    if (step !== undefined && /^"object" "refcount"/i.test(showStep(step))) {
      return item.type === ours.items[i]?.type;
    }
    return repliesEqual(step, ours.items[i] as Reply, item, judge);
  });
}

/** Raw bytes need not be one reply a step: their replies are compared by number alone. */
function answeredSteps(stream: Stream): Step[] {
  if (stream.steps.some((step) => 'raw' in step)) return [];
  const expected = repliesExpected(stream.steps);
  return stream.steps.filter((_, index) => expected[index]);
}

/** True when both replies say the same, as far as the step's command allows. */
export function repliesEqual(
  step: Step | undefined,
  newer: Reply,
  real: Reply,
  judge: Judge = '7.0',
): boolean {
  const ours = inWordsOf(judge, newer);
  const words = step !== undefined && 'args' in step ? step.args.map((w) => w.toLowerCase()) : [];
  if (isKnownDifference(words, ours, real, judge)) return true;
  const isOlder = judge === '7.0';
  // Dumps are of version 10 where the data needs no more.
  if (!isOlder && words[0] === 'dump' && ours.type === real.type) return true;
  // A moment that passed between the two answers.
  const slack = timeSlack[words[0] ?? ''];
  if (slack !== undefined && ours.type === 'integer' && real.type === 'integer') {
    const [a, b] = [Number(ours.text), Number(real.text)];
    if (a < 0 || b < 0) return a === b;
    // Moments beyond the year 287,000 are kept as doubles, which then lie a second or two apart.
    const isFar = a > Number.MAX_SAFE_INTEGER && b > Number.MAX_SAFE_INTEGER;
    return Math.abs(a - b) <= (isFar ? slack + 4096 : slack);
  }
  // Of raw bytes nobody knows which command answered; HELLO is known by its reply.
  if ((isOlder ? /^(b?z|geo)/ : /^geo/).test(words[0] ?? '')) {
    const tolerance = words[1] === 'dist1' ? 1e-14 : 0;
    if (equalButDoubles(ours, real, tolerance)) return true;
  }
  const normalise = step === undefined ? normaliseHello : normalisers[words[0] ?? ''];
  if (normalise === undefined) return showReply(ours) === showReply(real);
  const shown = (reply: Reply): string => showReply(normalise(words, reply, isOlder));
  return shown(ours) === shown(real);
}

function inWordsOf(judge: Judge, reply: Reply): Reply {
  return judge === '7.0' ? inOlderWords(reply) : reply;
}

/**
 * Redis 7.0 writes scores with 17 digits, 7.2 with the fewest that read back as the number.
 * @param tolerance how far they may be from each other, as a share.
 */
function equalButDoubles(ours: Reply, real: Reply, tolerance: number): boolean {
  if (ours.type === 'array' && real.type === 'array') {
    return (
      ours.items.length === real.items.length &&
      ours.items.every((item, i) => equalButDoubles(item, real.items[i] as Reply, tolerance))
    );
  }
  if (showReply(ours) === showReply(real)) return true;
  if (ours.type !== real.type || (ours.type !== 'bulk' && ours.type !== 'double')) return false;
  const [text, older] = [replyText(ours) ?? '', replyText(real) ?? ''];
  if (!/^-?[\d.]+(e[-+]\d+)?$/.test(text)) return false;
  if (older === formatDouble17(Number(text))) return true;
  return Math.abs(Number(text) - Number(older)) < Math.abs(Number(text)) * tolerance;
}

/** How far apart two answers about time may be: the servers do not act in the same millisecond. */
const timeSlack: Readonly<Record<string, number>> = {
  ttl: 2,
  pttl: 2000,
  expiretime: 2,
  pexpiretime: 2000,
};

/** `isOlder`: the judge is 7.0, and what it does not know yet is left out. */
type Normaliser = (words: readonly string[], reply: Reply, isOlder: boolean) => Reply;

const normalisers: Readonly<Record<string, Normaliser>> = {
  keys: (_, reply) => sorted(reply),
  randomkey: (_, reply) => (reply.type === 'bulk' ? any : reply),
  scan: (words, reply) => normaliseScan(words, reply),
  smembers: (_, reply) => sorted(reply),
  sunion: (_, reply) => sorted(reply),
  sinter: (_, reply) => sorted(reply),
  sdiff: (_, reply) => sorted(reply),
  srandmember: (_, reply) => shapeOnly(reply),
  spop: (_, reply) => sorted(reply),
  sscan: (words, reply) => normaliseScan(words.slice(1), reply),
  hgetall: (_, reply) => sortedPairs(reply),
  hkeys: (_, reply) => sorted(reply),
  hvals: (_, reply) => sorted(reply),
  hrandfield: (_, reply) => shapeOnly(reply),
  hscan: (words, reply) => normalisePairScan(words, reply),
  zscan: (words, reply) => normalisePairScan(words, reply),
  object: (words, reply) => (words[1] === 'idletime' && reply.type === 'integer' ? any : reply),
  memory: (words, reply) => (words[1] === 'usage' && reply.type === 'integer' ? any : reply),
  xadd: (_, reply) => (/^1\d{12}-/.test(replyText(reply) ?? '') ? any : reply),
  xinfo: (_, reply, isOlder) => normaliseStreamInfo(reply, isOlder),
  xpending: (_, reply) => normalisePending(reply),
  hello: normaliseHello,
  acl: normaliseAcl,
  client: normaliseClient,
  command: (words, reply) => normaliseCommand(words, reply),
  config: (words, reply) => (words[1] === 'get' ? sortedPairs(maskFields(reply, ['port'])) : reply),
};

function normaliseHello(_: readonly string[], reply: Reply): Reply {
  return maskFields(reply, ['version', 'id']);
}

const any: Reply = { type: 'simple', text: '(any)' };

/** What is drawn at random is left out; how much there is must agree. */
function shapeOnly(reply: Reply): Reply {
  if (reply.type === 'bulk') return any;
  if (!('items' in reply)) return reply;
  return { type: reply.type, items: reply.items.map(shapeOnly) };
}

function sorted(reply: Reply): Reply {
  if (!('items' in reply)) return reply;
  const items = [...reply.items].sort((a, b) => (showReply(a) < showReply(b) ? -1 : 1));
  return { type: reply.type, items };
}

/**
 * With a COUNT beyond all keys the cursor is 0 and the keys are a set; else only the shape counts.
 */
function normaliseScan(words: readonly string[], reply: Reply): Reply {
  if (reply.type !== 'array' || reply.items.length !== 2) return reply;
  const [cursor, found] = reply.items;
  if (cursor === undefined || found === undefined) return reply;
  if (words[1] === '0' && words.includes('1000') && cursor.type === 'bulk') {
    return { type: 'array', items: [cursor, sorted(found)] };
  }
  return { type: 'array', items: [any, any] };
}

/** The same for a walk over pairs, of a key: the cursor stands behind the key. */
function normalisePairScan(words: readonly string[], reply: Reply): Reply {
  if (reply.type !== 'array' || reply.items.length !== 2) return reply;
  const [cursor, found] = reply.items;
  if (cursor === undefined || found === undefined) return reply;
  if (words[2] === '0' && words.includes('1000')) {
    return { type: 'array', items: [cursor, sortedPairs(found)] };
  }
  return { type: 'array', items: [any, any] };
}

/** Hides the values of some fields of a map, or of the flat array that RESP2 sends for it. */
function maskFields(reply: Reply, fields: readonly string[]): Reply {
  if (reply.type === 'map') {
    const entries = reply.entries.map(([key, value]): [Reply, Reply] =>
      fields.includes(replyText(key) ?? '') ? [key, any] : [key, value],
    );
    return { type: 'map', entries };
  }
  if (reply.type !== 'array') return reply;
  const items = reply.items.map((item, i) => {
    const before = reply.items[i - 1];
    const name = i % 2 === 1 && before !== undefined ? replyText(before) : undefined;
    return fields.includes(name ?? '') ? any : item;
  });
  return { type: 'array', items };
}

/** Fields of consumers that came with Redis 7.2, and those that tell of the moment. */
const laterConsumerFields = ['inactive', 'active-time'];
const consumerTimes = ['idle', 'seen-time', ...laterConsumerFields];
/** In milliseconds of the Unix epoch: a moment of today. */
const MOMENT = 1e12;

/**
 * Redis 7.2 makes a consumer when it first asks, 7.0 when it first gets an entry: those that hold
 * none are left out, and the number of all.
 */
function normaliseStreamInfo(reply: Reply, isOlder: boolean): Reply {
  if (reply.type === 'integer') return Number(reply.text) > MOMENT ? today(reply) : reply;
  const timeless = maskFields(reply, consumerTimes);
  const masked = isOlder ? maskConsumerCount(timeless) : timeless;
  if (masked.type === 'map') {
    const entries = masked.entries
      .filter(([key]) => !isOlder || !laterConsumerFields.includes(replyText(key) ?? ''))
      .map(([key, value]): [Reply, Reply] => [key, normaliseStreamInfo(value, isOlder)]);
    return { type: 'map', entries };
  }
  if (masked.type !== 'array') return masked;
  const { items } = masked;
  const isLater = (item: Reply | undefined): boolean =>
    isOlder && item?.type === 'bulk' && laterConsumerFields.includes(replyText(item) ?? '');
  const kept = items.filter(
    (item, i) => !isLater(item) && !isLater(items[i - 1]) && !(isOlder && isIdleConsumer(item)),
  );
  return { type: 'array', items: kept.map((item) => normaliseStreamInfo(item, isOlder)) };
}

/** A consumer in the reply of XINFO that has no pending entries. */
function isIdleConsumer(reply: Reply): boolean {
  const fields =
    reply.type === 'map' ? reply.entries.flat() : reply.type === 'array' ? reply.items : [];
  const field = (name: string): Reply | undefined => {
    const at = fields.findIndex((item, i) => i % 2 === 0 && replyText(item) === name);
    return at < 0 ? undefined : fields[at + 1];
  };
  if (field('idle') === undefined && field('seen-time') === undefined) return false;
  const pending = field('pel-count') ?? field('pending');
  return pending?.type === 'integer' && pending.text === '0';
}

function maskConsumerCount(reply: Reply): Reply {
  const isCount = (value: Reply | undefined): boolean => value?.type === 'integer';
  if (reply.type === 'map') {
    const counted = reply.entries.some(([k, v]) => replyText(k) === 'consumers' && isCount(v));
    return counted ? maskFields(reply, ['consumers']) : reply;
  }
  if (reply.type !== 'array') return reply;
  const at = reply.items.findIndex(
    (item) => item.type === 'bulk' && replyText(item) === 'consumers',
  );
  return at >= 0 && isCount(reply.items[at + 1]) ? maskFields(reply, ['consumers']) : reply;
}

/** A moment of the last hours stands for all of them; others must agree. */
function today(reply: Reply): Reply {
  return Number(replyText(reply)) < 9e12 ? any : reply;
}

/** An entry is idle for a few milliseconds, or as long as XCLAIM made it. */
function normalisePending(reply: Reply): Reply {
  if (reply.type !== 'array') return reply;
  const items = reply.items.map((entry): Reply => {
    if (entry.type !== 'array' || entry.items.length !== 4) return entry;
    const idle = Math.round(Number(replyText(entry.items[2] as Reply)) / 50_000);
    const shown: Reply = { type: 'integer', text: String(idle) };
    return { type: 'array', items: entry.items.map((item, i) => (i === 2 ? shown : item)) };
  });
  return { type: 'array', items };
}

/** CONFIG GET lists its options in no order. */
function sortedPairs(reply: Reply): Reply {
  const pairs: [Reply, Reply][] = [];
  if (reply.type === 'map') pairs.push(...reply.entries.map(([k, v]): [Reply, Reply] => [k, v]));
  else if (reply.type === 'array') {
    for (let i = 0; i + 1 < reply.items.length; i += 2) {
      pairs.push([reply.items[i] as Reply, reply.items[i + 1] as Reply]);
    }
  } else return reply;
  pairs.sort(([a], [b]) => (showReply(a) < showReply(b) ? -1 : 1));
  return reply.type === 'map'
    ? { type: 'map', entries: pairs }
    : { type: 'array', items: pairs.flat() };
}

/** Fields of CLIENT INFO and LIST whose values must agree; of the others only the names. */
const clientFields = [
  'name',
  'db',
  'sub',
  'psub',
  'ssub',
  'multi',
  'events',
  'cmd',
  'user',
  'redir',
  'flags',
];
/** Fields that Redis 7.0 does not have yet. */
const laterClientFields = ['resp', 'lib-name', 'lib-ver'];
/** One that came with Redis 7.4. */
const latestClientField = 'watch';

function normaliseClient(words: readonly string[], reply: Reply, isOlder: boolean): Reply {
  if (words[1] === 'id' && reply.type === 'integer') return any;
  // Without a filter it counts connections, of which an earlier one may still be closing.
  if (words[1] === 'kill' && words[2] === 'skipme' && reply.type === 'integer') return any;
  if (words[1] !== 'info' && words[1] !== 'list') return reply;
  const text = replyText(reply);
  if (text === undefined || reply.type === 'error') return reply;
  const lines = text.split('\n').filter((line) => line !== '');
  // Other connections may be there too, the control connection among them: ours is the last.
  const own = words[1] === 'list' && words.length > 2 ? lines : lines.slice(-1);
  const shown = own.map((line) =>
    line
      .split(' ')
      .map((field) => field.split('='))
      .filter(([name = '']) => name !== latestClientField && !(isOlder && isLaterField(name)))
      .map(([name = '', value]) =>
        clientFields.includes(name) || isLaterField(name) ? `${name}=${value}` : name,
      )
      .join(' '),
  );
  return { type: 'simple', text: shown.join('\n') };
}

function isLaterField(name: string): boolean {
  return laterClientFields.includes(name);
}

function normaliseCommand(words: readonly string[], reply: Reply): Reply {
  if ((words[1] === 'count' || words.length === 1) && reply.type !== 'error') return any;
  const listsAll = words[1] === 'list' || (words[1] === 'info' && words.length === 2);
  if (listsAll && reply.type !== 'error') return any;
  if (words[1] !== 'info' || reply.type !== 'array') return reply;
  return { type: 'array', items: reply.items.map(commandInfo) };
}

/** Flags, categories and tips are sets; a subcommand's order means nothing. */
function commandInfo(info: Reply): Reply {
  if (info.type !== 'array') return info;
  return {
    type: 'array',
    items: info.items.map((item, index) => {
      if (index === 2 || index === 6 || index === 7) return sorted(item);
      if (index === 9 && item.type === 'array') {
        return sorted({ type: 'array', items: item.items.map(commandInfo) });
      }
      return item;
    }),
  };
}
