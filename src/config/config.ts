// The values of all options of one server. Parts of the server read `values` (or copy what they
// need with `follow`), and may refuse a change with `onChange`; CONFIG SET is `set`, CONFIG GET is
// `getMatching`. Texts are strings of one character a byte. Semantics and error texts:
// https://redis.io/commands/config-set
import { latin1Bytes } from '../bytes/ascii.ts';
import { matchGlob } from '../bytes/glob.ts';
import { type CheckContext, runCheck } from './checks.ts';
import { type AnyKind, kindOf } from './kinds/index.ts';
import type { ConfigLine, ReadContext } from './kinds/kind.ts';
import { cutAtNul, lowerAscii } from './number-text.ts';
import type { Option } from './option.ts';
import { type OptionName, optionTable, type Values } from './options/index.ts';
import { splitWords } from './words.ts';

/** What Config needs from its surroundings. */
export interface ConfigSettings {
  /** Absolute path of the working folder at start: the default of `dir`. */
  readonly directory: string;
  /** Finds the folder that `dir` names, or the system's reason why it cannot be entered. */
  readonly resolveDirectory: ReadContext['resolveDirectory'];
  /** The server can move values together, so activedefrag may be switched on. Default: false. */
  readonly canDefragment?: boolean;
  /** Takes lines for the log, level warning. Default: they are dropped. */
  readonly warn?: (text: string) => void;
}

/** Who sends CONFIG SET. */
export interface ConfigSetter {
  /** The client is on this machine (loopback or unix socket): enable-protected-configs local. */
  readonly local: boolean;
  /** The server is loading its data set. */
  readonly loading: boolean;
}

/** Why CONFIG SET is refused. LOADING: `message` is that of the server's LOADING error. */
export interface SetFailure {
  readonly code: 'ERR' | 'LOADING';
  readonly message: string;
}

/** null accepts; a text is the reason to refuse, shown to the client ('' shows none). */
export type ApplyResult = string | null;

/** An option as CONFIG GET, the docs and the loader see it. */
export interface OptionInfo {
  readonly name: OptionName;
  readonly option: Option;
}

interface Listener {
  call(): ApplyResult | Promise<ApplyResult>;
}

interface Entry {
  readonly name: OptionName;
  readonly option: Option;
  readonly kind: AnyKind;
  readonly listeners: Listener[];
  raw: unknown;
  provider: (() => unknown) | null;
}

/** One option of a CONFIG SET, found. `name` is the one it was asked by, in lower case. */
interface Target {
  readonly name: string;
  readonly entry: Entry;
  readonly text: string;
}

interface Applying {
  readonly name: string;
  readonly listener: Listener;
}

const LOADING_MESSAGE = 'Redis is loading the dataset in memory';

function failure(message: string): SetFailure {
  return { code: 'ERR', message: cutAtNul(message) };
}

function setFailed(name: string, reason: string): SetFailure {
  const why = reason === '' ? '' : ` - ${reason}`;
  return failure(`CONFIG SET failed (possibly related to argument '${cutAtNul(name)}')${why}`);
}

export class Config {
  /** The values, live. Reading a field costs a property access; hot paths copy with `follow`. */
  readonly values: Values;
  private readonly fields: { [name: string]: unknown } = {};
  private readonly entries: Entry[] = [];
  /** By name and by alias, in the order of the table. */
  private readonly byName: Map<string, Entry> = new Map();
  private readonly readContext: ReadContext;
  private readonly checkContext: CheckContext;
  private readonly warn: (text: string) => void;
  private busy: Promise<unknown> | null = null;

  constructor(settings: ConfigSettings) {
    // The fields are exactly those of the table: the loop below makes one for each of its options.
    this.values = this.fields as unknown as Values;
    this.warn = settings.warn ?? (() => undefined);
    this.checkContext = { values: this.values, canDefragment: settings.canDefragment ?? false };
    this.readContext = this.makeReadContext(settings);
    for (const [name, option] of Object.entries(optionTable) as [OptionName, Option][]) {
      const kind = kindOf(option, settings.directory);
      const raw = kind.initial();
      const entry: Entry = { name, option, kind, listeners: [], raw, provider: null };
      this.entries.push(entry);
      this.byName.set(name, entry);
      if (option.alias !== undefined) this.byName.set(option.alias, entry);
      this.fields[name] = kind.expose(raw);
    }
  }

  private makeReadContext(settings: ConfigSettings): ReadContext {
    return {
      addSavePoints: false,
      resolveDirectory: (path, from) => settings.resolveDirectory(path, from),
      warn: this.warn,
    };
  }

  /** The value of an option. An unset text is ''; n% of maxmemory-clients is -n. */
  get<N extends OptionName>(name: N): Values[N] {
    return this.values[name];
  }

