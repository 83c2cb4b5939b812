// Whether what should be drawn equally often was: for tests of random commands. The harness draws
// from a seed, so such a test gives the same figure each time.

/** With 19 degrees of freedom, chance is above this once in a hundred thousand. */
export const CHI_SQUARE_19 = 59;

/** Sum of the squared deviations of counts that should all be `expected`, in units of it. */
export function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}

/** Counts how often each of `names` is among what `draw` returns in so many rounds. */
export function countDraws(
  names: readonly string[],
  rounds: number,
  draw: () => readonly string[],
): Map<string, number> {
  const counts = new Map(names.map((name) => [name, 0]));
  for (let i = 0; i < rounds; i++) {
    for (const name of draw()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
