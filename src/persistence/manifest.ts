// The manifest of the append-only files: which files make up the data set, in which order. A line a
// file, as Redis 7 writes and reads it:
//
//   file appendonly.aof.2.base.rdb seq 2 type b      the base: the data set at the last rewrite
//   file appendonly.aof.1.incr.aof seq 1 type h      history: no longer needed, to be removed
//   file appendonly.aof.3.incr.aof seq 3 type i      incr: what was changed since, in order
//
// A Manifest is never changed: whoever wants another makes one, writes it, and uses it when it is
// on the disk. See docs/internals/aof.md.

import { quoteWord, splitWords } from '../config/words.ts';

export interface AofFile {
  /** One character a byte. */
  readonly name: string;
  readonly seq: number;
}

export interface Manifest {
  readonly base: AofFile | null;
  readonly incr: readonly AofFile[];
  readonly history: readonly AofFile[];
  /** Numbers of the newest base and incr; names are never given twice. */
  readonly baseSeq: number;
  readonly incrSeq: number;
}

export const NO_FILES: Manifest = { base: null, incr: [], history: [], baseSeq: 0, incrSeq: 0 };

/** Why a manifest cannot be read; `line` where one is to blame. */
export interface ManifestFault {
  readonly error: string;
  readonly line: { readonly number: number; readonly text: string } | null;
}

const MAX_LINE_BYTES = 1024;
const BAD_FORMAT = 'Invalid AOF manifest file format';

interface Entry extends AofFile {
  readonly type: string;
}

/** Reads one line. @returns the reason when it is no line of a manifest */
function readEntry(line: string): Entry | string {
  const words = splitWords(line);
  if (words === null || words.length < 6 || words.length % 2 !== 0) return BAD_FORMAT;
  let name = '';
  let seq = 0;
  let type = '';
  // Other words are those of later versions.
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1] ?? '';
    const key = (words[i] ?? '').toLowerCase();
    if (key === 'file') {
      name = value;
      if (/[/\\]/.test(name)) return "File can't be a path, just a filename";
    } else if (key === 'seq') seq = Number.parseInt(value, 10) || 0;
    else if (key === 'type') type = value.charAt(0);
  }
  if (name === '' || seq === 0 || type === '') return BAD_FORMAT;
  return { name, seq, type };
}

/** Reads the text of a manifest, one character a byte. */
export function parseManifest(text: string): Manifest | ManifestFault {
  if (text === '') return { error: 'Found an empty AOF manifest', line: null };
  let base: AofFile | null = null;
  const incr: AofFile[] = [];
  const history: AofFile[] = [];
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, end);
    at = end;
    number++;
    const isTooLong = newline < 0 || line.length > MAX_LINE_BYTES;
    // A comment may be longer than a line: what is beyond counts as a line of its own.
    if (line.startsWith('#') && !isTooLong) continue;
    if (isTooLong) return { error: 'The AOF manifest file contains too long line', line: null };
    const trimmed = line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    const fault = (error: string): ManifestFault => ({ error, line: { number, text: trimmed } });
    const entry = trimmed === '' ? BAD_FORMAT : readEntry(trimmed);
    if (typeof entry === 'string') return fault(entry);
    const { name, seq, type } = entry;
    if (type === 'b') {
      if (base !== null) return fault('Found duplicate base file information');
      base = { name, seq };
    } else if (type === 'h') history.push({ name, seq });
    else if (type === 'i') {
      if (seq <= (incr.at(-1)?.seq ?? 0)) return fault('Found a non-monotonic sequence number');
      incr.push({ name, seq });
    } else return fault('Unknown AOF file type');
  }
  return { base, incr, history, baseSeq: base?.seq ?? 0, incrSeq: incr.at(-1)?.seq ?? 0 };
}

function formatLine({ name, seq }: AofFile, type: string): string {
  const needsQuotes = name === '' || /[^\x21-\x7e]|["'\\]/.test(name);
  return `file ${needsQuotes ? quoteWord(name) : name} seq ${seq} type ${type}\n`;
}

/** The text of a manifest. */
export function formatManifest({ base, history, incr }: Manifest): string {
  const lines = [
    ...(base === null ? [] : [formatLine(base, 'b')]),
    ...history.map((file) => formatLine(file, 'h')),
    ...incr.map((file) => formatLine(file, 'i')),
  ];
  return lines.join('');
}

/** With a new incr file at the end. */
export function withNewIncr(manifest: Manifest, fileName: string): Manifest {
  const incrSeq = manifest.incrSeq + 1;
  const file: AofFile = { name: `${fileName}.${incrSeq}.incr.aof`, seq: incrSeq };
  return { ...manifest, incrSeq, incr: [...manifest.incr, file] };
}

/** With a new base; the old one becomes history. @param format `rdb` or `aof` */
export function withNewBase(manifest: Manifest, fileName: string, format: string): Manifest {
  const baseSeq = manifest.baseSeq + 1;
  const base: AofFile = { name: `${fileName}.${baseSeq}.base.${format}`, seq: baseSeq };
  const { base: old, history } = manifest;
  return { ...manifest, baseSeq, base, history: old === null ? history : [old, ...history] };
}

/** What the base contains becomes history: all incr files but the last `keptCount`. */
export function withOldIncrAsHistory(manifest: Manifest, keptCount: number): Manifest {
  const { incr, history } = manifest;
  const oldCount = incr.length - keptCount;
  const old = incr.slice(0, oldCount);
  return {
    ...manifest,
    incr: incr.slice(oldCount),
    history: [...old, ...history],
  };
}
