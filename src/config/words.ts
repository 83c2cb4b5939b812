// The words of a line of redis.conf: splitting with quotes and escapes, and the reverse. One
// character is one byte. The quoting is that of Redis's configuration file and inline commands.

const BLANKS = ' \n\r\t\v\f';
const WORD_ENDS = ' \n\r\t\0';

const ESCAPES: { readonly [letter: string]: string } = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  a: '\x07',
};

const ESCAPED: { readonly [byte: string]: string } = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

interface Quoted {
  readonly text: string;
  /** Index after the closing quote. */
  readonly end: number;
}

/** Reads from after a double quote to its end, or gives null when it never ends properly. */
function readDoubleQuoted(line: string, start: number): Quoted | null {
  let text = '';
  let at = start;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at + 1 };
    const hex = char === '\\' ? /^x[0-9a-f]{2}/i.exec(line.slice(at + 1, at + 4)) : null;
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16));
      at += 4;
    } else if (char === '\\' && at + 1 < line.length) {
      const letter = line.charAt(at + 1);
      text += ESCAPES[letter] ?? letter;
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  return null;
}

function readSingleQuoted(line: string, start: number): Quoted | null {
  let text = '';
  let at = start;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === "'") return { text, end: at + 1 };
    if (char === '\\' && line.charAt(at + 1) === "'") {
      text += "'";
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  return null;
}

/**
 * Splits a line into words. "..." knows \n \r \t \b \a \xHH, '...' knows \' only; a closing quote
 * must end its word.
 * @returns the words, none for a blank line, or null when quotes are unbalanced
 */
export function splitWords(source: string): string[] | null {
  const nul = source.indexOf('\0');
  const line = nul < 0 ? source : source.slice(0, nul);
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANKS.includes(line.charAt(at))) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !WORD_ENDS.includes(line.charAt(at))) {
      const char = line.charAt(at++);
      if (char !== '"' && char !== "'") {
        word += char;
        continue;
      }
      const quoted = char === '"' ? readDoubleQuoted(line, at) : readSingleQuoted(line, at);
      if (quoted === null) return null;
      if (quoted.end < line.length && !BLANKS.includes(line.charAt(quoted.end))) return null;
      word += quoted.text;
      at = quoted.end;
      break;
    }
    words.push(word);
  }
}

/** Writes a word in double quotes so that `splitWords` reads it back, whatever bytes it has. */
export function quoteWord(word: string): string {
  let text = '"';
  for (const char of word) {
    const code = char.charCodeAt(0);
    if (ESCAPED[char] !== undefined) text += ESCAPED[char];
    else if (code >= 0x20 && code < 0x7f) text += char;
    else text += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}
