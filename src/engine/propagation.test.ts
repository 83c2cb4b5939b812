// The stream of changes: how commands are encoded, who hears which of them, and what is a unit.

import { beforeEach, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { type Journal, TO_ALL, TO_AOF, TO_REPLICAS } from './propagation.ts';
import { Harness } from './testing/harness.ts';

let h: Harness;

beforeEach(() => {
  h = new Harness(coreCommands);
});

function listener(target: number): { journal: Journal; heard: string[] } {
  const heard: string[] = [];
  const journal: Journal = {
    target,
    append: (dbId, bytes, start, end) => {
      heard.push(`${dbId} ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`);
    },
    begin: () => heard.push('begin'),
    end: () => heard.push('end'),
  };
  return { journal, heard };
}

it('encodes a command once as RESP, whatever its bytes', () => {
  const { journal, heard } = listener(TO_ALL);
  h.engine.propagation.addJournal(journal);
  h.run('SELECT', 3);
  h.run('SET', 'a\r\n\0', '\xff');
  expect(heard).toEqual(['3 *3\r\n$3\r\nSET\r\n$4\r\na\r\n\0\r\n$1\r\n\xff\r\n']);
});

it('grows for large commands and many of them, and loses none', () => {
  const { journal, heard } = listener(TO_ALL);
  h.engine.propagation.addJournal(journal);
  const value = 'v'.repeat(3_000_000);
  h.run('MULTI');
  for (let i = 0; i < 50; i++) h.run('SET', `k${i}`, i === 25 ? value : String(i));
  h.run('EXEC');
  expect(heard.length).toBe(52);
  expect([heard[0], heard[51]]).toEqual(['begin', 'end']);
  expect(heard[26]!.length).toBeGreaterThan(value.length);
  expect(heard[50]).toContain('k49');
});

it('tells each journal what is for it, until it is removed', () => {
  const file = listener(TO_AOF);
  const replicas = listener(TO_REPLICAS);
  h.engine.propagation.addJournal(file.journal);
  h.engine.propagation.addJournal(replicas.journal);
  const db = h.keyspace.databases[0]!;
  h.engine.propagation.append(db, ['PING'], TO_REPLICAS);
  h.engine.propagation.append(db, ['DEL', 'x']);
  h.engine.propagation.removeJournal(replicas.journal);
  h.engine.propagation.append(db, ['DEL', 'y']);
  expect(file.heard.length).toBe(2);
  expect(replicas.heard).toEqual(['0 *1\r\n$4\r\nPING\r\n', '0 *2\r\n$3\r\nDEL\r\n$1\r\nx\r\n']);
});
