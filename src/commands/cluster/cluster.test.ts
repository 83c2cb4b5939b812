// The commands of a cluster on a server that is in none: every one is refused alike, after its
// arguments were counted.

import { expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { clusterSubcommands } from './cluster-subcommands.ts';
import { clusterCommands } from './index.ts';

const REFUSED = { error: 'ERR This instance has cluster support disabled' };

it.each(clusterSubcommands.map(({ name, arity }) => [name, arity] as const))(
  'CLUSTER %s is refused, and with too few arguments says so',
  (name, arity) => {
    const h = new Harness(clusterCommands);
    const count = Math.abs(arity) - 2;
    const some = Array.from({ length: count }, () => '1');
    expect(h.run('CLUSTER', name, ...some)).toEqual(REFUSED);
    const wrong = count > 0 ? some.slice(1) : [...some, 'x'];
    const tooMany = arity < 0 && count === 0;
    if (tooMany) return;
    expect(h.run('CLUSTER', name, ...wrong)).toEqual({
      error: `ERR wrong number of arguments for 'cluster|${name}' command`,
    });
  },
);

it('READONLY, READWRITE and ASKING are refused', () => {
  const h = new Harness(clusterCommands);
  for (const name of ['READONLY', 'READWRITE', 'ASKING']) expect(h.run(name)).toEqual(REFUSED);
  expect(h.run('ASKING', 'x')).toEqual({
    error: "ERR wrong number of arguments for 'asking' command",
  });
  expect(h.run('CLUSTER', 'NOSUCH')).toEqual({
    error: "ERR unknown subcommand 'NOSUCH'. Try CLUSTER HELP.",
  });
});