  /** The option of that name or alias, in any case of letters. */
  find(name: string): OptionInfo | null {
    const entry = this.byName.get(lowerAscii(name));
    return entry === undefined ? null : { name: entry.name, option: entry.option };
  }

  /** All options in order. */
  list(): readonly OptionInfo[] {
    return this.entries;
  }

  /**
   * Calls `apply` after CONFIG SET has changed one or more of the options, once for all of them. It
   * may refuse with a reason: then every option of that CONFIG SET gets its old value back, what
   * was called is called again with the old values, and the client gets the reason. A promise makes
   * CONFIG SET wait.
   * @returns ends the calls
   */
  onChange<N extends OptionName>(
    names: readonly N[],
    apply: (values: Pick<Values, N>) => ApplyResult | Promise<ApplyResult>,
  ): () => void {
    const listener: Listener = { call: () => apply(this.values) };
    const entries = names.map((name) => this.entry(name));
    for (const entry of entries) entry.listeners.push(listener);
    return () => {
      for (const { listeners } of entries) listeners.splice(listeners.indexOf(listener), 1);
    };
  }

  /** Calls `use` now and after every change of one or more of the options. It cannot refuse. */
  follow<N extends OptionName>(
    names: readonly N[],
    use: (values: Pick<Values, N>) => void,
  ): () => void {
    use(this.values);
    return this.onChange(names, (values) => {
      use(values);
      return null;
    });
  }

  /**
   * Gives an option a value from within the server (a port that the system chose, the master after
   * REPLICAOF). Nothing is checked and no listener is called: whoever overrides tells who must
   * know.
   */
  override<N extends OptionName>(name: N, value: Values[N]): void {
    const entry = this.entry(name);
    this.put(entry, entry.kind.wrap(value, entry.raw));
  }

  /** Makes an option show what `read` gives, whatever was set: for state that lives elsewhere. */
  provide<N extends OptionName>(name: N, read: () => Values[N]): void {
    this.entry(name).provider = read;
    Object.defineProperty(this.fields, name, { get: read, enumerable: true, configurable: true });
  }

  /** The value as CONFIG GET shows it. */
  format(name: OptionName): string {
    const entry = this.entry(name);
    return entry.kind.format(this.rawOf(entry));
  }

  /** The lines that stand for an option in redis.conf; none when they are to be removed. */
  lines(name: OptionName): readonly ConfigLine[] {
    const entry = this.entry(name);
    return entry.kind.lines(name, this.rawOf(entry));
  }

  /**
   * CONFIG GET: the options that match any of the patterns, each name once, an alias under its own
   * name. Without a glob character a pattern is a name, and is given back as it was written.
   */
  getMatching(patterns: readonly string[]): [name: string, value: string][] {
    const found: [string, string][] = [];
    const seen = new Set<string>();
    const add = (name: string, entry: Entry): void => {
      const key = lowerAscii(name);
      if (seen.has(key)) return;
      seen.add(key);
      found.push([name, entry.kind.format(this.rawOf(entry))]);
    };
    for (const pattern of patterns) {
      if (!/[[*?]/.test(cutAtNul(pattern))) {
        const entry = this.byName.get(lowerAscii(pattern));
        if (entry !== undefined) add(pattern, entry);
        continue;
      }
      const glob = latin1Bytes(cutAtNul(pattern));
      for (const [name, entry] of this.byName) {
        if (entry.option.hidden === true) continue;
        const text = latin1Bytes(name);
        if (matchGlob(glob, 0, glob.length, text, 0, text.length, true)) add(name, entry);
      }
    }
    return found;
  }

  /** Sets an option as a line of redis.conf or the command line does: immutable ones too. */
  load(name: string, words: readonly string[], addSavePoints = false): ApplyResult {
    const entry = this.byName.get(lowerAscii(name));
    if (entry === undefined) return 'Bad directive or wrong number of arguments';
    let args = words;
    const [only = ''] = words;
    if (!entry.kind.many && words.length !== 1) return 'wrong number of arguments';
    if (entry.kind.many && words.length === 1 && only !== '') args = splitWords(only) ?? [];
    return this.assign(entry, args, { ...this.readContext, addSavePoints });
  }

  /**
   * CONFIG SET of one or more options: all of them or none.
   * @returns null when done, or the failure; a promise only when a listener gave one
   */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    by: ConfigSetter,
  ): SetFailure | null | Promise<SetFailure | null> {
    if (this.busy !== null) {
      const next = (): ReturnType<Config['set']> => this.set(pairs, by);
      return this.busy.then(next, next);
    }
    const targets = this.findTargets(pairs, by);
    if (!Array.isArray(targets)) return targets;
    const before = targets.map(({ entry }) => entry.raw);
    const restore = (): void => {
      for (const [i, { entry }] of targets.entries()) this.put(entry, before[i]);
    };
    const applying: Applying[] = [];
    for (const { name, entry, text } of targets) {
      const old = entry.kind.format(entry.raw);
      const words = entry.kind.many ? splitAtSpaces(text) : [text];
      const refusal = this.assign(entry, words, this.readContext);
      if (refusal !== null) {
        restore();
        return setFailed(name, refusal);
      }
      if (entry.option.volatile !== true && entry.kind.format(entry.raw) === old) continue;
      for (const listener of entry.listeners) {
        if (!applying.some((other) => other.listener === listener)) {
          applying.push({ name, listener });
        }
      }
    }
    const result = this.apply(applying, 0, restore);
    if (!(result instanceof Promise)) return result;
    this.busy = result.finally(() => {
      this.busy = null;
    });
    return this.busy as Promise<SetFailure | null>;
  }

