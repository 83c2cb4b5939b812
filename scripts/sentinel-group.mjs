// `node scripts/sentinel-group.mjs [--port 6379] [--sentinel-port 26379] [--down-after 5000]`:
// a master and two replicas of ours, watched by three real redis-sentinel (Debian: redis-sentinel).
// Runs until it is interrupted; then all of them end. See docs/sentinel.md.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure-built.mjs';

const GROUP = 'mymaster';
const HOST = '127.0.0.1';
const SERVERS = 3;
const QUORUM = 2;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string', default: '6379' },
    'sentinel-port': { type: 'string', default: '26379' },
    'down-after': { type: 'string', default: '5000' },
  },
});
const firstPort = Number(flags.port);
const firstSentinelPort = Number(flags['sentinel-port']);
const folder = mkdtempSync(join(tmpdir(), 'disgo-sentinel-'));
const children = [];

function start(name, program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const show = (text) => process.stdout.write(text.replace(/^(?=.)/gm, `${name} | `));
  child.stdout.on('data', (chunk) => show(chunk.toString()));
  child.on('error', (error) => console.error(`${name}: ${error.message}`));
  child.on('exit', (code, signal) => console.log(`${name} has ended (${code ?? signal})`));
  children.push(child);
}

function startServer(index) {
  const dir = join(folder, `server-${index}`);
  mkdirSync(dir);
  const port = firstPort + index;
  const args = [join(root, 'bin/disgo-server'), '--port', String(port), '--dir', dir];
  if (index > 0) args.push('--replicaof', HOST, String(firstPort));
  start(`server ${port}`, process.execPath, args);
}

function startSentinel(index) {
  const port = firstSentinelPort + index;
  const file = join(folder, `sentinel-${index}.conf`);
  // Sentinel keeps what it learns in this file.
  writeFileSync(
    file,
    [
      `port ${port}`,
      `sentinel monitor ${GROUP} ${HOST} ${firstPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${GROUP} ${flags['down-after']}`,
      `sentinel failover-timeout ${GROUP} 20000`,
      '',
    ].join('\n'),
  );
  start(`sentinel ${port}`, 'redis-sentinel', [file]);
}

await ensureBuilt();
for (let index = 0; index < SERVERS; index++) startServer(index);
for (let index = 0; index < SERVERS; index++) startSentinel(index);
console.log(`${GROUP}: ask redis-cli -p ${firstSentinelPort} sentinel master ${GROUP}`);

const end = () => {
  for (const child of children) child.kill();
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
let left = children.length;
for (const child of children) {
  child.on('close', () => {
    left--;
    if (left === 0) rmSync(folder, { recursive: true, force: true });
  });
}
