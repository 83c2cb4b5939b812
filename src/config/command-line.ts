// The command line of the server: `[redis.conf] [--option value ...] [-]`. Options become lines
// that are read after the file, with the quirks that users of Redis rely on (a value may begin with
// `--`, a name and its value may be one word, `--save` alone means none). Pure: the caller prints,
// exits, and reads stdin.
import { latin1String, utf8Bytes } from '../bytes/ascii.ts';
import { lowerAscii, parseLeadingInteger } from './number-text.ts';
import { quoteWord, splitWords } from './words.ts';

/** Start the server. */
export interface RunCommandLine {
  readonly kind: 'run';
  /** Path as given, or null. */
  readonly configFile: string | null;
  /** More configuration comes on standard input. */
  readonly readStdin: boolean;
  /** Lines of configuration made of the options; '' when there are none. */
  readonly options: string;
  /** `--sentinel` was given. */
  readonly sentinel: boolean;
}

/**
 * What the command line asks for. `test-memory` without an amount in megabytes is a mistake (null).
 */
export type CommandLine =
  | RunCommandLine
  | { readonly kind: 'version' | 'help' | 'check-system' }
  | { readonly kind: 'test-memory'; readonly megabytes: number | null };

/** A word of the command line as a string of one character a byte. */
export function argumentBytes(word: string): string {
  const bytes = utf8Bytes(word);
  return latin1String(bytes, 0, bytes.length);
}

/**
 * What goes behind a name that came without its value: an option whose value is missing on purpose
 * (`--save` and `--sentinel`, last or followed by another option) is complete as it is.
 */
function completeOption(
  word: string,
  next: string | undefined,
): { readonly value: string; readonly complete: boolean } {
  const name = lowerAscii(word);
  if (next !== undefined && !next.startsWith('--')) return { value: '', complete: false };
  if (name === '--save') return { value: '""', complete: next !== undefined };
  return { value: '', complete: name === '--sentinel' && next !== undefined };
}

/**
 * Reads the words behind the program's name, each a string of one character a byte (see
 * `argumentBytes`). Specified by redis-server's main(); the order of precedence is file, standard
 * input, options.
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const [first] = words;
  switch (first) {
    case '-v':
    case '--version':
      return { kind: 'version' };
    case '-h':
    case '--help':
      return { kind: 'help' };
    case '--check-system':
      return { kind: 'check-system' };
    case '--test-memory': {
      const [, amount] = words;
      const given = words.length === 2 && amount !== undefined;
      const megabytes = given ? Number(parseLeadingInteger(amount, 10).value) : null;
      return { kind: 'test-memory', megabytes };
    }
    default:
  }
  const configFile = first === undefined || first.startsWith('-') ? null : first;
  let readStdin = false;
  let options = '';
  let lastOptionComplete = true;
  for (let i = configFile === null ? 0 : 1; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-' && (i === 0 || i === words.length - 1)) {
      readStdin = true;
    } else if (lastOptionComplete && word.startsWith('--')) {
      if (options !== '') options += '\n';
      options += `${word.slice(2)} `;
      const hasValue = splitWords(word)?.length !== 1;
      const { value, complete } = hasValue
        ? { value: '', complete: true }
        : completeOption(word, words[i + 1]);
      options += value;
      lastOptionComplete = complete;
    } else {
      options += `${quoteWord(word)} `;
      lastOptionComplete = true;
    }
  }
  return { kind: 'run', configFile, readStdin, options, sentinel: words.includes('--sentinel') };
}
