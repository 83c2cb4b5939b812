// LATENCY GRAPH: the samples of an event as columns of characters, oldest left, with the age of
// each written downwards under it.
//
//   o |#        four rows, each of three steps `_`, `o`, `#`; `|` fills what lies below
//   |_||
//
//   4211        the age: 4m, 2m, 15s, 1s

import type { LatencyEvent } from './latency-monitor.ts';

const COLUMNS = 80;
const ROWS = 4;
const STEPS_OF_ROW = '_o#';
const STEPS = STEPS_OF_ROW.length * ROWS;

interface Column {
  /** 0 to STEPS - 1. */
  readonly step: number;
  readonly label: string;
}

/** An age in the largest unit that it fills. */
export function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

function drawRows(columns: readonly Column[]): string {
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    const floor = row * STEPS_OF_ROW.length;
    const cells = columns.map(({ step }) =>
      step < floor ? ' ' : (STEPS_OF_ROW[step - floor] ?? '|'),
    );
    lines.push(cells.join(''));
  }
  lines.push(' '.repeat(columns.length));
  const longest = Math.max(...columns.map(({ label }) => label.length));
  for (let i = 0; i < longest; i++) {
    lines.push(columns.map(({ label }) => label[i] ?? ' ').join(''));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The picture of an event, with a line above it that tells the highest and lowest sample. */
export function latencyGraph(name: string, event: LatencyEvent, nowSeconds: number): string {
  const latencies = event.samples.map(({ latencyMs }) => latencyMs);
  const high = Math.max(...latencies);
  const low = Math.min(...latencies);
  const range = high === low ? 1 : high - low;
  const columns = event.samples.map(({ latencyMs, timeSeconds }) => ({
    step: Math.min(STEPS - 1, Math.trunc(((latencyMs - low) * STEPS) / range)),
    label: ageText(nowSeconds - timeSeconds),
  }));
  const pictures: string[] = [];
  for (let i = 0; i < columns.length; i += COLUMNS) {
    pictures.push(drawRows(columns.slice(i, i + COLUMNS)));
  }
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${event.worstMs} ms)`;
  return `${title}\n${'-'.repeat(COLUMNS)}\n${pictures.join('\n')}`;
}
