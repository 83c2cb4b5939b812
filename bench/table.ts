// Numbers into tables: Markdown for docs/PERFORMANCE.md, padded columns for a terminal.

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Prints a table with padded columns, or as Markdown. */
export function printTable(table: Table, asMarkdown: boolean): void {
  const widths = table.head.map((cell, column) =>
    Math.max(cell.length, ...table.rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(asMarkdown ? ' | ' : '  ');
  if (!asMarkdown) {
    console.log(`\n${table.title}\n${line(table.head)}`);
    for (const row of table.rows) console.log(line(row));
    return;
  }
  const rule = widths.map(
    (width, i) => `${'-'.repeat(Math.max(2, width - 1))}${i === 0 ? '-' : ':'}`,
  );
  console.log(`\n### ${table.title}\n\n| ${line(table.head)} |\n| ${rule.join(' | ')} |`);
  for (const row of table.rows) console.log(`| ${line(row)} |`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Three significant digits, without an exponent; `-` for what is not a number. */
export function show(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
