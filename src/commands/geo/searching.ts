// GEORADIUS, GEORADIUSBYMEMBER, GEOSEARCH and their other forms: reading the options, searching,
// answering or storing. https://redis.io/docs/latest/commands/geosearch/

import { Call, NOTIFY_ZSET } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import {
  ERR_BOX_NEGATIVE,
  ERR_GEO_ANY,
  ERR_GEO_COUNT,
  ERR_GEO_MEMBER,
  ERR_HEIGHT_NOT_NUMBER,
  ERR_RADIUS_NEGATIVE,
  ERR_RADIUS_NOT_NUMBER,
  ERR_SYNTAX,
  ERR_WIDTH_NOT_NUMBER,
  replyError,
} from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { placeDistance } from '../../values/geo-distance.ts';
import { ExactTrigonometry } from '../../values/geo-exact.ts';
import { GeoSearch } from '../../values/geo-search.ts';
import type { SortedSet } from '../../values/sorted-set.ts';
import { type FoundPlace, findPlaces, type Order, pickPlaces } from './found-places.ts';
import { checkPlace, coordinateAt, readDouble, readUnit } from './places.ts';
import { replyDistance, replyPlace } from './replies.ts';

/** Which of the commands it is. */
export type SearchKind = 'radius' | 'member' | 'search';
/** Whether it can store: never, by its options, or always. */
export type Storing = 'never' | 'option' | 'always';

const WITHDIST = Call.word('WITHDIST');
const WITHHASH = Call.word('WITHHASH');
const WITHCOORD = Call.word('WITHCOORD');
const ANY = Call.word('ANY');
const ASC = Call.word('ASC');
const DESC = Call.word('DESC');
const COUNT = Call.word('COUNT');
const STORE = Call.word('STORE');
const STOREDIST = Call.word('STOREDIST');
const FROMMEMBER = Call.word('FROMMEMBER');
const FROMLONLAT = Call.word('FROMLONLAT');
const BYRADIUS = Call.word('BYRADIUS');
const BYBOX = Call.word('BYBOX');

class SearchRequest {
  readonly search: GeoSearch = new GeoSearch();
  readonly kind: SearchKind;
  readonly storing: Storing;
  withDistance = false;
  withHash = false;
  withPlace = false;
  any = false;
  order: Order = 'none';
  /** Most results; 0: all. */
  count = 0;
  /** The argument with the key to store under; 0: none. */
  target = 0;
  storesDistance = false;
  #from: 'nothing' | 'member' | 'place' = 'nothing';
  #by: 'nothing' | 'radius' | 'box' = 'nothing';
  readonly #call: Call;
  /** The set that is searched; null when the key is not there. */
  readonly #set: SortedSet | null;

  constructor(call: Call, kind: SearchKind, storing: Storing, set: SortedSet | null) {
    this.#call = call;
    this.kind = kind;
    this.storing = storing;
    this.#set = set;
    if (storing === 'always') this.target = 1;
  }

  /** Reads everything behind the key; the first failure is kept. */
  read(): void {
    const call = this.#call;
    let first = this.storing === 'always' ? 3 : 2;
    if (this.kind === 'radius') {
      this.#readPlace(2);
      this.#readRadius(4);
      first = 6;
    } else if (this.kind === 'member') {
      // Without a set the radius is not looked at.
      if (this.#set !== null) {
        this.#readMember(2);
        this.#readRadius(3);
      }
      first = 5;
    }
    for (let i = first; i < call.args.count; ) {
      const taken = this.#readWord(i) || this.#readValue(i) || this.#readShape(i);
      if (taken === 0) {
        call.fail(ERR_SYNTAX);
        break;
      }
      i += taken;
    }
    this.#check();
  }

