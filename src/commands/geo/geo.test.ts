// The geo commands: a conversation with the real server line by line, then what no reply shows:
// stored distances, what is told to replicas and the AOF, keyspace events; and the coordinates'
// text against big numbers.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatLongDouble, longDoubleFromNumber } from '../../bytes/long-double.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { play, readRecording } from '../../engine/testing/recorded.ts';
import { geoCommands } from './index.ts';
import { writeCoordinate } from './replies.ts';

/** Commands in order on one keyspace, with the answers of Redis 7.2.5 on x86-64. */
const CONVERSATION = new URL('./geo.recorded.txt', import.meta.url);

let h: Harness;

beforeEach(() => {
  h = new Harness(geoCommands);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

/** The score of a member, which is there. */
function scoreAt(key: string, member: string): number {
  const [bytes, wanted] = [Buffer.from(key), Buffer.from(member)];
  const ref = h.keyspace.databases[0]?.lookup(bytes, 0, bytes.length) ?? 0;
  const set = h.keyspace.values.sortedSets.open(ref);
  expect(set.find(wanted, 0, wanted.length)).toBe(true);
  return set.score;
}

it('answers as the real server did', () => {
  for (const line of readRecording(CONVERSATION)) {
    const { answered, recorded } = play(h, line);
    expect(answered, line).toEqual(recorded);
  }
});

describe('with two towns', () => {
  beforeEach(() => {
    h.run('GEOADD', 'g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania');
  });

  it('stores distances with all their digits', () => {
    h.run('GEOSEARCHSTORE', 'd', 'g', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'STOREDIST');
    expect(scoreAt('d', 'Catania')).toBe(56.4412578701582);
    expect(scoreAt('d', 'Palermo')).toBe(190.44242984775784);
  });

  it('answers coordinates as doubles to RESP3', () => {
    h.client.resp3 = true;
    expect(h.run('GEOPOS', 'g', 'Palermo', 'nobody')).toEqual([
      [{ double: '13.36138933897018433' }, { double: '38.11555639549629859' }],
      null,
    ]);
  });

  it('tells replicas and the AOF of a ZADD', () => {
    h.journal.length = 0;
    h.run('GEOADD', 'g', 'XX', 'CH', 13.361389, 38.115556, 'Catania', 1, 1, 'nobody');
    h.run('GEOADD', 'g', 13.361389, 38.115556, 'Palermo');
    expect(h.journal).toEqual([
      [0, 'zadd', 'g', 'XX', 'CH', '3479099956230698', 'Catania', '3377822707026402', 'nobody'],
    ]);
  });

  it.each([
    [['GEOADD', 'g', 1, 1, 'x'], ['zadd']],
    [['GEORADIUS', 'g', 15, 37, 200, 'km', 'STORE', 'd'], ['georadiusstore']],
    [['GEORADIUS', 'g', 15, 37, 1, 'km', 'STORE', 'g'], ['del']],
    [['GEOSEARCHSTORE', 'g', 'g', 'FROMMEMBER', 'Palermo', 'BYRADIUS', 1, 'm'], ['geosearchstore']],
    [['GEOSEARCHSTORE', 'g', 'no', 'FROMMEMBER', 'Palermo', 'BYRADIUS', 1, 'm'], ['del']],
  ] as const)('events of %j are %j', (command, expected) => {
    const events: string[] = [];
    h.engine.settings.notifyMask = -1;
    h.engine.events.notifier = {
      publish: (_class, event) => {
        if (event !== 'new' && event !== 'keymiss') events.push(event);
      },
    };
    h.run(...command);
    expect(events).toEqual(expected);
  });

  it('keeps the nearest of many, in order', () => {
    for (let i = 0; i < 500; i++) h.run('GEOADD', 'g', 10 + ((i * 37) % 500) / 100, 40, `m${i}`);
    const all = h.run('GEOSEARCH', 'g', 'FROMLONLAT', 12, 40, 'BYRADIUS', 900, 'km', 'ASC');
    if (!Array.isArray(all)) throw new Error('no members');
    expect(all.length).toBe(502);
    const some = [...['GEOSEARCH', 'g', 'FROMLONLAT', 12, 40, 'BYRADIUS', 900, 'km', 'COUNT', 20]];
    expect(h.run(...some)).toEqual(all.slice(0, 20));
    expect(h.run(...some, 'DESC')).toEqual(all.reverse().slice(0, 20));
  });
});

describe('writeCoordinate', () => {
  it('writes every coordinate as the exact way does', () => {
    const coordinate = fc.double({ min: -180, max: 180, noNaN: true });
    fc.assert(
      fc.property(coordinate, (value) => {
        const exact = longDoubleFromNumber(value);
        const text = new Uint8Array(400);
        const length = writeCoordinate(text, 0, value);
        expect(Buffer.from(text.subarray(0, length)).toString()).toBe(
          exact === null ? '' : formatLongDouble(exact),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
