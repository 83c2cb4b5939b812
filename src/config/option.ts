// What an option of redis.conf is, as data: the types that the tables in options/ are written in,
// and the TypeScript type of each option's value derived from them. Pure types and no code: the
// behaviour of each type of option lives in kinds/, the values of one server in the class Config
// (config.ts).

/** A limit of a number: itself, or the name of one that does not fit a double exactly. */
export type Bound = number | 'INT32_MIN' | 'INT32_MAX' | 'UINT32_MAX' | 'INT64_MAX' | 'UINT64_MAX';

/** The checks that a value must pass beyond its type; each is a function in checks.ts. */
export type CheckName =
  | 'active-defrag'
  | 'rdb-file-name'
  | 'aof-file-name'
  | 'aof-dir-name'
  | 'shutdown-flags'
  | 'host-name'
  | 'node-name'
  | 'proc-title'
  | 'locale';

/** What every option declares, whatever its type. */
interface OptionBase {
  /** One line for the docs. */
  readonly about: string;
  /** A second name with the same meaning, the older one as a rule. */
  readonly alias?: string;
  /** CONFIG SET refuses it: only redis.conf and the command line set it. */
  readonly immutable?: true;
  /** CONFIG SET takes it only as enable-protected-configs allows. */
  readonly guarded?: true;
  /** CONFIG GET shows it only when asked by its exact name. */
  readonly hidden?: true;
  /** Its value is a secret: masked in MONITOR, SLOWLOG and the like. */
  readonly secret?: true;
  /** CONFIG SET refuses it while a data set is being loaded. */
  readonly notWhileLoading?: true;
  /**
   * Setting it to the value it has counts as a change (a certificate may be new under the same
   * name).
   */
  readonly volatile?: true;
  /** Part of a crash report. */
  readonly inCrashReport?: true;
  readonly check?: CheckName;
}

export interface BoolOption extends OptionBase {
  readonly type: 'bool';
  readonly default: boolean;
}

/** A whole number. `memory` takes units (kb, mb, ...), `percent` is memory or n% (stored as -n). */
export interface NumberOption extends OptionBase {
  readonly type: 'integer' | 'memory' | 'percent' | 'octal';
  readonly default: number;
  readonly min: Bound;
  readonly max: Bound;
  /** Values outside are accepted and moved to the nearest end. */
  readonly clamp?: readonly [Bound, Bound];
}

export interface StringOption extends OptionBase {
  readonly type: 'string';
  /** null: unset by default, and the empty string means unset. */
  readonly default: string | null;
  /** Keeps NUL bytes; a text without this mark ends at the first one. */
  readonly binary?: true;
}

export interface EnumOption extends OptionBase {
  readonly type: 'enum';
  readonly default: string;
  readonly values: readonly string[];
  /** Words that stand for another: written word to its meaning. */
  readonly same?: { readonly [word: string]: string };
}

/** Several words of a set; the first of `values` means none of them. */
export interface FlagsOption extends OptionBase {
  readonly type: 'flags';
  readonly values: readonly [string, ...string[]];
}

/** An option with a syntax of its own; its default is with its behaviour in kinds/. */
export interface SpecialOption extends OptionBase {
  readonly type:
    | 'bind'
    | 'directory'
    | 'save'
    | 'buffer-limits'
    | 'oom-scores'
    | 'notify'
    | 'replicaof'
    | 'percentiles';
}

export type Option =
  | BoolOption
  | NumberOption
  | StringOption
  | EnumOption
  | FlagsOption
  | SpecialOption;

export type OptionGroup = { readonly [name: string]: Option };

/** A save point: a snapshot is due when `changes` changes have happened within `seconds`. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** One client class of client-output-buffer-limit; 0 means no limit. */
export interface BufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface BufferLimits {
  readonly normal: BufferLimit;
  readonly replica: BufferLimit;
  readonly pubsub: BufferLimit;
}

/** Whom to replicate. */
export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

/** oom-score-adj-values: for a master, a replica, and a child that writes a snapshot. */
export interface OomScores {
  readonly master: number;
  readonly replica: number;
  readonly child: number;
}

interface SpecialValues {
  bind: readonly string[];
  directory: string;
  save: readonly SavePoint[];
  'buffer-limits': BufferLimits;
  'oom-scores': OomScores;
  /** The bits of NOTIFY_* in kinds/notify.ts. */
  notify: number;
  replicaof: MasterAddress | null;
  percentiles: readonly number[];
}

/** The type of an option's value. A text that is unset reads as ''. */
export type ValueOf<O> = O extends { readonly type: 'bool' }
  ? boolean
  : O extends { readonly type: NumberOption['type'] }
    ? number
    : O extends { readonly type: 'string' }
      ? string
      : O extends {
            readonly type: 'enum';
            readonly values: readonly (infer W)[];
            readonly same: infer S;
          }
        ? Exclude<W, keyof S>
        : O extends { readonly type: 'enum'; readonly values: readonly (infer W)[] }
          ? W
          : O extends {
                readonly type: 'flags';
                readonly values: readonly [infer _None, ...infer W];
              }
            ? readonly W[number][]
            : O extends { readonly type: infer T extends keyof SpecialValues }
              ? SpecialValues[T]
              : never;
