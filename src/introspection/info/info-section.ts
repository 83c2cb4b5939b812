// A section of INFO: a small provider of lines. Whoever adds a feature adds a section, or the
// fields of one, and INFO itself stays as it is.

/** A section of INFO's text. */
export interface InfoSection {
  /** Names by which INFO takes it, lower case; the first is its own. */
  readonly names: readonly [string, ...string[]];
  /** As it stands behind the '#'. */
  readonly title: string;
  /** Shown by INFO without arguments, or by `all`, or only when it is named. */
  readonly shown: 'by-default' | 'in-all' | 'when-named';
  /** Appends `field:value` lines without line ends. */
  write(lines: string[]): void;
}

/** One line. Values with fractions come as text, in the form that the field has in Redis. */
export function infoLine(name: string, value: string | number): string {
  return `${name}:${value}`;
}

/** Appends a line for each field. */
export function addFields(
  lines: string[],
  fields: Readonly<Record<string, string | number>>,
): void {
  for (const [name, value] of Object.entries(fields)) lines.push(infoLine(name, value));
}

const UNITS = 'KMGTP';

/** A count of bytes for people: `900B`, `1.21M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  const power = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(2)}${UNITS[power - 1]}`;
}

/** A name with the characters that have a meaning in INFO's lines replaced. */
export function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, '_');
}