  /** A word that stands alone. @returns the arguments taken: 0 or 1. */
  #readWord(i: number): number {
    const { args } = this.#call;
    if (args.is(i, WITHDIST)) this.withDistance = true;
    else if (args.is(i, WITHHASH)) this.withHash = true;
    else if (args.is(i, WITHCOORD)) this.withPlace = true;
    else if (args.is(i, ANY)) this.any = true;
    else if (args.is(i, ASC)) this.order = 'nearest';
    else if (args.is(i, DESC)) this.order = 'farthest';
    else if (this.storing === 'always' && args.is(i, STOREDIST)) this.storesDistance = true;
    else return 0;
    return 1;
  }

  /** COUNT, and the target of the older commands. */
  #readValue(i: number): number {
    const call = this.#call;
    const { args } = call;
    if (i + 1 >= args.count) return 0;
    if (args.is(i, COUNT)) {
      this.count = call.integer(i + 1);
      if (this.count <= 0) call.fail(ERR_GEO_COUNT);
      return 2;
    }
    if (this.storing !== 'option' || this.kind === 'search') return 0;
    const storesDistance = args.is(i, STOREDIST);
    if (!storesDistance && !args.is(i, STORE)) return 0;
    this.target = i + 1;
    this.storesDistance = storesDistance;
    return 2;
  }

  /** Where and what GEOSEARCH searches. */
  #readShape(i: number): number {
    const { args } = this.#call;
    if (this.kind !== 'search') return 0;
    const left = args.count - i - 1;
    if (left >= 1 && this.#from !== 'place' && args.is(i, FROMMEMBER)) {
      this.#from = 'member';
      if (this.#set !== null) this.#readMember(i + 1);
      return 2;
    }
    if (left >= 2 && this.#from !== 'member' && args.is(i, FROMLONLAT)) {
      this.#from = 'place';
      this.#readPlace(i + 1);
      return 3;
    }
    if (left >= 2 && this.#by !== 'box' && args.is(i, BYRADIUS)) {
      this.#by = 'radius';
      this.#readRadius(i + 1);
      return 3;
    }
    if (left >= 3 && this.#by !== 'radius' && args.is(i, BYBOX)) {
      this.#by = 'box';
      this.#readBox(i + 1);
      return 4;
    }
    return 0;
  }

  #readPlace(i: number): void {
    const { search } = this;
    search.longitude = coordinateAt(this.#call, i);
    search.latitude = coordinateAt(this.#call, i + 1);
    checkPlace(this.#call, search.longitude, search.latitude);
  }

  #readMember(i: number): void {
    const { bytes, offsets, lengths } = this.#call.args;
    const set = this.#set;
    const { search } = this;
    if (set === null || !set.find(bytes, offsets[i]!, lengths[i]!)) {
      this.#call.fail(ERR_GEO_MEMBER);
      return;
    }
    search.place.read(set.score);
    search.longitude = search.place.longitude;
    search.latitude = search.place.latitude;
  }

  #readRadius(i: number): void {
    const { search } = this;
    search.isBox = false;
    search.radius = readDouble(this.#call, i, ERR_RADIUS_NOT_NUMBER);
    if (search.radius < 0) this.#call.fail(ERR_RADIUS_NEGATIVE);
    search.metersPerUnit = readUnit(this.#call, i + 1);
  }

  #readBox(i: number): void {
    const { search } = this;
    search.isBox = true;
    search.width = readDouble(this.#call, i, ERR_WIDTH_NOT_NUMBER);
    search.height = readDouble(this.#call, i + 1, ERR_HEIGHT_NOT_NUMBER);
    if (search.width < 0 || search.height < 0) this.#call.fail(ERR_BOX_NEGATIVE);
    search.metersPerUnit = readUnit(this.#call, i + 2);
  }

  #check(): void {
    const call = this.#call;
    const answersMore = this.withDistance || this.withHash || this.withPlace;
    if (this.target !== 0 && answersMore) {
      const what = this.storing === 'always' ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
      const text = `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`;
      call.fail(replyError(text));
    }
    if (this.kind === 'search' && (this.#from === 'nothing' || this.#by === 'nothing')) {
      const choice =
        this.#from === 'nothing'
          ? 'FROMMEMBER or FROMLONLAT can be specified'
          : 'BYRADIUS and BYBOX can be specified';
      call.fail(replyError(`ERR exactly one of ${choice} for ${call.args.shown(0)}`));
    }
    if (this.any && this.count === 0) call.fail(ERR_GEO_ANY);
  }
}

/** Runs a search of the set at the key in argument 1, or 2 where the target is named before it. */
export function runSearch(call: Call, kind: SearchKind, storing: Storing): void {
  const found = call.lookupRead(storing === 'always' ? 2 : 1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  const set = found === NULL_REF ? null : call.keyspace.values.sortedSets.open(found);
  const request = new SearchRequest(call, kind, storing, set);
  request.read();
  if (call.failed()) return;
  const places = set === null ? [] : placesOf(set, request);
  if (request.target === 0) replyPlaces(call, set, request, places);
  else storePlaces(call, set, request, places);
}

function placesOf(set: SortedSet, { search, any, count, order }: SearchRequest): FoundPlace[] {
  // Which ones a limit keeps is only clear when they are sorted, unless any will do.
  const isSorted = order !== 'none' || (count > 0 && !any);
  const found = findPlaces(set, search, any ? count : 0);
  return pickPlaces(found, order === 'none' && isSorted ? 'nearest' : order, count);
}

function replyPlaces(
  call: Call,
  set: SortedSet | null,
  request: SearchRequest,
  places: readonly FoundPlace[],
): void {
  const { reply } = call;
  const { withDistance, withHash, withPlace, search } = request;
  const extras = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(places.length);
  if (set === null) return;
  for (const place of places) {
    if (extras > 0) reply.array(extras + 1);
    set.setCurrent(place.handle);
    set.loadMember();
    reply.bulk(set.bytes, set.offset, set.length);
    if (withDistance) replyDistance(call, place.distanceMeters / search.metersPerUnit);
    if (withHash) reply.integer(Math.trunc(place.score));
    if (withPlace) replyPlace(call, place.longitude, place.latitude);
  }
}

function storePlaces(
  call: Call,
  set: SortedSet | null,
  request: SearchRequest,
  places: readonly FoundPlace[],
): void {
  const { target, kind } = request;
  if (set === null || places.length === 0) {
    call.deleteTarget(target);
    call.reply.integer(0);
    return;
  }
  const { result } = call.keyspace.values.sortedSets;
  const exact = request.storesDistance ? new ExactTrigonometry() : null;
  result.createLarge();
  for (const place of places) {
    set.setCurrent(place.handle);
    set.loadMember();
    const score = exact === null ? place.score : exactDistance(request.search, place, exact);
    result.addNew(score, set.bytes, set.offset, set.length);
  }
  result.compact();
  call.replaceValue(target, TYPE_ZSET, result.encoding, result.root);
  const event = kind === 'search' ? 'geosearchstore' : 'georadiusstore';
  call.changed(target, NOTIFY_ZSET, event, places.length);
  call.reply.integer(places.length);
}

function exactDistance(search: GeoSearch, place: FoundPlace, using: ExactTrigonometry): number {
  const { longitude, latitude, metersPerUnit } = search;
  const { longitude: longitude2, latitude: latitude2 } = place;
  return placeDistance(longitude, latitude, longitude2, latitude2, using) / metersPerUnit;
}
