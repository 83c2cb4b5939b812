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
      `[offset ${SOUND.length}] \\o/ RDB looks OK! \\o/`,
      '[info] 2 keys read',
      '[info] 0 expires',
      '[info] 0 already expired',
    ],
  ]);
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
