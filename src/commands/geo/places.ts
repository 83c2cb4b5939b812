// Coordinates, distances and units as arguments of the geo commands.

import { parseDouble } from '../../bytes/double.ts';
import { longDoubleFromNumber } from '../../bytes/long-double.ts';
import { Call } from '../../engine/call.ts';
import {
  ERR_GEO_UNIT,
  ERR_NOT_FLOAT,
  type ReplyError,
  replyError,
} from '../../protocol/reply-errors.ts';
import { LATITUDE_MAX, LONGITUDE_MAX } from '../../values/geo-hash.ts';

const DECIMALS = 6;
const METERS = Call.word('M');
const KILOMETERS = Call.word('KM');
const FEET = Call.word('FT');
const MILES = Call.word('MI');

/** Argument `i` as a double, or a kept failure and 0. */
export function readDouble(call: Call, i: number, error: ReplyError): number {
  const { bytes, offsets, lengths } = call.args;
  const value = parseDouble(bytes, offsets[i]!, lengths[i]!);
  if (!Number.isNaN(value)) return value;
  call.fail(error);
  return 0;
}

/** Argument `i` as a longitude or latitude, or a kept failure and 0. */
export function coordinateAt(call: Call, i: number): number {
  return readDouble(call, i, ERR_NOT_FLOAT);
}

/** Whether a place lies inside the limits; otherwise the failure is kept. */
export function checkPlace(call: Call, longitude: number, latitude: number): boolean {
  if (Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX) return true;
  const pair = `${formatFixed6(longitude)},${formatFixed6(latitude)}`;
  call.fail(replyError(`ERR invalid longitude,latitude pair ${pair}`));
  return false;
}

/** A double as C's `%f` writes it: six decimals, ties to even. */
function formatFixed6(value: number): string {
  const exact = longDoubleFromNumber(value);
  if (exact === null || typeof exact === 'string') return value < 0 ? '-inf' : 'inf';
  const magnitude = exact.mantissa < 0n ? -exact.mantissa : exact.mantissa;
  const scaled = magnitude * 10n ** BigInt(DECIMALS);
  let units: bigint;
  if (exact.exponent >= 0) units = scaled << BigInt(exact.exponent);
  else {
    const shift = BigInt(-exact.exponent);
    units = scaled >> shift;
    const rest = (scaled - (units << shift)) << 1n;
    const one = 1n << shift;
    if (rest > one || (rest === one && (units & 1n) === 1n)) units += 1n;
  }
  const digits = units.toString().padStart(DECIMALS + 1, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return `${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** Argument `i` as the meters of a unit, or a kept failure and 1. */
export function readUnit(call: Call, i: number): number {
  const { args } = call;
  if (args.is(i, METERS)) return 1;
  if (args.is(i, KILOMETERS)) return 1000;
  if (args.is(i, FEET)) return 0.3048;
  if (args.is(i, MILES)) return 1609.34;
  call.fail(ERR_GEO_UNIT);
  return 1;
}
