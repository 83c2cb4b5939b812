// Distances on the earth, taken for a ball, by the haversine formula: the same operations in the
// same order as in Redis, so that the results agree. Angles are degrees, distances meters.

const DEGREE: number = Math.PI / 180;
const EARTH_RADIUS_METERS = 6372797.560856;

export function radians(degrees: number): number {
  return degrees * DEGREE;
}

export function degrees(angle: number): number {
  return angle / DEGREE;
}

/** The angle, in degrees, that a distance along a meridian spans. */
export function degreesOfMeters(meters: number): number {
  return degrees(meters / EARTH_RADIUS_METERS);
}

/** The angle, in degrees, that a distance along a parallel spans. */
export function degreesAlongParallel(meters: number, latitude: number): number {
  return degrees(meters / EARTH_RADIUS_METERS / Math.cos(radians(latitude)));
}

/** Distance of two places on one meridian. */
export function latitudeDistance(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS_METERS * Math.abs(radians(latitude2) - radians(latitude1));
}

/** The functions that a distance needs. */
export interface Trigonometry {
  sin(angle: number): number;
  cos(angle: number): number;
  asin(value: number): number;
}

/** Distance of two places. */
export function placeDistance(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
  using: Trigonometry = Math,
): number {
  const v = using.sin((radians(longitude2) - radians(longitude1)) / 2);
  if (v === 0) return latitudeDistance(latitude1, latitude2);
  const angle1 = radians(latitude1);
  const angle2 = radians(latitude2);
  const u = using.sin((angle2 - angle1) / 2);
  const a = u * u + using.cos(angle1) * using.cos(angle2) * v * v;
  return 2 * EARTH_RADIUS_METERS * using.asin(Math.sqrt(a));
}

/**
 * A bound for the `a` of the formula: places at `meters` or less have one that is not larger.
 * Taking the root and the arc of each place is saved where it is.
 */
export function haversineLimit(meters: number): number {
  const angle = meters / (2 * EARTH_RADIUS_METERS);
  if (!(angle < Math.PI / 2)) return Number.POSITIVE_INFINITY;
  const sine = Math.sin(angle);
  // What rounding may take away.
  return sine * sine * (1 + 1e-9) + 1e-30;
}

/** `a` of the formula, where `cosine1` is the cosine of the first place's latitude. */
export function haversine(
  angle1: number,
  cosine1: number,
  longitudeAngle1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = Math.sin((radians(longitude2) - longitudeAngle1) / 2);
  const angle2 = radians(latitude2);
  const u = Math.sin((angle2 - angle1) / 2);
  return u * u + cosine1 * Math.cos(angle2) * v * v;
}
