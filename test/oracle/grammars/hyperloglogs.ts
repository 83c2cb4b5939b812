// HyperLogLogs, sparse and dense: their bytes are read with GET, so every register must agree. The
// limit of sparse ones is changed in the middle of a stream.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const hllKeys = ['hll1', 'hll2', 'hll3', 'hll4'];

const key = (draw: Draw): string => (draw.chance(0.95) ? draw.pick(hllKeys) : draw.key());

const element = (draw: Draw): string => (draw.chance(0.9) ? `e${draw.below(5000)}` : draw.value());

const several = (draw: Draw): string[] => {
  const count = draw.chance(0.1) ? draw.between(50, 800) : draw.below(6);
  return Array.from({ length: count }, () => element(draw));
};

const keys = (draw: Draw): string[] => Array.from({ length: draw.between(1, 4) }, () => key(draw));

export const hyperloglogs: Grammar = {
  group: 'hyperloglogs',
  after: [['CONFIG', 'SET', 'hll-sparse-max-bytes', '3000']],
  commands: [
    { name: 'PFADD', weight: 8, args: (d) => [key(d), ...several(d)] },
    { name: 'PFCOUNT', weight: 4, args: keys },
    { name: 'PFMERGE', weight: 3, args: keys },
    { name: 'GET', weight: 4, args: (d) => [key(d)] },
    { name: 'STRLEN', args: (d) => [key(d)] },
    {
      name: 'PFDEBUG',
      args: (d) => [
        d.cased(d.pick(['getreg', 'decode', 'encoding', 'todense', 'simd'])),
        key(d),
        ...(d.chance(0.05) ? ['x'] : []),
      ],
    },
    { name: 'OBJECT', args: (d) => ['ENCODING', d.pick(hllKeys)] },
    { name: 'DEL', args: (d) => [key(d)] },
    {
      name: 'SETRANGE',
      mutable: false,
      args: (d) => [d.pick(hllKeys), '0', d.pick(['HYLL', 'x'])],
    },
    { name: 'EXPIRE', mutable: false, args: (d) => [d.pick(hllKeys), '1000'] },
    {
      name: 'CONFIG',
      mutable: false,
      args: (d) => ['SET', 'hll-sparse-max-bytes', d.pick(['0', '100', '1000', '3000', '15000'])],
    },
  ],
};
