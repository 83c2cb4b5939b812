// The oracle's own parts: a seed draws one stream, a printed stream can be read back, shrinking
// keeps the fault and little else, replies are equal only where they should be.
import { describe, expect, it } from 'vitest';
import type { Reply } from '../support/resp.ts';
import { differences } from './command-info.ts';
import { compareOutcomes, repliesEqual } from './compare.ts';
import { grammars } from './grammars/index.ts';
import { firstDifference } from './notifications.ts';
import { type Outcome, repliesExpected } from './run-stream.ts';
import { shrink } from './shrink.ts';
import { drawStream, parseStep, type Step, showStep } from './stream.ts';

const options = { seed: 7, resp: 2, length: 300, otherTypes: true } as const;

describe('drawStream', () => {
  it.each(grammars)('draws the same stream of $group from the same seed', (grammar) => {
    expect(drawStream(grammar, options)).toEqual(drawStream(grammar, options));
    expect(drawStream(grammar, { ...options, seed: 8 })).not.toEqual(drawStream(grammar, options));
  });

  it.each(grammars)('writes every step of $group so that it can be read back', (grammar) => {
    const { steps } = drawStream(grammar, options);
    expect(steps.map(showStep).map(parseStep)).toEqual(steps);
  });
});

describe('shrink', () => {
  it('leaves the two steps that fail together', async () => {
    const steps: Step[] = Array.from({ length: 150 }, (_, i) => ({ args: ['SET', `key${i}`] }));
    const stream = { group: 'strings', seed: 1, resp: 2, sending: 'pieces', steps } as const;
    const small = await shrink(stream, async (candidate) => {
      const text = candidate.steps.map(showStep).join('\n');
      return text.includes('key31') && text.includes('key97');
    });
    expect(small.steps).toEqual([{ args: ['SET', 'key31'] }, { args: ['SET', 'key97'] }]);
    expect(small.sending).toBe('whole');
  });
});

describe('repliesExpected', () => {
  it('follows CLIENT REPLY', () => {
    const lines = [
      'PING',
      'CLIENT REPLY SKIP',
      'PING',
      'PING',
      'client reply off',
      'PING',
      'CLIENT REPLY ON',
    ];
    const steps = lines.map((line) => ({ args: line.split(' ') }));
    expect(repliesExpected(steps)).toEqual([true, false, false, true, false, false, true]);
  });
});

describe('compareOutcomes', () => {
  const queued: Reply = { type: 'simple', text: 'QUEUED' };
  const ok: Reply = { type: 'simple', text: 'OK' };
  const lines = ['MULTI', 'TTL a', 'GET a', 'EXEC'];
  const steps = lines.map((line) => ({ args: line.split(' ') }));
  const stream = { group: 'keys', seed: 1, resp: 2, sending: 'whole', steps } as const;
  const outcome = (ttl: string, value: string, notifications: string[] = []): Outcome => {
    const items: Reply[] = [
      { type: 'integer', text: ttl },
      { type: 'bulk', bytes: Buffer.from(value) },
    ];
    const replies = [ok, queued, queued, { type: 'array', items } as const];
    return { replies, end: 'done', digest: '', notifications };
  };

  it("compares the items of EXEC's reply as those of the queued steps", () => {
    expect(compareOutcomes(stream, outcome('100', 'x'), outcome('101', 'x'))).toBeUndefined();
    expect(compareOutcomes(stream, outcome('100', 'x'), outcome('100', 'y'))?.index).toBe(3);
    expect(compareOutcomes(stream, outcome('100', 'x'), outcome('1', 'x'))?.index).toBe(3);
  });

  it('compares notifications, misses in a row in any order', () => {
    const with2 = (...texts: string[]): Outcome => outcome('1', 'x', texts);
    const [a, b] = ['"a" "keymiss"', '"b" "keymiss"'];
    expect(compareOutcomes(stream, with2(a, b), with2(b, a))).toBeUndefined();
    expect(compareOutcomes(stream, with2('"a" "set"'), with2('"a" "del"'))).toMatchObject({
      step: 'keyspace notifications',
      ours: '"a" "set"',
    });
    expect(firstDifference(['"a" "set"'], [])).toEqual({ ours: '"a" "set"', real: 'nothing' });
  });

  it('excuses a miss that the older server tells before it refuses, once', () => {
    const miss = ['"__keyspace@0__:k" "keymiss"', '"__keyevent@0__:keymiss" "k"'];
    const range =
      'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
    const refused = { type: 'error', text: range, bulk: false } as const;
    const none: Reply = { type: 'null', form: 'bulk' };
    const reached = (reply: Reply, notifications: string[]): Outcome => {
      return { replies: [reply], end: 'done', digest: '', notifications };
    };
    const asked = (key: string) =>
      ({
        ...stream,
        steps: [{ args: ['LPOS', key, 'x', 'RANK', '-9223372036854775808'] }],
      }) as const;
    const compare = (key: string, told: string[]): string | undefined =>
      compareOutcomes(asked(key), reached(refused, []), reached(none, told))?.step;
    expect(compare('k', miss)).toBeUndefined();
    expect(compare('other', miss)).toBe('keyspace notifications');
    expect(compare('k', [...miss, ...miss])).toBe('keyspace notifications');
  });
});

