// INFO: text of named sections, each a title and `field:value` lines.
// https://redis.io/docs/latest/commands/info/

import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import type { ServerContext } from '../server-context.ts';
import { keyspaceSection, memorySection, persistenceSection } from './data-sections.ts';
import type { InfoSection } from './info-section.ts';
import {
  clientsSection,
  clusterSection,
  cpuSection,
  debugSection,
  modulesSection,
  serverSection,
} from './server-sections.ts';
import {
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
  statsSection,
} from './statistics-sections.ts';

/**
 * All sections in the order in which they are shown.
 * @param replication the section of the feature of that name.
 */
export function infoSections(context: ServerContext, replication: InfoSection): InfoSection[] {
  return [
    serverSection(context),
    clientsSection(context),
    memorySection(context),
    persistenceSection(context),
    statsSection(context),
    replication,
    cpuSection(),
    modulesSection(),
    commandStatsSection(context),
    errorStatsSection(context),
    latencyStatsSection(context),
    clusterSection(),
    keyspaceSection(context),
    debugSection(context),
  ];
}

/**
 * The text of the sections that the words ask for: names, `default`, `all` or `everything`, in any
 * case and number; no word asks for the default ones. A word that names nothing adds nothing.
 */
export function infoText(sections: readonly InfoSection[], words: readonly string[]): string {
  const wanted = new Set(words.map((word) => word.toLowerCase()));
  const wantsAll = wanted.has('all') || wanted.has('everything');
  const wantsDefault = words.length === 0 || wanted.has('default');
  const blocks: string[] = [];
  for (const section of sections) {
    const { names, title, shown } = section;
    const isWanted =
      (wantsAll && shown !== 'when-named') ||
      (wantsDefault && shown === 'by-default') ||
      names.some((name) => wanted.has(name));
    if (!isWanted) continue;
    const lines = [`# ${title}`];
    section.write(lines);
    blocks.push(lines.map((line) => `${line}\r\n`).join(''));
  }
  return blocks.join('\r\n');
}

function wordsOf(args: Args): string[] {
  return Array.from({ length: args.count - 1 }, (_, i) => args.latin1(i + 1));
}

/** INFO over the sections of a server. */
export function infoCommand(sections: readonly InfoSection[]): CommandSpec {
  return {
    name: 'info',
    group: 'server',
    since: '1.0.0',
    summary: 'Tells about the server and its statistics.',
    complexity: 'O(1)',
    arity: -1,
    flags: ['loading', 'stale'],
    acl: ['dangerous'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    args: [{ name: 'section', type: 'string', optional: true, multiple: true }],
    history: [['7.0.0', 'Added support for taking multiple section arguments.']],
    replies: ['verbatim-string'],
    run: (call, args) => call.reply.verbatim('txt', infoText(sections, wordsOf(args))),
  };
}
