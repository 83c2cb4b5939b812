import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles, type OpenMode } from './files.ts';

describe('an open file that is cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'disgo-files-'));

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

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