describe('repliesEqual', () => {
  const integer = (text: string): Reply => ({ type: 'integer', text });
  const bulk = (text: string): Reply => ({ type: 'bulk', bytes: Buffer.from(text) });
  const array = (...items: Reply[]): Reply => ({ type: 'array', items });

  it('compares types and bytes', () => {
    const step = { args: ['GET', 'a'] };
    expect(repliesEqual(step, bulk('1'), bulk('1'))).toBe(true);
    expect(repliesEqual(step, bulk('1'), bulk('2'))).toBe(false);
    expect(repliesEqual(step, bulk('1'), integer('1'))).toBe(false);
    expect(
      repliesEqual(step, { type: 'null', form: 'bulk' }, { type: 'null', form: 'array' }),
    ).toBe(false);
  });

  it('lets a moment pass between two answers about time, but no more', () => {
    const step = { args: ['PTTL', 'a'] };
    expect(repliesEqual(step, integer('5000'), integer('4999'))).toBe(true);
    expect(repliesEqual(step, integer('5000'), integer('50'))).toBe(false);
    expect(repliesEqual(step, integer('-1'), integer('-2'))).toBe(false);
    expect(repliesEqual(step, integer('-1'), integer('5'))).toBe(false);
  });

  it('ignores the order of KEYS only', () => {
    const [a, b] = [array(bulk('x'), bulk('y')), array(bulk('y'), bulk('x'))];
    expect(repliesEqual({ args: ['KEYS', '*'] }, a, b)).toBe(true);
    expect(repliesEqual({ args: ['MGET', 'x', 'y'] }, a, b)).toBe(false);
  });
});

describe('refusals of 7.2 beside those of 7.0', () => {
  const error = (text: string): Reply => ({ type: 'error', text, bulk: false });
  const step = { args: ['GET', 'a'] };

  it('are equal when they say the same', () => {
    const older = "NOPERM this user has no permissions to run the 'get' command";
    const newer = (command: string): Reply =>
      error(`NOPERM User u has no permissions to run the '${command}' command`);
    expect(repliesEqual(step, newer('get'), error(older))).toBe(true);
    expect(repliesEqual(step, newer('set'), error(older))).toBe(false);
    const key = 'NOPERM this user has no permissions to access one of the keys used as arguments';
    expect(repliesEqual(step, error('NOPERM No permissions to access a key'), error(key))).toBe(
      true,
    );
    const exec = (text: string): Reply =>
      error(`EXECABORT Transaction discarded because of: ${text}`);
    const refused = "NOPERM User u has no permissions to run the 'get' command";
    expect(repliesEqual(step, exec(refused), exec(older))).toBe(true);
    const channel = error('NOPERM No permissions to access a channel');
    expect(repliesEqual(step, channel, error(key))).toBe(false);
  });
});

describe('differences of COMMAND INFO', () => {
  const fields = (arity: string): string[] => ['get', arity, 'fast readonly', '1', '1', '1'];
  const commands = (arity: string): Map<string, string[]> => new Map([['get', fields(arity)]]);
  const known = {
    commands: ['get'],
    field: 'arity',
    ours: '-2',
    real: '2',
    reason: 'since 7.2',
  } as const;

  it('are told unless they are listed, and a listed one that is gone is told too', () => {
    expect(differences(commands('2'), commands('2'), [])).toEqual([]);
    expect(differences(commands('-2'), commands('2'), [known])).toEqual([]);
    expect(differences(commands('-3'), commands('2'), [known])).toHaveLength(2);
    expect(differences(commands('2'), commands('2'), [known])).toEqual([
      { command: 'get', field: 'arity', ours: 'no longer differs', real: 'since 7.2' },
    ]);
  });
});
