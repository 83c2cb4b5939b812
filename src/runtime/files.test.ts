import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles, type OpenMode } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'disgo-files-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an open file that is cut', () => {
  it.each<OpenMode>(['append', 'overwrite'])('goes on behind the cut (%s)', (mode) => {
    const path = join(folder, mode);
    const fd = nodeFiles.open(path, mode);
    nodeFiles.write(fd, Buffer.from('whole, and a part'), 0, 17);
    nodeFiles.truncateOpen(fd, 7);
    nodeFiles.write(fd, Buffer.from('whole'), 0, 5);
    nodeFiles.close(fd);
    expect(readFileSync(path, 'latin1')).toBe('whole, whole');
  });
});

describe.skipIf(process.platform === 'win32')('a file that is made', () => {
  it.each<[OpenMode, number]>([
    ['append', 0o644],
    ['overwrite', 0o644],
    ['snapshot', 0o664],
  ])('for %s may be written by the group as it is with Redis', (mode, permissions) => {
    const path = join(folder, `${mode}-new`);
    const before = process.umask(0o002);
    nodeFiles.close(nodeFiles.open(path, mode));
    process.umask(before);
    expect(statSync(path).mode & 0o777).toBe(permissions);
  });
});
