// What a reply has to be, in a form that is the same in RESP2 and RESP3: the tokens of the
// reply, one for each leaf, with its type in front. A double counts as a bulk and a map as its
// flat list, since that is how RESP2 has them; how replies nest is the oracle's business. Pure;
// used by all of test/load.
import { type Reply, replyText } from '../support/resp.ts';

/** Looks at a reply. Returns what is wrong with it, or undefined. */
export type Check = (reply: Reply) => string | undefined;

function collect(reply: Reply, tokens: string[]): void {
  switch (reply.type) {
    case 'simple':
      tokens.push(`+${reply.text}`);
      return;
    case 'error':
      tokens.push(`-${reply.text}`);
      return;
    case 'integer':
      tokens.push(`:${reply.text}`);
      return;
    case 'null':
      tokens.push('_');
      return;
    case 'boolean':
      tokens.push(reply.value ? ':1' : ':0');
      return;
    case 'map':
    case 'attribute':
      if (reply.entries.length === 0) tokens.push('[]');
      for (const [key, value] of reply.entries) {
        collect(key, tokens);
        collect(value, tokens);
      }
      return;
    case 'array':
    case 'set':
    case 'push':
      if (reply.items.length === 0) tokens.push('[]');
      for (const item of reply.items) collect(item, tokens);
      return;
    default:
      tokens.push(`$${replyText(reply)}`);
  }
}

export function tokensOf(reply: Reply): string[] {
  const tokens: string[] = [];
  collect(reply, tokens);
  return tokens;
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length})` : text;
}

function differ(expected: string, found: string): string | undefined {
  return expected === found ? undefined : `wants ${shorten(expected)}, got ${shorten(found)}`;
}

/** Exactly these tokens. */
export function is(...expected: readonly string[]): Check {
  return (reply) => differ(expected.join(' '), tokensOf(reply).join(' '));
}

/** A list of bulks in this order; the empty one too. */
export function isList(values: readonly string[]): Check {
  return is(...(values.length === 0 ? ['[]'] : values.map((value) => `$${value}`)));
}

/** Bulks in whatever order, in groups of `size` that stay together (2 for fields and values). */
export function isBag(values: readonly string[], size = 1): Check {
  const group = (tokens: readonly string[]): string => {
    const groups: string[] = [];
    for (let at = 0; at < tokens.length; at += size) {
      groups.push(tokens.slice(at, at + size).join('='));
    }
    return groups.sort().join(' ');
  };
  const expected = group(values.length === 0 ? ['[]'] : values.map((value) => `$${value}`));
  return (reply) => differ(expected, group(tokensOf(reply)));
}

export function isInteger(value: number): Check {
  return is(`:${value}`);
}

export function isBulk(value: string | undefined): Check {
  return is(value === undefined ? '_' : `$${value}`);
}

export const isOk: Check = is('+OK');

/** One of several; for what depends on other clients. */
export function isOneOf(...checks: readonly Check[]): Check {
  return (reply) => {
    const complaints: string[] = [];
    for (const check of checks) {
      const complaint = check(reply);
      if (complaint === undefined) return undefined;
      complaints.push(complaint);
    }
    return complaints.join('; or ');
  };
}

/** An error whose text begins so. */
export function isError(start: string): Check {
  return (reply) =>
    reply.type === 'error' && reply.text.startsWith(start)
      ? undefined
      : `wants an error ${start}, got ${shorten(tokensOf(reply).join(' '))}`;
}

/** What EXEC answers: an array with one reply for each queued command. */
export function isTransaction(checks: readonly Check[]): Check {
  return (reply) => {
    if (reply.type !== 'array' || reply.items.length !== checks.length) {
      return `wants ${checks.length} replies of EXEC, got ${shorten(tokensOf(reply).join(' '))}`;
    }
    for (const [index, check] of checks.entries()) {
      const complaint = check(reply.items[index] as Reply);
      if (complaint !== undefined) return `reply ${index} of EXEC ${complaint}`;
    }
    return undefined;
  };
}

/** The number in an integer reply, or undefined. */
export function integerOf(reply: Reply): number | undefined {
  return reply.type === 'integer' ? Number(reply.text) : undefined;
}
