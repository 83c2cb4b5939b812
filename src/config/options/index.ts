// All options in one table, in the order that CONFIG GET and CONFIG REWRITE use. Each option is
// declared once, in the file of its topic; whoever adds a topic adds it in the two places here.
import type { OptionGroup, ValueOf } from '../option.ts';
import { advancedOptions } from './advanced.ts';
import { appendOnlyOptions } from './append-only.ts';
import { clientOptions } from './clients.ts';
import { clusterOptions } from './cluster.ts';
import { dataStructureOptions } from './data-structures.ts';
import { generalOptions } from './general.ts';
import { lazyFreeOptions } from './lazy-free.ts';
import { memoryOptions } from './memory.ts';
import { networkOptions } from './network.ts';
import { replicationOptions } from './replication.ts';
import { scriptingOptions } from './scripting.ts';
import { securityOptions } from './security.ts';
import { slowlogLatencyOptions } from './slowlog-latency.ts';
import { snapshottingOptions } from './snapshotting.ts';
import { tlsOptions } from './tls.ts';

export type OptionTable = typeof networkOptions &
  typeof tlsOptions &
  typeof generalOptions &
  typeof snapshottingOptions &
  typeof replicationOptions &
  typeof securityOptions &
  typeof clientOptions &
  typeof memoryOptions &
  typeof lazyFreeOptions &
  typeof appendOnlyOptions &
  typeof scriptingOptions &
  typeof clusterOptions &
  typeof slowlogLatencyOptions &
  typeof dataStructureOptions &
  typeof advancedOptions;

/** The name of an option, not its alias. */
export type OptionName = keyof OptionTable;

/** The values of all options, typed by the tables. */
export type Values = { readonly [N in OptionName]: ValueOf<OptionTable[N]> };

/** Every option by its name, in order. */
export const optionTable: OptionTable & OptionGroup = {
  ...networkOptions,
  ...tlsOptions,
  ...generalOptions,
  ...snapshottingOptions,
  ...replicationOptions,
  ...securityOptions,
  ...clientOptions,
  ...memoryOptions,
  ...lazyFreeOptions,
  ...appendOnlyOptions,
  ...scriptingOptions,
  ...clusterOptions,
  ...slowlogLatencyOptions,
  ...dataStructureOptions,
  ...advancedOptions,
};
