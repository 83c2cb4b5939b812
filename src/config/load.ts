// Reads redis.conf, standard input and the options of the command line into a Config, in Redis's
// order. What is not an option but a directive (user, rename-command, loadmodule) is collected for
// the parts of the server that it concerns. A mistake is a ConfigFileError that holds the report to
// print.
import type { Config } from './config.ts';
import type { ConfigDisk } from './disk.ts';
import { cutAtNul, lowerAscii } from './number-text.ts';
import { splitWords } from './words.ts';

/** What to read: any of the three may be missing. */
export interface ConfigSource {
  /** Absolute path of redis.conf. */
  readonly file: string | null;
  readonly stdin: string | null;
  /** Lines made of the command line's options. */
  readonly options: string;
}

/** Settings of one load. The two callbacks may refuse with a reason that ends the load. */
export interface LoadSettings {
  /** Redis version shown in a report. */
  readonly version: string;
  readonly sentinel?: boolean;
  /** Takes lines for the log, level warning. */
  readonly warn?: (text: string) => void;
  /** Renames a command, or removes it when the new name is ''. */
  readonly renameCommand?: (from: string, to: string) => string | null;
  /** Declares a user: `words` are the name and its rules. */
  readonly declareUser?: (words: readonly string[]) => string | null;
}

export interface ModuleLine {
  readonly path: string;
  readonly args: readonly string[];
}

/** The directives that are not options, in order. */
export interface LoadedDirectives {
  readonly renamedCommands: (readonly [from: string, to: string])[];
  /** Where each of them stands. */
  readonly renamedAt: ConfigLocation[];
  readonly users: (readonly string[])[];
  readonly modules: ModuleLine[];
  /** Options of modules (`name.option`), the last line of each. */
  readonly moduleOptions: Map<string, string>;
}

/** Directives of redis.conf that CONFIG GET does not know. */
export const DIRECTIVES: readonly string[] = [
  'include',
  'rename-command',
  'user',
  'loadmodule',
  'sentinel',
];

/** Options of older versions whose lines are skipped. */
const FORGOTTEN_OPTIONS: readonly string[] = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
];

const MAX_INCLUDE_DEPTH = 64;

/**
 * The configuration cannot be used: the server prints `report` on stderr, or logs it, and exits
 * with 1.
 */
export class ConfigFileError extends Error {
  readonly code = 'CONFIG_FILE';
  readonly report: string;
  readonly target: 'stderr' | 'log';

  constructor(report: string, target: 'stderr' | 'log') {
    super(report.trim());
    this.name = 'ConfigFileError';
    this.report = report;
    this.target = target;
  }
}

/** Where a mistake is: the number of a line from 1, and its text. */
export interface ConfigLocation {
  readonly line: number;
  readonly text: string;
}

/** The report of Redis about a mistake in its configuration. */
export function fatalReport(version: string, reason: string, at: ConfigLocation | null): string {
  const where =
    at === null ? '' : `Reading the configuration file, at line ${at.line}\n>>> '${at.text}'\n`;
  return `\n*** FATAL CONFIG FILE ERROR (Redis ${version}) ***\n${where}${reason}\n`;
}

class Loader {
  readonly found: LoadedDirectives = {
    renamedCommands: [],
    renamedAt: [],
    users: [],
    modules: [],
    moduleOptions: new Map(),
  };
  private readonly config: Config;
  private readonly disk: ConfigDisk;
  private readonly settings: LoadSettings;
  /** A `save` line has replaced the default, so that the next one adds to it. */
  private saveSeen = false;
  /** False behind an `include`: from there on each `save` line replaces, as in Redis. */
  private addsSavePoints = true;
  private depth = 0;
  /** The line that is being read. */
  private at: ConfigLocation = { line: 0, text: '' };

  constructor(config: Config, disk: ConfigDisk, settings: LoadSettings) {
    this.config = config;
    this.disk = disk;
    this.settings = settings;
  }

  load(source: ConfigSource): void {
    let text = source.file === null ? '' : this.readFile(source.file, source.file);
    if (source.stdin !== null) text += source.stdin;
    if (source.options !== '') text += `\n${source.options}`;
    this.loadText(text);
  }

  private readFile(path: string, shown: string): string {
    const result = this.disk.read(path);
    if ('text' in result) return result.text;
    // A folder has no lines: a pattern of `include` may match one, and Redis reads it so.
    if (result.isFolder && shown !== '') return '';
    const error = shown === '' ? 'No such file or directory' : result.error;
    const report = `Fatal error, can't open config file '${shown}': ${error}`;
    throw new ConfigFileError(report, 'log');
  }

