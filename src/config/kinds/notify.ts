// The classes of keyspace events and the letters that notify-keyspace-events names them by. The
// bits are what the keyspace tests before it builds an event.

export const NOTIFY_KEYSPACE: number = 1 << 0;
export const NOTIFY_KEYEVENT: number = 1 << 1;
export const NOTIFY_GENERIC: number = 1 << 2;
export const NOTIFY_STRING: number = 1 << 3;
export const NOTIFY_LIST: number = 1 << 4;
export const NOTIFY_SET: number = 1 << 5;
export const NOTIFY_HASH: number = 1 << 6;
export const NOTIFY_ZSET: number = 1 << 7;
export const NOTIFY_EXPIRED: number = 1 << 8;
export const NOTIFY_EVICTED: number = 1 << 9;
export const NOTIFY_STREAM: number = 1 << 10;
export const NOTIFY_KEY_MISS: number = 1 << 11;
export const NOTIFY_MODULE: number = 1 << 13;
export const NOTIFY_NEW: number = 1 << 14;

/** The classes that `A` stands for: all but the channels, misses and new keys. */
export const NOTIFY_ALL: number =
  NOTIFY_GENERIC |
  NOTIFY_STRING |
  NOTIFY_LIST |
  NOTIFY_SET |
  NOTIFY_HASH |
  NOTIFY_ZSET |
  NOTIFY_EXPIRED |
  NOTIFY_EVICTED |
  NOTIFY_STREAM |
  NOTIFY_MODULE;

/** Letters in the order in which they are shown; those of `A` are left out when it is shown. */
const LETTERS: readonly (readonly [letter: string, bits: number])[] = [
  ['A', NOTIFY_ALL],
  ['g', NOTIFY_GENERIC],
  ['$', NOTIFY_STRING],
  ['l', NOTIFY_LIST],
  ['s', NOTIFY_SET],
  ['h', NOTIFY_HASH],
  ['z', NOTIFY_ZSET],
  ['x', NOTIFY_EXPIRED],
  ['e', NOTIFY_EVICTED],
  ['t', NOTIFY_STREAM],
  ['d', NOTIFY_MODULE],
  ['n', NOTIFY_NEW],
  ['K', NOTIFY_KEYSPACE],
  ['E', NOTIFY_KEYEVENT],
  ['m', NOTIFY_KEY_MISS],
];

/** The bits that letters stand for, or null when one of them is unknown. */
export function parseNotifyLetters(letters: string): number | null {
  let bits = 0;
  for (const letter of letters) {
    const entry = LETTERS.find(([known]) => known === letter);
    if (entry === undefined) return null;
    bits |= entry[1];
  }
  return bits;
}

/** The letters for bits, in Redis's order and with its gap: `n` is not shown beside `A`. */
export function formatNotifyLetters(bits: number): string {
  const all = (bits & NOTIFY_ALL) === NOTIFY_ALL;
  const coveredByAll = NOTIFY_ALL | NOTIFY_NEW;
  let text = '';
  for (const [letter, mask] of LETTERS) {
    if (letter === 'A' ? all : (bits & mask) !== 0 && !(all && (coveredByAll & mask) !== 0)) {
      text += letter;
    }
  }
  return text;
}
