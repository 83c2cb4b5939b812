// CLIENT TRACKING and its kin: what they accept and tell. No data is touched, so no messages come;
// those are compared by test/integration/tracking-judge.test.ts.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const clientId = (draw: Draw): string => draw.pick(['0', '-1', 'x', '', '99999999', '1.5']);

/** Prefixes that overlap behind the first make 7.0 reply twice, so there are two at most. */
const options = (draw: Draw): string[] => {
  const prefix = (): string[] => ['PREFIX', draw.pick(['a', 'ab', 'b', '', 'a\u0000', 'a\nb'])];
  const isBroadcast = draw.chance(0.5);
  return [
    draw.cased(draw.pick(['on', 'on', 'on', 'off', 'maybe'])),
    ...(isBroadcast ? [draw.cased('bcast')] : []),
    ...(draw.chance(isBroadcast ? 0.7 : 0.1) ? prefix() : []),
    ...(draw.chance(isBroadcast ? 0.5 : 0.1) ? prefix() : []),
    ...(draw.chance(isBroadcast ? 0.1 : 0.4) ? [draw.cased(draw.pick(['optin', 'optout']))] : []),
    ...(draw.chance(0.1) ? ['OPTOUT'] : []),
    ...(draw.chance(0.3) ? [draw.cased('noloop')] : []),
    ...(draw.chance(0.1) ? ['REDIRECT', clientId(draw)] : []),
    ...(draw.chance(0.05) ? [draw.pick(['PREFIX', 'REDIRECT', 'BOGUS'])] : []),
  ];
};

const client = (draw: Draw): string[] => {
  const [word = '', ...rest] = draw.pick([
    () => ['TRACKING', ...options(draw)],
    () => ['TRACKING', ...options(draw)],
    () => ['TRACKING', draw.cased('off')],
    () => ['TRACKINGINFO'],
    () => ['CACHING', draw.cased(draw.pick(['yes', 'no', 'maybe']))],
    () => ['GETREDIR'],
    () => ['BOGUS'],
  ])();
  return [draw.cased(word), ...rest];
};

export const tracking: Grammar = {
  group: 'tracking',
  commands: [
    { name: 'CLIENT', weight: 10, args: client, mutable: false },
    { name: 'PING', args: () => [] },
    { name: 'NOSUCHCOMMAND', weight: 0.5, args: (d) => d.keys(2) },
  ],
  after: [['CLIENT', 'TRACKING', 'OFF']],
};
