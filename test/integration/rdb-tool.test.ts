// disgo-rdb, the built program: what it says of a dump, conversions to every version that a real
// server loads, and that nothing is left behind by a conversion that fails or is interrupted.

import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/programs.ts';
import {
  dataSet,
  digestOf,
  newHarness,
  type Part,
  readDump,
  writeDump,
} from '../support/rdb-data.ts';
import { replyText } from '../support/resp.ts';
import { startServer } from '../support/server.ts';
import { buildFirst, itWith, scratchFolder, until } from './support.ts';

const PROGRAM = join(repositoryRoot, 'bin/disgo-rdb');

beforeAll(buildFirst);

function run(...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
}

function dumpOf(commands: readonly (readonly Part[])[], version?: number): Uint8Array {
  const h = newHarness();
  for (const parts of commands) h.run(...parts);
  return writeDump(h.keyspace, version === undefined ? {} : { version });
}

function isStream(parts: readonly Part[]): boolean {
  return String(parts[0]).startsWith('X') || parts[1] === 'stream:many';
}

/** A million keys, which take about a second. */
function longDump(): Uint8Array {
  const record = Buffer.from('\0\x0bkey:0000000\x04text', 'latin1');
  const bytes = Buffer.alloc(9 + 1_000_000 * record.length + 9);
  bytes.write('REDIS0010');
  for (let i = 0, at = 9; i < 1_000_000; i++, at += record.length) {
    bytes.set(record, at);
    bytes.write(String(i).padStart(7, '0'), at + 6);
  }
  bytes[bytes.length - 9] = 0xff;
  return bytes;
}

const LONG_MS = 4102444800000;
const MIXED: Part[][] = [
  ['SET', 'user:1:name', 'Ann'],
  ['SET', 'user:2:name', Uint8Array.of(0xff, 0xfe, 0)],
  ['SET', Uint8Array.of(0xc3, 0x28), 'v', 'PXAT', `${LONG_MS}`],
  ['RPUSH', 'queue:a', 'x', '17', Buffer.from('é')],
  ['SADD', 'queue:b', 'one'],
  ['ZADD', 'scores', '1.5', 'a', 'inf', 'b'],
  ['HSET', 'session', 'f', 'v', 'g', 'w'],
  ['HPEXPIREAT', 'session', `${LONG_MS}`, 'FIELDS', '1', 'g'],
  ['XADD', 'log', '5-1', 'f', 'v'],
  ['XGROUP', 'CREATE', 'log', 'grp', '0'],
  ['SELECT', '3'],
  ['SET', 'other', '1'],
];

describe('keys', () => {
  it('tells each key on a line, and values that can be had back', () => {
    const path = join(scratchFolder(), 'dump.rdb');
    writeFileSync(path, dumpOf(MIXED, 12));
    const { stdout, status, stderr } = run('keys', path, '--values');
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    const keys = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const byName = (name: unknown): Record<string, unknown> | undefined =>
      keys.find(({ key }) => JSON.stringify(key) === JSON.stringify(name));
    expect(keys).toHaveLength(9);
    expect(byName('user:1:name')).toMatchObject({ type: 'string', length: 3, value: 'Ann' });
    expect(byName('user:2:name')?.value).toEqual({ base64: '//4A' });
    expect(byName({ base64: 'wyg=' })).toMatchObject({ expiry: LONG_MS, value: 'v', db: 0 });
    expect(byName('queue:a')?.value).toEqual(['x', '17', 'é']);
    expect(byName('scores')?.value).toEqual([
      ['a', 1.5],
      ['b', 'inf'],
    ]);
    expect(byName('session')?.value).toEqual([
      ['g', 'w', LONG_MS],
      ['f', 'v'],
    ]);
    expect(byName('session')?.encoding).toBe('hash-listpack-md');
    expect(byName('log')?.value).toMatchObject({
      entries: [['5-1', ['f', 'v']]],
      'last-id': '5-1',
      groups: [{ name: 'grp', 'last-id': '0-0', consumers: [] }],
    });
    expect(byName('other')).toMatchObject({ db: 3, length: 1 });
    // All but the header, two fields, two beginnings of databases, and the end with its checksum.
    const inFile = keys.reduce((sum, { size }) => sum + Number(size), 0);
    expect(inFile).toBe(readFileSync(path).length - 9 - 17 - 14 - 5 - 5 - 9);
  });

  it('takes filters', () => {
    const path = join(scratchFolder(), 'dump.rdb');
    writeFileSync(path, dumpOf([...MIXED.slice(0, 6), ['SET', 'gone', 'x', 'PXAT', '1']]));
    const names = (...words: string[]): unknown[] =>
      run('keys', path, ...words)
        .stdout.split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { key: unknown }).key)
        .sort();
    expect(names('--pattern', 'queue:*')).toEqual(['queue:a', 'queue:b']);
    expect(names('--type', 'set', '--type', 'zset')).toEqual(['queue:b', 'scores']);
    expect(names('--db', '1')).toEqual([]);
    expect(names('--expired')).toEqual(['gone']);
    expect(names('--not-expired', '--type', 'list')).toEqual(['queue:a']);
  });
});

