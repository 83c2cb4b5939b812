// COMMAND INFO's description of a command: ten fields, with maps and sets in RESP3.
// https://redis.io/docs/latest/commands/command/

import type { Command } from '../../engine/command.ts';
import type { KeySpec } from '../../engine/command-spec.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';

/** Writes words as a set of simple strings. */
export function writeFlags(reply: ReplyWriter, flags: readonly string[]): void {
  reply.set(flags.length);
  for (const flag of flags) reply.simple(flag);
}

const KEY_FLAG_ORDER = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
] as const;

/** Writes the flags of a key in Redis's order. */
export function writeKeyFlags(reply: ReplyWriter, flags: KeySpec['flags']): void {
  writeFlags(
    reply,
    KEY_FLAG_ORDER.filter((flag) => flags.includes(flag)),
  );
}

/** Writes the description of a command, or null for none. */
export function writeCommandInfo(reply: ReplyWriter, command: Command | undefined): void {
  if (command === undefined) {
    reply.null();
    return;
  }
  const { spec, keyRange } = command;
  reply.array(10);
  reply.bulkLatin1(command.fullName);
  reply.integer(command.arity);
  writeFlags(reply, command.flagNames);
  reply.integer(keyRange.first);
  reply.integer(keyRange.last);
  reply.integer(keyRange.step);
  writeFlags(
    reply,
    command.categories.map((category) => `@${category}`),
  );
  const tips = spec.tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.bulkLatin1(tip);
  const keys = spec.keys ?? [];
  reply.set(keys.length);
  for (const key of keys) writeKeySpec(reply, key);
  const subcommands = command.subcommands?.all();
  if (subcommands === undefined) {
    reply.set(0);
    return;
  }
  reply.array(subcommands.length);
  for (const subcommand of subcommands) writeCommandInfo(reply, subcommand);
}

function writeKeySpec(reply: ReplyWriter, { notes, flags, begin, find }: KeySpec): void {
  reply.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) {
    reply.bulkLatin1('notes');
    reply.bulkText(notes);
  }
  reply.bulkLatin1('flags');
  writeKeyFlags(reply, flags);
  reply.bulkLatin1('begin_search');
  if ('index' in begin) {
    writeStep(reply, 'index', [['index', begin.index]]);
  } else if ('keyword' in begin) {
    writeStep(reply, 'keyword', [
      ['keyword', begin.keyword],
      ['startfrom', begin.startFrom],
    ]);
  } else {
    writeStep(reply, 'unknown', []);
  }
  reply.bulkLatin1('find_keys');
  if ('lastKey' in find) {
    writeStep(reply, 'range', [
      ['lastkey', find.lastKey],
      ['keystep', find.step],
      ['limit', find.limit],
    ]);
  } else if ('keynumIndex' in find) {
    writeStep(reply, 'keynum', [
      ['keynumidx', find.keynumIndex],
      ['firstkey', find.firstKey],
      ['keystep', find.step],
    ]);
  } else {
    writeStep(reply, 'unknown', []);
  }
}

function writeStep(
  reply: ReplyWriter,
  type: string,
  fields: readonly (readonly [string, string | number])[],
): void {
  reply.map(2);
  reply.bulkLatin1('type');
  reply.bulkLatin1(type);
  reply.bulkLatin1('spec');
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.bulkLatin1(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.bulkLatin1(value);
  }
}
