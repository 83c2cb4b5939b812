// A search around a place: the shape, the nine cells of the grid that cover it, and whether a place
// lies inside. Which cells are looked at in which order decides the order of unsorted results, so
// it is Redis's: the middle one, then north, south, east, west and the corners.
//
//   | nw | n  | ne |      cells of a grid whose step is as fine as the shape allows;
//   | w  | ** | e  |      those that cannot hold anything of the shape are left out
//   | sw | s  | se |

import {
  degreesAlongParallel,
  degreesOfMeters,
  haversine,
  haversineLimit,
  latitudeDistance,
  placeDistance,
  radians,
} from './geo-distance.ts';
import {
  CELL_COUNTS,
  columnOf,
  firstScoreOfCell,
  GeoPlace,
  latitudeOf,
  longitudeOf,
  MAX_STEP,
  rowOf,
  scoresInCell,
} from './geo-hash.ts';

/** Half the way around the earth, as the projection has it. */
const MERCATOR_MAX_METERS = 20037726.37;
/** Column and row steps of the cells, in the order in which they are searched. */
const CELL_STEPS: readonly (readonly [east: number, north: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** How fine a grid may be so that a cell and its neighbours cover a circle. */
function stepForRadius(meters: number, latitude: number): number {
  if (meters === 0) return MAX_STEP;
  let step = 1;
  for (let range = meters; range < MERCATOR_MAX_METERS; range *= 2) step++;
  step -= 2;
  // Towards the poles the cells become narrower.
  if (latitude > 66 || latitude < -66) {
    step--;
    if (latitude > 80 || latitude < -80) step--;
  }
  return Math.max(1, Math.min(MAX_STEP, step));
}

/** The column or row next to one; at the edge it is the one on the other side. */
function neighbour(index: number, delta: number, step: number): number {
  const count = CELL_COUNTS[step]!;
  return delta === 0 ? index : (((index + delta) % count) + count) % count;
}

/** Scores from `first` to before `end`. */
export interface ScoreSpan {
  readonly first: number;
  readonly end: number;
}

export class GeoSearch {
  /** The middle. */
  longitude = 0;
  latitude = 0;
  isBox = false;
  /** In units of the search. */
  radius = 0;
  width = 0;
  height = 0;
  metersPerUnit = 1;
  /** The place that `isInside` has read, and its distance from the middle in meters. */
  readonly place: GeoPlace = new GeoPlace();
  distanceMeters = 0;
  #latitudeAngle = 0;
  #longitudeAngle = 0;
  #latitudeCosine = 0;
  #limit = 0;
  #radiusMeters = 0;

  /** The spans of scores that hold everything inside, in the order of the search. */
  spans(): ScoreSpan[] {
    this.#latitudeAngle = radians(this.latitude);
    this.#longitudeAngle = radians(this.longitude);
    this.#latitudeCosine = Math.cos(this.#latitudeAngle);
    this.#radiusMeters = this.radius * this.metersPerUnit;
    this.#limit = haversineLimit(this.#radiusMeters);
    const halfDiagonal = Math.sqrt(
      (this.width / 2) * (this.width / 2) + (this.height / 2) * (this.height / 2),
    );
    const reach = (this.isBox ? halfDiagonal : this.radius) * this.metersPerUnit;
    const bounds = this.#bounds();
    let step = stepForRadius(reach, this.latitude);
    if (step > 1 && this.#isTooFine(step, bounds)) step--;
    return this.#spansOf(step, bounds);
  }

  /** West, south, east and north of the shape, in degrees. */
  #bounds(): readonly [number, number, number, number] {
    const { longitude, latitude, metersPerUnit } = this;
    const height = metersPerUnit * (this.isBox ? this.height / 2 : this.radius);
    const width = metersPerUnit * (this.isBox ? this.width / 2 : this.radius);
    const north = degreesOfMeters(height);
    const widest = latitude < 0 ? latitude - north : latitude + north;
    const east = degreesAlongParallel(width, widest);
    return [longitude - east, latitude - north, longitude + east, latitude + north];
  }

  /** Whether the neighbours of the middle cell do not reach all of the shape. */
  #isTooFine(step: number, bounds: readonly [number, number, number, number]): boolean {
    const [west, south, east, north] = bounds;
    const column = columnOf(this.longitude, step);
    const row = rowOf(this.latitude, step);
    return (
      latitudeOf(neighbour(row, 1, step) + 1, step) < north ||
      latitudeOf(neighbour(row, -1, step), step) > south ||
      longitudeOf(neighbour(column, 1, step) + 1, step) < east ||
      longitudeOf(neighbour(column, -1, step), step) > west
    );
  }

  #spansOf(step: number, bounds: readonly [number, number, number, number]): ScoreSpan[] {
    const [west, south, east, north] = bounds;
    const column = columnOf(this.longitude, step);
    const row = rowOf(this.latitude, step);
    // The shape ends inside the middle cell on such a side.
    const excludes = step >= 2;
    const noSouth = excludes && latitudeOf(row, step) < south;
    const noNorth = excludes && latitudeOf(row + 1, step) > north;
    const noWest = excludes && longitudeOf(column, step) < west;
    const noEast = excludes && longitudeOf(column + 1, step) > east;
    const size = scoresInCell(step);
    const spans: ScoreSpan[] = [];
    for (const [x, y] of CELL_STEPS) {
      if ((x > 0 && noEast) || (x < 0 && noWest)) continue;
      if ((y > 0 && noNorth) || (y < 0 && noSouth)) continue;
      const first = firstScoreOfCell(neighbour(column, x, step), neighbour(row, y, step), step);
      // In the coarsest grid the neighbours on both sides are the same cell.
      if (spans.length > 1 && spans.at(-1)?.first === first) continue;
      spans.push({ first, end: first + size });
    }
    return spans;
  }

  /** Whether the place of a score lies inside; `place` and `distanceMeters` tell of it then. */
  isInside(score: number): boolean {
    const { place } = this;
    place.read(score);
    return this.isBox ? this.#isInBox(place) : this.#isInCircle(place);
  }

  #isInCircle(place: GeoPlace): boolean {
    const a = haversine(
      this.#latitudeAngle,
      this.#latitudeCosine,
      this.#longitudeAngle,
      place.longitude,
      place.latitude,
    );
    if (a > this.#limit) return false;
    this.#measure(place);
    return this.distanceMeters <= this.#radiusMeters;
  }

  #isInBox(place: GeoPlace): boolean {
    const { longitude, latitude } = place;
    const height = this.height * this.metersPerUnit;
    if (latitudeDistance(latitude, this.latitude) > height / 2) return false;
    const width = this.width * this.metersPerUnit;
    if (placeDistance(longitude, latitude, this.longitude, latitude) > width / 2) return false;
    this.#measure(place);
    return true;
  }

  #measure({ longitude, latitude }: GeoPlace): void {
    this.distanceMeters = placeDistance(this.longitude, this.latitude, longitude, latitude);
  }
}
