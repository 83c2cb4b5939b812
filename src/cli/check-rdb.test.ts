// The checker of dump files beside what it must say: a sound file, one cut short, none at all.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkRdb } from './check-rdb.ts';

const NOW = 1_700_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'disgo-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BODY = [0xfe, 0, 0, 1, 0x6b, 0xc1, 0x2c, 1, 2, 1, 0x73, 2, 1, 0x61, 1, 0x62];
const SOUND = Uint8Array.from([...Buffer.from('REDIS0010'), ...BODY, 0xff, ...Array(8).fill(0)]);

function check(bytes: Uint8Array | null): [number, string[]] {
  const path = join(folder, 'dump.rdb');
  rmSync(path, { force: true });
  if (bytes !== null) writeFileSync(path, bytes);
  const lines: string[] = [];
  const code = checkRdb(path, NOW, (line) => lines.push(line.replace(path, 'FILE')));
  return [code, lines];
}

it('says that a file is sound, and what is in it', () => {
  expect(check(SOUND)).toEqual([
    0,
    [
      '[offset 0] Checking RDB file FILE',
      '[offset 11] Selecting DB ID 0',
      `[offset ${SOUND.length}] RDB file was saved with checksum disabled: no check performed.`,
      `[offset ${SOUND.length}] \\o/ RDB looks OK! \\o/`,
      '[info] 2 keys read',
      '[info] 0 expires',
      '[info] 0 already expired',
    ],
  ]);
});

it('passes over data of modules, as redis-check-rdb does', () => {
  const id = (name: number): number[] => [0x81, 0xb5, 0xeb, 0x2d, 0x9a, 0x68, 0xc3, name, 3];
  const aux = [0xf7, ...id(1), 2, 1, 2, 9, 0];
  const due = [0xfc, 0, 0, 0, 0, 0, 1, 0, 0];
  const key = [...due, 7, 3, 0x6d, 0x6f, 0x64, ...id(2), 2, 5, 5, 3, 0x61, 0x62, 0x63, 0];
  const body = [...aux, 0xfe, 0, ...key, 0, 1, 0x6b, 1, 0x76];
  const bytes = [...Buffer.from('REDIS0010'), ...body, 0xff, ...Array(8).fill(0)];
  const [code, lines] = check(Uint8Array.from(bytes));
  expect(code).toBe(0);
  expect(lines[1]).toMatch(/^\[offset 21\] MODULE AUX for: te/);
  expect(lines.slice(-3)).toEqual([
    '[info] 2 keys read',
    '[info] 1 expires',
    '[info] 1 already expired',
  ]);
});

it('takes a folder for a file that ends at once', () => {
  const lines: string[] = [];
  expect(checkRdb(folder, NOW, (line) => lines.push(line))).toBe(1);
  expect(lines[2]).toBe('[offset 0] Unexpected EOF reading RDB file');
});

it('names the place, key and type of what is wrong', () => {
  const [code, lines] = check(SOUND.subarray(0, 23));
  expect(code).toBe(1);
  expect(lines).toContain('--- RDB ERROR DETECTED ---');
  expect(lines).toContain("[additional info] Reading key 's'");
  expect(lines).toContain('[additional info] Reading type 2 (set-hashtable)');
});

it('fails without a file', () => {
  expect(check(null)).toEqual([1, ['[offset 0] Checking RDB file FILE']]);
});
