// Distances and coordinates as answers: four decimals, and all that a double has. The usual ones
// are written without making a string.

import { writeInteger } from '../../bytes/integer.ts';
import { formatLongDouble, longDoubleFromNumber } from '../../bytes/long-double.ts';
import type { Call } from '../../engine/call.ts';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const COMMA = 44;
const DISTANCE_UNITS = 10000;
const DISTANCE_DECIMALS = 4;

/** Writes the last `count` digits of a number, zeros too, before `end`. */
function writeDigits(target: Uint8Array, value: number, count: number, end: number): void {
  // Below 2^31: whole numbers that the machine divides quickly.
  let rest = value | 0;
  for (let i = end - 1; i >= end - count; i--) {
    const quotient = (rest / 10) | 0;
    target[i] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
}

/** Writes a distance with four decimals, ties to even. */
export function replyDistance(call: Call, distance: number): void {
  const scaled = distance * DISTANCE_UNITS;
  let units = Math.floor(scaled);
  const rest = scaled - units;
  if (rest > 0.5 || (rest === 0.5 && units % 2 === 1)) units++;
  const whole = Math.floor(units / DISTANCE_UNITS);
  const { digits } = call;
  let length = writeInteger(digits, 0, whole);
  digits[length] = POINT;
  length += 1 + DISTANCE_DECIMALS;
  writeDigits(digits, units - whole * DISTANCE_UNITS, DISTANCE_DECIMALS, length);
  call.reply.bulk(digits, 0, length);
}

/** Writes longitude and latitude: doubles in RESP3, text in RESP2. */
export function replyPlace(call: Call, longitude: number, latitude: number): void {
  call.reply.array(2);
  replyCoordinate(call, longitude);
  replyCoordinate(call, latitude);
}

function replyCoordinate(call: Call, value: number): void {
  const { reply, digits } = call;
  if (!reply.resp3) {
    reply.bulk(digits, 0, writeCoordinate(digits, 0, value));
    return;
  }
  digits[0] = COMMA;
  const end = 1 + writeCoordinate(digits, 1, value);
  digits[end] = 13;
  digits[end + 1] = 10;
  reply.raw(digits.subarray(0, end + 2));
}

const HALF: number = 2 ** 26;
/** Decimals are made eight at a time, and the seventeenth alone. */
const CHUNK = 1e8;
const CHUNK_DIGITS = 8;
const DECIMALS = 17;

/**
 * Writes a coordinate with up to 17 decimals, exactly, ties to even, without trailing zeros. From 1
 * on a double's fraction has at most 52 bits, so that halves of 26 can be worked on without a big
 * number.
 * @returns the number of bytes written.
 */
export function writeCoordinate(target: Uint8Array, offset: number, value: number): number {
  const magnitude = Math.abs(value);
  const whole = Math.floor(magnitude);
  if (whole === 0) return writeExactly(target, offset, value);
  let at = offset;
  if (value < 0) target[at++] = MINUS;
  at += writeInteger(target, at, whole);
  target[at++] = POINT;
  const fraction = (magnitude - whole) * HALF;
  let high = Math.floor(fraction);
  let low = (fraction - high) * HALF;
  for (let left = DECIMALS; left > 0; left -= CHUNK_DIGITS) {
    const count = Math.min(left, CHUNK_DIGITS);
    const scale = count === CHUNK_DIGITS ? CHUNK : 10;
    low *= scale;
    const carry = Math.floor(low / HALF);
    low -= carry * HALF;
    high = high * scale + carry;
    const digits = Math.floor(high / HALF);
    high -= digits * HALF;
    at += count;
    writeDigits(target, digits, count, at);
  }
  const rest = high * HALF + low;
  const half = (HALF * HALF) / 2;
  const last = target[at - 1]!;
  if (rest > half || (rest === half && (last & 1) === 1)) {
    if (last === ZERO + 9) return writeExactly(target, offset, value);
    target[at - 1] = last + 1;
  }
  while (target[at - 1] === ZERO) at--;
  if (target[at - 1] === POINT) at--;
  return at - offset;
}

function writeExactly(target: Uint8Array, offset: number, value: number): number {
  const exact = longDoubleFromNumber(value);
  const digits = exact === null ? 'nan' : formatLongDouble(exact);
  for (let i = 0; i < digits.length; i++) target[offset + i] = digits.charCodeAt(i);
  return digits.length;
}
