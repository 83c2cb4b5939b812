// `npx tsx scripts/compatibility.ts` writes the tables of docs/COMPATIBILITY.md anew: commands from
// what a server tells of itself by COMMAND DOCS, options from their table. Each table stands
// between two marks in the page; the words around them are written by hand. A test of test/tidy
// compares.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '../src/config/config.ts';
import { describeOptions } from '../src/config/describe.ts';
import { nodeDisk } from '../src/config/node-disk.ts';
import { createServer } from '../src/index.ts';
import { RespClient } from '../test/support/client.ts';
import { type Reply, replyText } from '../test/support/resp.ts';
import { redisCommands } from './redis-commands.ts';

/** Text of each table by the name of its mark. */
export type Tables = Readonly<Record<string, string>>;

interface KnownCommand {
  readonly name: string;
  readonly group: string;
  readonly subcommands: readonly string[];
}

function fieldsOf(reply: Reply | undefined): Map<string, Reply> {
  if (reply?.type !== 'array') throw new Error('COMMAND DOCS has another form');
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < reply.items.length; i += 2) {
    const [name, value] = [reply.items[i] as Reply, reply.items[i + 1] as Reply];
    fields.set(replyText(name) ?? '', value);
  }
  return fields;
}

/** The commands of our server, by name. */
async function knownCommands(): Promise<KnownCommand[]> {
  await using server = await createServer({ listen: false });
  const client = new RespClient(server.connect() as unknown as Socket);
  const docs = fieldsOf(await client.command('COMMAND', 'DOCS'));
  await client.close();
  const commands = [...docs].map(([name, reply]) => {
    const fields = fieldsOf(reply);
    const group = fields.get('group');
    const subcommands = fields.get('subcommands');
    const names = subcommands === undefined ? [] : [...fieldsOf(subcommands).keys()];
    return {
      name,
      group: (group && replyText(group)) ?? '',
      subcommands: names.map((word) => word.split('|')[1] ?? word).sort(),
    };
  });
  return commands.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function commandTable(known: readonly KnownCommand[]): string {
  const names = new Set(known.map(({ name }) => name));
  const lines = ['| group | there | not yet |', '| --- | --- | --- |'];
  const show = (list: readonly string[]): string => list.map((n) => n.toUpperCase()).join(' ');
  let total = 0;
  let present = 0;
  for (const [group, text] of Object.entries(redisCommands)) {
    const all = text.split(' ');
    const there = all.filter((name) => names.has(name));
    const missing = all.filter((name) => !names.has(name));
    total += all.length;
    present += there.length;
    lines.push(`| ${group} | ${show(there)} | ${show(missing)} |`);
  }
  lines.push('', `${present} of the ${total} commands of Redis 7.2.`, '');
  lines.push('Commands with subcommands:', '');
  for (const { name, subcommands } of known) {
    if (subcommands.length > 0) lines.push(`- ${name.toUpperCase()}: ${show(subcommands)}`);
  }
  return lines.join('\n');
}

function optionTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const lines = ['| option | type | default | CONFIG SET |', '| --- | --- | --- | --- |'];
  for (const option of describeOptions(
    new Config({ directory: '.', resolveDirectory: nodeDisk.resolveDirectory }),
  )) {
    if (option.hidden) continue;
    // The folder that a server starts in is nobody's business.
    const initial = option.name === 'dir' ? 'the current folder' : option.initial;
    const change = option.mutable ? 'yes' : 'no';
    lines.push(`| ${option.name} | ${cell(option.type)} | ${cell(initial)} | ${change} |`);
  }
  return lines.join('\n');
}

/** All tables, made from the code as it is. */
export async function compatibilityTables(): Promise<Tables> {
  return { commands: commandTable(await knownCommands()), options: optionTable() };
}

/** The page with its tables replaced. @throws Error when a mark is missing. */
export function replaceTables(page: string, tables: Tables): string {
  let result = page;
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const from = result.indexOf(begin);
    const to = result.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the page has no mark ${begin}`);
    result = `${result.slice(0, from)}${begin}\n\n${table}\n\n${result.slice(to)}`;
  }
  return result;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(import.meta.dirname, '../docs/COMPATIBILITY.md');
  writeFileSync(file, replaceTables(readFileSync(file, 'utf8'), await compatibilityTables()));
}
