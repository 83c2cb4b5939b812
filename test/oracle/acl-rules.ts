// What rules of users mean, compared by asking: random users, made of the same rules on both
// servers, then ACL DRYRUN of commands that both know, with random arguments. 7.0 derives the rules
// that it shows anew and 7.2 shows those that were given: so what ours shows is given to both once
// more, and must decide everything as before.
import { RespClient } from '../support/client.ts';
import { Random } from '../support/random.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import { inOlderWords } from './acl-replies.ts';
import { Draw } from './draw.ts';
import { rule, withoutNested } from './grammars/acl.ts';

const CALLS_A_ROUND = 400;

const words = [
  'a',
  'k1',
  'k2',
  'user:{1}:x',
  '',
  'b',
  '0',
  '1',
  '2',
  'ch1',
  'news.x',
  'ch*',
  'STREAMS',
  'store',
  'by',
  'GET',
  'keys',
  'LEFT',
  'set',
  'u8',
];

export interface RuleMismatch {
  readonly what: string;
  readonly ours: string;
  readonly real: string;
}

/** A command's name, and its container's in front of it, with the arguments it needs at least. */
interface Callable {
  readonly names: readonly string[];
  readonly argumentCount: number;
  readonly takesMore: boolean;
}

/** The commands that both servers know, subcommands too. */
async function commonCommands(ours: RespClient, real: RespClient): Promise<Callable[]> {
  const describe = async (client: RespClient): Promise<Map<string, Callable>> => {
    const found = new Map<string, Callable>();
    const add = (reply: Reply): void => {
      if (reply.type !== 'array') return;
      const [name, arity] = reply.items.map((item) => replyText(item) ?? '');
      const names = (name ?? '').split('|');
      const argumentCount = Math.abs(Number(arity)) - names.length;
      found.set(name ?? '', { names, argumentCount, takesMore: Number(arity) < 0 });
      const subcommands = reply.items[9];
      if (subcommands?.type === 'array') for (const sub of subcommands.items) add(sub);
    };
    const reply = await client.command('COMMAND');
    if (reply.type === 'array') for (const item of reply.items) add(item);
    return found;
  };
  const theirs = await describe(real);
  return [...(await describe(ours))].flatMap(([name, mine]) => {
    const other = theirs.get(name);
    if (other === undefined) return [];
    const argumentCount = Math.max(mine.argumentCount, other.argumentCount);
    return [{ ...mine, argumentCount, takesMore: mine.takesMore && other.takesMore }];
  });
}

function drawCall(draw: Draw, { names, argumentCount, takesMore }: Callable): string[] {
  const more = takesMore && draw.chance(0.5) ? draw.below(4) : 0;
  const count = Math.max(0, argumentCount) + more;
  return [...names, ...Array.from({ length: count }, () => draw.pick(words))];
}

const latin1 = (parts: readonly string[]): Buffer[] =>
  parts.map((part) => Buffer.from(part, 'latin1'));

/** The rules of a user as a server shows them, as words behind a name. */
async function shownRules(client: RespClient, name: string): Promise<string[]> {
  const reply = await client.command('ACL', 'LIST');
  const lines = reply.type === 'array' ? reply.items.map((item) => replyText(item) ?? '') : [];
  const line = lines.find((text) => text.startsWith(`user ${name} `)) ?? '';
  return line.split(' ').slice(2);
}

async function setUser(client: RespClient, name: string, rules: readonly string[]): Promise<Reply> {
  return client.command('ACL', 'SETUSER', name, ...latin1(rules));
}

async function decisions(
  client: RespClient,
  name: string,
  calls: readonly string[][],
): Promise<string[]> {
  const replies = await client.pipeline(
    calls.map((call) => ['ACL', 'DRYRUN', name, ...latin1(call)]),
  );
  return replies.map((reply) => showReply(inOlderWords(reply)));
}

async function decisionsOfBoth(
  [ours, real]: readonly [RespClient, RespClient],
  name: string,
  calls: readonly string[][],
): Promise<readonly [string[], string[]]> {
  return Promise.all([decisions(ours, name, calls), decisions(real, name, calls)]);
}

/** Rules that no parenthesis stays open in, so that they can be given one after the other. */
function drawRules(draw: Draw): string[][] {
  const count = draw.between(1, 9);
  return Array.from({ length: count }, () => withoutNested(rule(draw)));
}

async function compareRound(
  draw: Draw,
  [ours, real]: readonly [RespClient, RespClient],
  commands: readonly Callable[],
): Promise<RuleMismatch | undefined> {
  for (const client of [ours, real]) {
    await client.command('ACL', 'DELUSER', 'given', 'shown');
    await setUser(client, 'given', []);
  }
  const given: string[] = [];
  for (const rules of drawRules(draw)) {
    given.push(...rules);
    const [a, b] = await Promise.all([
      setUser(ours, 'given', rules),
      setUser(real, 'given', rules),
    ]);
    if (showReply(a) === showReply(b)) continue;
    return { what: `SETUSER ${JSON.stringify(rules)}`, ours: showReply(a), real: showReply(b) };
  }
  const shown = await shownRules(ours, 'given');
  for (const client of [ours, real]) await setUser(client, 'shown', ['reset', ...shown]);
  const calls = Array.from({ length: CALLS_A_ROUND }, () => drawCall(draw, draw.pick(commands)));
  const [a, b] = await decisionsOfBoth([ours, real], 'given', calls);
  const [c, d] = await decisionsOfBoth([ours, real], 'shown', calls);
  // A pattern of all keys for reading and writing is shown as the rule for all keys.
  const isExact = !given.some((word) => word.includes('~*'));
  for (const [i, call] of calls.entries()) {
    if (a[i] === b[i] && c[i] === d[i] && (a[i] === c[i] || !isExact)) continue;
    return {
      what: `DRYRUN ${JSON.stringify(call)}\n  given ${JSON.stringify(given)}\n  shown ${JSON.stringify(shown)}`,
      ours: `${a[i]}, and by the rules that ours shows: ${c[i]}`,
      real: `${b[i]}, and by the rules that ours shows: ${d[i]}`,
    };
  }
  return undefined;
}

/**
 * Compares what random rules allow.
 * @param rounds users that are made
 * @returns the first difference, or undefined
 */
export async function compareRules(
  ports: { readonly ours: number; readonly real: number },
  seed: number,
  rounds: number,
): Promise<RuleMismatch | undefined> {
  const ours = await RespClient.connect({ port: ports.ours });
  const real = await RespClient.connect({ port: ports.real });
  try {
    const commands = await commonCommands(ours, real);
    const random = new Random(seed);
    for (let i = 0; i < rounds; i++) {
      const found = await compareRound(new Draw(random.below(2 ** 31)), [ours, real], commands);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    for (const client of [ours, real]) {
      await client.command('ACL', 'DELUSER', 'given', 'shown');
      await client.close();
    }
  }
}
