// The table of options in words, for docs and --help, and the part of it that a crash report shows.
// All of it is derived from the tables in options/.
import type { Config } from './config.ts';
import { boundValue } from './kinds/scalar.ts';
import type { Option } from './option.ts';

/** One option for a reader. */
export interface OptionDescription {
  readonly name: string;
  readonly alias: string | null;
  /** Type and limits, such as `integer 0..65535` or `yes | no`. */
  readonly type: string;
  /** As CONFIG GET shows it on a fresh server. */
  readonly initial: string;
  /** CONFIG SET may change it. */
  readonly mutable: boolean;
  readonly hidden: boolean;
  readonly about: string;
}

function typeText(option: Option): string {
  switch (option.type) {
    case 'bool':
      return 'yes | no';
    case 'integer':
    case 'memory':
    case 'percent':
    case 'octal': {
      const radix = option.type === 'octal' ? 8 : 10;
      const [min, max] = [boundValue(option.min), boundValue(option.max)];
      if (option.type === 'percent') return `bytes up to ${max}, or 0%..${-min}%`;
      const range = `${min.toString(radix)}..${max.toString(radix)}`;
      return `${option.type === 'memory' ? 'bytes' : option.type} ${range}`;
    }
    case 'string':
      return 'text';
    case 'enum':
      return option.values.join(' | ');
    case 'flags':
      return `any of ${option.values.join(', ')}`;
    case 'bind':
      return 'addresses';
    case 'directory':
      return 'path';
    case 'save':
      return 'pairs of seconds and changes';
    case 'buffer-limits':
      return 'class, hard bytes, soft bytes, soft seconds; repeated';
    case 'oom-scores':
      return 'three of -2000..2000';
    case 'notify':
      return 'letters of Ag$lshzxeKEtmdn';
    case 'replicaof':
      return 'host and port';
    case 'percentiles':
      return 'numbers 0..100';
  }
}

/** Describes every option of a fresh Config, in order. */
export function describeOptions(fresh: Config): OptionDescription[] {
  return fresh.list().map(({ name, option }) => ({
    name,
    alias: option.alias ?? null,
    type: typeText(option),
    initial: fresh.format(name),
    mutable: option.immutable !== true,
    hidden: option.hidden === true,
    about: option.about,
  }));
}

/** The lines of the options that a crash report shows. */
export function crashReportLines(config: Config): string[] {
  return config
    .list()
    .filter(({ option }) => option.inCrashReport === true)
    .flatMap(({ name }) => config.lines(name).map(({ text }) => text));
}