describe('memory and info', () => {
  it('sum up prefixes, and tell the largest keys', () => {
    const path = join(scratchFolder(), 'dump.rdb');
    const many = Array.from({ length: 50 }, (_, i) => ['SET', `a:${i % 5}:${i}`, 'x'.repeat(30)]);
    writeFileSync(path, dumpOf([...many, ['SET', 'plain', 'y'.repeat(500)]]));
    const report = (...words: string[]): Record<string, unknown> =>
      JSON.parse(run('memory', path, '--json', ...words).stdout) as Record<string, unknown>;
    const shallow = report();
    expect(shallow).toMatchObject({ keys: 51, 'bytes-in': 'memory' });
    expect(shallow.prefixes).toMatchObject([
      { prefix: 'a:', keys: 50 },
      { prefix: '', keys: 1 },
    ]);
    expect(shallow.largest).toMatchObject({ 0: { key: 'plain', type: 'string' } });
    const deep = report('--depth', '2', '--in', 'file', '--limit', '3');
    expect(deep.prefixes).toHaveLength(3);
    expect(deep.others).toMatchObject({ keys: 51 - 3 * 10 });
    expect(report('--separator', '1')).toMatchObject({ keys: 51 });
    const { stdout } = run('memory', path);
    expect(stdout).toMatch(/^51 keys, \d+ bytes in disgo's memory\n/);
    expect(stdout).toContain('"a:"');
  });

  it('count types of each database', () => {
    const path = join(scratchFolder(), 'dump.rdb');
    writeFileSync(path, dumpOf(MIXED, 12));
    const info = JSON.parse(run('info', path, '--json').stdout) as Record<string, unknown>;
    expect(info).toMatchObject({ version: 12, writer: 'redis', aux: { 'redis-ver': '7.2.5' } });
    expect(info.bytes).toBe(readFileSync(path).length);
    expect(info.databases).toMatchObject([
      { db: 0, keys: 8, expires: 1, types: { string: { keys: 3 }, zset: { keys: 1 } } },
      { db: 3, keys: 1 },
    ]);
    expect(run('info', path).stdout).toContain('RDB version 12 (Redis)');
  });
});

describe('convert', () => {
  it('writes what it has read, with the uses of keys', () => {
    const folder = scratchFolder();
    const h = newHarness();
    for (const parts of dataSet()) h.run(...parts);
    const dump = writeDump(h.keyspace, { access: 'lru' });
    writeFileSync(join(folder, 'in.rdb'), dump);
    const paths = [join(folder, 'in.rdb'), join(folder, 'out.rdb')] as const;
    const { status, stderr } = run('convert', ...paths, '--rdb-version', '10');
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^\d+ keys written\n$/)]);
    const read = newHarness();
    expect(readDump(read.keyspace, readFileSync(paths[1])).error).toBeNull();
    expect(digestOf(read.keyspace)).toBe(digestOf(h.keyspace));
    const uses = (path: string): number => run('keys', path).stdout.split('"idle":').length;
    expect(uses(paths[1])).toBe(uses(paths[0]));
    expect(uses(paths[1])).toBeGreaterThan(30);
    expect(readdirSync(folder).sort()).toEqual(['in.rdb', 'out.rdb']);
  });

  it('says which key a version cannot hold, and drops it when asked to', () => {
    const folder = scratchFolder();
    const path = join(folder, 'in.rdb');
    const out = join(folder, 'out.rdb');
    writeFileSync(path, dumpOf(MIXED, 12));
    const refused = run('convert', path, out, '--rdb-version', '11');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe(
      'disgo-rdb: key "session" in database 0: RDB version 11 cannot hold times of fields; ' +
        'see --drop\n',
    );
    expect(readdirSync(folder)).toEqual(['in.rdb']);
    const dropped = run('convert', path, out, '--rdb-version', '8', '--drop');
    expect(dropped.status).toBe(0);
    expect(dropped.stderr).toMatch(/^8 keys written, left out: 1 /);
    const read = newHarness();
    const reader = readDump(read.keyspace, readFileSync(out));
    expect([reader.error, reader.version, reader.keysAdded]).toEqual([null, 8, 8]);
  });

  it('leaves no half file behind, and the old one alone', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'in.rdb');
    const out = join(folder, 'out.rdb');
    const dump = dumpOf(dataSet());
    writeFileSync(path, dump.subarray(0, dump.length - 100));
    writeFileSync(out, 'old');
    const cut = run('convert', path, out, '--rdb-version', '10');
    expect(cut.status).toBe(1);
    expect(cut.stderr).toMatch(/offset \d+: Unexpected EOF reading RDB file/);
    expect(readFileSync(out, 'utf8')).toBe('old');
    writeFileSync(path, longDump());
    const child = spawn(process.execPath, [PROGRAM, 'convert', path, out, '--rdb-version', '10']);
    await until('the other file is there', () => readdirSync(folder).length > 2);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(130);
    expect(readdirSync(folder).sort()).toEqual(['in.rdb', 'out.rdb']);
    expect(readFileSync(out, 'utf8')).toBe('old');
  });

  it('writes into the file that a link names, and replaces nothing but files', () => {
    const folder = scratchFolder();
    const path = join(folder, 'in.rdb');
    writeFileSync(path, dumpOf(MIXED));
    const old = join(folder, 'old é.rdb');
    writeFileSync(old, 'old');
    const link = join(folder, 'link.rdb');
    symlinkSync(old, link);
    expect(run('convert', path, link, '--rdb-version', '13').status).toBe(0);
    expect(readlinkSync(link)).toBe(old);
    expect(readFileSync(old, 'utf8')).toMatch(/^REDIS0013/);
    const fifo = join(folder, 'pipe');
    for (const [target, problem] of [
      [folder, 'is a folder'],
      ...(spawnSync('mkfifo', [fifo]).status === 0 ? [[fifo, 'is not a file']] : []),
    ] as const) {
      const { status, stderr } = run('convert', path, target!, '--rdb-version', '10');
      expect([status, stderr]).toEqual([1, `disgo-rdb: ${target} ${problem}\n`]);
    }
    expect(readdirSync(folder)).not.toContainEqual(expect.stringContaining('.temp-'));
  });

  itWith('redis-server', 'writes what the real server loads', async (path) => {
    for (const version of [10, 9, 8, 7, 6]) {
      const folder = scratchFolder();
      const isOld = version < 9;
      const commands = dataSet().filter((parts) => !isOld || !isStream(parts));
      writeFileSync(join(folder, 'in.rdb'), dumpOf(commands));
      const files = [join(folder, 'in.rdb'), join(folder, 'dump.rdb')] as const;
      const { status, stderr } = run('convert', ...files, '--rdb-version', `${version}`);
      expect([version, status, stderr]).toEqual([version, 0, expect.any(String)]);
      const head = readFileSync(files[1]).toString('latin1', 0, 9);
      expect(head).toBe(`REDIS00${String(version).padStart(2, '0')}`);
      const digests: unknown[] = [];
      for (const name of ['in.rdb', 'dump.rdb']) {
        const args = ['--dir', folder, '--dbfilename', name, '--save', ''];
        const enabled = [...args, '--enable-debug-command', 'yes'];
        await using server = await startServer({ command: [path], args: enabled });
        const client = await server.client();
        digests.push(replyText(await client.command('DEBUG', 'DIGEST')));
        expect(Number(replyText(await client.command('DBSIZE')))).toBeGreaterThan(30);
      }
      expect([version, digests[1]]).toEqual([version, digests[0]]);
    }
  });
});

