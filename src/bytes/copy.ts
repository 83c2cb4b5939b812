// Copies bytes without making a view: a loop for short runs (where a view object would cost more
// than the copy), the engine's own memmove for long ones. Overlap inside one array is allowed.

const LOOP_LIMIT_BYTES = 96;

/**
 * Copies `length` bytes of `source` from `sourceOffset` to `target` at `targetOffset`.
 * The ranges may overlap when both arrays are the same object.
 */
export function copyBytes(
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): void {
  if (length <= LOOP_LIMIT_BYTES && target !== source) {
    for (let i = 0; i < length; i++) target[targetOffset + i] = source[sourceOffset + i]!;
  } else if (target === source) {
    target.copyWithin(targetOffset, sourceOffset, sourceOffset + length);
  } else {
    target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset);
  }
}
