// One run: random commands to the head of a chain while links are cut and replicas killed; then all
// servers must come to the same data.
import { Draw } from '../oracle/draw.ts';
import type { CommandGrammar } from '../oracle/grammar.ts';
import { dataGroups, grammars } from '../oracle/grammars/index.ts';
import type { RespClient } from '../support/client.ts';
import { encodeCommand, type Reply, replyText, showReply } from '../support/resp.ts';
import { Chain, type Kind } from './chain.ts';
import type { Hosts } from './hosts.ts';

/** They wait, or change how the connection or the server works. */
const LEFT_OUT =
  /^(b(l|r|z)|flush|config|debug|client|object|h(p?expire|p?ttl|persist|getdel|getex|setex))/i;
/**
 * What BITFIELD does not write with OVERFLOW FAIL is known to masters of Redis alone; distances
 * that are stored differ in the last digit, as the sines of two C libraries do.
 * A score of -0 is 0 in a listpack and -0 in a skip list, and a snapshot turns one into the other:
 * Redis's own data set is another one after DEBUG RELOAD.
 */
const DIFFERS_BY_DESIGN = /^(-0(\.0*)?(e.*)?|weights|storedist|fail)$/i;
const PIPELINE = 25;
const SETTLE_MS = 30_000;
const MOST_DIFFERENCES = 20;

export interface ChaosOptions {
  readonly kinds: readonly Kind[];
  readonly seed: number;
  /** Commands to send. */
  readonly commands: number;
  /** Accidents on the way. */
  readonly accidents: number;
  readonly mayKill: boolean;
  /** Each accident waits until the chain has recovered from the one before it. */
  readonly isPaced?: boolean;
  readonly args?: readonly string[];
  /** Hosts for the servers; without them all are on the loopback address, behind relays. */
  readonly hosts?: Hosts;
}

export interface ChaosResult {
  readonly digests: readonly string[];
  /** Keys that the data sets have at the end, in all databases. */
  readonly keys: number;
  /** Full synchronizations that each server has given. */
  readonly fullSyncs: readonly number[];
}

function commandsOf(): CommandGrammar[] {
  const chosen = grammars.filter(({ group }) => dataGroups.includes(group));
  return chosen.flatMap(({ commands }) => commands).filter(({ name }) => !LEFT_OUT.test(name));
}

async function field(client: RespClient, name: string): Promise<string> {
  const text = await client.expectText('INFO', 'everything');
  return new RegExp(`^${name}:(.*)\\r$`, 'm').exec(text)?.[1] ?? '';
}

/** The offset that a server has reached. */
async function offsetOf(client: RespClient): Promise<number> {
  return Number(await field(client, 'master_repl_offset'));
}

