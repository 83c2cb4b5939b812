// A working copy of the suite for one job: the Tcl files, and a src/ folder with our program in the
// place of redis-server and Debian's tools beside it. The suite writes into tests/tmp and empties
// it at each start, so that two runs at a time need two copies. Made under the system's temporary
// folder, whose short path keeps the unix sockets' names under their limit of 108 bytes.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, findProgram } from '../support/programs.ts';
import { adaptations } from './adaptations.ts';
import { suiteCache } from './get-suite.ts';

export interface Workspace {
  readonly folder: string;
  remove(): void;
}

const tools = ['redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb'] as const;

/** Copies the suite and puts `server` in as src/redis-server. */
export function makeWorkspace(suite: string, server: Command, withTls: boolean): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'disgo-suite-'));
  for (const part of ['runtest', 'runtest-cluster', 'runtest-sentinel', 'tests', 'utils']) {
    cpSync(join(suite, part), join(folder, part), { recursive: true });
  }
  mkdirSync(join(folder, 'tests', 'tmp'), { recursive: true });
  adapt(folder);
  const src = join(folder, 'src');
  mkdirSync(src);
  // `exec` keeps the process id: the suite looks for it in the log and sends signals to it.
  const line = server.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  writeFileSync(join(src, 'redis-server'), `#!/bin/sh\nexec ${line} "$@"\n`);
  chmodSync(join(src, 'redis-server'), 0o755);
  for (const tool of tools) {
    const path = findProgram(tool);
    if (path === undefined) throw new Error(`${tool} is not installed (Debian: redis-tools)`);
    symlinkSync(path, join(src, tool));
  }
  if (withTls) addCertificates(folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Makes the copy expect what Redis 7.2 answers. Throws when something is not there any more. */
function adapt(folder: string): void {
  for (const { file, from, to, reason } of adaptations) {
    const path = join(folder, file);
    const text = readFileSync(path, 'latin1');
    const adapted = text.replace(from, to);
    if (adapted === text) throw new Error(`${file} has no ${from} to adapt (${reason})`);
    writeFileSync(path, adapted, 'latin1');
  }
}

/** The suite's own script makes its certificates; they are kept for later runs while valid. */
function addCertificates(folder: string): void {
  const kept = join(suiteCache, 'tls');
  const stillValid = (): boolean => {
    try {
      const file = join(kept, 'redis.crt');
      execFileSync('openssl', ['x509', '-checkend', '86400', '-noout', '-in', file], {
        stdio: 'ignore',
      });
      return true;
    } catch {
      return false;
    }
  };
  if (existsSync(join(kept, 'redis.dh')) && stillValid()) {
    cpSync(kept, join(folder, 'tests', 'tls'), { recursive: true });
    return;
  }
  execFileSync('bash', ['utils/gen-test-certs.sh'], { cwd: folder, stdio: 'ignore' });
  mkdirSync(suiteCache, { recursive: true });
  cpSync(join(folder, 'tests', 'tls'), kept, { recursive: true });
}
