// Comparing keys with what lies in the arena by 32-bit words, as the hash has put them together: a
// quarter of the steps.

/**
 * Words are compared as they lie in memory, which needs the machine to put the low byte first, as
 * nearly all do.
 */
export const IS_LITTLE_ENDIAN: boolean = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/**
 * Whether a key of `length` bytes, whose words stand in `sought` from `soughtAt` on, lies at word
 * `at`; what follows it in its last word does not count.
 */
export function equalKeyWords(
  words: Int32Array,
  at: number,
  sought: Int32Array,
  soughtAt: number,
  length: number,
): boolean {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) if (words[at + i] !== sought[soughtAt + i]) return false;
  const rest = length & 3;
  if (rest === 0) return true;
  return (words[at + whole]! & ((1 << (rest << 3)) - 1)) === sought[soughtAt + whole];
}
