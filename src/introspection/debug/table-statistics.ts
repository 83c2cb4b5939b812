// The shape of a dict as DEBUG HTSTATS shows it: sizes, and with `full` how long its chains are.

import type { Dict } from '../../structures/dict.ts';

/** Longer chains are counted as if they were this long. */
const LONGEST_COUNTED = 49;

interface TableShape {
  elements: number;
  usedBuckets: number;
  longestChain: number;
  /** Buckets by the length of their chains. */
  readonly byLength: number[];
}

/** Looks at the buckets from `start` to `end`. */
function shapeOf(dict: Dict, start: number, end: number): TableShape {
  const shape: TableShape = { elements: 0, usedBuckets: 0, longestChain: 0, byLength: [] };
  for (let bucket = start; bucket < end; bucket++) {
    let length = 0;
    dict.visitBuckets(bucket, 1, () => length++);
    if (length > 0) shape.usedBuckets++;
    shape.elements += length;
    shape.longestChain = Math.max(shape.longestChain, length);
    const counted = Math.min(length, LONGEST_COUNTED);
    shape.byLength[counted] = (shape.byLength[counted] ?? 0) + 1;
  }
  return shape;
}

function describe(number: 0 | 1, size: number, shape: TableShape, full: boolean): string {
  const kind = number === 0 ? 'main hash table' : 'rehashing target';
  const title = `Hash table ${number} stats (${kind}):\n`;
  if (shape.elements === 0) return `${title}No stats available for empty dictionaries\n`;
  const sizes = ` table size: ${size}\n number of elements: ${shape.elements}\n`;
  if (!full) return title + sizes;
  const average = (shape.elements / shape.usedBuckets).toFixed(2);
  const lines = [
    ` different slots: ${shape.usedBuckets}`,
    ` max chain length: ${shape.longestChain}`,
    ` avg chain length (counted): ${average}`,
    ` avg chain length (computed): ${average}`,
    ' Chain length distribution:',
  ];
  for (const [length, count] of shape.byLength.entries()) {
    if (length === LONGEST_COUNTED || count === undefined) continue;
    lines.push(`   ${length}: ${count} (${((count / size) * 100).toFixed(2)}%)`);
  }
  return `${title}${sizes}${lines.join('\n')}\n`;
}

/** Describes a dict: the table in use, and the one being built while there is one. */
export function tableStatistics(dict: Dict, full: boolean): string {
  const [mainSize, nextSize] = dict.tableSizes;
  // One table holds everything; only when there are two must the buckets tell what is where.
  const mustLook = full || nextSize > 0;
  const main = mustLook
    ? shapeOf(dict, 0, mainSize)
    : { elements: dict.count, usedBuckets: 0, longestChain: 0, byLength: [] };
  const text = describe(0, mainSize, main, full);
  if (nextSize === 0) return text;
  return text + describe(1, nextSize, shapeOf(dict, mainSize, mainSize + nextSize), full);
}
