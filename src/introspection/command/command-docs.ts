// COMMAND DOCS' description of a command: what people and client generators read.
// https://redis.io/docs/latest/commands/command-docs/

import type { Command } from '../../engine/command.ts';
import type { ArgumentSpec, CommandSpec } from '../../engine/command-spec.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { writeFlags } from './command-info.ts';

type WriteField = readonly [name: string, write: (reply: ReplyWriter) => void];

function text(name: string, value: string): WriteField {
  return [name, (reply) => reply.bulkText(value)];
}

function writeMap(reply: ReplyWriter, fields: readonly WriteField[]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.bulkLatin1(name);
    write(reply);
  }
}

/** Writes the documentation of a command. */
export function writeCommandDocs(reply: ReplyWriter, command: Command): void {
  const { spec } = command;
  const fields: WriteField[] = [
    text('summary', spec.summary),
    text('since', spec.since),
    text('group', spec.group),
  ];
  if (spec.complexity !== '') fields.push(text('complexity', spec.complexity));
  const docFlags = docFlagsOf(spec);
  if (docFlags.length > 0) fields.push(['doc_flags', (out) => writeFlags(out, docFlags)]);
  if (spec.deprecated !== undefined) {
    fields.push(text('deprecated_since', spec.deprecated.since));
    const { replacedBy } = spec.deprecated;
    if (replacedBy !== '') fields.push(text('replaced_by', replacedBy));
  }
  const { history = [], args = [] } = spec;
  if (history.length > 0) fields.push(['history', (out) => writeHistory(out, history)]);
  if (args.length > 0) fields.push(['arguments', (out) => writeArguments(out, args)]);
  const { subcommands } = command;
  if (subcommands !== null) {
    fields.push(['subcommands', (out) => writeDocsOf(out, subcommands.all())]);
  }
  writeMap(reply, fields);
}

/** Writes the documentation of commands as a map by their full names. */
export function writeDocsOf(reply: ReplyWriter, commands: readonly Command[]): void {
  reply.map(commands.length);
  for (const command of commands) {
    reply.bulkLatin1(command.fullName);
    writeCommandDocs(reply, command);
  }
}

function docFlagsOf(spec: CommandSpec): string[] {
  const { docFlags = [], deprecated } = spec;
  const isDeprecated = deprecated !== undefined || docFlags.includes('deprecated');
  return [
    ...(isDeprecated ? ['deprecated'] : []),
    ...(docFlags.includes('syscmd') ? ['syscmd'] : []),
  ];
}

function writeHistory(reply: ReplyWriter, history: readonly (readonly [string, string])[]): void {
  reply.set(history.length);
  for (const [since, change] of history) {
    reply.array(2);
    reply.bulkText(since);
    reply.bulkText(change);
  }
}

function writeArguments(reply: ReplyWriter, args: readonly ArgumentSpec[]): void {
  reply.array(args.length);
  for (const arg of args) writeArgument(reply, arg);
}

function writeArgument(reply: ReplyWriter, arg: ArgumentSpec): void {
  const isGroup = arg.type === 'oneof' || arg.type === 'block';
  const { keySpecIndex } = arg;
  const fields: WriteField[] = [text('name', arg.name), text('type', arg.type)];
  if (!isGroup) fields.push(text('display_text', arg.display ?? arg.name));
  if (keySpecIndex !== undefined) {
    fields.push(['key_spec_index', (out) => out.integer(keySpecIndex)]);
  }
  if (arg.token !== undefined) fields.push(text('token', arg.token));
  if (arg.summary !== undefined) fields.push(text('summary', arg.summary));
  if (arg.since !== undefined) fields.push(text('since', arg.since));
  if (arg.deprecatedSince !== undefined) {
    fields.push(text('deprecated_since', arg.deprecatedSince));
  }
  const flags = [
    ...(arg.optional === true ? ['optional'] : []),
    ...(arg.multiple === true ? ['multiple'] : []),
    ...(arg.multipleToken === true ? ['multiple_token'] : []),
  ];
  if (flags.length > 0) fields.push(['flags', (out) => writeFlags(out, flags)]);
  if (isGroup) fields.push(['arguments', (out) => writeArguments(out, arg.args ?? [])]);
  writeMap(reply, fields);
}
