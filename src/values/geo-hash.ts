// Places on the earth as scores of a sorted set: longitude and latitude as numbers of 26 bits each,
// their bits taken in turn, so that places near each other mostly have scores near each other.
//
//   score, 52 bits | lon 25 | lat 25 | lon 24 | lat 24 | ... | lon 0 | lat 0 |
//
// Cells of a coarser grid are given by their column and row; a step is the number of bits of each.
// 52 bits do not fit the integers of the machine's bit operations, so both halves of 26 are worked
// on apart. Facts: https://redis.io/docs/latest/commands/geoadd/

export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;
const LONGITUDE_MIN: number = -LONGITUDE_MAX;
const LATITUDE_MIN: number = -LATITUDE_MAX;
const LONGITUDE_SCALE: number = LONGITUDE_MAX - LONGITUDE_MIN;
const LATITUDE_SCALE: number = LATITUDE_MAX - LATITUDE_MIN;
/** Bits of each coordinate in a score. */
export const MAX_STEP = 26;
const CELLS: number = 2 ** MAX_STEP;
/** Columns and rows of a grid by its step: powers of two, which are slow to compute each time. */
export const CELL_COUNTS: Float64Array = Float64Array.from(
  { length: MAX_STEP + 1 },
  (_, step) => 2 ** step,
);
const HALF_BITS = 13;
const HALF_MASK: number = (1 << HALF_BITS) - 1;
const SCORE_END: number = 2 ** 52;
const TWO_63: number = 2 ** 63;
/** What the first character of a geohash of 52 bits counts. */
const TWO_47: number = 2 ** 47;
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';

/** Puts a zero before each of the lower 14 bits. */
function spread(bits: number): number {
  let b = bits;
  b = (b | (b << 8)) & 0x00ff00ff;
  b = (b | (b << 4)) & 0x0f0f0f0f;
  b = (b | (b << 2)) & 0x33333333;
  return (b | (b << 1)) & 0x55555555;
}

/** Takes every second bit of 26, the lowest first: the reverse of `spread`. */
function gather(bits: number): number {
  let b = bits & 0x55555555;
  b = (b | (b >>> 1)) & 0x33333333;
  b = (b | (b >>> 2)) & 0x0f0f0f0f;
  b = (b | (b >>> 4)) & 0x00ff00ff;
  return (b | (b >>> 8)) & 0x0000ffff;
}

/** Takes the bits of row and column in turn. */
function interleave(column: number, row: number): number {
  const low = spread(row & HALF_MASK) | (spread(column & HALF_MASK) << 1);
  // A place on the eastern or northern edge has one bit more.
  const high = spread(row >> HALF_BITS) + spread(column >> HALF_BITS) * 2;
  return high * CELLS + low;
}

/** Column of a longitude in a grid of 2^step columns. */
export function columnOf(longitude: number, step: number): number {
  return Math.trunc(((longitude - LONGITUDE_MIN) / LONGITUDE_SCALE) * CELL_COUNTS[step]!);
}

/** Row of a latitude in a grid of 2^step rows. */
export function rowOf(latitude: number, step: number): number {
  return Math.trunc(((latitude - LATITUDE_MIN) / LATITUDE_SCALE) * CELL_COUNTS[step]!);
}

/** Western edge of a column. */
export function longitudeOf(column: number, step: number): number {
  return LONGITUDE_MIN + (column / CELL_COUNTS[step]!) * LONGITUDE_SCALE;
}

/** Southern edge of a row. */
export function latitudeOf(row: number, step: number): number {
  return LATITUDE_MIN + (row / CELL_COUNTS[step]!) * LATITUDE_SCALE;
}

/** The score of a place, which must lie inside the limits. */
export function scoreOfPlace(longitude: number, latitude: number): number {
  return interleave(columnOf(longitude, MAX_STEP), rowOf(latitude, MAX_STEP));
}

/** The lowest score in a cell; those in it end before this plus `scoresInCell`. */
export function firstScoreOfCell(column: number, row: number, step: number): number {
  return interleave(column, row) * scoresInCell(step);
}

export function scoresInCell(step: number): number {
  return CELL_COUNTS[MAX_STEP - step]! * CELL_COUNTS[MAX_STEP - step]!;
}

function clamp(value: number, max: number): number {
  return value > max ? max : value < -max ? -max : value;
}

/** A place read from a score. */
export class GeoPlace {
  longitude = 0;
  latitude = 0;

  /** Reads the place of a score: the middle of its cell. Any number is some place. */
  read(score: number): void {
    let column: number;
    let row: number;
    let nextColumn: number;
    let nextRow: number;
    if (score >= 0 && score < SCORE_END) {
      const high = Math.floor(score / CELLS);
      const low = Math.trunc(score) - high * CELLS;
      column = (gather(high >>> 1) << HALF_BITS) | gather(low >>> 1);
      row = (gather(high) << HALF_BITS) | gather(low);
      nextColumn = column + 1;
      nextRow = row + 1;
    } else {
      const bits = wordOf(score);
      column = everySecondBit(bits >> 1n);
      row = everySecondBit(bits);
      // These are 32-bit numbers in Redis, and begin anew after the last.
      nextColumn = (column + 1) >>> 0;
      nextRow = (row + 1) >>> 0;
    }
    const west = longitudeOf(column, MAX_STEP);
    const south = latitudeOf(row, MAX_STEP);
    this.longitude = clamp((west + longitudeOf(nextColumn, MAX_STEP)) / 2, LONGITUDE_MAX);
    this.latitude = clamp((south + latitudeOf(nextRow, MAX_STEP)) / 2, LATITUDE_MAX);
  }
}

/** A score as the 64-bit word that Redis's machine makes of it, also beyond the range of words. */
function wordOf(score: number): bigint {
  if (score >= 2 * TWO_63) return 0n;
  if (score <= -TWO_63) return 1n << 63n;
  return BigInt.asUintN(64, BigInt(Math.trunc(score)));
}

function everySecondBit(bits: bigint): number {
  let value = 0;
  for (let i = 31n; i >= 0n; i--) value = value * 2 + Number((bits >> (2n * i)) & 1n);
  return value;
}

/** The text of 11 characters by which others name a place; it has the poles at 90 degrees. */
export function geohashText(longitude: number, latitude: number): string {
  const column = Math.trunc(((longitude + 180) / 360) * CELLS) % CELLS;
  const row = Math.trunc(((latitude + 90) / 180) * CELLS) % CELLS;
  let left = interleave(column, row);
  let text = '';
  // Powers of two are divided without loss, also where they end below 1.
  for (let place = TWO_47; place > 1; place /= 32) {
    const digit = Math.floor(left / place);
    left -= digit * place;
    text += ALPHABET.charAt(digit);
  }
  // 52 bits fill ten characters; the last one is always this.
  return `${text}0`;
}