  private entry(name: OptionName): Entry {
    const entry = this.byName.get(name);
    if (entry === undefined) throw new TypeError(`there is no option ${name}`);
    return entry;
  }

  private rawOf(entry: Entry): unknown {
    return entry.provider === null ? entry.raw : entry.kind.wrap(entry.provider(), entry.raw);
  }

  private put(entry: Entry, raw: unknown): void {
    entry.raw = raw;
    if (entry.provider === null) this.fields[entry.name] = entry.kind.expose(raw);
  }

  private assign(entry: Entry, words: readonly string[], context: ReadContext): ApplyResult {
    const { kind, option } = entry;
    const result = kind.read(words, this.rawOf(entry), context);
    if ('error' in result) return result.error;
    if (option.check !== undefined) {
      const refusal = runCheck(option.check, kind.expose(result.raw), this.checkContext);
      if (refusal !== null) return refusal;
    }
    this.put(entry, result.raw);
    return null;
  }

  /**
   * Finds the options of a CONFIG SET and asks for each whether it may be set; the first no counts.
   */
  private findTargets(
    pairs: readonly (readonly [string, string])[],
    by: ConfigSetter,
  ): Target[] | SetFailure {
    const targets: Target[] = [];
    for (const [asked, text] of pairs) {
      const name = lowerAscii(asked);
      const entry = this.byName.get(name);
      if (entry === undefined) {
        return failure(
          `Unknown option or number of arguments for CONFIG SET - '${cutAtNul(asked)}'`,
        );
      }
      const { option } = entry;
      if (option.immutable === true) return setFailed(asked, "can't set immutable config");
      if (option.guarded === true && !this.allowsGuarded(by)) {
        return setFailed(asked, "can't set protected config");
      }
      if (by.loading && option.notWhileLoading === true) {
        return { code: 'LOADING', message: LOADING_MESSAGE };
      }
      if (targets.some((target) => target.name === name)) {
        return setFailed(asked, 'duplicate parameter');
      }
      targets.push({ name, entry, text });
    }
    return targets;
  }

  private allowsGuarded(by: ConfigSetter): boolean {
    const allowed = this.values['enable-protected-configs'];
    return allowed === 'yes' || (allowed === 'local' && by.local);
  }

  /**
   * Calls the listeners from `start` on; when one refuses, restores and calls all so far once more.
   */
  private apply(
    applying: readonly Applying[],
    start: number,
    restore: () => void,
  ): SetFailure | null | Promise<SetFailure | null> {
    for (let i = start; i < applying.length; i++) {
      const { name, listener } = applying[i] as Applying;
      const result = listener.call();
      if (result instanceof Promise) {
        return result.then((reason) =>
          reason === null
            ? this.apply(applying, i + 1, restore)
            : this.undo(applying.slice(0, i + 1), name, reason, restore),
        );
      }
      if (result !== null) return this.undo(applying.slice(0, i + 1), name, result, restore);
    }
    return null;
  }

  private undo(
    applied: readonly Applying[],
    name: string,
    reason: string,
    restore: () => void,
  ): SetFailure | Promise<SetFailure> {
    this.warn(
      `Failed applying new configuration. Possibly related to new ${name} setting. ` +
        'Restoring previous settings.',
    );
    restore();
    const warnOf = (result: ApplyResult): void => {
      if (result === null) return;
      this.warn(`Failed applying restored failed CONFIG SET command: ${result}`);
    };
    const waiting: Promise<void>[] = [];
    for (const { listener } of applied) {
      const result = listener.call();
      if (result instanceof Promise) waiting.push(result.then(warnOf));
      else warnOf(result);
    }
    const outcome = setFailed(name, reason);
    return waiting.length === 0 ? outcome : Promise.all(waiting).then(() => outcome);
  }
}

function splitAtSpaces(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
