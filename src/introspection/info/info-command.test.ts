// INFO: which sections which words show, and the fields that depend on what happened.

import { describe, expect, it } from 'vitest';
import { stringCommands } from '../../commands/string/index.ts';
import { FakeContext } from '../testing/fake-context.ts';
import { humanBytes } from './info-section.ts';

function titles(text: unknown): string[] {
  return [...String(text).matchAll(/^# (.*)\r$/gm)].map(([, title]) => title ?? '');
}

function fields(text: unknown): Map<string, string> {
  const pairs = [...String(text).matchAll(/^([^#:\r\n]+):(.*)\r$/gm)];
  return new Map(pairs.map(([, name, value]) => [name ?? '', value ?? '']));
}

const DEFAULT_TITLES = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
];

describe('sections', () => {
  const { harness: h } = new FakeContext();
  const shown = (...words: string[]): string[] => titles(h.run('INFO', ...words));

  it('shows the default ones without a word', () => {
    expect(shown()).toEqual(DEFAULT_TITLES);
    expect(shown('default')).toEqual(DEFAULT_TITLES);
  });

  it('shows all but those that must be named', () => {
    const all = [...DEFAULT_TITLES];
    all.splice(8, 1, 'Commandstats', 'Errorstats', 'Latencystats');
    expect(shown('ALL')).toEqual(all);
    expect(shown('everything')).toEqual(all);
    expect(shown('debug')).toEqual(['Debug']);
  });

  it('takes several words in any case, and none twice', () => {
    expect(shown('KEYSPACE', 'cpu', 'keyspace')).toEqual(['CPU', 'Keyspace']);
    expect(shown('modules')).toEqual(['Modules']);
    expect(shown('module_list')).toEqual(['Modules']);
    expect(shown('commandstats', 'default')).toContain('Commandstats');
    expect(h.run('INFO', 'nosuch')).toBe('');
  });

  it('puts an empty line between sections and is verbatim text in RESP3', () => {
    expect(h.run('INFO', 'cluster', 'modules')).toBe(
      '# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n',
    );
    h.client.resp3 = true;
    expect(h.run('INFO', 'cluster')).toEqual({
      verbatim: 'txt:# Cluster\r\ncluster_enabled:0\r\n',
    });
  });
});

describe('fields', () => {
  it('tells of the server', () => {
    const { harness: h } = new FakeContext();
    h.clock.advance(90_000_500);
    const server = fields(h.run('INFO', 'server'));
    expect(server.get('redis_version')).toBe('7.2.5');
    expect(server.get('server_name')).toBe('disgo');
    expect(server.get('uptime_in_seconds')).toBe('90000');
    expect(server.get('uptime_in_days')).toBe('1');
    expect(server.get('listener0')).toBe('name=tcp,bind=127.0.0.1,bind=::1,port=6379');
    expect(server.get('listener1')).toBe('name=unix,bind=/run/disgo.sock');
  });

  it('counts keys, expiries, hits and memory', () => {
    const { harness: h } = new FakeContext(stringCommands);
    h.run('SET', 'a', 'x'.repeat(1000));
    h.run('SET', 'b', '1', 'PX', 4000);
    h.run('GET', 'a');
    h.run('GET', 'nosuch');
    expect(fields(h.run('INFO', 'keyspace')).get('db0')).toBe('keys=2,expires=1,avg_ttl=4000');
    const stats = fields(h.run('INFO', 'stats'));
    expect(stats.get('keyspace_hits')).toBe('1');
    expect(stats.get('keyspace_misses')).toBe('1');
    const memory = fields(h.run('INFO', 'memory'));
    expect(Number(memory.get('used_memory'))).toBeGreaterThan(1000);
    expect(memory.get('used_memory_peak')).toBe(memory.get('used_memory'));
    expect(memory.get('used_memory_rss_human')).toBe('47.68M');
    expect(fields(h.run('INFO', 'persistence')).get('rdb_changes_since_last_save')).toBe('2');
  });

  it('counts commands and errors as Redis writes them', () => {
    const { harness: h } = new FakeContext(stringCommands);
    h.run('GET', 'a');
    h.run('GET');
    h.run('SET', 'a', 'b');
    h.run('INCR', 'a');
    h.run('CONFIG', 'GET', 'hz');
    const stats = fields(h.run('INFO', 'commandstats', 'errorstats'));
    expect(stats.get('cmdstat_get')).toBe(
      'calls=1,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0',
    );
    expect(stats.get('cmdstat_incr')).toBe(
      'calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=1',
    );
    expect(stats.has('cmdstat_config|get')).toBe(true);
    expect(stats.has('cmdstat_config')).toBe(false);
    expect(stats.get('errorstat_ERR')).toBe('count=2');
  });

  it('tells of clients that track keys', () => {
    const { harness: h } = new FakeContext();
    const told = fields(h.run('INFO', 'clients', 'stats'));
    expect(told.get('tracking_clients')).toBe('1');
    expect(told.get('tracking_total_keys')).toBe('2');
    expect(told.get('tracking_total_items')).toBe('3');
    expect(told.get('tracking_total_prefixes')).toBe('4');
  });

  it('tells percentiles of the time of commands', () => {
    const { harness: h } = new FakeContext(stringCommands);
    h.run('GET', 'a');
    h.run('CONFIG', 'SET', 'latency-tracking-info-percentiles', '50 99.99 100');
    const stats = fields(h.run('INFO', 'latencystats'));
    expect(stats.get('latency_percentiles_usec_get')).toBe('p50=0.001,p99.99=0.001,p100=0.001');
  });
});

it('writes bytes for people', () => {
  expect(humanBytes(0)).toBe('0B');
  expect(humanBytes(1023)).toBe('1023B');
  expect(humanBytes(1024)).toBe('1.00K');
  expect(humanBytes(1536 * 1024)).toBe('1.50M');
  expect(humanBytes(3 * 2 ** 30)).toBe('3.00G');
  expect(humanBytes(2 ** 50)).toBe('1.00P');
});