describe('wrong usage', () => {
  it('has its own exit code', () => {
    const wrong = [
      [[], 'what is to be done?'],
      [['show', 'x'], "unknown command 'show'"],
      [['keys'], 'the name of a file is missing'],
      [['keys', 'a', 'b'], "unexpected word 'b'"],
      [['keys', 'a', '--type', 'tree'], "unknown type 'tree'"],
      [['memory', 'a', '--depth', '0'], "--depth is a number from 1 to 1000, not '0'"],
      [['convert', 'a', 'b'], '--rdb-version is missing'],
      [['keys', 'a', '--nothing'], "Unknown option '--nothing'"],
    ] as const;
    for (const [words, problem] of wrong) {
      const { status, stderr, stdout } = run(...words);
      expect([status, stdout, stderr]).toEqual([
        2,
        '',
        `disgo-rdb: ${problem}\nSee disgo-rdb --help\n`,
      ]);
    }
    expect(run('--help').stdout).toContain('Usage: disgo-rdb keys');
    expect(run('--version').stdout).toMatch(/^disgo-rdb \d+\.\d+\.\d+\n$/);
  });

  it('of other files is told', () => {
    const folder = scratchFolder();
    const path = join(folder, 'file');
    expect(run('info', path).stderr).toContain('No such file or directory');
    expect(run('info', folder).stderr).toContain('is a folder');
    writeFileSync(`${path} é`, '');
    expect(run('info', `${path} é`).stderr).toContain(`${path} é: offset 0: Unexpected EOF`);
    writeFileSync(path, '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n');
    expect(run('info', path).stderr).toContain('is an append-only file of commands');
    writeFileSync(path, 'file appendonly.aof.1.base.rdb seq 1 type b\n');
    expect(run('info', path).stderr).toContain('is the manifest of append-only files');
    writeFileSync(path, Buffer.concat([dumpOf(MIXED, 12), Buffer.from('*1\r\n$4\r\nPING\r\n')]));
    copyFileSync(path, `${path}.copy`);
    expect(run('keys', path).stderr).toMatch(/14 bytes follow the dump at offset \d+/);
    writeFileSync(path, 'something else');
    expect(run('info', path).stderr).toContain('offset 9: Wrong signature');
  });
});
