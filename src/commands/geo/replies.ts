// Distances and coordinates as answers: four decimals, and all that a double has.

import { latin1Bytes } from '../../bytes/ascii.ts';
import { formatLongDouble, longDoubleFromNumber } from '../../bytes/long-double.ts';
import type { Call } from '../../engine/call.ts';

const DISTANCE_UNITS = 10000;

/** Writes a distance with four decimals. */
export function replyDistance(call: Call, distance: number): void {
  const scaled = distance * DISTANCE_UNITS;
  let units = Math.floor(scaled);
  const rest = scaled - units;
  if (rest > 0.5 || (rest === 0.5 && units % 2 === 1)) units++;
  const whole = Math.floor(units / DISTANCE_UNITS);
  const decimals = String(units - whole * DISTANCE_UNITS).padStart(4, '0');
  call.reply.bulkLatin1(`${whole}.${decimals}`);
}

/** Writes longitude and latitude: doubles in RESP3, text in RESP2. */
export function replyPlace(call: Call, longitude: number, latitude: number): void {
  call.reply.array(2);
  replyCoordinate(call, longitude);
  replyCoordinate(call, latitude);
}

function replyCoordinate(call: Call, value: number): void {
  const { reply } = call;
  const text = coordinateText(value);
  if (!reply.resp3) {
    reply.bulkLatin1(text);
    return;
  }
  reply.raw(latin1Bytes(`,${text}\r\n`));
}

const HALF: number = 2 ** 26;
/** Decimals are made eight at a time, and the seventeenth alone. */
const CHUNKS: readonly (readonly [scale: number, digits: number])[] = [
  [1e8, 8],
  [1e8, 8],
  [10, 1],
];

/**
 * A coordinate with up to 17 decimals, exactly, ties to even, without trailing zeros. From 1 on a
 * double's fraction has at most 52 bits, so that halves of 26 can be worked on without a big
 * number.
 */
export function coordinateText(value: number): string {
  const magnitude = Math.abs(value);
  const whole = Math.floor(magnitude);
  if (whole === 0) return exactText(value);
  const fraction = (magnitude - whole) * HALF;
  let high = Math.floor(fraction);
  let low = (fraction - high) * HALF;
  let digits = '';
  for (const [scale, length] of CHUNKS) {
    low *= scale;
    const carry = Math.floor(low / HALF);
    low -= carry * HALF;
    high = high * scale + carry;
    const chunk = Math.floor(high / HALF);
    high -= chunk * HALF;
    digits += String(chunk).padStart(length, '0');
  }
  const rest = high * HALF + low;
  const half = (HALF * HALF) / 2;
  const last = digits.charCodeAt(16) - 48;
  let end = 17;
  if (rest > half || (rest === half && last % 2 === 1)) {
    if (last === 9) return exactText(value);
    digits = digits.slice(0, 16) + String(last + 1);
  }
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  const text = end === 0 ? String(whole) : `${whole}.${digits.slice(0, end)}`;
  return value < 0 ? `-${text}` : text;
}

function exactText(value: number): string {
  const exact = longDoubleFromNumber(value);
  return exact === null ? 'nan' : formatLongDouble(exact);
}
