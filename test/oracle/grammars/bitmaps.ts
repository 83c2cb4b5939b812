// Bitmaps: single bits, counting, searching, BITOP and the BITFIELD sub-language.
import type { Draw } from '../draw.ts';
import type { Grammar } from '../grammar.ts';

const unit = (draw: Draw): string[] =>
  draw.chance(0.5) ? [] : [draw.cased(draw.pick(['BYTE', 'BIT', 'BIT', 'NIBBLE']))];

const range = (draw: Draw): string[] => {
  const kind = draw.below(4);
  if (kind === 0) return [];
  if (kind === 1) return [draw.smallInteger(), ...(draw.chance(0.2) ? unit(draw) : [])];
  return [draw.smallInteger(), draw.smallInteger(), ...unit(draw)];
};

const fieldType = (draw: Draw): string => {
  if (draw.chance(0.08)) {
    return draw.pick(['u64', 'i65', 'u0', 'i0', 'x8', '8', '', 'u', 'i-1', 'u8x', 'U8', 'u63 ']);
  }
  const width = draw.chance(0.6) ? draw.pick([1, 2, 4, 5, 8, 16, 32, 63]) : draw.between(1, 63);
  return draw.chance(0.1) ? 'i64' : `${draw.pick(['u', 'i'])}${width}`;
};

const fieldOffset = (draw: Draw): string => {
  const kind = draw.below(12);
  if (kind < 7) return String(draw.below(80));
  if (kind < 10) return `#${draw.below(12)}`;
  return draw.pick([
    '-1',
    '#-1',
    '#',
    'abc',
    '',
    '4294967296',
    '#4294967296',
    '9223372036854775807',
  ]);
};

const fieldStep = (draw: Draw, readOnly: boolean): string[] => {
  const kind = readOnly && draw.chance(0.9) ? 0 : draw.below(10);
  if (kind < 3) return [draw.cased('get'), fieldType(draw), fieldOffset(draw)];
  if (kind < 6) return [draw.cased('set'), fieldType(draw), fieldOffset(draw), draw.integer()];
  if (kind < 9) return [draw.cased('incrby'), fieldType(draw), fieldOffset(draw), draw.integer()];
  const mode = draw.pick(['WRAP', 'SAT', 'FAIL', 'fail', 'sat', 'WARP', '']);
  return [draw.cased('overflow'), mode];
};

const fieldSteps = (draw: Draw, readOnly: boolean): string[] =>
  Array.from({ length: draw.below(5) }, () => fieldStep(draw, readOnly)).flat();

const bit = (draw: Draw): string =>
  draw.chance(0.92) ? draw.pick(['0', '1']) : draw.pick(['2', '-1', '', 'x', '01', '1.0']);

export const bitmaps: Grammar = {
  group: 'bitmaps',
  commands: [
    { name: 'SETBIT', weight: 5, args: (d) => [d.key(), d.offset(), bit(d)] },
    { name: 'GETBIT', weight: 2, args: (d) => [d.key(), d.offset()] },
    { name: 'BITCOUNT', weight: 3, args: (d) => [d.key(), ...range(d)] },
    { name: 'BITPOS', weight: 3, args: (d) => [d.key(), bit(d), ...range(d)] },
    {
      name: 'BITOP',
      weight: 3,
      args: (d) => {
        const operation = d.cased(d.pick(['AND', 'OR', 'XOR', 'NOT', 'NOT', 'NAND']));
        return [operation, d.key(), ...(d.chance(0.4) ? [d.key()] : d.keys(4))];
      },
    },
    { name: 'BITFIELD', weight: 6, args: (d) => [d.key(), ...fieldSteps(d, false)] },
    { name: 'BITFIELD_RO', weight: 2, args: (d) => [d.key(), ...fieldSteps(d, true)] },
    { name: 'SET', weight: 3, args: (d) => [d.key(), d.value()] },
    { name: 'GET', weight: 2, args: (d) => [d.key()] },
    { name: 'STRLEN', args: (d) => [d.key()] },
    { name: 'OBJECT', args: (d) => ['ENCODING', d.key()] },
    { name: 'DEL', args: (d) => d.keys(2) },
  ],
};