  private loadText(source: string): void {
    this.addsSavePoints = true;
    for (const [i, line] of source.split('\n').entries()) {
      const text = cutAtNul(line).replace(/^[ \t\r]+|[ \t\r]+$/g, '');
      if (text === '' || text.startsWith('#')) continue;
      this.at = { line: i + 1, text };
      const words = splitWords(text);
      const reason =
        words === null ? 'Unbalanced quotes in configuration line' : this.loadLine(words);
      if (reason !== null) this.fail(reason, { line: i + 1, text });
    }
    this.checkTogether();
    this.addsSavePoints = false;
  }

  private fail(reason: string, at: ConfigLocation | null): never {
    throw new ConfigFileError(fatalReport(this.settings.version, reason, at), 'stderr');
  }

  private loadLine(line: readonly string[]): string | null {
    const [first, ...words] = line;
    if (first === undefined) return null;
    const name = lowerAscii(first);
    if (this.config.find(name) !== null) return this.loadOption(name, words);
    if (FORGOTTEN_OPTIONS.includes(name) && words.length === 1) return null;
    return this.loadDirective(name, words);
  }

  private loadOption(name: string, words: readonly string[]): string | null {
    if (name !== 'save') return this.config.load(name, words);
    const reason = this.config.load(name, words, this.addsSavePoints && this.saveSeen);
    if (reason === null && this.addsSavePoints) this.saveSeen = true;
    return reason;
  }

  private loadDirective(name: string, words: readonly string[]): string | null {
    const [one, two] = words;
    if (name === 'include' && words.length === 1 && one !== undefined) return this.include(one);
    if (name === 'rename-command' && one !== undefined && two !== undefined && words.length === 2) {
      this.found.renamedCommands.push([one, two]);
      this.found.renamedAt.push(this.at);
      return this.settings.renameCommand?.(one, two) ?? null;
    }
    if (name === 'user' && one !== undefined) {
      this.found.users.push(words);
      return this.settings.declareUser?.(words) ?? null;
    }
    if (name === 'loadmodule' && one !== undefined) {
      this.found.modules.push({ path: one, args: words.slice(1) });
      return null;
    }
    if (name.includes('.')) {
      if (one === undefined) return 'Module config specified without value';
      this.found.moduleOptions.set(name, words.join(' '));
      return null;
    }
    if (name === 'sentinel') {
      return one === undefined || this.settings.sentinel === true
        ? null
        : 'sentinel directive while not in sentinel mode';
    }
    return 'Bad directive or wrong number of arguments';
  }

  /** Reads another file, or all files that a pattern matches; a pattern may match none. */
  private include(path: string): string | null {
    if (this.depth === MAX_INCLUDE_DEPTH) return 'Too many nested include directives';
    const directory = this.config.get('dir');
    this.depth++;
    let text = '';
    if (/[*?[]/.test(path)) {
      for (const file of this.disk.glob(path, directory)) {
        const part = this.readFile(file, file);
        text += part === '' || part.endsWith('\n') ? part : `${part}\n`;
      }
    } else {
      text = this.readFile(this.disk.resolvePath(path, directory), path);
    }
    this.loadText(text);
    this.depth--;
    return null;
  }

  /** What no line is wrong about, but all together. */
  private checkTogether(): void {
    const { values } = this.config;
    if (values.logfile !== '') {
      const refusal = this.disk.tryAppend(this.disk.resolvePath(values.logfile, values.dir));
      if (refusal !== null) this.fail(`Can't open the log file: ${refusal}`, null);
    }
    if (!values['cluster-enabled']) return;
    if (values.replicaof !== null) {
      this.fail('replicaof directive not allowed in cluster mode', null);
    }
    if (values.databases > 1) {
      this.settings.warn?.(
        `WARNING: Changing databases number from ${values.databases} to 1 ` +
          'since we are in cluster mode',
      );
      this.config.override('databases', 1);
    }
  }
}

/**
 * Loads a configuration.
 * @param config takes the options; whoever follows them must be attached afterwards
 * @returns the directives that are not options
 * @throws ConfigFileError with the report when the configuration cannot be used
 */
export function loadConfig(
  config: Config,
  disk: ConfigDisk,
  source: ConfigSource,
  settings: LoadSettings,
): LoadedDirectives {
  const loader = new Loader(config, disk, settings);
  loader.load(source);
  return loader.found;
}
