// Chains of servers, ours and real ones mixed, under random commands while links are cut and
// replicas killed: in the end all have the same data. `npm run test:replication` runs many.

import { expect } from 'vitest';
import type { Kind } from '../replication/chain.ts';
import { runChaos } from '../replication/chaos.ts';
import { buildFirst, itWith } from './support.ts';

const SHAPES: readonly (readonly Kind[])[] = [
  ['ours', 'real', 'ours', 'real'],
  ['real', 'ours', 'ours', 'real'],
  ['ours', 'ours', 'ours', 'ours'],
];
const COMMANDS = 4000;
const ACCIDENTS = 4;

for (const [index, kinds] of SHAPES.entries()) {
  itWith('redis-server', `the same data along ${kinds.join(' - ')}`, async (program) => {
    await buildFirst();
    const { digests, keys } = await runChaos(program, {
      kinds,
      seed: 700 + index,
      commands: COMMANDS,
      accidents: ACCIDENTS,
      mayKill: index !== 1,
      args: index === 1 ? ['--repl-diskless-sync', 'no'] : [],
    });
    expect(new Set(digests).size, digests.join('\n')).toBe(1);
    expect(keys).toBeGreaterThan(0);
  });
}
