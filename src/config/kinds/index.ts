// Makes the Kind of an option of the table. The one place that knows all types of options.
import type { Option } from '../option.ts';
import type { Kind } from './kind.ts';
import { boolKind, enumKind, flagsKind, numberKind, stringKind } from './scalar.ts';
import {
  bindKind,
  bufferLimitsKind,
  directoryKind,
  notifyKind,
  oomScoresKind,
  percentilesKind,
  replicaOfKind,
  saveKind,
} from './special.ts';

/** A Kind whose types only it knows: Config hands back what it was given. */
export type AnyKind = Kind<unknown, unknown>;

/**
 * @param option an option of the table
 * @param directory the working folder at start, the default of `dir`
 */
export function kindOf(option: Option, directory: string): AnyKind {
  switch (option.type) {
    case 'bool':
      return boolKind(option);
    case 'integer':
    case 'memory':
    case 'percent':
    case 'octal':
      return numberKind(option);
    case 'string':
      return stringKind(option);
    case 'enum':
      return enumKind(option);
    case 'flags':
      return flagsKind(option);
    case 'bind':
      return bindKind();
    case 'directory':
      return directoryKind(directory);
    case 'save':
      return saveKind();
    case 'buffer-limits':
      return bufferLimitsKind();
    case 'oom-scores':
      return oomScoresKind();
    case 'notify':
      return notifyKind();
    case 'replicaof':
      return replicaOfKind();
    case 'percentiles':
      return percentilesKind();
  }
}
