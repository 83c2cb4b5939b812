// redis-cli and redis-benchmark, unmodified, as somebody types them.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { itWith, sharedServer } from './support.ts';

const run = promisify(execFile);
const server = sharedServer({ args: ['--requirepass', 'pw'], password: 'pw' });

async function cli(path: string, args: string[], input?: string): Promise<string> {
  const { port } = await server();
  const running = run(path, ['-p', String(port), '--no-auth-warning', '-a', 'pw', ...args], {
    timeout: 30_000,
  });
  running.child.stdin?.end(input ?? '');
  return (await running).stdout.replaceAll('\r\n', '\n');
}

describe('redis-cli', () => {
  itWith('redis-cli', 'runs commands in RESP2 and RESP3', async (path) => {
    expect(await cli(path, ['SET', 'a', 'hello'])).toBe('OK\n');
    expect(await cli(path, ['--no-raw', 'GET', 'a'])).toBe('"hello"\n');
    expect(await cli(path, ['-3', '--no-raw', 'GET', 'none'])).toBe('(nil)\n');
    expect(await cli(path, ['-3', '--no-raw', 'CONFIG', 'GET', 'maxclients'])).toMatch(
      /^1# "maxclients" => "\d+"\n$/,
    );
    expect(await cli(path, ['--no-raw', 'GET'])).toContain('wrong number of arguments');
  });

  itWith('redis-cli', 'reads commands from its input', async (path) => {
    expect(await cli(path, [], 'SELECT 2\nSET n 41\nINCR n\nTYPE n\n')).toBe(
      'OK\nOK\n42\nstring\n',
    );
  });

  itWith(
    'redis-cli',
    'loads with --pipe, walks with --scan, looks with --bigkeys',
    async (path) => {
      const text = Array.from({ length: 3000 }, (_, i) => {
        const [key, value] = [`pipe:${i}`, `v${i}`];
        return `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
      }).join('');
      expect(await cli(path, ['--pipe'], text)).toContain('errors: 0, replies: 3000');
      const keys = (await cli(path, ['--scan', '--pattern', 'pipe:*'])).trimEnd().split('\n');
      expect(new Set(keys).size).toBe(3000);
      expect(await cli(path, ['--bigkeys'])).toMatch(/Sampled \d+ keys in the keyspace/);
    },
  );

  itWith('redis-cli', 'shows INFO, CLIENT LIST and help from COMMAND DOCS', async (path) => {
    expect(await cli(path, ['INFO', 'server'])).toMatch(/^# Server\nredis_version:7\.2\.\d+\n/);
    expect(await cli(path, ['CLIENT', 'LIST'])).toMatch(/^id=\d+ addr=127\.0\.0\.1:/);
    expect(await cli(path, ['COMMAND', 'DOCS', 'get'])).toContain('summary');
  });
});

describe('redis-benchmark', () => {
  const tests = 'ping_inline,ping_mbulk,set,get,incr,mset';
  for (const [name, flags] of [
    ['plain', []],
    ['pipelined', ['-P', '64']],
    ['with random keys and threads', ['-r', '1000', '--threads', '2']],
    ['in RESP3', ['-3']],
  ] as const) {
    itWith('redis-benchmark', `measures ${name}`, async (path) => {
      const { port } = await server();
      const args = ['-p', String(port), '-a', 'pw', '-n', '5000', '-c', '20', '-t', tests];
      const { stdout, stderr } = await run(path, [...args, '--csv', ...flags], { timeout: 60_000 });
      const lines = stdout.trimEnd().split('\n').slice(1);
      expect(lines.map((line) => line.split(',')[0]).sort()).toEqual(
        ['"GET"', '"INCR"', '"MSET (10 keys)"', '"PING_INLINE"', '"PING_MBULK"', '"SET"'].sort(),
      );
      expect(lines.every((line) => Number(line.split('"')[3]) > 0)).toBe(true);
      expect(stderr).not.toMatch(/error/i);
    });
  }
});
