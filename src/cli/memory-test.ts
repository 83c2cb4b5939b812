// --test-memory: writes patterns over a stretch of memory and reads them back, for machines whose
// memory may be broken. As in Redis: each word its own address, random words, all bits, alternating
// bits, some passes of each. It says little about a machine that passes.

export interface MemoryTestHost {
  /** A random integer of 32 bits. */
  random(): number;
  print(text: string): void;
}

type Pattern = readonly [name: string, word: (index: number, seed: number) => number];

/** A number that looks random and can be made again from its place. */
function mixed(index: number, seed: number): number {
  let word = (index ^ seed) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x45d9f3b);
  return word ^ (word >>> 13);
}

const PATTERNS: readonly Pattern[] = [
  ['addressing', (index) => index],
  ['random', mixed],
  ['solid fill', (index) => ((index & 1) === 0 ? 0 : -1)],
  ['checkerboard', (index) => ((index & 1) === 0 ? 0x55555555 : 0xaaaaaaaa | 0)],
];

/** Compares the words with the pattern. @returns how many differ. */
export function countErrors(words: Int32Array, [, word]: Pattern, seed: number): number {
  let errors = 0;
  for (let i = 0; i < words.length; i++) if (words[i] !== (word(i, seed) | 0)) errors++;
  return errors;
}

/** Tests so many megabytes. @returns the number of words that did not hold what was written. */
export function testMemory(megabytes: number, passes: number, host: MemoryTestHost): number {
  const words = new Int32Array(megabytes * 2 ** 18);
  let errors = 0;
  for (let pass = 1; pass <= passes; pass++) {
    for (const pattern of PATTERNS) {
      const [name, word] = pattern;
      const seed = host.random();
      for (let i = 0; i < words.length; i++) words[i] = word(i, seed);
      errors += countErrors(words, pattern, seed);
      host.print(`pass ${pass}/${passes}, ${name}: ${errors === 0 ? 'ok' : `${errors} errors`}\n`);
    }
  }
  host.print(
    errors === 0
      ? '\nYour memory passed this test.\nPlease if you are still in doubt use memtest86 or memtester.\n'
      : '\n*** MEMORY ERROR DETECTED ***\nThe memory of this machine is broken, or it is too warm.\n',
  );
  return errors;
}