/** How a value of a type is shown whole. */
const READ_WHOLE: Readonly<Record<string, readonly string[]>> = {
  list: ['LRANGE', '0', '-1'],
  hash: ['HGETALL'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
  stream: ['XRANGE', '-', '+'],
};

/** Keys whose values differ from those of the head, a line each. */
async function compare(clients: readonly RespClient[]): Promise<string[]> {
  const lines: string[] = [];
  for (let db = 0; db < 16 && lines.length < MOST_DIFFERENCES; db++) {
    const seen = new Set<string>();
    for (const client of clients) {
      await client.command('SELECT', String(db));
      const reply = await client.command('KEYS', '*');
      if ('items' in reply)
        for (const key of reply.items) seen.add(bytesOf(key).toString('latin1'));
    }
    for (const key of seen) {
      const name = Buffer.from(key, 'latin1');
      const told: string[] = [];
      for (const client of clients) {
        const digest = await client.command('DEBUG', 'DIGEST-VALUE', name);
        const expiry = await client.command('PEXPIRETIME', name);
        told.push(JSON.stringify([digest, expiry].map((each) => describe(each))));
      }
      if (told.some((each) => each !== told[0])) {
        lines.push(`database ${db} ${JSON.stringify(key)}: ${told.join(' | ')}`);
        for (const client of clients) {
          const type = replyText(await client.command('TYPE', name));
          const what = READ_WHOLE[type ?? ''] ?? ['GET'];
          const value = await client.command(what[0]!, name, ...what.slice(1));
          lines.push(`  ${showReply(value).slice(0, 1500)}`);
        }
      }
    }
  }
  return lines;
}

function bytesOf(reply: Reply): Buffer {
  return Buffer.from(replyText(reply) ?? '', 'latin1');
}

function describe(reply: Reply): string {
  if ('items' in reply) return reply.items.map(describe).join(',');
  return replyText(reply) ?? '';
}

async function settle(chain: Chain): Promise<string[]> {
  const clients: RespClient[] = [];
  for (const server of chain.servers) clients.push(await server.client());
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const offsets = await Promise.all(clients.map(offsetOf));
    const links = await Promise.all(
      clients.slice(1).map((each) => field(each, 'master_link_status')),
    );
    const isEven = offsets.every((offset) => offset === offsets[0]);
    const digests = await Promise.all(clients.map((each) => each.expectText('DEBUG', 'DIGEST')));
    const isSettled = isEven && links.every((status) => status === 'up');
    if (isSettled && digests.every((digest) => digest === digests[0])) {
      for (const client of clients) await client.close();
      return digests;
    }
    if (performance.now() > deadline) {
      const differences = await compare(clients);
      for (const client of clients) await client.close();
      return [
        ...digests,
        ...differences,
        `offsets ${offsets.join(' ')}`,
        `links ${links.join(' ')}`,
      ];
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs one chain. */
export async function runChaos(realProgram: string, options: ChaosOptions): Promise<ChaosResult> {
  const { kinds, seed, commands, accidents, mayKill } = options;
  const chain = new Chain(kinds, realProgram, options.args ?? [], options.hosts);
  const draw = new Draw(seed);
  try {
    await chain.start();
    const head = await chain.servers[0]!.client();
    const known = commandsOf();
    const rounds = Math.ceil(commands / PIPELINE);
    const every = Math.max(1, Math.floor(rounds / (accidents + 1)));
    for (let round = 1; round <= rounds; round++) {
      let bytes = '';
      for (let i = 0; i < PIPELINE; i++) bytes += drawStep(draw, known);
      head.write(Buffer.from(`${bytes}*1\r\n$4\r\nPING\r\n`, 'latin1'));
      for (;;) {
        const reply = await head.read();
        if ('text' in reply && reply.text === 'PONG') break;
      }
      if (round % every !== 0) continue;
      if (options.isPaced === true) await recovered(chain);
      await cause(chain, draw, mayKill);
    }
    await head.close();
    await chain.healed();
    const digests = await settle(chain);
    return { digests, ...(await countsOf(chain)) };
  } catch (error) {
    for (const { child, log } of chain.servers) {
      if (child.exitCode !== null || child.signalCode !== null) console.log(log().slice(0, 6000));
    }
    throw error;
  } finally {
    await chain.stop();
  }
}

function drawStep(draw: Draw, known: readonly CommandGrammar[]): string {
  const encode = (): string => {
    const chosen = draw.pick(known);
    const words = [chosen.name, ...chosen.args(draw)];
    if (words.some((word) => DIFFERS_BY_DESIGN.test(word))) return encode();
    const bytes = words.map((word) => Buffer.from(word, 'latin1'));
    return Buffer.from(encodeCommand(bytes)).toString('latin1');
  };
  if (!draw.chance(0.1)) return encode();
  const inner = Array.from({ length: 1 + draw.below(4) }, encode).join('');
  return `*1\r\n$5\r\nMULTI\r\n${inner}*1\r\n$4\r\nEXEC\r\n`;
}

/** Waits until every replica follows its master. */
async function recovered(chain: Chain): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  for (const server of chain.servers.slice(1)) {
    await using client = await server.client();
    while ((await field(client, 'master_link_status')) !== 'up') {
      if (performance.now() > deadline) throw new Error('a replica does not find its master');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A link breaks, or a replica dies. */
async function cause(chain: Chain, draw: Draw, mayKill: boolean): Promise<void> {
  if (mayKill && draw.chance(0.3)) {
    await chain.healed();
    await chain.restart(1 + draw.below(chain.servers.length - 1));
  } else chain.cut(1 + draw.below(chain.servers.length - 1), draw.chance(0.5));
}

async function countsOf(chain: Chain): Promise<{ keys: number; fullSyncs: number[] }> {
  const fullSyncs: number[] = [];
  let keys = 0;
  for (const server of chain.servers) {
    await using client = await server.client();
    fullSyncs.push(Number(await field(client, 'sync_full')));
    let count = 0;
    const databases = await client.expectText('INFO', 'keyspace');
    for (const [, own] of databases.matchAll(/^db\d+:keys=(\d+)/gm)) count += Number(own);
    keys = Math.max(keys, count);
  }
  return { keys, fullSyncs };
}
